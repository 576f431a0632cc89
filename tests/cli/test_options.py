"""Options of several subcommands are the same in each."""

import pytest
from typer.main import get_command

from seqlabel.cli import app
from seqlabel.cli.options import Columns, Task


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


def test_a_labelled_file_is_read_by_its_format_unless_an_option_says_how():
    assert Columns() == Columns(
        from_=None, word=0, tag=-1, text="text", label="label", encoding="utf-8"
    )


def test_a_task_is_named_as_on_the_command_line():
    assert [Task(name) for name in ("tags", "spans", "trees", "document")] == list(Task)
