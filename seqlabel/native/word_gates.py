"""Each word's share of the gates' inputs, looked up by the word's key; the function that computes
it is handed in.

Shapes: rows (of tables), words, width.
"""

import math
import mmap
import sys
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from seqlabel.native.compiled import Integers
from seqlabel.native.locks import ForkSafeLock

Number = TypeVar("Number", bound=np.generic)
"""Gates are float32, or the bits of bfloat16."""


_WORDS_AT_ONCE = 256


class WordGates(Generic[Number]):
    """Tables of what words add to the gates of layers, filled with each word when it is first met.

    A word is found again by its key: its text, or a value that represents it. When the tables are
    full they are begun again, so that memory stays bounded on any text. Threads may share them.

    Args:
        compute: Gives the gates of words for each layer, from their texts; what a word gets depends
            on it alone.
        widths: The width of each layer's states.
        dtype: The type of the numbers in the tables.
        size: About how many bytes the tables take.
    """

    def __init__(
        self,
        compute: Callable[[list[str]], Sequence[npt.NDArray[Number]]],
        widths: Sequence[int],
        dtype: type[Number],
        *,
        size: int = 64 << 20,
    ) -> None:
        self._compute: Callable[[list[str]], Sequence[npt.NDArray[Number]]] = compute
        self._widths = tuple(widths)
        self._dtype: type[Number] = dtype
        self._capacity = max(
            size // (sum(6 * width for width in widths) * np.dtype(dtype).itemsize), 1
        )
        self._lock = ForkSafeLock()
        self._clear(0)

    def _clear(self, rows: int) -> None:
        # New tables, not the old ones emptied: another thread may still read those.
        self._places: dict[Hashable, int] = {}
        # All rows at once: memory is taken when a row is written, and tables that grow would be
        # copied again and again.
        rows = max(rows, self._capacity)
        self._tables = [_mapped((rows, 2, 3 * width), self._dtype) for width in self._widths]

    def look_up(
        self, keys: Sequence[Any], text: Callable[[Any], str] = str
    ) -> tuple[list[npt.NDArray[Number]], Integers]:
        """Look up words, and compute first what is not known yet.

        Args:
            keys: The lookup keys of the words: their texts, or anything hashable that stands for
                these.
            text: Gives the text of a key.

        Returns:
            A table (rows, 2, 3 · width) for each layer, and each word's row in them, (words,).
        """
        with self._lock:
            find = self._places.get
            rows = [find(key, -1) for key in keys]
            if -1 in rows:
                self._learn(
                    [key for key, row in zip(keys, rows, strict=True) if row < 0], keys, text
                )
                find = self._places.get
                rows = [find(key, -1) for key in keys]
            return self._tables, np.array(rows, dtype=np.int64)

    def _learn(
        self, missing: Sequence[Any], keys: Sequence[Any], text: Callable[[Any], str]
    ) -> None:
        new = list(dict.fromkeys(missing))
        if len(self._places) + len(new) > self._capacity:
            new = list(dict.fromkeys(keys))
            self._clear(len(new))
        begin = len(self._places)
        for start in range(0, len(new), _WORDS_AT_ONCE):
            some = new[start : start + _WORDS_AT_ONCE]
            for table, gates in zip(
                self._tables, self._compute([text(key) for key in some]), strict=True
            ):
                table[begin + start : begin + start + len(some)] = gates
        self._places.update(zip(new, range(begin, begin + len(new)), strict=True))


_PRIVATE = 0 if sys.platform == "win32" else mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


def _mapped(shape: tuple[int, ...], dtype: type[Number]) -> npt.NDArray[Number]:
    """An array whose memory goes back to the system when it goes; malloc would keep room for two at
    a time.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    # Private, or a forked process would write into this one's tables.
    memory = mmap.mmap(-1, size) if sys.platform == "win32" else mmap.mmap(-1, size, flags=_PRIVATE)
    return np.frombuffer(memory, dtype).reshape(shape)
