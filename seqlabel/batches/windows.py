"""Long input as windows with context on both sides, in groups of like length, and back; what reads
them is elsewhere.

The units are words, or characters where a text is cut before it has words.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

WINDOW, CONTEXT = 1024, 128
"""How many words of a long document are labelled at once, and how many are read on both sides of
them.
"""


class RowEnd(StrEnum):
    """What ends a row of words that is read as a whole."""

    TEXT = "text"
    """The end of the text alone."""
    PARAGRAPH = "paragraph"
    """A blank line too: nothing before it is seen from after it, and the other way round."""


class Cut(NamedTuple):
    """A window of a document; its ends are half-open.

    Args:
        doc: The number of the document, from 0.
        first: The first word that is read.
        start: The first word that is labelled.
        end: The end of the words that are labelled.
        last: The end of the words that are read.
    """

    doc: int
    first: int
    start: int
    end: int
    last: int

    @property
    def labeled(self) -> slice:
        """Where the labelled words are in the document."""
        return slice(self.start, self.end)

    @property
    def inside(self) -> slice:
        """Where the labelled words are among the words that are read: in the window's row, before
        any padding.
        """
        return slice(self.start - self.first, self.end - self.first)


def cuts_of(
    lengths: Iterable[int],
    *,
    window: int = WINDOW,
    context: int = CONTEXT,
    rows: Sequence[Sequence[int]] | None = None,
) -> list[Cut]:
    """Cut documents into windows.

    Args:
        lengths: How many words each document has.
        window: How many words are labelled in one window.
        context: How many more are read on each side, where the row has them.
        rows: For each document the numbers of the words that begin another row, rising, without 0;
            None where each document is one row.

    Returns:
        The windows, in order; a document without words has none.

    Example:
        >>> cuts_of([5, 0], window=3, context=1)
        [Cut(doc=0, first=0, start=0, end=3, last=4), Cut(doc=0, first=2, start=3, end=5, last=5)]
        >>> cuts_of([5], window=3, context=1, rows=[[2]])
        [Cut(doc=0, first=0, start=0, end=2, last=2), Cut(doc=0, first=2, start=2, end=5, last=5)]
    """
    cuts: list[Cut] = []
    for number, length in enumerate(lengths):
        inside = () if rows is None else rows[number]
        for begin, end in pairwise((0, *inside, length)):
            for start in range(begin, end, window):
                stop = min(start + window, end)
                cuts.append(
                    Cut(number, max(start - context, begin), start, stop, min(stop + context, end))
                )
    return cuts


def labeled_words(group: Iterable[Cut]) -> Iterator[tuple[Cut, slice]]:
    """Find the words that windows label among the words that they read.

    Args:
        group: Windows whose words are read one after another.

    Yields:
        Each window, and where the words that it labels are among those that all windows read.

    Example:
        >>> [inside for _, inside in labeled_words(cuts_of([5], window=3, context=1))]
        [slice(0, 3, None), slice(5, 7, None)]
    """
    begin = 0
    for cut in group:
        yield cut, slice(begin + cut.inside.start, begin + cut.inside.stop)
        begin += cut.last - cut.first


def groups_of(cuts: Iterable[Cut], words: int, *, rows: int = 1) -> Iterator[list[Cut]]:
    """Put windows of like length together.

    Args:
        cuts: Windows, in any order.
        words: How many words a group has at most, unless it has no more than `rows` windows.
        rows: How many windows a group has at least, while there are as many.

    Yields:
        The groups, shortest windows first.
    """

    def length(cut: Cut) -> int:
        return cut.last - cut.first

    return grouped(sorted(cuts, key=length), length, words, fewest=rows)


Item = TypeVar("Item")


def grouped(
    items: Iterable[Item], size: Callable[[Item], int], most: int, *, fewest: int = 1
) -> Iterator[list[Item]]:
    """Take items one after another, in groups.

    Args:
        items: Anything that has a size.
        size: Gives the size of an item.
        most: The largest sum of sizes of a group, unless it has no more than `fewest` items.
        fewest: How many items a group has at least; only the last may have less.

    Yields:
        The groups, in the order of the items.

    Example:
        >>> list(grouped([1, 2, 3, 9], int, 4))
        [[1, 2], [3], [9]]
    """
    group: list[Item] = []
    total = 0
    for item in items:
        if total + size(item) > most and len(group) >= fewest:
            yield group
            group = []
            total = 0
        group.append(item)
        total += size(item)
    if group:
        yield group


class FoundTags(NamedTuple):
    """The tags that were found for words.

    Args:
        ids: The id of each word's tag (words,).
        scores: That tag's probability (words,).
    """

    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
