"""Commands of settings: options are fields, errors are one line and a status, an interruption says how to go on."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from seqlabel.cli.settings import Command, Quiet, command_of, exit_statuses, options_of, run, with_options
from seqlabel.errors import DataError, OptionError, TrainingError


@dataclass(frozen=True)
class Options:
    data: Annotated[Path, typer.Option(help="A folder.")]
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 3
    quiet: Quiet = False


@dataclass(frozen=True)
class Place:
    row: Annotated[int, typer.Option(help="A row.")] = 0
    sheet: Annotated[list[str] | None, typer.Option("--on", help="A sheet.")] = None


@dataclass(frozen=True, kw_only=True)
class Grouped:
    data: Annotated[Path, typer.Argument(help="A file.")]
    place: Place
    quiet: Quiet = False


def invoke(main, *arguments, resume=None):
    app = typer.Typer()
    app.command(cls=Command)(command_of(main, Options, resume=resume))
    return CliRunner().invoke(app, list(arguments))


def test_options_are_the_fields_and_their_values_the_settings():
    seen = []
    result = invoke(seen.append, "--data", "here", "--quiet")
    assert result.exit_code == 0, result.output
    assert seen == [Options(Path("here"), 3, True)]


def test_a_group_is_made_of_its_own_options():
    seen = []
    app = typer.Typer()
    app.command()(with_options(seen.append, Grouped))
    for arguments in (["a", "--row", "2", "--on", "x", "--on", "y", "--quiet"], ["b"]):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
    assert seen == [
        Grouped(data=Path("a"), place=Place(2, ["x", "y"]), quiet=True),
        Grouped(data=Path("b"), place=Place(0, None), quiet=False),
    ]
    assert list(options_of(seen[0]).items()) == [
        ("data", Path("a")),
        ("row", 2),
        ("sheet", ["x", "y"]),
        ("quiet", True),
    ]


def test_an_error_outside_of_a_recipe_is_left_to_the_command():
    def main(options):
        raise DataError("no file")

    app = typer.Typer()
    app.command()(with_options(main, Options))
    assert isinstance(CliRunner().invoke(app, ["--data", "a"]).exception, DataError)


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
        (DataError("no file"), 2, "error: no file\n"),
        (TrainingError("no loss"), 2, "error: no loss\n"),
        (OptionError("no such device"), 2, "error: no such device\n"),
        (OSError(28, "No space left on device", "out.json"), 2, "error: out.json: No space left on device\n"),
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


def test_a_package_that_is_not_installed_is_one_line_and_a_mistake_of_ours_is_not(capsys):
    with pytest.raises(SystemExit) as stopped, exit_statuses():
        raise ModuleNotFoundError(name="ray")
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "error: ray is not installed. See the first lines of the recipe.\n"
    with pytest.raises(ModuleNotFoundError), exit_statuses():
        raise ModuleNotFoundError(name="seqlabel.nothing")


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "a", "--count", "x"], "Found 'x'. Give a whole number."),
        (["--data", "a", "--count", "0"], "a number from 1"),
    ],
)
def test_a_wrong_value_is_said_without_words_of_pydantic(arguments, said):
    done = invoke(print, *arguments)
    assert "Input should be" not in done.stderr
    if version("typer") >= "0.29":
        assert said in " ".join(done.stderr.replace("│", " ").split())
