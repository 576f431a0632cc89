"""`seqlabel info` and `models`, and the command as a whole: version, help, and `python -m`."""

import json
import os
import subprocess
import sys

import pytest
import torch

import seqlabel
from seqlabel import Labeler
from seqlabel.cli import SUBCOMMANDS
from seqlabel.models.folders import shipped_models
from seqlabel.names import LIGHT
from seqlabel.native.compiled import LEVEL, Level
from seqlabel.training.devices import choose_device
from seqlabel.training.loop import Precision


def test_what_a_model_is(run, labeler):
    about = json.loads(run(f"info {labeler} --json").stdout)
    assert about["kind"] == "labeler"
    assert about["layers"] == {"ner": ["LOC", "PER"]}
    assert about["parameters"] > 0
    assert about["card"] == str(labeler / "README.md")
    told = run(f"info {labeler}").stdout
    assert "  ner (2): LOC, PER\n" in told
    assert f"card: {labeler / 'README.md'}" in told


def test_without_a_model_it_is_about_the_machine(run):
    about = json.loads(run("info --json").stdout)
    assert about["seqlabel"] == seqlabel.__version__
    assert about["packages"]["torch"] is not None
    assert {"en", "en_pii"} <= set(about["models"])
    told = run("info").stdout
    assert f"seqlabel {seqlabel.__version__}" in told
    assert f"numpy         {about['packages']['numpy']}" in told


@pytest.mark.skipif(torch.cuda.is_available(), reason="the machine has a GPU")
def test_the_machine_says_where_and_in_which_numbers_it_would_train(run):
    about = json.loads(run("info --json").stdout)
    chosen = Precision.AUTO.chosen(choose_device("auto")).name.lower()
    assert (about["gpu"], about["training_precision"]) == (None, chosen)
    assert f"training: {about['training_device']}, in {chosen}" in run("info").stdout


def test_what_computes_is_told(run, labeler):
    about = json.loads(run("info en_pii --json").stdout)
    assert about["engine"] == str(Labeler.load("en_pii").inference.kind)
    assert about["compiled_steps"] == LEVEL.name.lower()
    assert (
        f"computed by: {about['engine']}; compiled steps: {LEVEL.name.lower()}\n"
        in run("info en_pii").stdout
    )


def test_many_long_labels_are_cut_to_a_line(run):
    lines = [line for line in run("info en_pos").stdout.splitlines() if line.startswith("  ")]
    assert lines[0] == "  upos (17): ADJ, ADP, ADV, AUX, CCONJ, DET, INTJ, NOUN, NUM, PART, …"
    assert max(len(line) for line in lines[:5]) <= 80


@pytest.mark.parametrize(
    "level", [Level.MISSING, pytest.param(Level.PORTABLE, marks=pytest.mark.slow)]
)
@pytest.mark.end_to_end
def test_torch_computes_where_the_compiled_steps_are_missing_or_slow(level):
    program = f"""
from seqlabel.native import _steps
_steps.level = lambda: {level:d}
import seqlabel.cli
seqlabel.cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "info", "en_pos_fast"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"computed by: torch; compiled steps: {level.name.lower()}" in done.stdout, done.stderr


def test_what_an_encoder_is(run, files):
    about = json.loads(run(f"info {files}/encoder --json").stdout)
    assert (about["kind"], about["layers"], about["languages"]) == ("word language models", {}, [])
    assert "  has read: en\n" in run("info en_small").stdout


def test_the_models_that_ship(run, monkeypatch):
    # The list costs no weights.
    monkeypatch.setattr("seqlabel.cli.info.describe", None)
    listed = run("models").stdout
    assert [line.split()[0] for line in listed.splitlines()] == shipped_models()
    assert "private data in English texts" in listed


def test_a_folder_without_a_model_is_said(run, tmp_path):
    done = run(f"info {tmp_path}")
    assert (done.exit_code, "config.json: " in done.stderr) == (2, True)


def test_the_version(run):
    assert run("--version").stdout == f"seqlabel {seqlabel.__version__}\n"


def test_two_distributions_over_each_other_are_said(run, labeler, light):
    for command in (["--version"], ["info", labeler]):
        done = run(*command)
        assert done.exit_code == 0
        assert f"{LIGHT} 0.9 are installed and share their files. Run pip uninstall" in done.stderr
    assert "share" not in run("models").stderr


def test_python_m_shows_help_without_importing_what_is_slow():
    done = subprocess.run(
        [sys.executable, "-m", "seqlabel", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert all(command in done.stdout for command in SUBCOMMANDS)
    slow = (
        "import sys, seqlabel.cli; seqlabel.cli.app; print({'torch', 'spacy', 'numpy', "
        "'pydantic'} & {*sys.modules})"
    )
    assert (
        subprocess.run([sys.executable, "-c", slow], capture_output=True, text=True).stdout
        == "set()\n"
    )


def test_one_subcommand_is_imported_without_the_others():
    code = (
        "import sys; from seqlabel.cli import SUBCOMMANDS, app_with; app_with(['redact']); "
        "print({one.module for one in SUBCOMMANDS.values() if f'seqlabel.cli.{one.module}' in "
        "sys.modules})"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        == "{'redact'}\n"
    )


@pytest.mark.parametrize("shell", ["bash", pytest.param("zsh", marks=pytest.mark.slow)])
def test_shell_completion(shell):
    asked = {
        "_SEQLABEL_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "seqlabel tr",
        "COMP_CWORD": "1",
    }
    code = (
        "import sys; from seqlabel.cli import app; sys.argv = ['seqlabel']; "
        "app(prog_name='seqlabel')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | asked | {"COMP_WORDS": "seqlabel tr"},
    )
    assert "train" in done.stdout
