"""What this process has allocated: not the pages that it holds, which depend on the machine and on
what ran before.
"""

import ctypes
import gc
import sys

# What is counted in Python's own blocks of memory are objects; few of them are larger.
BLOCK = 64


class _Allocated(ctypes.Structure):
    """What glibc's `mallinfo2` tells."""

    _names = (
        "arena",
        "ordblks",
        "smblks",
        "hblks",
        "hblkhd",
        "usmblks",
        "fsmblks",
        "uordblks",
        "fordblks",
        "keepcost",
    )
    _fields_ = tuple((name, ctypes.c_size_t) for name in _names)


MALLINFO = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
if MALLINFO is not None:
    MALLINFO.restype = _Allocated


def allocated():
    """KiB in use: Python's objects, and, with glibc, what C and C++ have allocated."""
    gc.collect()
    found = sys.getallocatedblocks() * BLOCK
    if MALLINFO is not None:
        now = MALLINFO()
        found += now.uordblks + now.hblkhd
    return found // 1024
