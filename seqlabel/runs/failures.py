"""Errors on one file of several: whether the others can still be read, and why this one could not; it reads nothing."""

import errno
from pathlib import Path

from seqlabel.errors import DataError, SeqlabelError

_OUTPUT_FAILS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EPIPE)


def concerns_all(error: Exception) -> bool:
    """Return whether an error ends the whole run, not the reading of one file.

    Args:
        error: The error.

    Returns:
        True for a full or read-only disk, a reader that has gone, and a package that is missing.
    """
    return isinstance(error, ImportError) or (isinstance(error, OSError) and error.errno in _OUTPUT_FAILS)


def of_file(error: Exception, path: Path) -> SeqlabelError:
    """Return why a file could not be read.

    Args:
        error: Any error that reading or writing it raised.
        path: The file.

    Returns:
        The error itself where it is the library's; otherwise one that names the file and the kind of error, but not its
        message, which may hold text of the file.
    """
    if isinstance(error, SeqlabelError):
        return error
    why = (
        error.strerror if isinstance(error, OSError) and error.strerror else f"of an unexpected {type(error).__name__}"
    )
    return DataError(f"{path}: could not be read, because {why}.")
