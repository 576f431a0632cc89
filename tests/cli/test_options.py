"""Options of several subcommands are the same in each."""

import pytest
from typer.main import get_command

from seqlabel.cli import app


@pytest.mark.parametrize("option", ["--quiet", "--layer", "--seed"])
def test_an_option_that_subcommands_share_has_one_help_and_default(option):
    found = [
        one
        for command in get_command(app).commands.values()
        for one in command.params
        if option in one.opts
    ]
    assert len(found) >= 2
    assert len({(one.help, one.default) for one in found}) == 1
