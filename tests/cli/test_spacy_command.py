"""The subcommand of spaCy: added where spaCy's command line is a Typer app, and a warning elsewhere."""

from types import ModuleType

import pytest
import typer
from typer.testing import CliRunner

from seqlabel.cli.spacy_command import add_to_spacy


def test_the_command_is_added_beside_others():
    module = ModuleType("cli")
    module.app = typer.Typer()
    module.app.command("other")(lambda: print("other"))
    add_to_spacy(module)
    assert CliRunner().invoke(module.app, ["other"]).stdout == "other\n"
    assert "en_pos" in CliRunner().invoke(module.app, ["seqlabel", "models"]).stdout


@pytest.mark.parametrize("app", [None, "click"])
def test_a_spacy_that_cannot_take_it_is_left_as_it_is(app):
    module = ModuleType("cli")
    module.app = app
    with pytest.warns(UserWarning, match="Run `seqlabel` instead"):
        add_to_spacy(module)
    assert module.app == app
