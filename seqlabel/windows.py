"""Long documents → windows of words with context on both sides, grouped by length; who reads them is elsewhere."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

WINDOW, CONTEXT = 1024, 128
"""How many words of a long document are labelled at once, and how many are read on both sides of them."""


class Cut(NamedTuple):
    """A window of a document: words `first` to `last` are read, `start` to `end` are labelled (half-open)."""

    doc: int
    first: int
    start: int
    end: int
    last: int


def cuts_of(lengths: Iterable[int], *, window: int = WINDOW, context: int = CONTEXT) -> list[Cut]:
    """The windows of documents with so many words; those without words have none."""
    return [
        Cut(number, max(start - context, 0), start, min(start + window, end), min(start + window + context, end))
        for number, end in enumerate(lengths)
        for start in range(0, end, window)
    ]


def groups_of(cuts: Iterable[Cut], words: int, *, rows: int = 1) -> Iterator[list[Cut]]:
    """Windows of like length together, in groups of about `words` words, or of `rows` windows where that is more."""
    group: list[Cut] = []
    size = 0
    for cut in sorted(cuts, key=lambda cut: cut.last - cut.first):
        length = cut.last - cut.first
        if size + length > words and len(group) >= rows:
            yield group
            group, size = [], 0
        group.append(cut)
        size += length
    if group:
        yield group
