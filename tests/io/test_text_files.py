"""Text files are read to the last character, or refused with their line and what to do."""

import bz2
import gzip
import io
import zipfile

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.io.text_files import BLOCK_BYTES, read_blocks

TEXT = "añ b€c 😀\r\nд\u2028é\n\n漢字 x"


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 4, 5, 7, 64])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_no_character_is_split_at_any_border(tmp_path, block_bytes, mark):
    path = tmp_path / "text"
    path.write_bytes(mark + TEXT.encode())
    assert "".join(read_blocks(path, block_bytes=block_bytes)) == TEXT


def test_a_block_is_no_longer_than_asked(tmp_path):
    path = tmp_path / "text"
    path.write_text("ab" * 50, encoding="utf-8")
    assert [len(block) for block in read_blocks(path, block_bytes=30)] == [30, 30, 30, 10]


def test_only_the_first_byte_order_mark_is_left_out(tmp_path):
    path = tmp_path / "text"
    path.write_text("\ufeffone \ufefftwo", encoding="utf-8")
    assert "".join(read_blocks(path, block_bytes=2)) == "one \ufefftwo"


@pytest.mark.parametrize("block_bytes", [1, 3, BLOCK_BYTES])
@pytest.mark.parametrize("lines_before", [0, 40])
@pytest.mark.parametrize("bad", [b"caf\xe9 \n", b"\xff", b"\xe2\x82", b"\xe2\x82\n", b"\x80"])
def test_bytes_that_are_not_utf8_are_named_with_their_line(
    tmp_path, block_bytes, lines_before, bad
):
    path = tmp_path / "latin"
    path.write_bytes("ok é\n".encode() * lines_before + b"secret " + bad)
    with pytest.raises(DataError, match=f"latin, line {lines_before + 1}: ") as caught:
        list(read_blocks(path, block_bytes=block_bytes))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("block_bytes", [1, 4, 64])
def test_a_nul_is_named_with_its_line(tmp_path, block_bytes):
    path = tmp_path / "binary"
    path.write_bytes(b"one\ntwo\nthr\0ee\n\0")
    with pytest.raises(DataError, match="binary, line 3: "):
        list(read_blocks(path, block_bytes=block_bytes))


def test_empty_missing_and_folder_are_refused(tmp_path):
    (tmp_path / "empty").touch()
    for name in ("empty", "missing", "."):
        path = tmp_path / name
        with pytest.raises(DataError) as caught:
            list(read_blocks(path))
        assert str(caught.value).startswith(f"{path}:")


@pytest.mark.parametrize("block_bytes", [1, 3, 64])
def test_gzip_is_unpacked_whatever_its_name(tmp_path, block_bytes):
    for name in ("text.gz", "text"):
        (tmp_path / name).write_bytes(gzip.compress(TEXT.encode()))
        assert "".join(read_blocks(str(tmp_path / name), block_bytes=block_bytes)) == TEXT


PACKED = gzip.compress(b"some words " * 20)


@pytest.mark.parametrize(
    "damaged",
    [PACKED[:12], PACKED[:-4], PACKED[:-9], PACKED[:15] + bytes([PACKED[15] ^ 255]) + PACKED[16:]],
    ids=["head", "length", "sum", "one byte"],
)
def test_a_damaged_gzip_file_is_refused(tmp_path, damaged):
    (tmp_path / "text.gz").write_bytes(damaged)
    with pytest.raises(DataError, match=r"text\.gz"):
        list(read_blocks(tmp_path / "text.gz"))


def archive(name):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, "a")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (archive("train.conll"), "an Office file or a zip archive"),
        (gzip.compress(archive("train.conll")), "an Office file or a zip archive"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
            r"an Office file \(\.doc, \.xls or \.ppt\)",
        ),
        (b"{\\rtf1 words}", "an RTF file"),
        (bz2.compress(b"words"), "a bzip2 file"),
        (b"PAR1" + bytes(20), "a Parquet file"),
        (b"ARROW1\0\0" + bytes(20), "an Arrow or Feather file"),
        (b"SQLite format 3\0" + bytes(20), "an SQLite database"),
        (b"data" + bytes(253) + b"ustar\x0000", "a tar archive"),
    ],
    # An archive holds the time when it was written: its bytes are no name that all processes agree
    # on.
    ids=range(10),
)
def test_a_file_of_another_kind_is_named(tmp_path, content, kind):
    (tmp_path / "data").write_bytes(content)
    with pytest.raises(DataError, match=rf"data: .*{kind}"):
        list(read_blocks(tmp_path / "data"))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_suggested_and_reads_the_file(tmp_path, encoding):
    text = "Le café était fermé.\n"
    (tmp_path / "text").write_bytes(text.encode(encoding))
    with pytest.raises(DataError, match=rf"text, line 1: .*encoding='{encoding}'"):
        list(read_blocks(tmp_path / "text"))
    assert "".join(read_blocks(tmp_path / "text", encoding=encoding, block_bytes=3)) == text


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", ""])
def test_an_encoding_that_is_not_one_of_text_is_refused(tmp_path, encoding):
    (tmp_path / "text").write_text("a", encoding="utf-8")
    with pytest.raises(OptionError, match=f"encoding: .*'{encoding}'"):
        list(read_blocks(tmp_path / "text", encoding=encoding))


def test_a_wrong_encoding_is_named_in_the_error(tmp_path):
    (tmp_path / "text").write_bytes("a\nö\n".encode())
    with pytest.raises(DataError, match=r"text, line 2: .*ascii"):
        list(read_blocks(tmp_path / "text", encoding="ascii"))
