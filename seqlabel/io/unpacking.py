"""Compressed files and streams read as what is in them: gzip, xz and Zstandard; encodings and
formats are not known.
"""

import gzip
import lzma
import zlib
from contextlib import ExitStack
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, cast

from seqlabel.errors import DataError
from seqlabel.names import LateModule

zstandard: Any = LateModule("zstandard", extra="zstd")
COMPRESSED = (".gz", ".xz", ".zst")
"""The suffixes of compressed files."""
_MAGIC = {b"\x1f\x8b": ".gz", b"\xfd7zXZ\0": ".xz", b"\x28\xb5\x2f\xfd": ".zst"}
"""How compressed files begin."""
_LONGEST_MAGIC = 6
_BUFFER_BYTES = 1 << 16


def packing_of(path: Path) -> str:
    """Return how a file is compressed, by its name, or else by how it begins.

    Args:
        path: The file; of a device or a pipe nothing is read.

    Returns:
        One of `COMPRESSED`; empty for a file that is not compressed.

    Raises:
        OSError: If it cannot be opened.
    """
    if path.suffix.lower() in COMPRESSED:
        return path.suffix.lower()
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return _packing_that_begins(file.read(_LONGEST_MAGIC))


def _packing_that_begins(beginning: bytes) -> str:
    for magic, packing in _MAGIC.items():
        if beginning.startswith(magic):
            return packing
    return ""


def open_unpacked(path: Path, stack: ExitStack) -> BufferedReader:
    """Open a file to read what it holds, unpacked where its name or its beginning says that it is
    compressed.

    Args:
        path: The file.
        stack: Closes it.

    Returns:
        The stream; it is seekable only where the file is not compressed. Reading raises `DataError`
        for a damaged file.

    Raises:
        OptionError: Where the package for `.zst` is missing.
    """
    return unpacked(stack.enter_context(path.open("rb")), stack, packing=packing_of(path))


def unpacked(
    source: BufferedIOBase, stack: ExitStack, *, packing: str | None = None
) -> BufferedReader:
    """Read what a stream holds.

    Args:
        source: The stream, at its beginning.
        stack: Closes what unpacks it.
        packing: How it is compressed, as `packing_of` gives it; None to tell it by how it begins.

    Returns:
        The stream, unpacked where it is compressed.

    Raises:
        OptionError: Where the package for `.zst` is missing.
    """
    stream = (
        source if isinstance(source, BufferedReader) else BufferedReader(cast(RawIOBase, source))
    )
    if packing is None:
        packing = _packing_that_begins(stream.peek(_LONGEST_MAGIC)[:_LONGEST_MAGIC])
    if not packing:
        return stream
    return stack.enter_context(BufferedReader(_Unpacked(stream, packing), _BUFFER_BYTES))


class _Unpacked(RawIOBase):
    """The bytes inside of a compressed stream."""

    def __init__(self, packed: BufferedReader, packing: str) -> None:
        self._file: Any
        self._damage: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, lzma.LZMAError)
        if packing == ".gz":
            self._file = gzip.GzipFile(fileobj=packed)
        elif packing == ".xz":
            self._file = lzma.LZMAFile(packed)  # noqa: SIM115
        else:
            self._damage = (zstandard.ZstdError,)
            self._file = _Frames(packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._file.read(len(buffer))
        except self._damage as error:
            raise DataError(
                f"cannot be unpacked ({type(error).__name__}): it is damaged, cut off, or not what "
                "its suffix says. Copy or download it again."
            ) from None
        buffer[: len(data)] = data
        return len(data)


class _Frames:
    """The bytes inside of the frames of a `.zst` file; the package's own reader passes over a frame
    that is cut off.
    """

    def __init__(self, packed: BufferedReader) -> None:
        self._packed = packed
        self._frame: Any = None
        self._rest = b""
        self._ready = b""

    def read(self, size: int, /) -> bytes:
        while not self._ready:
            data = self._rest or self._packed.read(_BUFFER_BYTES)
            if not data:
                if self._frame is not None and not self._frame.eof:
                    raise zstandard.ZstdError("a frame is cut off")
                return b""
            if self._frame is None or self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._ready = self._frame.decompress(data)
            self._rest = self._frame.unused_data
        read = self._ready[:size]
        self._ready = self._ready[size:]
        return read
