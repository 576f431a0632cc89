"""Recipes run as a reader would run them, for one epoch, and every one of them says what it is and how to run it."""

import ast
import json
import math
import os
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from seqlabel import human_numbers, ladder
from seqlabel.corpora import TokenArray
from seqlabel.files import read_json
from seqlabel.language_model import LanguageModel
from seqlabel.models import CopyingLanguageModel, build_language_model, human_numbers_config
from seqlabel.streams import LanguageModelStream
from seqlabel.training import evaluate

ROOT = Path(__file__).parent.parent
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "recipes").rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
# What makes a recipe's data lies in a folder of its own and is not run by itself.
PARTS = {name for name, path in FILES.items() if path.parent.name.endswith("_data")}
RECIPES = {name: path for name, path in FILES.items() if name not in PARTS}
FIGURES = {"accuracy", "best_accuracy", "valid_loss", "seconds", "tokens_per_second", "parameters"}
every_recipe = pytest.mark.parametrize("name", RECIPES)


def run_recipe(name, *arguments):
    """Run a recipe in a process of its own."""
    return subprocess.run(
        [sys.executable, str(RECIPES[name]), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "NO_COLOR": "1", "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """The base task after one epoch: what was printed, and the folder."""
    folder = tmp_path_factory.mktemp("recipes") / "counted"
    return run_recipe("recipes/human_numbers.py", "--epochs", 1, "--output", folder, "--device", "cpu"), folder


@pytest.fixture(scope="module")
def climbed(tmp_path_factory):
    """The ladder after one epoch of one seed, asked to be quiet."""
    folder = tmp_path_factory.mktemp("recipes") / "climbed"
    arguments = ("--ladder", "--epochs", 1, "--seeds", 1, "--quiet", "--device", "cpu", "--output", folder)
    return run_recipe("recipes/human_numbers.py", *arguments), folder


def valid_stream():
    return LanguageModelStream(
        TokenArray(human_numbers.vocabulary().encode(human_numbers.valid_words())), batch_size=64, bptt=20
    )


def test_the_base_task_runs_and_its_last_line_names_the_folder(counted):
    done, folder = counted
    assert (done.returncode, done.stderr) == (0, "")
    assert str(folder) in done.stdout.rstrip("\n").split("\n")[-1]


def test_the_base_task_shows_a_batch_its_model_and_a_continuation(counted):
    done, _ = counted
    lines = done.stdout.split("\n")
    assert sum(line.startswith("row ") for line in lines) == 6
    assert any("parameters; input 64 × 20" in line for line in lines)
    continuation = next(line for line in lines if line.startswith("  → "))
    words = continuation.removeprefix("  → ").split()
    assert len(words) == 24
    assert all(word in human_numbers.vocabulary() for word in words)


def test_the_base_tasks_figures_are_numbers_and_those_of_the_model_in_the_folder(counted):
    _, folder = counted
    figures = read_json(folder / "metrics.json")
    assert figures.keys() == FIGURES
    assert all(type(value) in (int, float) and math.isfinite(value) for value in figures.values())
    model = LanguageModel.load(folder / "last")
    score = evaluate(model.module, valid_stream())
    assert (figures["accuracy"], figures["best_accuracy"]) == (score.accuracy, score.accuracy)
    assert figures["valid_loss"] == pytest.approx(score.loss)
    assert figures["parameters"] == sum(weights.numel() for weights in model.module.parameters())
    assert figures["seconds"] * figures["tokens_per_second"] == pytest.approx(40 * 64 * 20)


def test_the_base_task_leaves_pictures_and_checkpoints(counted):
    _, folder = counted
    assert sorted(path.name for path in folder.iterdir()) == [
        "best",
        "finder.png",
        "last",
        "losses.png",
        "metrics.json",
        "schedule.png",
    ]
    for name in ("finder.png", "losses.png", "schedule.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert (folder / name).stat().st_size > 5_000
    for name in ("best", "last"):
        assert LanguageModel.load(folder / name).vocabulary == human_numbers.vocabulary()


def test_quiet_is_one_line_and_the_same_training(counted, tmp_path):
    arguments = ("--epochs", 1, "--quiet", "--device", "cpu", "--output", tmp_path)
    done = run_recipe("recipes/human_numbers.py", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    assert str(tmp_path) in done.stdout
    loud, quiet = (read_json(folder / "metrics.json") for folder in (counted[1], tmp_path))
    for name in FIGURES - {"seconds", "tokens_per_second"}:
        assert quiet[name] == loud[name]


def test_an_unknown_device_is_one_error_line(tmp_path):
    done = run_recipe("recipes/human_numbers.py", "--epochs", 1, "--device", "tpu", "--output", tmp_path)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: device: found 'tpu'")
    assert list(tmp_path.iterdir()) == []


def test_help_is_printed():
    done = run_recipe("recipes/human_numbers.py", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("--output", "--seed", "--epochs", "--device", "--quiet", "--resume", "--ladder", "--seeds"):
        assert option in done.stdout


def test_the_ladder_is_a_table_of_seven_models(climbed):
    done, folder = climbed
    assert (done.returncode, done.stderr) == (0, "")
    assert str(folder) in done.stdout.rstrip("\n").split("\n")[-1]
    table = (folder / "ladder.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().split("\n")]
    header, rule, *rows = cells
    assert header[:3] == ["model", "parameters", "final accuracy"]
    assert set(rule) == {"---"}
    assert len(rows) == 7
    assert [row[0] for row in rows[:-1]] == [rung.name for rung in ladder.LADDER]
    words = len(human_numbers.vocabulary())
    models = [rung.build(words, ladder.WIDTH) for rung in ladder.LADDER]
    models.append(build_language_model(human_numbers_config(words)))
    for row, model in zip(rows, models, strict=True):
        assert len(row) == len(header)
        assert int(row[1].replace(",", "")) == sum(weights.numel() for weights in model.parameters())
        accuracy, _, deviation = row[2].partition(" ± ")
        assert 0 <= float(accuracy) <= 1
        assert float(deviation) == 0
    figures = read_json(folder / "ladder.json")
    assert figures.keys() == {f"{row[0]} {kind}" for row in rows for kind in ("final", "best")}
    assert [f"{figures[f'{row[0]} final']:.4f}" for row in rows] == [row[2].split()[0] for row in rows]


def test_a_quiet_ladder_is_one_line(climbed):
    done, _ = climbed
    assert done.stdout.count("\n") == 1


def test_copying_runs_quietly_and_leaves_its_figures_and_its_model(tmp_path):
    arguments = ("--epochs", 1, "--seeds", 1, "--quiet", "--device", "cpu", "--output", tmp_path)
    done = run_recipe("recipes/copying.py", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    assert str(tmp_path) in done.stdout
    figures = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert all(type(value) in (int, float) and math.isfinite(value) for value in figures.values())
    model = LanguageModel.load(tmp_path / "model")
    assert isinstance(model.module, CopyingLanguageModel)
    assert figures["accuracy"] == pytest.approx(evaluate(model.module, valid_stream()).accuracy)


@every_recipe
def test_every_recipe_says_what_it_does_and_how_to_run_it(name):
    docstring = ast.get_docstring(TREES[name])
    assert docstring
    assert docstring.split("\n\n")[0].endswith((".", ":"))
    assert f"python {name}" in docstring


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_part_of_a_recipe_says_what_is_in_it_and_is_no_command(name):
    docstring = ast.get_docstring(TREES[name])
    assert docstring
    assert docstring.split("\n\n")[0].endswith((".", ":"))
    assert "__main__" not in FILES[name].read_text(encoding="utf-8")


def uses_typer(tree):
    return any(isinstance(node, ast.Call) and ast.unparse(node.func) == "typer.run" for node in ast.walk(tree))


every_command = pytest.mark.parametrize("name", [name for name in RECIPES if uses_typer(TREES[name])])


def command_of(name):
    """A recipe's command; skips where a package that seqlabel itself does not need is missing."""
    try:
        main = runpy.run_path(str(RECIPES[name]), run_name="recipe")["main"]
    except ModuleNotFoundError as error:
        needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
        missing = error.name.split(".")[0]
        if missing == "seqlabel" or any(package.startswith(missing) for package in needed):
            raise
        pytest.skip(f"{name} needs {missing}")
    app = typer.Typer()
    app.command()(main)
    return app


@every_command
def test_every_command_answers_help(name):
    result = CliRunner().invoke(command_of(name), ["--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output
    assert "--help" in result.output


@every_command
def test_an_unknown_device_is_never_a_traceback(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command_of(name), ["--device", "tpu"])
    assert result.exit_code != 0
    assert isinstance(result.exception, SystemExit)
