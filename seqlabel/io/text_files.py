"""Text files read strictly: any encoding that is named, gzip or not, never a byte replaced; nothing knows a format.

Text is read in blocks of bounded size. An error names what is not text, and the likely encoding of what is.
"""

import codecs
import gzip
import unicodedata
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from seqlabel.errors import DataError, OptionError, did_you_mean

BLOCK_BYTES = 1 << 20
UTF_8 = "utf-8"
"""The encoding of text files where no other is named."""
GZIP = b"\x1f\x8b"
"""The first bytes of a gzip file."""
_SAMPLE_BYTES = 1 << 14
_FEW_NULS = 3
_NOT_TEXT = (
    (b"%PDF-", "a PDF file", "Extract its text, for instance with pdftotext"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office file (.doc, .xls or .ppt)", "Save it as plain text or CSV"),
    (b"{\\rtf", "an RTF file", "Save it as plain text"),
    (b"BZh", "a bzip2 file", "Unpack it first"),
    (b"\xfd7zXZ\0", "an xz file", "Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "Unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it first"),
    (b"\x89PNG\r\n", "a PNG image", "Extract its text first, with an OCR program"),
    (b"\xff\xd8\xff", "a JPEG image", "Extract its text first, with an OCR program"),
    (b"GIF8", "a GIF image", "Extract its text first, with an OCR program"),
    (b"SQLite format 3\0", "an SQLite database", "Export its texts as CSV"),
    (
        b"PAR1",
        "a Parquet file",
        "Read it with the package datasets, and its rows with read_token_rows or read_text_rows",
    ),
)
_ZIP = b"PK\x03\x04"
# Of equally likely ones the first: text in EUC-KR or EUC-JP can look like GB 18030, not the other way round.
_ENCODINGS = ("cp1252", "cp1251", "koi8-r", "mac-roman", "euc_kr", "euc_jp", "gb18030", "big5", "shift_jis", "cp1253")
_LEAST_PLAUSIBLE = 0.6


def read_blocks(path: Path | str, *, encoding: str = UTF_8, block_bytes: int = BLOCK_BYTES) -> Iterator[str]:
    """Read the text of a file in blocks that never split a character.

    A gzip file is unpacked, whatever its name. A byte order mark is left out.

    Args:
        path: The file.
        encoding: The name of its encoding, as Python knows it.
        block_bytes: The size of a block before decoding, in bytes.

    Yields:
        The text, block by block.

    Raises:
        DataError: The file is missing, empty, damaged, not text, not in that encoding, or holds a NUL. The message
            names file and line, and the likely encoding.
        OptionError: Python does not know the encoding.
    """
    path = Path(path)
    decoder = _decoder(encoding)
    line = 1
    empty = True
    try:
        with path.open("rb") as raw, _unpacked(raw) as file:
            while block := file.read(block_bytes):
                if empty:
                    check_kind(path, block, file if file is raw else None)
                empty = False
                text = _decode(decoder, block, path, line, encoding, final=False)
                if "\0" in text:
                    line += text[: text.index("\0")].count("\n")
                    raise DataError(
                        f"{path}, line {line}: Found a NUL character, which no text has. {_nul_advice(block)}"
                    )
                line += text.count("\n")
                yield text
            _decode(decoder, b"", path, line, encoding, final=True)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: the gzip file is damaged or cut off ({error}). Copy or download it again.") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}). Give the path of a text file.") from error
    if empty:
        raise DataError(f"{path}: the file is empty. Give a text file with at least one word.")


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
    number, held = 1, ""
    # A long line comes in pieces, which are joined once.
    pieces: list[str] = []
    for block in read_blocks(path, encoding=encoding):
        # A carriage return at the end of a block may be the first half of a line's end.
        text = held + block
        held = "\r" if text.endswith("\r") else ""
        piece, *lines = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        pieces.append(piece)
        for line in lines:
            yield number, "".join(pieces)
            number += 1
            pieces = [line]
    last = "".join(pieces)
    if last or held:
        yield number, last


def missing_file(path: Path) -> DataError:
    """Say that a file is missing, and which one of its folder has a name like it.

    Args:
        path: The file.

    Returns:
        The error.
    """
    others = (other.name for other in path.absolute().parent.glob("*"))
    return DataError(f"{path}: there is no such file. {did_you_mean(path.name, others) or 'Check the path.'}")


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
        check_kind(path, file.read(16), file)


def _unpacked(raw: BufferedReader) -> BufferedReader | gzip.GzipFile:
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == GZIP else raw


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        # Refuses names that `codecs` knows but that are not encodings of text, such as "base64".
        b"a".decode(encoding, "ignore")
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError, TypeError):
        raise OptionError(
            f"encoding: Python has no text encoding {encoding!r}. Pass a name such as 'utf-8', 'cp1252' or 'utf-16'."
        ) from None
    return codecs.getincrementaldecoder("utf-8-sig" if name == UTF_8 else name)()


def check_kind(path: Path, block: bytes, file: BufferedReader | None = None) -> None:
    """Refuse what begins like a file of another kind than text.

    Args:
        path: The file, or the name of a stream.
        block: How it begins.
        file: The open file, where `path` is one that can be read again; a zip archive is then looked into.

    Raises:
        DataError: If it does.
    """
    for beginning, kind, advice in _NOT_TEXT:
        if block.startswith(beginning):
            raise DataError(f"{path}: is {kind}, not a text file. {advice}.")
    if block.startswith(_ZIP):
        kind = _kind_of_zip(path) if file is not None else "a zip archive"
        advice = "Unpack it first" if kind == "a zip archive" else "Save it as plain text or CSV"
        raise DataError(f"{path}: is {kind}, not a text file. {advice}.")


def _kind_of_zip(path: Path) -> str:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, NotImplementedError):
        return "a zip archive"
    for folder, kind in (("word/", "a Word file"), ("xl/", "an Excel file"), ("ppt/", "a PowerPoint file")):
        if any(name.startswith(folder) for name in names):
            return kind
    return "an OpenDocument or EPUB file" if "mimetype" in names else "a zip archive"


def utf_16_of(block: bytes) -> str | None:
    """Tell which UTF-16 the first bytes of a file look like.

    Args:
        block: The first bytes.

    Returns:
        The name of the encoding, as Python knows it; None for what looks like anything else.
    """
    sample = block[:_SAMPLE_BYTES]
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not sample.startswith(codecs.BOM_UTF32_LE):
        return "utf-16"
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 10 < max(even, odd) > max(len(sample) // 5, _FEW_NULS):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _nul_advice(block: bytes) -> str:
    encoding = utf_16_of(block)
    return "Is it a binary file?" if encoding is None else f"The file is probably UTF-16: pass encoding={encoding!r}."


def _decode(
    decoder: codecs.IncrementalDecoder, block: bytes, path: Path, line: int, encoding: str, *, final: bool
) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        held = bytes(error.object)
        line += held[: error.start].count(b"\n")
        advice = encoding_advice(held[max(error.start - _SAMPLE_BYTES // 2, 0) :])
        name = "UTF-8" if decoder.__class__.__module__.endswith("utf_8_sig") else encoding
        raise DataError(
            f"{path}, line {line}: byte 0x{held[error.start]:02x} is not {name} ({error.reason}). {advice}"
        ) from error
    except UnicodeError as error:
        # UTF-16 without a byte order mark, where one is needed.
        raise DataError(f"{path}, line {line}: is not {encoding} ({error}). Pass the right `encoding`.") from error


def encoding_advice(sample: bytes) -> str:
    """Say what to do about text that is not UTF-8.

    Args:
        sample: Some of the file's bytes; a character may be cut at either end.

    Returns:
        A sentence, with the encoding that `likely_encoding` guesses.
    """
    likely = likely_encoding(sample)
    if likely is None:
        return "Pass its `encoding`, or convert the file to UTF-8."
    return f"The file is probably in {likely}: pass encoding={likely!r}, or convert it with iconv -f {likely} -t utf-8."


def likely_encoding(sample: bytes) -> str | None:
    """Guess the encoding of text that is not UTF-8, for a message.

    Args:
        sample: Some of the file's bytes; a character may be cut at either end.

    Returns:
        The name of the encoding under which the text looks most like words of one script; None where none does.
    """
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    scores = {encoding: _plausibility(sample[:_SAMPLE_BYTES], encoding) for encoding in _ENCODINGS}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= _LEAST_PLAUSIBLE else None


def _plausibility(sample: bytes, encoding: str) -> float:
    """The share of characters outside ASCII that are where such characters stand in words."""
    # A character that is cut at the sample's end is not decoded, which `final` would refuse.
    for begin in range(2):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample[begin:], False)
        except UnicodeDecodeError:
            continue
        break
    else:
        return 0.0
    places = [place for place, character in enumerate(text) if not character.isascii()]
    if not places:
        return 0.0
    return sum(_is_plausible(text, place) for place in places) / len(places)


_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA")


def _script(character: str) -> str:
    script = unicodedata.name(character, "").partition(" ")[0] if character.isalpha() else ""
    return "CJK" if script in _EAST_ASIAN else script


def _is_plausible(text: str, place: int) -> bool:
    character = text[place]
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not character.isalpha():
        return character in "“”‘’„‚–—…«»€£§°©®·\xa0、。「」，：；！？（）"
    neighbours = [other for other in (before, after) if other.isalpha()]
    script = _script(character)
    if any(_script(other) != script for other in neighbours):
        return False
    if script == "LATIN":
        # Two accented letters in a row are rare in the languages of one-byte encodings of Latin letters.
        # German has ü before ß.
        plain = "ß" in (character, *neighbours) or all(other.isascii() for other in neighbours)
        return plain and not (before.islower() and character.isupper())
    if script == "CJK" and 0x4E00 <= ord(character) <= 0x9FFF:
        return any(_is_common(character, encoding) for encoding in ("gb2312", "big5", "shift_jis"))
    return script in ("CJK", "HANGUL", "CYRILLIC", "GREEK") and not (before.islower() and character.isupper())


_COMMON = {"gb2312": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "shift_jis": (0x88, 0x97)}
"""The first bytes of each standard's frequent characters."""


def _is_common(character: str, encoding: str) -> bool:
    try:
        first = character.encode(encoding)[0]
    except UnicodeEncodeError:
        return False
    low, high = _COMMON[encoding]
    return low <= first <= high
