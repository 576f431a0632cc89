"""Torch's threads in child processes, and locks that are free in a forked one; how processes begin is elsewhere.

A forked child has one thread, whatever its parent had: torch's pool of threads is gone, and a product that is shared
out among them waits forever. So does code that wants a lock that another thread of the parent held.
"""

import multiprocessing
import os
import threading
from types import TracebackType
from weakref import WeakSet

import torch

_forked = False
_locks: "WeakSet[ForkSafeLock]" = WeakSet()


def use_one_thread_after_fork() -> None:
    """Limit torch to one thread in a forked process; do nothing in any other.

    Everything that labels calls this first. A parent that used several threads leaves its forked children none of
    them, and torch, unless limited, waits for them forever.
    """
    if _forked and torch.get_num_threads() != 1:
        torch.set_num_threads(1)


def use_one_thread_in_worker() -> None:
    """Limit torch to one thread in a child process of `multiprocessing`, whose siblings share the cores with it."""
    if multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)


class ForkSafeLock:
    """A lock for `with` that is free in a forked child, whichever thread of the parent held it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def renew(self) -> None:
        """Free the lock in a process that has one thread, which does not hold it."""
        self._lock = threading.Lock()


def _after_fork() -> None:
    global _forked
    _forked = True
    for lock in list(_locks):
        lock.renew()


# Windows does not fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
