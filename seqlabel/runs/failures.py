"""Errors on one file of several: whether the others can be read, and why this one could not; no
format is known.
"""

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from seqlabel.errors import DataError, SeqlabelError

_Item = TypeVar("_Item")

_OUTPUT_FAILS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EPIPE)


def concerns_all(error: Exception) -> bool:
    """Return whether an error ends the whole run, not the reading of one file.

    Args:
        error: The error.

    Returns:
        True for a full or read-only disk, a reader that has gone, and a package that is missing.
    """
    return isinstance(error, ImportError) or (
        isinstance(error, OSError) and error.errno in _OUTPUT_FAILS
    )


def of_file(error: Exception, path: Path) -> SeqlabelError:
    """Return why a file could not be read.

    Args:
        error: Any error that reading or writing it raised.
        path: The file.

    Returns:
        The error itself where it is the library's; otherwise one that names the file and the kind
        of error, but not its message, which may hold text of the file.
    """
    if isinstance(error, SeqlabelError):
        return error
    why = (
        error.strerror
        if isinstance(error, OSError) and error.strerror
        else f"of an unexpected {type(error).__name__}"
    )
    return DataError(f"{path}: could not be read, because {why}.")


def read_each(
    paths: Sequence[Path], read: Callable[[Path], Iterable[_Item]], *, failed: Callable[[str], None]
) -> Iterator[_Item]:
    """Read files one after another; one that cannot be read is reported, and the others are read.

    Args:
        paths: The files.
        read: Reads one of them.
        failed: Called with a line for each that could not be read to its end.

    Yields:
        What is read from all of them, in order.

    Raises:
        SeqlabelError: If the only file cannot be read.
        Exception: An error that concerns all files; see `concerns_all`.
    """
    for path in paths:
        try:
            yield from read(path)
        except Exception as error:
            if concerns_all(error):
                raise
            reason = of_file(error, path)
            if len(paths) == 1:
                raise reason from error
            failed(str(reason))
