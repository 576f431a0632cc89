"""Locks that are free in a forked process; how processes and threads begin is elsewhere.

A forked child has one thread, whatever its parent had: code that wants a lock that another thread
of the parent held would wait forever.
"""

import os
import threading
from types import TracebackType
from weakref import WeakSet

_locks: "WeakSet[ForkSafeLock]" = WeakSet()


class ForkSafeLock:
    """A lock for `with` that is free in a forked child, whichever thread of the parent held it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def renew(self) -> None:
        """Free the lock in a process that has one thread, which does not hold it."""
        self._lock = threading.Lock()


def _renew() -> None:
    for lock in list(_locks):
        lock.renew()


# Windows does not fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
