"""Commands of settings: options are fields, errors are one line and a status, an interruption says how to go on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from seqlabel.cli.settings import Quiet, command_of, exit_statuses, run
from seqlabel.errors import DataError, OptionError, TrainingError


@dataclass(frozen=True)
class Options:
    data: Annotated[Path, typer.Option(help="A folder.")]
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 3
    quiet: Quiet = False


def invoke(main, *arguments, resume=None):
    app = typer.Typer()
    app.command()(command_of(main, Options, resume=resume))
    return CliRunner().invoke(app, list(arguments))


def test_options_are_the_fields_and_their_values_the_settings():
    seen = []
    result = invoke(seen.append, "--data", "here", "--quiet")
    assert result.exit_code == 0, result.output
    assert seen == [Options(Path("here"), 3, True)]


def test_the_help_is_that_of_the_work_and_the_fields():
    def main(options):
        """Count the files."""

    output = invoke(main, "--help").output
    assert "Count the files." in output
    assert "How many." in output


@pytest.mark.parametrize("arguments", [[], ["--data", "a", "--count", "0"], ["--data", "a", "--more", "1"]])
def test_wrong_options_are_wrong_use(arguments):
    assert invoke(print, *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (DataError("no file"), 1, "error: no file\n"),
        (TrainingError("no loss"), 1, "error: no loss\n"),
        (OptionError("no such device"), 2, "error: no such device\n"),
        (KeyboardInterrupt(), 130, "interrupted. Add --resume.\n"),
    ],
)
def test_errors_are_one_line_and_a_status(error, status, line):
    def main(options):
        raise error

    result = invoke(main, "--data", "a", resume="Add --resume.")
    assert (result.exit_code, result.stderr, result.stdout) == (status, line, "")


def test_without_anything_kept_an_interruption_says_so(capsys):
    with pytest.raises(SystemExit) as stopped, exit_statuses():
        raise KeyboardInterrupt
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "interrupted. Nothing was kept; run the command again.\n"


def test_other_errors_stay_what_they_are():
    with pytest.raises(ZeroDivisionError), exit_statuses():
        raise ZeroDivisionError


def test_a_script_reads_its_own_arguments(monkeypatch):
    seen = []
    monkeypatch.setattr("sys.argv", ["recipe.py", "--data", "there", "--count", "2"])
    with pytest.raises(SystemExit) as ended:
        run(seen.append, Options)
    assert ended.value.code == 0
    assert seen == [Options(Path("there"), 2)]
