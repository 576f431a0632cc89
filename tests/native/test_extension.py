"""An extension that was cut off is not loaded, and torch computes in its place."""

import subprocess
import sys

import pytest

from seqlabel.native.compiled import check_whole, extension_file

FILE = extension_file()
needs_elf = pytest.mark.skipif(
    FILE is None or FILE.read_bytes()[:5] != b"\x7fELF\2",
    reason="needs an extension in the ELF format of 64 bits",
)


@needs_elf
def test_a_file_is_whole_or_was_cut_off(tmp_path):
    check_whole(FILE)
    data = FILE.read_bytes()
    cut = tmp_path / FILE.name
    for size in [64, 65, 1_000, *range(4_096, len(data), 8_192), len(data) - 1]:
        cut.write_bytes(data[:size])
        with pytest.raises(ImportError):
            check_whole(cut)


@needs_elf
def test_a_segment_beyond_the_end_is_found_where_there_are_no_sections(tmp_path):
    data = bytearray(FILE.read_bytes())
    # The place and number of sections, which a stripped file may lack.
    data[40:48], data[60:62] = bytes(8), bytes(2)
    cut = tmp_path / FILE.name
    cut.write_bytes(data)
    check_whole(cut)
    cut.write_bytes(data[:8_192])
    with pytest.raises(ImportError):
        check_whole(cut)


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\1" + bytes(100), b"MZ" + bytes(100)])
def test_other_files_are_left_to_the_system(tmp_path, data):
    path = tmp_path / "library"
    path.write_bytes(data)
    check_whole(path)


@needs_elf
@pytest.mark.parametrize("size", [pytest.param(3, marks=pytest.mark.end_to_end), 5_000])
def test_a_labeler_without_its_extension_labels_by_torch_after_one_warning(tmp_path, size):
    (tmp_path / FILE.name).write_bytes(FILE.read_bytes()[:size])
    program = """
import sys
import seqlabel.native
seqlabel.native.__path__.insert(0, sys.argv[1])
import seqlabel
labeler = seqlabel.Labeler.load("en_pos_fast")
print(labeler.inference.kind, len(list(labeler(["It reads texts."]))))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "torch 1\n"), done.stderr
    assert done.stderr.count("UserWarning") == 1
    assert f"{tmp_path / FILE.name} cannot be loaded: " in done.stderr
