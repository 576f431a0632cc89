"""The files of a folder: those that are read, those that are not, and hidden ones."""

import os

from seqlabel.runs.inputs import FoundFiles, files_of_folder


def test_every_file_of_a_folder_is_in_one_list(tmp_path):
    for name in ("b.txt", "a/b.txt", "a/c.bin", ".d/e.txt", "a/.f.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files = files_of_folder(tmp_path, lambda path: path.suffix == ".txt")
    assert files.read == [tmp_path / "a/b.txt", tmp_path / "b.txt"]
    assert files.left_out == {tmp_path / "a/c.bin": "not text"}
    assert files.hidden == [tmp_path / ".d/e.txt", tmp_path / "a/.f.txt"]


def test_an_empty_folder_has_no_files(tmp_path):
    files = files_of_folder(tmp_path, lambda path: True)
    assert (files.read, files.left_out, files.hidden) == ([], {}, [])


def test_links_and_pipes_of_a_folder_are_named(tmp_path):
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    (tmp_path / "c.txt").touch()
    (folder / "c.txt").symlink_to(tmp_path / "c.txt")
    (folder / "gone.txt").symlink_to(tmp_path / "none.txt")
    (folder / "other").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "p.txt")
    files = files_of_folder(folder, lambda path: True)
    assert files.read == [folder / "c.txt"]
    assert files.left_out.keys() == {folder / "gone.txt", folder / "other", folder / "p.txt"}


def test_what_cannot_be_opened_is_named_or_reported_when_its_turn_comes(tmp_path):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "a.txt").touch()
    assert files_of_folder(tmp_path, refuse).read == [tmp_path / "a.txt"]
    assert files_of_folder(tmp_path / "none", refuse).left_out.keys() == {tmp_path / "none"}


def test_files_of_several_folders_come_one_after_another(tmp_path):
    for name in ("b/b.txt", "a/a.txt", "a/c.bin", "b/.d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = FoundFiles()
    for name in ("b", "a"):
        found.add(files_of_folder(tmp_path / name, lambda path: path.suffix == ".txt"))
    assert found.read == [tmp_path / "b/b.txt", tmp_path / "a/a.txt"]
    assert found.left_out.keys() == {tmp_path / "a/c.bin"}
    assert found.hidden == [tmp_path / "b/.d"]
