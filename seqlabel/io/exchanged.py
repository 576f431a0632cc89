"""A text that stands in pieces, such as between tags or in runs of one formatting, exchanged piece
by piece.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate, takewhile
from typing import NamedTuple

_TOKEN = re.compile(r"\w+|\W")
_WINDOW = 100


class Piece(NamedTuple):
    """A part of a text, and where it is written.

    Args:
        start: The first of the characters that write it.
        end: The end of them, exclusive.
        text: The text that they show.
    """

    start: int
    end: int
    text: str


def exchanged(pieces: Sequence[str], new: str) -> list[str]:
    """Divide a new text into the pieces of an old one.

    What both texts have in common stays in its piece. What replaces a part that spans several
    pieces goes into the first of them, and the others lose their part.

    Args:
        pieces: The pieces of the old text.
        new: The new text.

    Returns:
        A text for each piece, which are the new text together.

    Example:
        >>> exchanged(["Dear ", "Zoë", " Lee, ", "hello"], "Dear X, hello")
        ['Dear ', 'X', ', ', 'hello']
    """
    before = _TOKEN.findall("".join(pieces))
    behind = _TOKEN.findall(new)
    ends = list(accumulate(map(len, pieces)))
    texts = [""] * len(pieces)
    offset = 0
    for old, text, kept in _edits(before, behind):
        texts[min(bisect_right(ends, offset), len(pieces) - 1)] += text
        offset += len(old)
        while kept:
            number = bisect_right(ends, offset)
            part = kept[: ends[number] - offset]
            texts[number] += part
            kept = kept[len(part) :]
            offset = offset + len(part)
    return texts


def _edits(before: list[str], after: list[str]) -> Iterator[tuple[str, str, str]]:
    """What is replaced, by what, and what stays after it; windows are compared, so that time grows
    linearly.
    """
    tail = sum(
        1
        for _ in takewhile(
            lambda pair: pair[0] == pair[1], zip(before[::-1], after[::-1], strict=False)
        )
    )
    ends = len(before) - tail, len(after) - tail

    first = start = 0
    size = _WINDOW
    while first < ends[0] or start < ends[1]:
        old = before[first : min(first + size, ends[0])]
        new = after[start : min(start + size, ends[1])]
        blocks = (
            [Match(0, 0, size)]
            if old == new
            else SequenceMatcher(None, old, new, False).get_matching_blocks()
        )
        if old != new and max(ends[0] - first, ends[1] - start) > size:
            # The end of a window may belong to the text after it.
            blocks = [block for block in blocks[:-1] if block.a < size // 2]
        at = to = 0
        for from_old, from_new, count in blocks:
            yield (
                "".join(old[at:from_old]),
                "".join(new[to:from_new]),
                "".join(old[from_old : from_old + count]),
            )
            at = from_old + count
            to = from_new + count
        first += at
        start += to
        size = _WINDOW if blocks else 2 * size

    yield "", "", "".join(before[ends[0] :])
