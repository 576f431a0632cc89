"""Long documents → windows of words with context on both sides, by length, and back; who reads them is elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

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

    def length(cut: Cut) -> int:
        return cut.last - cut.first

    return grouped(sorted(cuts, key=length), length, words, fewest=rows)


Item = TypeVar("Item")


def grouped(items: Iterable[Item], size: Callable[[Item], int], most: int, *, fewest: int = 1) -> Iterator[list[Item]]:
    """Items one after another, in groups of sizes that add up to `most`, or of `fewest` items where that is more."""
    group: list[Item] = []
    total = 0
    for item in items:
        if total + size(item) > most and len(group) >= fewest:
            yield group
            group, total = [], 0
        group.append(item)
        total += size(item)
    if group:
        yield group


class FoundTags(NamedTuple):
    """For each word the id of its tag, and that tag's probability, (words,)."""

    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]


def tags_of_documents(
    lengths: Sequence[int],
    groups: Iterable[Sequence[Cut]],
    decide: Callable[[Sequence[Cut]], Iterable[FoundTags]],
    *,
    layers: int,
) -> list[list[FoundTags]]:
    """For each layer the tags of documents with so many words, of what `decide` finds in each group of their windows.

    That is, for each layer, the tags of all words that the windows read, one window after another.
    """
    found = [
        [FoundTags(np.zeros(size, np.int64), np.zeros(size, np.float32)) for size in lengths] for _ in range(layers)
    ]
    for group in groups:
        begins = np.cumsum([0, *(cut.last - cut.first for cut in group)]).tolist()
        for documents, (ids, scores) in zip(found, decide(group), strict=True):
            for begin, cut in zip(begins, group, strict=False):
                inside = slice(begin + cut.start - cut.first, begin + cut.end - cut.first)
                documents[cut.doc].ids[cut.start : cut.end] = ids[inside]
                documents[cut.doc].scores[cut.start : cut.end] = scores[inside]
    return found
