"""The Python of README and training page runs as it stands, and the commands are the ones that CI runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_python_block_runs(tmp_path, monkeypatch, capsys):
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) >= 2
    monkeypatch.chdir(tmp_path)
    # The second block reads a text of the user's.
    Path("my_text.txt").write_text("a few words of some text\n" * 2000, encoding="utf-8")
    names = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    assert "nine hundred ninety nine ," in capsys.readouterr().out
    assert (tmp_path / "output" / "counting" / "model.safetensors").is_file()


def test_the_commands_are_two_and_ci_runs_the_tests_with_one():
    commands = re.findall(r"```sh\n(.*?)\n```", README, flags=re.DOTALL)
    assert len(commands) == 2
    assert all(command.startswith("pip install -e") and "\n" not in command for command in commands)
    # CI silences pip; otherwise it is the README's command.
    assert commands[1].replace("pip install", "pip install --quiet") in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_training_page_runs_from_top_to_bottom(tmp_path, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "training.md").read_text("utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 5
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    Path("my_text.txt").write_text("a few words of some text\n" * 2000, encoding="utf-8")
    names = {}
    for block in blocks:
        exec(compile(block, "training.md", "exec"), names)
    assert (tmp_path / "output" / "counting" / "best" / "model.safetensors").is_file()
    assert isinstance(names["checkpoints"].every_steps, int)
