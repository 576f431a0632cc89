"""The file of the compiled extension, looked at before Python loads it; what it computes is in `compiled`."""

import os
import struct
from importlib.machinery import PathFinder
from pathlib import Path

import seqlabel.native


def extension_file() -> Path | None:
    """Find the extension.

    Returns:
        Its file; None where none was compiled.
    """
    found = PathFinder.find_spec("seqlabel.native._steps", seqlabel.native.__path__)
    return None if found is None or found.origin is None else Path(found.origin)


def check_whole(path: Path) -> None:
    """Check that a shared library in the ELF format of 64 bits reaches as far as its headers say.

    Loading one that was cut off, by a full disk or a broken copy, would end Python with SIGBUS. Files of other formats
    are left to the system, which checks them.

    Args:
        path: The file.

    Raises:
        ImportError: It was cut off.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        header = file.read(64)
        if header[:5] != b"\x7fELF\2" or size < len(header):
            return
        order = "<" if header[5] == 1 else ">"
        segments, sections = struct.unpack_from(f"{order}QQ", header, 32)
        segment_size, segment_count, section_size, section_count = struct.unpack_from(f"{order}4H", header, 54)
        ends = [segments + segment_size * segment_count, sections + section_size * section_count]
        if max(ends) <= size:
            file.seek(segments)
            for _ in range(segment_count):
                offset, _, _, length = struct.unpack_from(f"{order}4Q", file.read(segment_size), 8)
                ends.append(offset + length)
    if max(ends) > size:
        raise ImportError(f"the file has {size:,} bytes of {max(ends):,}")
