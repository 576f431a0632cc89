"""How files and streams hold texts: their form, compression, encoding, and which parts of a record are text.

Bytes come in and go out as UTF-8, whatever a file's compression and encoding are; `records.records` makes records of
them. Nothing is found here.
"""

import codecs
import gzip
import lzma
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from seqlabel.errors import DataError, OptionError
from seqlabel.io.text_files import UTF_8, check_text_file, utf_16_of
from seqlabel.names import how_to_install
from seqlabel.privacy.records.json_records import FieldPath, JsonDocument, JsonLines
from seqlabel.privacy.records.mail import Mail
from seqlabel.privacy.records.records import CsvRows, Header, Reading, Records, TextRecords


class FileFormat(StrEnum):
    """How a file or a stream holds texts."""

    TEXT = "text"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"
    MAIL = "mail"

    @classmethod
    def of(cls, path: Path) -> "FileFormat":
        """Tell a file's form by its suffix; that of a compression before it is passed over.

        Args:
            path: The file.

        Returns:
            The form; text for a suffix that tells nothing.
        """
        plain = path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path
        return _SUFFIXES.get(plain.suffix.lower(), cls.TEXT)


_SUFFIXES = {
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
    ".json": FileFormat.JSON,
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.TSV,
    ".parquet": FileFormat.PARQUET,
    ".eml": FileFormat.MAIL,
    ".mbox": FileFormat.MAIL,
}
_COMPRESSED = (".gz", ".xz", ".zst")
_OPENERS: dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open}
TABLES = frozenset({FileFormat.CSV, FileFormat.TSV, FileFormat.PARQUET})
"""The forms whose texts are in columns."""
OBJECTS = frozenset({FileFormat.JSONL, FileFormat.JSON})
"""The forms whose texts are in fields."""


@dataclass(frozen=True)
class Layout:
    """Which parts of records are text, and how bytes become characters.

    Args:
        fields: The fields of JSON with text: names, and paths such as `user.name` and `messages[].content`.
        columns: The columns of tables with text; None for all of them.
        all_strings: Whether all strings of JSON are text, but for the names of fields.
        delimiter: What stands between two fields of a table; None is a comma in `.csv`, a tab in `.tsv`.
        encoding: The name of the files' encoding, as Python knows it.

    Raises:
        OptionError: For a delimiter that is not one character, an unknown encoding, an invalid path of a field,
            and fields together with `all_strings`.
    """

    fields: tuple[str, ...] = ("text",)
    columns: tuple[str, ...] | None = ()
    all_strings: bool = False
    delimiter: str | None = None
    encoding: str = UTF_8

    def __post_init__(self) -> None:
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise OptionError(f"delimiter: got {self.delimiter!r}. Give one character, such as ; or | or a tab.")
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise OptionError(
                f"encoding: Python does not know {self.encoding!r}. Give a name such as cp1252."
            ) from None
        for one in self.fields:
            FieldPath.read(one)

    @property
    def is_utf_8(self) -> bool:
        """Whether the bytes of files are taken as they are."""
        return codecs.lookup(self.encoding).name == UTF_8

    def records(self, form: FileFormat, header: Header | None = None) -> Records:
        """Make what reads records.

        Args:
            form: How the stream holds texts.
            header: The columns of a table whose first row has been read before.

        Returns:
            The reader of records.

        Raises:
            OptionError: For Parquet, and for a table without columns.
        """
        if form is FileFormat.JSONL:
            return JsonLines(self.fields, all_strings=self.all_strings)
        if form is FileFormat.JSON:
            return JsonDocument(self.fields, all_strings=self.all_strings)
        if form in (FileFormat.CSV, FileFormat.TSV):
            self.check_columns(form)
            usual = "," if form is FileFormat.CSV else "\t"
            return CsvRows(self.columns, delimiter=self.delimiter or usual, header=header)
        if form is FileFormat.PARQUET:
            raise OptionError("Parquet cannot be read from or written to a stream. Give a file and --output.")
        return Mail() if form is FileFormat.MAIL else TextRecords()

    def check_columns(self, form: FileFormat) -> None:
        """Refuse a table without columns that are text.

        Args:
            form: The table's form.

        Raises:
            OptionError: For no columns.
        """
        if self.columns == ():
            raise OptionError(f"column: Found none. Name the columns of the {form} file that are text.")

    def is_plain(self, path: Path) -> bool:
        """Tell whether a file's bytes are those that are read.

        Args:
            path: The file.

        Returns:
            Whether it is neither compressed nor in another encoding.
        """
        return path.suffix.lower() not in _COMPRESSED and self.is_utf_8

    def is_resumable(self, path: Path) -> bool:
        """Tell whether a run can be continued in the middle of a file.

        Args:
            path: The file.

        Returns:
            Whether it is plain, and not read or written as a whole.
        """
        return self.is_plain(path) and FileFormat.of(path) not in (FileFormat.JSON, FileFormat.PARQUET, FileFormat.MAIL)


class Writing(Protocol):
    """A stream that takes bytes."""

    def write(self, data: bytes, /) -> Any:
        """Write bytes."""
        ...


def open_unpacked(path: Path, stack: ExitStack) -> Reading:
    """Open a file to read what it holds, unpacked where its name says that it is compressed.

    Args:
        path: The file.
        stack: Closes it.

    Returns:
        The stream. Reading raises `DataError` for a damaged file.

    Raises:
        OptionError: Where the package for `.zst` is missing.
    """
    if path.suffix.lower() in _COMPRESSED:
        return _Unpacked(path, stack)
    return stack.enter_context(path.open("rb"))


def as_utf_8(source: Reading, layout: Layout) -> Reading:
    """Read a stream as UTF-8.

    Args:
        source: The stream.
        layout: Its encoding.

    Returns:
        The stream itself where it is UTF-8.
    """
    return source if layout.is_utf_8 else _Recoded(source, layout.encoding)


def open_target(path: Path, file: BinaryIO, layout: Layout, stack: ExitStack) -> Writing:
    """Write UTF-8 into a file as its name and its encoding ask.

    Args:
        path: The name of the input, whose compression the output gets.
        file: The open output.
        layout: Its encoding.
        stack: Ends the compression.

    Returns:
        The stream.

    Raises:
        OptionError: Where the package for `.zst` is missing.
    """
    suffix = path.suffix.lower()
    packed: Any = file
    if suffix == ".gz":
        # Without a name and a time: the same text gives the same file.
        packed = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0))
    elif suffix == ".xz":
        packed = stack.enter_context(_OPENERS[suffix](file, "wb"))
    elif suffix == ".zst":
        packed = stack.enter_context(_zstandard().ZstdCompressor().stream_writer(file, closefd=False))
    return as_encoded(packed, layout)


def as_encoded(target: Writing, layout: Layout) -> Writing:
    """Write UTF-8 to a stream in an encoding.

    Args:
        target: The stream.
        layout: Its encoding.

    Returns:
        The stream itself where it is UTF-8.
    """
    return target if layout.is_utf_8 else _Encoded(target, layout.encoding)


class _Unpacked:
    """The bytes inside of a compressed file."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        suffix = path.suffix.lower()
        raw = stack.enter_context(path.open("rb"))
        self._file: Any
        if suffix == ".zst":
            zstandard = _zstandard()
            self._wrong: tuple[type[Exception], ...] = (zstandard.ZstdError,)
            self._file = _Frames(raw, zstandard)
        else:
            self._wrong = (OSError, EOFError, zlib.error, lzma.LZMAError)
            self._file = stack.enter_context(_OPENERS[suffix](raw))

    def read1(self, size: int = -1, /) -> bytes:
        try:
            return bytes(self._file.read(size))
        except self._wrong as error:
            raise DataError(
                f"cannot be unpacked ({type(error).__name__}). Is it complete, and what its suffix says?"
            ) from None


class _Frames:
    """The bytes inside of the frames of a `.zst` file; the package's own reader passes over a frame that is cut off."""

    def __init__(self, raw: BinaryIO, zstandard: Any) -> None:
        self._raw = raw
        self._zstandard = zstandard
        self._frame: Any = None
        self._packed = b""

    def read(self, size: int = -1, /) -> bytes:
        while True:
            data = self._packed or self._raw.read(1 << 16)
            if not data:
                if self._frame is not None and not self._frame.eof:
                    raise self._zstandard.ZstdError("a frame is cut off")
                return b""
            if self._frame is None or self._frame.eof:
                self._frame = self._zstandard.ZstdDecompressor().decompressobj()
            text: bytes = self._frame.decompress(data)
            self._packed = self._frame.unused_data
            if text:
                return text


class _Recoded:
    """A stream in some encoding, read as UTF-8."""

    def __init__(self, source: Reading, encoding: str) -> None:
        self._source = source
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._read = 0

    def read1(self, size: int = -1, /) -> bytes:
        while True:
            data = self._source.read1(size)
            try:
                text = self._decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                raise DataError(
                    f"near byte {self._read + error.start:,}: is not {self._encoding}. Name another --encoding."
                ) from None
            self._read += len(data)
            if text or not data:
                return text.encode("utf-8", "surrogatepass")


class _Encoded:
    """A stream that takes UTF-8 and writes another encoding."""

    def __init__(self, target: Writing, encoding: str) -> None:
        self._target = target
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(UTF_8)("surrogateescape")
        self._encoder = codecs.getincrementalencoder(encoding)()

    def write(self, data: bytes, /) -> None:
        try:
            self._target.write(self._encoder.encode(self._decoder.decode(data)))
        except UnicodeEncodeError:
            raise DataError(
                f"what replaces a value cannot be written in {self._encoding}. Convert the file to UTF-8 first."
            ) from None


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise OptionError(
            f".zst files need the package zstandard. Install it with {how_to_install('zstd')}."
        ) from error
    return zstandard


def check_input(path: Path) -> None:
    """Check that a named file is there and, unless its name says how to read it, is not a PDF, an archive or the like.

    Args:
        path: The file.

    Raises:
        DataError: If there is no such file, or if it is of another kind than text.
        OSError: If it cannot be opened.
    """
    if not path.exists() or not _has_own_reader(path):
        check_text_file(path)


def is_text_file(path: Path) -> bool:
    """Tell whether a file of a folder is text, or is packed or a table, by its name and its first bytes.

    Args:
        path: The file.

    Returns:
        False for what has a NUL among its first 8,192 bytes, unless it looks like UTF-16, and for PDF files, Office
        files and archives.
    """
    if _has_own_reader(path):
        return True
    try:
        check_text_file(path)
    except DataError:
        return False
    with path.open("rb") as file:
        beginning = file.read(8192)
    return b"\0" not in beginning or utf_16_of(beginning) is not None


def _has_own_reader(path: Path) -> bool:
    return path.suffix.lower() in _COMPRESSED or FileFormat.of(path) is FileFormat.PARQUET
