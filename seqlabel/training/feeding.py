"""Batches that a thread makes while the device computes with those before; what batches are made of
is elsewhere.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
MadeT = TypeVar("MadeT")


class Feed(Generic[ItemT, MadeT]):
    """Makes items in order, some ahead of the one that is used; a context manager and an iterator.

    What a thread raises is raised where its item would have come. The thread ends with the `with`
    block.

    Args:
        items: The items; a thread alone iterates over them where there is one.
        make: Makes what is used of an item, such as the same batch on a device.
        ahead: The number of items that a thread makes ahead; 0 for no thread: each is made when it
            is asked for.
    """

    def __init__(
        self, items: Iterable[ItemT], make: Callable[[ItemT], MadeT], *, ahead: int
    ) -> None:
        self.waited = 0.0
        """The seconds for which the user of the items has waited for them."""
        self._items = items
        self._make = make
        self._ahead = ahead
        self._made: deque[MadeT] = deque()
        self._is_over = self._is_left = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="seqlabel batches", daemon=True)

    def __enter__(self) -> "Feed[ItemT, MadeT]":
        if self._ahead:
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._ahead:
            with self._changed:
                self._is_left = True
                self._made.clear()
                self._changed.notify_all()
            self._thread.join()

    def __iter__(self) -> Iterator[MadeT]:
        made = self._from_thread() if self._ahead else map(self._make, self._items)
        while True:
            began = time.perf_counter()
            try:
                item = next(made)
            except StopIteration:
                return
            finally:
                self.waited += time.perf_counter() - began
            yield item

    def _from_thread(self) -> Iterator[MadeT]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._made or self._is_over)
                if not self._made:
                    break
                item = self._made.popleft()
                self._changed.notify_all()
            yield item
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            for item in self._items:
                made = self._make(item)
                with self._changed:
                    self._changed.wait_for(lambda: len(self._made) < self._ahead or self._is_left)
                    if self._is_left:
                        return
                    self._made.append(made)
                    self._changed.notify_all()
        except BaseException as error:  # It belongs to the thread that uses the items.
            self._error = error
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()
