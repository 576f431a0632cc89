"""The option `--config`: every subcommand and recipe has it, the command line wins, errors name
file and key.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from seqlabel.cli import app
from seqlabel.cli.options import Layer
from seqlabel.commands.option_file import read_options, with_config
from seqlabel.commands.record import hash_of
from seqlabel.commands.settings import Command, Seed, command_of
from seqlabel.errors import OptionError
from tests.extras import needs_pii

COMMANDS = sorted(get_command(app).commands)
every_command = pytest.mark.parametrize("name", [name for name in COMMANDS if name != "keygen"])


@every_command
def test_an_unknown_key_is_refused_with_file_and_key(run, tmp_path, name):
    (tmp_path / "c.toml").write_text("zzz = 3\n")
    done = run(name, "--config", tmp_path / "c.toml")
    assert done.exit_code == 2
    assert "c.toml: the key 'zzz' is not an option of this command. Allowed are " in done.stderr
    assert ("go into a file for --settings" in done.stderr) == (
        name in ("audit", "find", "hook", "mcp", "redact", "serve", "speech")
    )


@pytest.mark.parametrize("name", ["find", "label", "models", "redact", "rules", "serve"])
def test_a_wrong_type_is_refused_with_file_and_key(run, tmp_path, name):
    key, value, found = ("port", '"high"', "'high'") if name == "serve" else ("quiet", "3", "3")
    if name in ("models", "rules"):
        key = "json"
    (tmp_path / "c.toml").write_text(f"{key} = {value}\n")
    done = run(name, "--config", tmp_path / "c.toml")
    assert done.exit_code == 2
    # The words after the key are those of typer's release.
    place = f"seqlabel: {tmp_path / 'c.toml'}: {key}: "
    assert done.stderr.startswith(place)
    assert found in done.stderr.removeprefix(place)


@every_command
def test_a_missing_file_is_refused(run, tmp_path, name):
    (tmp_path / "d.toml").write_text("")
    done = run(name, "--config", tmp_path / "e.toml")
    assert done.exit_code == 2
    assert "e.toml: there is no such file. Did you mean 'd.toml'?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "line", "allowed"),
    [
        (["train", "spans", "x.jsonl"], "epochs = 0", "1"),
        (["doubts", "x", "--model", "en"], "task = 'names'", "'tags', 'spans', 'trees'"),
        (["train", "spans", "x.jsonl"], "epochs = 6.5", "whole number"),
        (["serve"], "port = 70000", "65535"),
        (["find", "x.txt"], "sensitivity = false", "a value"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_file_and_key(
    run, tmp_path, arguments, line, allowed
):
    (tmp_path / "c.toml").write_text(line)
    done = run(*arguments, "--config", tmp_path / "c.toml")
    assert done.exit_code == 2
    key, _, value = line.partition(" = ")
    place = f"seqlabel: {tmp_path / 'c.toml'}: {key}: "
    assert done.stderr.startswith(place)
    said = done.stderr.removeprefix(place)
    assert value in said
    assert allowed in said


def test_a_value_of_the_command_line_is_refused_as_without_a_file(run, tmp_path):
    (tmp_path / "c.toml").write_text("seed = 3\n")
    done = run("train", "spans", "x.jsonl", "--config", tmp_path / "c.toml", "--epochs", 0)
    assert done.exit_code == 2
    assert "'--epochs'" in done.stderr
    assert "c.toml" not in done.stderr


@needs_pii
def test_redact_takes_its_options_from_a_file_and_the_settings_file_still_says_what_is_private(
    run, source, model, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text('labels = ["EMAIL"]\npolicy = "remove"\n')
    (tmp_path / "c.toml").write_text(
        f'files = "{source.as_posix()}"\noutput = "out.txt"\nmodel = "{Path(model).as_posix()}"\n'
        'policy = "mask"\nsettings = "own.toml"\nquiet = true\n'
    )
    done = run("redact", "--config", "c.toml")
    assert (done.exit_code, done.output) == (0, "")
    by_file = (tmp_path / "out.txt").read_text()
    options = ["--model", model, "--settings", "own.toml", "--quiet", "--output"]
    assert run("redact", source, *options, "masked.txt", "--policy", "mask").exit_code == 0
    assert by_file == (tmp_path / "masked.txt").read_text() != source.read_text()
    # The command line wins.
    assert (
        run("redact", "--config", "c.toml", "--policy", "replace", "-o", "other.txt").exit_code == 0
    )
    assert (tmp_path / "other.txt").read_text() != by_file


def test_the_nearest_key_is_named(run, tmp_path):
    (tmp_path / "c.toml").write_text('polcy = "mask"\n')
    done = run("redact", "--config", tmp_path / "c.toml")
    assert done.stderr.endswith("is not an option of this command. Did you mean 'policy'?\n")


def test_options_of_a_file_have_the_names_of_the_command_line(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('as-json = true\nepochs = 3\n[made_with]\ntorch = "2"\n')
    assert read_options(path, {"as_json", "epochs", "seed"}) == {"as_json": True, "epochs": 3}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"epochs = ", "TOML"),
        (b"\xff", "TOML"),
        (b"colour = 1", r"'colour' .* epochs, seed\."),
        (b"sed = 1", "'seed'"),
        (b"[train]\nepochs = 3", r"\[train\]"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, content, named):
    path = tmp_path / "c.toml"
    path.write_bytes(content)
    with pytest.raises(OptionError, match=rf"c\.toml: .*{named}"):
        read_options(path, {"epochs", "seed"})


def test_a_value_may_stand_for_a_list_and_a_number_for_text(tmp_path):
    seen = []
    app = typer.Typer()

    @app.command(cls=Command)
    @with_config
    def main(
        files: Annotated[list[Path] | None, typer.Argument()] = None,
        column: Annotated[list[str] | None, typer.Option()] = None,
        layer: Layer = None,
    ):
        seen.append((files, column, layer))

    (tmp_path / "c.toml").write_text('files = "a.txt"\ncolumn = 2\nlayer = 3\n')
    assert CliRunner().invoke(app, ["--config", str(tmp_path / "c.toml")]).exit_code == 0
    (tmp_path / "c.toml").write_text('column = ["EMAIL", 3]\n')
    assert CliRunner().invoke(app, ["--config", str(tmp_path / "c.toml")]).exit_code == 0
    assert seen == [([Path("a.txt")], ["2"], "3"), (None, ["EMAIL", "3"], None)]


def test_the_command_line_wins(tmp_path):
    seen = []
    app = typer.Typer()

    @app.command(cls=Command)
    @with_config
    def main(seed: Seed = 0, layer: Layer = None):
        seen.append((seed, layer))

    (tmp_path / "c.toml").write_text('seed = 3\nlayer = "ner"\n')
    for more in ([], ["--seed", "4"]):
        assert CliRunner().invoke(app, ["--config", str(tmp_path / "c.toml"), *more]).exit_code == 0
    assert seen == [(3, "ner"), (4, "ner")]


def test_a_recipe_reads_its_settings_from_a_file(tmp_path):
    @dataclass(frozen=True)
    class Settings:
        data: Annotated[Path, typer.Option(help="A folder.")]
        seed: Seed = 0

    seen = []
    app = typer.Typer()
    app.command(cls=Command)(with_config(command_of(seen.append, Settings)))
    (tmp_path / "c.toml").write_text('data = "here"\nseed = 3\n')
    assert CliRunner().invoke(app, ["--config", str(tmp_path / "c.toml")]).exit_code == 0
    assert seen == [Settings(Path("here"), 3)]
    (tmp_path / "c.toml").write_text('data = "here"\nseed = -1\n')
    done = CliRunner().invoke(app, ["--config", str(tmp_path / "c.toml")])
    assert done.exit_code == 2
    said = done.stderr.partition("c.toml: ")[2]
    assert said.startswith("seed: ")
    assert "-1" in said


def test_data_that_have_changed_since_a_file_was_written_are_named(run, tmp_path):
    (tmp_path / "a.txt").write_text("a")
    right, wrong = tmp_path / "right.toml", tmp_path / "wrong.toml"
    right.write_text(
        f'json = true\n[sha256]\n"{(tmp_path / "a.txt").as_posix()}" = '
        f'"{hash_of(tmp_path / "a.txt")}"\n'
    )
    wrong.write_text(f'json = true\n[sha256]\n"{(tmp_path / "a.txt").as_posix()}" = "00"\n')
    assert run("models", "--config", right).stderr == ""
    assert "a.txt is not the file that" in run("models", "--config", wrong).stderr
