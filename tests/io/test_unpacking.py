"""Compressed files are read by their names or their beginnings; damaged ones are errors."""

import io
from contextlib import ExitStack

import pytest

from seqlabel.errors import DataError
from seqlabel.io.text_files import read_lines
from seqlabel.io.unpacking import open_unpacked, packing_of, unpacked
from tests.io.test_packed import everything, packed


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"not packed at all"]
)
def test_a_damaged_file_is_an_error(suffix, damage, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(damage(packed(suffix, bytes(range(256)) * 5000)))
    with ExitStack() as stack, pytest.raises(DataError, match="unpacked"):
        everything(open_unpacked(path, stack))


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_what_is_compressed_is_recognized_by_how_it_begins(suffix, tmp_path):
    data = b"one\ntwo\n" * 30_000
    path = tmp_path / "text"
    path.write_bytes(packed(suffix, data))
    assert packing_of(path) == suffix
    with ExitStack() as stack:
        found = open_unpacked(path, stack)
        assert not found.seekable()
        assert found.read() == data
    with ExitStack() as stack:
        stream = unpacked(io.BytesIO(path.read_bytes()), stack)
        assert stream.peek(3)[:3] == b"one"
        assert stream.read() == data
    assert [line for _, line in read_lines(path)][:3] == ["one", "two", "one"]


def test_what_is_not_compressed_stays_as_it_is(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"one")
    with ExitStack() as stack:
        found = open_unpacked(path, stack)
        assert found.seekable()
        assert found.read() == b"one"
    assert packing_of(path) == packing_of(tmp_path) == ""
