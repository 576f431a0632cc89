"""Files are written and replaced so that errors, full disks and kills leave the old one or the new
one.
"""

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.io.files import (
    Part,
    create_file,
    hidden_name,
    open_output,
    open_own_file,
    open_through,
    opens_through,
    read_json,
    write_file,
    write_json,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_is_made_with_its_parents_and_replaced(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    for text in ("old", "new"):
        write_file(path, text.encode())
        assert path.read_text(encoding="utf-8") == text
    assert names(path.parent) == ["file"]


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "file"
    path.write_text("old", encoding="utf-8")
    yield path
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["file"]


def write_half_a_file(path):
    with open_output(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text(encoding="utf-8") == "old"
        raise KeyError


def test_the_old_file_stays_while_the_new_one_is_written_and_when_the_body_raises(old):
    with pytest.raises(KeyError):
        write_half_a_file(old)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_the_old_file_stays_when_the_disk_is_full(old, monkeypatch, call):
    monkeypatch.setattr(os, call, full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_file(old, b"new")


def test_a_value_that_is_not_json_leaves_the_old_file(old):
    with pytest.raises(TypeError):
        write_json(old, object())


def test_json_comes_back_as_it_was(tmp_path):
    path = tmp_path / "value.json"
    value = {"words": ["é", "漢", "\n"], "number": 0.1, "nothing": None}
    write_json(path, value)
    assert read_json(path) == json.loads(path.read_bytes()) == value
    assert path.read_text(encoding="utf-8").endswith("\n")
    assert "漢" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{\n"a": 1,\n"b": [', "value.json, line 3: "),
        (b"", "value.json, line 1: "),
        (b"\xff\xfe", "value.json: "),
        (b"[" + b"9" * 10_000 + b"]", "value.json: "),
        (None, "value.json: "),
    ],
    ids=["open", "empty", "bytes", "digits", "missing"],
)
def test_what_is_not_json_is_refused(tmp_path, content, message):
    path = tmp_path / "value.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_json(path)


posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions and locks")


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_a_part_is_a_new_file_for_its_owner_alone(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("victim", encoding="utf-8")
    os.link(victim, tmp_path / ".out.0.part")
    part = Part.create(tmp_path / "out")
    assert mode_of(part.path) == 0o600
    part.file.write(b"private")
    part.publish(0o600)
    assert victim.read_text(encoding="utf-8") == "victim"
    assert names(tmp_path) == ["out", "victim"]


@posix
def test_a_part_is_made_where_all_its_names_are_taken(tmp_path):
    target = tmp_path / "out"
    parts = [Part.create(target) for _ in range(6)]
    assert len({part.path for part in parts}) == 6
    with pytest.raises(OptionError, match="out: "):
        Part.create(target, alone=True)
    for part in parts:
        part.file.close()
    Part.create(target, alone=True).publish(0o600)
    for number in range(3):
        (tmp_path / f".out.{number}.part").mkdir()
    Part.create(target, alone=True).publish(0o600)
    assert names(tmp_path) == [".out.0.part", ".out.1.part", ".out.2.part", "out"]


def test_the_time_of_a_part_does_not_depend_on_the_files_in_its_folder(tmp_path, monkeypatch):
    for number in range(5):
        write_file(tmp_path / f"out{number}", b"x")
    monkeypatch.setattr(Path, "iterdir", None)
    monkeypatch.setattr(os, "listdir", None)
    monkeypatch.setattr(os, "scandir", None)
    write_file(tmp_path / "out", b"x")
    monkeypatch.undo()
    assert len(names(tmp_path)) == 6


@posix
def test_what_a_killed_run_left_is_removed_and_what_is_written_is_not(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from seqlabel.io.files import Part\n"
        "part = Part.create(Path(sys.argv[1])); part.file.write(b'Ann Moss'); part.flush(); "
        "os._exit(9)\n"
    )
    target = tmp_path / "out"
    assert subprocess.run([sys.executable, "-c", code, str(target)]).returncode == 9
    (left,) = tmp_path.iterdir()
    with open_output(target) as file:
        assert left.read_bytes() == b""
        file.write(b"new")
        (current,) = tmp_path.iterdir()
        other = Part.create(target)
        assert current.exists()
        with pytest.raises(OptionError, match="out: "):
            Part.create(target, alone=True)
        other.discard()
    assert target.read_text(encoding="utf-8") == "new"
    assert names(tmp_path) == ["out"]


@posix
def test_a_part_is_reopened_by_one_run_and_by_its_own_name_only(tmp_path):
    target, victim = tmp_path / "out", tmp_path / "victim"
    victim.write_text("victim", encoding="utf-8")
    part = Part.create(target)
    part.file.write(b"half")
    part.flush()
    with pytest.raises(OptionError, match="out: "):
        Part.reopen(target, part.name_in_journal)
    part.file.close()
    again = Part.reopen(target, part.name_in_journal)
    assert again.file.read() == b"half"
    again.discard()
    for name in ("victim", "../victim", ".out.part", part.name_in_journal + "x"):
        with pytest.raises(OptionError, match="out: "):
            Part.reopen(target, name)
    part.path.symlink_to(victim)
    with pytest.raises(OptionError, match="is a link"):
        Part.reopen(target, part.name_in_journal)
    assert victim.read_text(encoding="utf-8") == "victim"


@posix
def test_a_planted_link_is_neither_followed_nor_opened(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("victim", encoding="utf-8")
    names = ("link", ".out.0.part", ".out.1.part", ".out.new", ".out.part")
    link, *_ = (symlink(tmp_path / name, victim) for name in names)
    with pytest.raises(FileExistsError), create_file(link) as file:
        file.write(b"x")
    write_json(tmp_path / "out", 1)
    assert victim.read_text(encoding="utf-8") == "victim"
    with pytest.raises(OptionError, match="is a link"):
        open_own_file(link)
    with pytest.raises(OptionError, match="not a regular file"):
        open_own_file(Path("/dev/null"))


def symlink(path, target):
    path.symlink_to(target)
    return path


@posix
def test_permissions_are_those_of_the_old_file_or_the_default(tmp_path):
    path = tmp_path / "file"
    before = os.umask(0o027)
    try:
        write_json(path, 1)
        assert mode_of(path) == 0o640
        path.chmod(0o604)
        write_json(path, 2)
        assert mode_of(path) == 0o604
        write_json(path, 3, mode=0o600)
        assert mode_of(path) == 0o600
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", ["n" * 250, "é" * 125, "数" * 83])
def test_names_of_250_bytes_are_written(tmp_path, name):
    path = tmp_path / name
    write_json(path, 1)
    assert read_json(path) == 1
    assert names(tmp_path) == [name]
    assert hidden_name(path, "journal") != hidden_name(path.with_name(name[:-1] + "x"), "journal")


@posix
def test_an_output_is_a_file_or_what_can_be_written_to(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    symlink(tmp_path / "dangling", tmp_path / "nothing")
    for path in (tmp_path / "fifo", Path("/dev/null"), Path("/dev/stdout"), Path("/dev/fd/7")):
        assert opens_through(path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert not opens_through(tmp_path / "file")
    assert not opens_through(tmp_path / "nothing")
    with pytest.raises(OptionError, match="got a link"):
        opens_through(tmp_path / "dangling")
    with pytest.raises(OptionError, match="got a folder"):
        opens_through(tmp_path)


@posix
def test_a_pipe_and_an_open_file_are_written_into_and_stay(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with open_output(fifo) as file:
            file.write(b"one ")
        write_json(fifo, 2)
        assert os.read(reader, 100) == b"one 2\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(fifo.lstat().st_mode)
    with (tmp_path / "log").open("ab") as log:
        log.write(b"before ")
        log.flush()
        with open_through(Path(f"/dev/fd/{log.fileno()}")) as file:
            file.write(b"after")
    assert (tmp_path / "log").read_bytes() == b"before after"
    assert names(tmp_path) == ["fifo", "log"]


@posix
def test_a_device_is_written_into_and_stays(tmp_path):
    device = tmp_path / "null"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        device.open("wb").close()
    except PermissionError:
        pytest.skip("devices can be made by root only")
    write_file(device, b"x")
    with open_output(device, mode=0o600) as file:
        file.write(b"x")
    assert stat.S_ISCHR(device.lstat().st_mode)
    assert names(tmp_path) == ["null"]


@posix
def test_a_link_is_not_replaced(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    link = symlink(tmp_path / "link", tmp_path / "file")
    with pytest.raises(OptionError, match="got a link"), open_output(link):
        pass
    with pytest.raises(OptionError, match="got a folder"), open_output(tmp_path):
        pass
    assert link.is_symlink()
    assert (tmp_path / "file").read_bytes() == b"old"
