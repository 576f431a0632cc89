"""The command as a whole: its help costs little, and the page on it runs."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.extras import needs_pii
from tests.privacy.rewritten_files import save_labeler


@needs_pii
def test_the_page_runs(tmp_path, monkeypatch, capsys):
    pytest.importorskip("presidio_analyzer", reason="needs seqlabel-rnn[presidio]")
    # Whatever the model that ships finds, the page is about what is done with it.
    save_labeler(tmp_path / "pretrained" / "en_pii")
    monkeypatch.setattr("seqlabel.models.folders.PRETRAINED", tmp_path / "pretrained")
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL):
        exec(compile(block, "redaction.md", "exec"), names)
    assert names["encrypted"].text != names["document"].text
    assert names["doc"]._.redacted.findings
    # A labeler drawn by chance takes names of columns for places.
    monkeypatch.setattr(
        "seqlabel.privacy.records.files.FileRedactor._check_header", lambda *_: None
    )
    (tmp_path / "notes.txt").write_text("ann@x.org\n")
    (tmp_path / "chats.jsonl").write_text('{"text": "ann@x.org"}\n')
    (tmp_path / "people.csv").write_text("name,note\nann@x.org,ann@x.org\n")
    page = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    (commands,) = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    for command in commands.splitlines():
        # Other processes know nothing of the folder above.
        words = shlex.split(command.replace("--processes 2", "--processes 1"))
        given = Path(words[words.index("<") + 1]).read_text() if "<" in words else None
        end = min(words.index(mark) if mark in words else len(words) for mark in "<>")
        done = run(*words[1:end], input=given)
        assert done.exit_code == 0, (command, done.stderr)
        if ">" in words:
            Path(words[-1]).write_text(done.stdout)
    assert not any("ann@" in path.read_text() for path in tmp_path.glob("clean*") if path.is_file())
    assert sorted(path.name for path in (tmp_path / "clean").iterdir()) == [
        "chats.jsonl",
        "notes.txt",
        "people.csv",
    ]
    assert json.loads((tmp_path / "labels.jsonl").read_text())["text"] == "ann@x.org"
    assert json.loads((tmp_path / "counts.json").read_text())["found"] == {"EMAIL": 1}
