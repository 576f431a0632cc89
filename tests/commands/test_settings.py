"""Commands of settings: options are fields, errors are one line and a status."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from seqlabel.commands.settings import (
    HELP_NAMES,
    Command,
    Quiet,
    command_of,
    options_of,
    run,
    with_options,
)
from seqlabel.errors import DataError, OptionError


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


def invoke(main, *arguments):
    app = typer.Typer()
    app.command(cls=Command)(command_of(main, Options))
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


def test_help_names_files_and_has_a_short_name():
    app = typer.Typer(context_settings=HELP_NAMES)
    app.command(cls=Command)(command_of(print, Grouped))
    output = CliRunner().invoke(app, ["-h"]).output
    assert "Show this message" in output
    if version("typer") >= "0.29":
        assert "FILE" in output
        assert "NUMBER" in output
        assert "Path" not in output


def test_an_old_name_of_an_option_is_answered_with_the_new_one():
    @dataclass(frozen=True)
    class Formats:
        from_: Annotated[str | None, typer.Option("--from", help="A format.")] = None

    app = typer.Typer()
    app.command(cls=Command)(command_of(print, Formats))
    done = CliRunner().invoke(app, ["--format", "a"])
    assert (done.exit_code, done.stderr) == (
        2,
        "seqlabel: --format: is called --from. Write --from.\n",
    )
    assert CliRunner().invoke(app, ["--from", "a"]).exit_code == 0


@pytest.mark.parametrize(
    "arguments", [[], ["--data", "a", "--count", "0"], ["--data", "a", "--more", "1"]]
)
def test_wrong_options_are_wrong_use(arguments):
    assert invoke(print, *arguments).exit_code == 2


def test_an_error_of_a_recipe_is_said_as_by_the_command():
    def main(options):
        raise OptionError("device: got 'tpu'.")

    result = invoke(main, "--data", "a")
    assert (result.exit_code, result.stderr, result.stdout) == (
        2,
        "seqlabel: --device: got 'tpu'.\n",
        "",
    )


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
        (["--data", "a", "--count", "x"], "expected a whole number, got 'x'."),
        (["--data", "a", "--count", "0"], "a number from 1"),
    ],
)
def test_a_wrong_value_is_said_without_words_of_pydantic(arguments, said):
    done = invoke(print, *arguments)
    assert "Input should be" not in done.stderr
    if version("typer") >= "0.29":
        assert said in " ".join(done.stderr.replace("│", " ").split())
