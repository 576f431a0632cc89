"""Memory that was freed and that the allocator still keeps, given back to the system.

What a training holds, and when it lets it go, is in `loop`.
"""

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def return_free_memory() -> None:
    """Give back all memory of the process that nothing uses, where the C library is glibc.

    The steps of a training leave holes between what stays, which glibc would keep until the end. It
    takes a few milliseconds.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    """The function of glibc; None for any other C library."""
    if not sys.platform.startswith("linux"):
        return None
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
