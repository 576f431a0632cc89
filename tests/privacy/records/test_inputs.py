"""Compression, encodings and delimiters: what goes in comes out the same way."""

import gzip
import io
import lzma
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.records.inputs import (
    FileFormat,
    Layout,
    as_encoded,
    as_utf_8,
    check_input,
    is_text_file,
    open_target,
    open_unpacked,
)

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
    assert FileFormat.of(path) is FileFormat.JSONL
    assert not Layout().is_plain(path)
    with ExitStack() as stack:
        assert everything(open_unpacked(path, stack)) == TEXT.encode() + b"more"
    with (tmp_path / f"b{suffix}").open("wb") as file, ExitStack() as stack:
        open_target(path, file, Layout(), stack).write(TEXT.encode())
    with ExitStack() as stack:
        assert everything(open_unpacked(tmp_path / f"b{suffix}", stack)) == TEXT.encode()


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"not packed at all"])
def test_a_damaged_file_is_an_error(suffix, damage, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(damage(packed(suffix, bytes(range(256)) * 5000)))
    with ExitStack() as stack, pytest.raises(DataError, match="cannot be unpacked"):
        everything(open_unpacked(path, stack))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig", "utf-32", "gb18030"])
def test_every_encoding_comes_out_as_it_went_in(encoding):
    layout = Layout(encoding=encoding)
    data = TEXT.encode(encoding)
    read = everything(as_utf_8(io.BytesIO(data), layout))
    assert read == TEXT.encode()
    target = io.BytesIO()
    write = as_encoded(target, layout)
    for place in range(0, len(read), 7):
        write.write(read[place : place + 7])
    assert target.getvalue() == data


def test_what_is_not_of_the_encoding_is_an_error():
    with pytest.raises(DataError, match="near byte 3: is not ascii"):
        everything(as_utf_8(io.BytesIO(b"abc\xe9"), Layout(encoding="ascii")))
    with pytest.raises(DataError, match="cannot be written in ascii"):
        as_encoded(io.BytesIO(), Layout(encoding="ascii")).write("é".encode())
    same = io.BytesIO()
    assert as_utf_8(same, Layout(encoding="UTF8")) is same


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": ";;"}, "Give one character"),
        ({"delimiter": '"'}, "Give one character"),
        ({"encoding": "klingon"}, "Python does not know 'klingon'"),
        ({"fields": ("a..b",)}, "Write a path as"),
    ],
)
def test_wrong_layouts(options, message):
    with pytest.raises(OptionError, match=message):
        Layout(**options)


def test_forms_by_suffix():
    names = ["a.txt", "a.JSON", "a.csv.gz", "a.tsv", "a.parquet", "a.ndjson.zst", "a.gz", "a"]
    expected = [
        FileFormat.TEXT,
        FileFormat.JSON,
        FileFormat.CSV,
        FileFormat.TSV,
        FileFormat.PARQUET,
        FileFormat.JSONL,
        FileFormat.TEXT,
        FileFormat.TEXT,
    ]
    assert [FileFormat.of(Path(name)) for name in names] == expected


def test_files_that_are_not_text(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0")
    (tmp_path / "a.txt").write_bytes(b"abc")
    assert not is_text_file(tmp_path / "a.png")
    assert is_text_file(tmp_path / "a.txt")


def test_documents_and_archives_are_not_read_as_text(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("word/document.xml", "<w:t>Ann Moss</w:t>")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.log", "Ann Moss")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n(Ann Moss) Tj\n")
    for name, kind in (("a.docx", "a Word file"), ("a.zip", "a zip archive"), ("a.pdf", "a PDF file")):
        with pytest.raises(DataError, match=f"{name}: is {kind}, not a text file. [A-Z]"):
            check_input(tmp_path / name)
        assert not is_text_file(tmp_path / name)
    with pytest.raises(DataError, match=r"b\.gz: there is no such file\. Check"):
        check_input(tmp_path / "b.gz")
    (tmp_path / "c.xz").write_bytes(lzma.compress(b"Ann Moss\n"))
    check_input(tmp_path / "c.xz")  # read by its own reader
