"""The same work on many batches, in this process or in several, with results in order; what the
work is is not here.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import connection, get_context, parent_process
from typing import Any, Generic, NamedTuple, TypeVar

from seqlabel.errors import OptionError

_Kept = TypeVar("_Kept")
_Given = TypeVar("_Given")
_Result = TypeVar("_Result")
_Item = TypeVar("_Item")
_Other = TypeVar("_Other")

_AHEAD = 2
"""Batches per process that are taken before the first result is awaited."""


class Batch(NamedTuple, Generic[_Kept, _Given]):
    """What is worked on together.

    Args:
        kept: What stays in this process, and comes back with the result.
        given: What the work gets; with several processes it is pickled.
        drained: Whether the result is awaited before more is read, as for a line that was typed.
    """

    kept: _Kept
    given: _Given
    drained: bool = False


def without_first(
    batches: Iterable[Batch[list[_Item], list[_Other]]], number: int
) -> Iterator[Batch[list[_Item], list[_Other]]]:
    """Pass over the first items, as those that an interrupted run has worked on.

    Args:
        batches: The batches; what is kept of each item has the place of what is given of it.
        number: How many items are passed over.

    Yields:
        The batches of the other items.
    """
    for batch in batches:
        size = len(batch.kept)
        if number < size:
            yield (
                Batch(batch.kept[number:], batch.given[number:], batch.drained) if number else batch
            )
        number = max(number - size, 0)


class Workers(AbstractContextManager["Workers[_Given, _Result]"], Generic[_Given, _Result]):
    """One process or several that do the same work; a context manager, which ends the processes.

    Each process makes the work for itself, so each has a model in its memory.

    Args:
        make: Makes the work: what is called with what is given. With several processes it is
            pickled.
        processes: How many processes work; with 1 it is this one.

    Raises:
        OptionError: For less than one process.
    """

    def __init__(
        self, make: Callable[[], Callable[[_Given], _Result]], *, processes: int = 1
    ) -> None:
        if processes < 1:
            raise OptionError(f"processes: expected at least 1, got {processes}.")
        # Also for several, so that what is wrong with the options is reported once, here.
        self.here = make()
        """The work in this process."""
        self._processes = processes
        self._pool = None
        if processes > 1:
            # Not forked: torch would wait forever for threads that only the parent has.
            self._pool = ProcessPoolExecutor(processes, get_context("spawn"), _start, (make,))
            with _uninterrupted():
                # Each makes one more process begin, as none is idle yet.
                for _ in range(processes):
                    self._pool.submit(_begun)

    def run(self, batches: Iterable[Batch[_Kept, _Given]]) -> Iterator[tuple[_Kept, _Result]]:
        """Work on batches.

        Args:
            batches: The batches, in order.

        Yields:
            What was kept of each, with its result, as they are ready; before more is read where a
            batch is drained.

        Raises:
            OptionError: If a process ended, so that no batch can be worked on any more.
        """
        if self._pool is None:
            for batch in batches:
                yield batch.kept, self.here(batch.given)
            return
        waiting: deque[tuple[_Kept, Future[_Result]]] = deque()
        try:
            for batch in batches:
                waiting.append((batch.kept, self._pool.submit(_work, batch.given)))
                most = 0 if batch.drained else _AHEAD * self._processes
                while len(waiting) > most:
                    kept, future = waiting.popleft()
                    yield kept, future.result()
            while waiting:
                kept, future = waiting.popleft()
                yield kept, future.result()
        except BrokenProcessPool:
            raise OptionError(
                "A process that labels ended, perhaps for want of memory. Use fewer --processes."
            ) from None

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            if error[0] is not None:
                # Their results are not needed. The pool itself can end them from Python 3.14 on.
                for worker in list((getattr(self._pool, "_processes", None) or {}).values()):
                    worker.terminate()
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let processes that begin now ignore Ctrl-C: the parent is interrupted, says how to resume,
    and ends them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_there: Callable[[Any], Any] | None = None
"""The work of a process that a pool started."""
_is_worker = False


def is_worker() -> bool:
    """Return whether this process was started by `Workers`, so that others work at the same time.

    Returns:
        False in the process that started them.
    """
    return _is_worker


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    global _there, _is_worker
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _is_worker = True
    _there = make()


def _begun() -> None:
    """Do nothing, in a process that has begun."""


def _work(given: Any) -> Any:
    assert _there is not None
    return _there(given)


def _end_with_the_parent() -> None:
    """End this process when its parent has ended, however it did; without this it would wait for
    work for ever.

    The system's own way, `PR_SET_PDEATHSIG`, is Linux's only, and ends a process with the thread
    that started it.
    """
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)
