"""Compression, encodings and delimiters: what goes in comes out the same way."""

import gzip
import io
import lzma
from contextlib import ExitStack

import pytest

from seqlabel.errors import DataError
from seqlabel.io.packed import as_encoded, as_utf_8, open_target, suffix_of
from seqlabel.io.unpacking import open_unpacked

TEXT = "Zoë costs 5 €\nsecond line\n" * 1000


def packed(suffix, data):
    if suffix == ".zst":
        zstandard = pytest.importorskip("zstandard", reason="needs seqlabel-rnn[zstd]")
        return zstandard.ZstdCompressor().compress(data)
    return {".gz": gzip.compress, ".xz": lzma.compress}[suffix](data)


def everything(source):
    return b"".join(iter(lambda: source.read1(1000), b""))


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_a_compressed_file_goes_in_and_out(suffix, tmp_path):
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(packed(suffix, TEXT.encode()) + packed(suffix, b"more"))
    assert suffix_of(path) == ".jsonl"
    with ExitStack() as stack:
        assert everything(open_unpacked(path, stack)) == TEXT.encode() + b"more"
    with (tmp_path / f"b{suffix}").open("wb") as file, ExitStack() as stack:
        open_target(path, file, "utf-8", stack).write(TEXT.encode())
    with ExitStack() as stack:
        assert everything(open_unpacked(tmp_path / f"b{suffix}", stack)) == TEXT.encode()


@pytest.mark.parametrize(
    "encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig", "utf-32", "gb18030"]
)
def test_every_encoding_comes_out_as_it_went_in(encoding):
    data = TEXT.encode(encoding)
    read = everything(as_utf_8(io.BytesIO(data), encoding))
    assert read == TEXT.encode()
    target = io.BytesIO()
    write = as_encoded(target, encoding)
    for place in range(0, len(read), 7):
        write.write(read[place : place + 7])
    assert target.getvalue() == data


def test_what_is_not_of_the_encoding_is_an_error():
    with pytest.raises(DataError, match=r"byte 3: .*ascii"):
        everything(as_utf_8(io.BytesIO(b"abc\xe9"), "ascii"))
    with pytest.raises(DataError, match="ascii"):
        as_encoded(io.BytesIO(), "ascii").write("é".encode())
    same = io.BytesIO()
    assert as_utf_8(same, "UTF8") is same
