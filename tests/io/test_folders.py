"""Folders are replaced so that errors, full disks and kills leave the old one or the new one."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from seqlabel.errors import OptionError
from seqlabel.io.files import CAN_LOCK
from seqlabel.io.folders import (
    make_folder,
    output_folder,
    previous_folder,
    replace_folder,
    settle_folder,
)
from tests.io.test_files import full_disk, names


def fill(folder, text):
    (folder / "one").write_text(text, encoding="utf-8")
    (folder / "two").write_text(text, encoding="utf-8")


def content(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def write_folder(folder, text):
    with replace_folder(folder) as new:
        fill(new, text)


def write_output(folder, name):
    with output_folder(folder):
        if name is not None:
            (folder.parent / name).touch()
        raise KeyError


@pytest.mark.parametrize(
    ("folder", "name", "left"), [("a/b", None, []), ("old", None, ["old"]), ("a/b", "c", ["a"])]
)
def test_an_output_folder_that_an_error_left_empty_is_removed_with_those_above_it(
    tmp_path, folder, name, left
):
    if folder == "old":
        (tmp_path / folder).mkdir()
    with pytest.raises(KeyError):
        write_output(tmp_path / folder, name)
    assert names(tmp_path) == left


def test_replace_folder_replaces_all_of_it(tmp_path):
    folder = tmp_path / "a" / "folder"
    for text in ("old", "new"):
        with replace_folder(folder) as new:
            fill(new, text)
            if text == "new":
                (new / "two").unlink()
                assert content(folder) == {"one": "old", "two": "old"}
    assert content(folder) == {"one": "new"}
    assert names(folder.parent) == ["folder"]


@pytest.fixture
def old(tmp_path):
    """A folder that a failed replacement leaves as it is."""
    folder = tmp_path / "folder"
    folder.mkdir()
    fill(folder, "old")
    yield folder
    assert folder.is_dir(), "only settle_folder would bring the old folder back"
    assert content(folder) == {"one": "old", "two": "old"}
    assert names(tmp_path) == ["folder"]


def write_half_a_folder(folder):
    with replace_folder(folder) as new:
        (new / "one").write_text("half", encoding="utf-8")
        raise KeyError


def test_replace_folder_keeps_the_old_folder_when_the_body_raises(old):
    with pytest.raises(KeyError):
        write_half_a_folder(old)


@pytest.mark.parametrize(
    ("call", "successes"), [("mkdir", 1), ("fsync", 0), ("fsync", 1), ("rename", 0), ("rename", 1)]
)
def test_replace_folder_keeps_the_old_folder_when_the_disk_is_full(
    old, monkeypatch, call, successes
):
    real = getattr(os, call)
    calls = []

    def fail_later(*arguments, **options):
        calls.append(arguments)
        return full_disk() if len(calls) == successes + 1 else real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail_later)
        with pytest.raises(OSError, match="No space left"):
            write_folder(old, "new")
    assert len(calls) > successes


def stopped_at_rename(place, number):
    """A folder whose replacement, in another process, stopped dead, as by a kill, instead of its
    `number`th rename.
    """
    folder = place / "folder"
    folder.mkdir()
    fill(folder, "old")
    code = (
        "import os, sys; from pathlib import Path; from seqlabel.io.folders import replace_folder\n"
        "real, left = os.rename, int(sys.argv[2])\n"
        "def rename(*arguments):\n"
        "    global left\n"
        "    left -= 1\n"
        "    return real(*arguments) if left else os._exit(9)\n"
        "os.rename = rename\n"
        "with replace_folder(Path(sys.argv[1])) as new:\n"
        "    (new / 'one').write_text('new')\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder), str(number)]).returncode == 9
    return folder


@pytest.mark.parametrize("number", [1, 2])
def test_settle_folder_recovers_from_a_stop_before_either_rename(tmp_path, number):
    folder = stopped_at_rename(tmp_path, number)
    assert folder.exists() == (number == 1)
    for _ in range(2):
        settle_folder(folder)
        assert content(folder) == {"one": "old", "two": "old"}
    # The next replacement clears what a stopped one left.
    write_folder(folder, "newer")
    assert content(folder) == {"one": "newer", "two": "newer"}
    assert names(tmp_path) == ["folder"]


def test_settle_folder_does_nothing_where_nothing_was(tmp_path):
    settle_folder(tmp_path / "folder")
    assert names(tmp_path) == []


def test_a_stop_after_both_renames_leaves_the_new_folder_in_place(tmp_path):
    folder = tmp_path / "folder"
    for path, text in ((folder, "new"), (previous_folder(folder), "old")):
        path.mkdir()
        fill(path, text)
    settle_folder(folder)
    assert content(folder)["one"] == "new"
    write_folder(folder, "newer")
    assert names(tmp_path) == ["folder"]


def test_a_new_folder_is_private_until_it_is_complete_and_has_a_random_name(tmp_path):
    folder = tmp_path / "folder"
    seen = set()
    for mode in (0o750, 0o700):
        if folder.exists():
            folder.chmod(mode)
        with replace_folder(folder) as new:
            fill(new, "new")
            assert re.fullmatch(r"\.folder\.[0-9a-f]{16}\.new", new.name)
            assert stat.S_IMODE(new.stat().st_mode) == 0o700
            seen.add(new.name)
        mask = os.umask(0o077)
        os.umask(mask)
        assert stat.S_IMODE(folder.stat().st_mode) == (mode if len(seen) > 1 else 0o777 & ~mask)
    assert len(seen) == 2


@pytest.mark.skipif(not CAN_LOCK, reason="this system does not lock folders")
def test_a_folder_that_another_writer_fills_stays_and_one_that_was_left_goes(tmp_path):
    folder = tmp_path / "folder"
    (tmp_path / f".folder.{'a' * 16}.new").mkdir()
    with replace_folder(folder) as other:
        fill(other, "other")
        write_folder(folder, "new")
        assert sorted(names(tmp_path)) == sorted([other.name, "folder"])
    assert content(folder) == {"one": "other", "two": "other"}
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("suffix", ["new", "previous"])
def test_planted_links_and_other_names_are_left_alone(tmp_path, suffix):
    target = tmp_path / "target"
    target.mkdir()
    fill(target, "precious")
    folder = tmp_path / "folder"
    link = tmp_path / f".folder.{'b' * 16}.{suffix}"
    link.symlink_to(target)
    (tmp_path / f".folder.{suffix}").mkdir()
    settle_folder(folder)
    assert not folder.exists()
    write_folder(folder, "new")
    assert content(target) == {"one": "precious", "two": "precious"}
    assert link.is_symlink()
    assert (tmp_path / f".folder.{suffix}").is_dir()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to give a folder away"
)
def test_a_folder_of_another_user_is_not_taken_for_the_previous_one(tmp_path):
    folder = tmp_path / "folder"
    planted = previous_folder(folder)
    planted.mkdir()
    os.chown(planted, 12345, -1)
    settle_folder(folder)
    assert not folder.exists()
    write_folder(folder, "new")
    assert planted.is_dir()


def test_the_working_folder_a_link_and_a_file_are_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "file").write_text("old")
    monkeypatch.chdir(tmp_path / "a")
    working = [tmp_path, tmp_path / "a", tmp_path / "a" / "b" / ".."]
    for path in (*map(Path, (".", "..", "", "/")), *working):
        with pytest.raises(OptionError, match="working folder"):
            write_folder(path, "new")
    for path in (tmp_path / "a" / "c", Path("c")):
        write_folder(path, "new")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError, match="got a link"):
        write_folder(tmp_path / "link", "new")
    for holds in ((), None):
        with pytest.raises(OptionError, match="'file'"), replace_folder(Path("file"), holds=holds):
            pass
    assert sorted(names(tmp_path)) == ["a", "file", "link"]


def test_a_folder_is_made_with_those_above_it_or_refused(tmp_path):
    for _ in range(2):
        assert make_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(OptionError, match=r"file.b: .*Not a directory"):
        make_folder(tmp_path / "file" / "b")


def test_a_folder_with_a_file_that_would_be_lost_is_not_replaced(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    fill(folder, "old")
    with pytest.raises(OptionError, match="'two'"), replace_folder(folder, holds=["one", "3"]):
        pass
    with replace_folder(folder, holds=["one", "two"]) as new:
        (new / "one").write_text("new", encoding="utf-8")
    assert content(folder) == {"one": "new"}
