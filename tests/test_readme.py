"""The Python of README and pages runs as it stands, and the commands are the ones that CI runs."""

import re
from pathlib import Path

import pytest

from tests.extras import needs_pii
from tests.pages import blocks_of, run_page

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


TAGGED = """\
1\tIt\t_\tPRON\tPRP\t_\t2\t_\t_\t_
2\treads\t_\tVERB\tVBZ\t_\t0\t_\t_\t_
3\tlong\t_\tADJ\tJJ\t_\t4\t_\t_\t_
4\ttexts\t_\tNOUN\tNNS\t_\t2\t_\t_\tSpaceAfter=No
5\t.\t_\tPUNCT\t.\t_\t2\t_\t_\t_

"""


@pytest.fixture
def treebank(tmp_path):
    for part in ("train", "dev"):
        (tmp_path / f"{part}.conllu").write_text(TAGGED * 20, encoding="utf-8")


@needs_pii
@pytest.mark.usefixtures("treebank")
def test_the_readme_runs_from_top_to_bottom(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("seqlabel.models.fine_tuning.tagging_epochs", lambda documents: 1)
    Path("my_text.txt").write_text("a few words of some text\n" * 20, encoding="utf-8")
    assert sum(block.expected is not None for block in blocks_of(ROOT / "README.md")) == 2
    run_page(ROOT / "README.md")
    assert len((tmp_path / "labelled.jsonl").read_text().splitlines()) == 20


@needs_pii
def test_the_home_page_shows_what_its_code_prints():
    page = ROOT / "docs" / "index.md"
    assert all(block.expected for block in blocks_of(page) if block.language == "python")
    run_page(page)


def test_a_stranger_reads_the_readme_to_its_end():
    assert len(README.splitlines()) <= 120


def test_fine_tuning_fits_in_twelve_lines():
    page = (ROOT / "docs" / "tagging.md").read_text(encoding="utf-8")
    (block,) = [
        block
        for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
        if "fine_tune(" in block
    ]
    assert len(block.splitlines()) <= 12
    assert "read_conllu" in block
    assert ".save(" in block


@pytest.mark.end_to_end
@pytest.mark.usefixtures("treebank")
def test_the_labelling_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_page(ROOT / "docs" / "tagging.md").names["document"].tags["upos"].labels[:2] == (
        "PRON",
        "VERB",
    )


@pytest.mark.end_to_end
def test_the_page_on_a_new_task_runs_and_is_short(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = run_page(ROOT / "docs" / "new_task.md").output
    page = (ROOT / "docs" / "new_task.md").read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
        for line in block.splitlines()
    ]
    assert len([line for line in lines if line.strip()]) < 60
    assert re.search(r"^3 QUANTITY [01]\.\d\d$", printed, flags=re.MULTILINE)
    assert (tmp_path / "report" / "report.json").is_file()


def test_a_clone_takes_two_commands_and_ci_runs_the_tests_with_one():
    commands = re.findall(r"```sh\n(.*?)\n```", README, flags=re.DOTALL)
    from_a_clone = [command for command in commands if command.startswith("pip install -e")]
    assert len(from_a_clone) == 2
    assert all("\n" not in command for command in from_a_clone)
    # CI silences pip; otherwise it is the README's command.
    assert from_a_clone[1].replace("pip install", "pip install --quiet") in (
        ROOT / ".ci" / "run"
    ).read_text("utf-8")


@pytest.mark.end_to_end
def test_the_training_page_runs_from_top_to_bottom(tmp_path, monkeypatch):
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "training.md").read_text("utf-8"), flags=re.DOTALL
    )
    assert len(blocks) >= 5
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    Path("my_text.txt").write_text("a few words of some text\n" * 2000, encoding="utf-8")
    names = {}
    for block in blocks:
        exec(compile(block, "training.md", "exec"), names)
    assert (tmp_path / "output" / "counting" / "best" / "model.safetensors").is_file()
    assert isinstance(names["checkpoints"].every_steps, int)
