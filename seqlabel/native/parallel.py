"""Work shared out among threads or processes, with results in order; what the work is, is not known
here.

Threads pay where the work leaves Python's lock, as the compiled steps and torch do.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TypeVar

from seqlabel.errors import OptionError, check_number

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def check_threads(threads: int) -> int:
    """Check a number of threads.

    Args:
        threads: The number.

    Returns:
        The number.

    Raises:
        OptionError: It is below 1.
    """
    check_number("threads", threads, "a whole number", whole=True)
    if threads < 1:
        raise OptionError(f"threads: expected a number from 1, got {threads}. Pass at least 1.")
    return threads


def in_order(
    work: Callable[[_Item], _Result], items: Iterable[_Item], *, threads: int
) -> Iterator[_Result]:
    """Do work on items, in threads, and yield the results in the order of the items.

    The caller's thread takes the items and gets the results, while the others work: at most
    `threads` items more are taken than results were yielded.

    Args:
        work: Processes an item; with several threads it must be safe to call it from all of them.
        items: The items.
        threads: The number of threads that work; with 1 the caller's thread does all of it.

    Yields:
        The result for each item.

    Raises:
        OptionError: The number of threads is below 1.
    """
    if check_threads(threads) == 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="seqlabel")
    yield from pooled(pool, work, items, ahead=threads)


def pooled(
    pool: Executor, work: Callable[[_Item], _Result], items: Iterable[_Item], *, ahead: int
) -> Iterator[_Result]:
    """Do work on items in a pool, which is then shut down, and yield the results in the order of
    the items.

    Args:
        pool: Threads or processes.
        work: Processes an item.
        items: The items.
        ahead: How many items more may be taken than results were yielded.

    Yields:
        The result for each item.
    """
    waiting: deque[Future[_Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
