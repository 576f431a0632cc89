"""Strict reading, block by block, and writing that survives errors, full disks and kills."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqlabel.errors import DataError
from seqlabel.files import (
    previous_folder,
    read_json,
    replace_file,
    replace_folder,
    settle_folder,
    write_json,
)

TEXT = "añ b€c 😀\r\nд\u2028é\n\n漢字 x"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_replace_file_makes_parents_and_replaces(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    for text in ("old", "new"):
        with replace_file(path) as beside:
            assert beside.parent == path.parent
            beside.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text
    assert names(path.parent) == ["file"]


def test_replace_file_keeps_the_old_file_while_the_new_one_is_written(tmp_path):
    path = tmp_path / "file"
    path.write_text("old", encoding="utf-8")
    with replace_file(path) as beside:
        beside.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"


def write_half_a_file(path):
    with replace_file(path) as beside:
        beside.write_text("half", encoding="utf-8")
        raise KeyError


def test_replace_file_keeps_the_old_file_when_the_body_raises(tmp_path):
    path = tmp_path / "file"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(KeyError):
        write_half_a_file(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_replace_file_keeps_the_old_file_when_the_disk_is_full(tmp_path, monkeypatch, call):
    path = tmp_path / "file"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, call, full_disk)
    with pytest.raises(OSError, match="No space left"), replace_file(path) as beside:
        beside.write_text("new", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["file"]


def fill(folder, text):
    (folder / "one").write_text(text, encoding="utf-8")
    (folder / "two").write_text(text, encoding="utf-8")


def content(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def write_folder(folder, text):
    with replace_folder(folder) as beside:
        fill(beside, text)


def write_half_a_folder(folder):
    with replace_folder(folder) as beside:
        (beside / "one").write_text("half", encoding="utf-8")
        raise KeyError


def test_replace_folder_replaces_all_of_it(tmp_path):
    folder = tmp_path / "a" / "folder"
    for text in ("old", "new"):
        with replace_folder(folder) as beside:
            fill(beside, text)
            if text == "new":
                (beside / "two").unlink()
                assert content(folder) == {"one": "old", "two": "old"}
    assert content(folder) == {"one": "new"}
    assert names(folder.parent) == ["folder"]


def test_replace_folder_keeps_the_old_folder_when_the_body_raises(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    fill(folder, "old")
    with pytest.raises(KeyError):
        write_half_a_folder(folder)
    assert content(folder) == {"one": "old", "two": "old"}
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize(
    ("call", "successes"), [("mkdir", 1), ("fsync", 0), ("fsync", 1), ("rename", 0), ("rename", 1)]
)
def test_replace_folder_keeps_the_old_folder_when_the_disk_is_full(tmp_path, monkeypatch, call, successes):
    folder = tmp_path / "folder"
    folder.mkdir()
    fill(folder, "old")
    real, calls = getattr(os, call), []

    def fail_later(*arguments, **options):
        calls.append(arguments)
        return full_disk() if len(calls) == successes + 1 else real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail_later)
        with pytest.raises(OSError, match="No space left"):
            write_folder(folder, "new")
    assert len(calls) > successes
    assert folder.is_dir(), "only settle_folder would bring the old folder back"
    assert content(folder) == {"one": "old", "two": "old"}
    assert names(tmp_path) == ["folder"]


def stop_at_rename(folder, number):
    """Replace a folder in another process that stops dead, as by a kill, in place of its `number`th rename."""
    code = (
        "import os, sys; from pathlib import Path; from seqlabel.files import replace_folder\n"
        "real, left = os.rename, int(sys.argv[2])\n"
        "def rename(*arguments):\n"
        "    global left\n"
        "    left -= 1\n"
        "    return real(*arguments) if left else os._exit(9)\n"
        "os.rename = rename\n"
        "with replace_folder(Path(sys.argv[1])) as beside:\n"
        "    (beside / 'one').write_text('new')\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder), str(number)]).returncode == 9


@pytest.mark.parametrize("number", [1, 2])
def test_settle_folder_recovers_from_a_stop_before_either_rename(tmp_path, number):
    folder = tmp_path / "folder"
    folder.mkdir()
    fill(folder, "old")
    stop_at_rename(folder, number)
    assert folder.exists() == (number == 1)
    for _ in range(2):
        settle_folder(folder)
        assert content(folder) == {"one": "old", "two": "old"}


@pytest.mark.parametrize("number", [1, 2])
def test_the_next_replacement_clears_what_a_stopped_one_left(tmp_path, number):
    folder = tmp_path / "folder"
    folder.mkdir()
    fill(folder, "old")
    stop_at_rename(folder, number)
    settle_folder(folder)
    write_folder(folder, "newer")
    assert content(folder) == {"one": "newer", "two": "newer"}
    assert names(tmp_path) == ["folder"]


def test_a_stop_after_both_renames_leaves_the_new_folder_in_place(tmp_path):
    folder = tmp_path / "folder"
    for path, text in ((folder, "new"), (previous_folder(folder), "old")):
        path.mkdir()
        fill(path, text)
    settle_folder(folder)
    assert content(folder)["one"] == "new"
    write_folder(folder, "newer")
    assert names(tmp_path) == ["folder"]


def test_settle_folder_does_nothing_where_nothing_was(tmp_path):
    settle_folder(tmp_path / "folder")
    assert names(tmp_path) == []


def test_json_comes_back_as_it_was(tmp_path):
    path = tmp_path / "value.json"
    value = {"words": ["é", "漢", "\n"], "number": 0.1, "nothing": None}
    write_json(path, value)
    assert read_json(path) == json.loads(path.read_bytes()) == value
    assert path.read_text(encoding="utf-8").endswith("\n")
    assert "漢" in path.read_text(encoding="utf-8")


def test_json_keeps_the_old_file_when_the_disk_is_full(tmp_path, monkeypatch):
    path = tmp_path / "value.json"
    write_json(path, [1])
    real = Path.write_text

    def write_half(self, text, **options):
        real(self, text[: len(text) // 2], **options)
        full_disk()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", write_half)
        with pytest.raises(OSError, match="No space left"):
            write_json(path, list(range(100)))
    assert read_json(path) == [1]
    assert names(tmp_path) == ["value.json"]


def test_a_value_that_is_no_json_leaves_the_old_file(tmp_path):
    path = tmp_path / "value.json"
    write_json(path, [1])
    with pytest.raises(TypeError):
        write_json(path, object())
    assert read_json(path) == [1]
    assert names(tmp_path) == ["value.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{\n"a": 1,\n"b": [', "value.json, line 3: is not JSON"),
        (b"", "value.json, line 1: is not JSON"),
        (b"\xff\xfe", "value.json: is not UTF-8"),
        (None, "value.json: cannot be read"),
    ],
)
def test_what_is_not_json_is_refused(tmp_path, content, message):
    path = tmp_path / "value.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_json(path)
