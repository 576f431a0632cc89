"""Text files read strictly, in any encoding, compressed or not: never is a byte replaced; no format
is known.

Text is read in blocks of bounded size.
"""

import codecs
from collections.abc import Iterator
from contextlib import ExitStack
from io import BufferedReader, IncrementalNewlineDecoder
from pathlib import Path

from seqlabel.errors import DataError, OptionError, did_you_mean
from seqlabel.io.unpacking import open_unpacked

BLOCK_BYTES = 1 << 20
UTF_8 = "utf-8"
"""The encoding of text files where no other is named."""
_SAMPLE_BYTES = 1 << 14
_FEW_NULS = 3
NOT_UTF_8 = (
    "If it is text, pass its encoding, such as encoding='cp1252', or convert it with iconv "
    "-f cp1252 -t utf-8."
)
"""What to do about bytes that are not UTF-8."""
_NOT_TEXT = (
    (b"%PDF-", "a PDF file", "Extract its text, for instance with pdftotext"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Office file (.doc, .xls or .ppt)",
        "Save it as plain text or CSV",
    ),
    (b"{\\rtf", "an RTF file", "Save it as plain text"),
    (
        b"PK\x03\x04",
        "an Office file or a zip archive",
        "Save it as plain text or CSV, or unpack it",
    ),
    (b"BZh", "a bzip2 file", "Unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it first"),
    (
        b"PAR1",
        "a Parquet file",
        "Read it with the package datasets, and its rows with read_token_rows",
    ),
    (b"ARROW1\0\0", "an Arrow or Feather file", "Save it as Parquet or CSV"),
    (b"FEA1", "a Feather file", "Save it as Parquet or CSV"),
    (b"SQLite format 3\0", "an SQLite database", "Save its tables as CSV"),
)
_TAR = b"ustar"
_TAR_PLACE = 257
_LONGEST_BEGINNING = _TAR_PLACE + len(_TAR)


def read_blocks(
    path: Path | str, *, encoding: str = UTF_8, block_bytes: int = BLOCK_BYTES
) -> Iterator[str]:
    """Read the text of a file in blocks that never split a character.

    A compressed file is unpacked, whatever its name. A byte order mark is left out.

    Args:
        path: The file.
        encoding: The name of its encoding, as Python knows it.
        block_bytes: The size of a block before decoding, in bytes.

    Yields:
        The text, block by block.

    Raises:
        DataError: The file is missing, empty, damaged, not text, not in that encoding, or holds a
            NUL. The message names file and line.
        OptionError: Python does not know the encoding.
    """
    path = Path(path)
    decoder = _decoder(encoding)
    line = 1
    empty = True

    try:
        with ExitStack() as stack:
            file = open_unpacked(path, stack)
            while block := _read(file, block_bytes, path):
                if empty:
                    check_kind(path, block)
                empty = False
                text = _decode(decoder, block, path, line, encoding, final=False)
                if "\0" in text:
                    line += text[: text.index("\0")].count("\n")
                    advice = _advice(block, "Is it a binary file?")
                    raise DataError(
                        f"{path}, line {line}: Expected text, got a NUL character. {advice}"
                    )
                line += text.count("\n")
                yield text
            _decode(decoder, b"", path, line, encoding, final=True)
    except FileNotFoundError as error:
        raise missing_file(path) from error
    except OSError as error:
        raise DataError(
            f"{path}: Expected a file that can be read, got: {error.strerror}. Pass the path of a "
            "text file."
        ) from error

    if empty:
        raise DataError(f"{path}: the file is empty. Pass a text file with at least one word.")


def read_lines(path: Path, *, encoding: str = UTF_8) -> Iterator[tuple[int, str]]:
    """Read the lines of a text file.

    Args:
        path: The file; gzip is unpacked.
        encoding: The name of its encoding.

    Yields:
        The number of each line, from 1, and the line without its end (LF, CRLF or CR, also mixed).

    Raises:
        DataError: The file is missing, empty or not text in that encoding.
        OptionError: Python does not know the encoding.
    """
    number = 1
    newlines = IncrementalNewlineDecoder(None, translate=True)
    # A long line comes in pieces, which are joined once.
    pieces: list[str] = []
    for block in read_blocks(path, encoding=encoding):
        piece, *lines = newlines.decode(block).split("\n")
        pieces.append(piece)
        for line in lines:
            yield number, "".join(pieces)
            number += 1
            pieces = [line]
    # A carriage return at the end of the file.
    if last := "".join(pieces) + newlines.decode("", final=True):
        yield number, last.removesuffix("\n")


def missing_file(path: Path) -> DataError:
    """Say that a file is missing, and which one of its folder has a name like it.

    Args:
        path: The file.

    Returns:
        The error.
    """
    if path.is_symlink():
        return DataError(f"{path}: is a link to a file that is missing. Check where it leads.")
    others = (other.name for other in path.absolute().parent.glob("*"))
    return DataError(
        f"{path}: there is no such file. {did_you_mean(path.name, others) or 'Check the path.'}"
    )


def check_text_file(path: Path) -> None:
    """Check that a file is there and does not begin like a PDF, an Office file or an archive.

    Args:
        path: The file; of a device or a pipe nothing is read.

    Raises:
        DataError: If there is no such file, or if it is of another kind than text.
        OSError: If it cannot be opened.
    """
    if not path.exists():
        raise missing_file(path)
    if not path.is_file():
        return
    with path.open("rb") as file:
        check_kind(path, file.read(_LONGEST_BEGINNING))


def _read(file: BufferedReader, size: int, path: Path) -> bytes:
    """Read a block; an error of what is compressed names the file."""
    try:
        return file.read(size)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        # Refuses names that `codecs` knows but that are not encodings of text, such as "base64".
        b"a".decode(encoding, "ignore")
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError, TypeError):
        raise OptionError(
            f"encoding: Python has no text encoding {encoding!r}. Pass a name such as 'utf-8', "
            "'cp1252' or 'utf-16'."
        ) from None
    return codecs.getincrementaldecoder("utf-8-sig" if name == UTF_8 else name)()


def check_kind(path: Path, block: bytes) -> None:
    """Refuse what begins like a file of another kind than text.

    Args:
        path: The file, or the name of a stream.
        block: How it begins.

    Raises:
        DataError: If it does.
    """
    for beginning, kind, advice in _NOT_TEXT:
        if block.startswith(beginning):
            raise DataError(f"{path}: is {kind}, not a text file. {advice}.")
    if block.startswith(_TAR, _TAR_PLACE):
        raise DataError(
            f"{path}: is a tar archive, not a text file. Unpack it, and give its folder."
        )


def utf_16_of(block: bytes) -> str | None:
    """Tell which UTF-16 the first bytes of a file look like.

    Args:
        block: The first bytes.

    Returns:
        The name of the encoding, as Python knows it; None for what looks like anything else.
    """
    sample = block[:_SAMPLE_BYTES]
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not sample.startswith(
        codecs.BOM_UTF32_LE
    ):
        return "utf-16"
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 10 < max(even, odd) > max(len(sample) // 5, _FEW_NULS):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _advice(block: bytes, otherwise: str) -> str:
    encoding = utf_16_of(block)
    return (
        otherwise
        if encoding is None
        else f"The file is probably UTF-16: pass encoding={encoding!r}."
    )


def _decode(
    decoder: codecs.IncrementalDecoder,
    block: bytes,
    path: Path,
    line: int,
    encoding: str,
    *,
    final: bool,
) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        undecoded = bytes(error.object)
        line += undecoded[: error.start].count(b"\n")
        advice = _advice(undecoded, NOT_UTF_8)
        name = "UTF-8" if decoder.__class__.__module__.endswith("utf_8_sig") else encoding
        raise DataError(
            f"{path}, line {line}: byte 0x{undecoded[error.start]:02x} is not {name} "
            f"({error.reason}). {advice}"
        ) from error
    except UnicodeError as error:
        # UTF-16 without a byte order mark, where one is needed.
        raise DataError(
            f"{path}, line {line}: is not {encoding} ({error}). Pass the right `encoding`."
        ) from error
