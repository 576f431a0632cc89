"""Streams read as UTF-8, and written compressed and in their encoding; they are unpacked in
`io.unpacking`.
"""

import codecs
import gzip
import lzma
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from seqlabel.errors import DataError
from seqlabel.io.records import Reading
from seqlabel.io.text_files import UTF_8
from seqlabel.io.unpacking import COMPRESSED
from seqlabel.names import LateModule

zstandard: Any = LateModule("zstandard", extra="zstd")


def suffix_of(path: Path) -> str:
    """Return the suffix that tells a file's format.

    Args:
        path: The file.

    Returns:
        The suffix in lower case; where it is that of a compression, the one before it.
    """
    return (path.with_suffix("") if path.suffix.lower() in COMPRESSED else path).suffix.lower()


def is_utf_8(encoding: str) -> bool:
    """Return whether bytes in an encoding are taken as they are.

    Args:
        encoding: The name of the encoding, as Python knows it.

    Returns:
        Whether it is UTF-8, by any of its names.
    """
    return codecs.lookup(encoding).name == UTF_8


class Writing(Protocol):
    """A stream that takes bytes."""

    def write(self, data: bytes, /) -> Any:
        """Write bytes."""
        ...


def as_utf_8(source: Reading, encoding: str) -> Reading:
    """Read a stream as UTF-8.

    Args:
        source: The stream.
        encoding: The name of its encoding.

    Returns:
        The stream itself where it is UTF-8.
    """
    return source if is_utf_8(encoding) else _Recoded(source, encoding)


def open_target(path: Path, file: BinaryIO, encoding: str, stack: ExitStack) -> Writing:
    """Write UTF-8 into a file as a name and an encoding ask.

    Args:
        path: The name whose suffix says how the output is compressed.
        file: The open output.
        encoding: The name of its encoding.
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
        packed = stack.enter_context(lzma.LZMAFile(file, "wb"))  # noqa: SIM115
    elif suffix == ".zst":
        packed = stack.enter_context(zstandard.ZstdCompressor().stream_writer(file, closefd=False))
    return as_encoded(packed, encoding)


def as_encoded(target: Writing, encoding: str) -> Writing:
    """Write UTF-8 to a stream in an encoding.

    Args:
        target: The stream.
        encoding: The name of its encoding.

    Returns:
        The stream itself where it is UTF-8.
    """
    return target if is_utf_8(encoding) else _Encoded(target, encoding)


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
                    f"near byte {self._read + error.start:,}: is not {self._encoding}. Name "
                    "another --encoding."
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
                f"what replaces a value cannot be written in {self._encoding}. Convert the file "
                "to UTF-8 first."
            ) from None
