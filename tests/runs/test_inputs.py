"""The files of a folder: those that are read, those that are not, and hidden ones."""

from seqlabel.runs.inputs import files_of_folder


def test_every_file_of_a_folder_is_in_one_list(tmp_path):
    for name in ("b.txt", "a/b.txt", "a/c.bin", ".d/e.txt", "a/.f.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files = files_of_folder(tmp_path, lambda path: path.suffix == ".txt")
    assert files.read == [tmp_path / "a/b.txt", tmp_path / "b.txt"]
    assert files.left_out == [tmp_path / "a/c.bin"]
    assert files.hidden == [tmp_path / ".d/e.txt", tmp_path / "a/.f.txt"]


def test_an_empty_folder_has_no_files(tmp_path):
    files = files_of_folder(tmp_path, lambda path: True)
    assert (files.read, files.left_out, files.hidden) == ([], [], [])
