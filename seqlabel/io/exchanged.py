"""A text that stands in pieces, such as between tags or in runs of one formatting, exchanged piece by piece."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate, takewhile
from typing import NamedTuple

_TOKEN = re.compile(r"\w+|\W")


class Piece(NamedTuple):
    """A part of a text, and where it is written.

    Args:
        start: The first of the characters that write it.
        end: The character behind them.
        text: What they show.
    """

    start: int
    end: int
    text: str


def exchanged(pieces: Sequence[str], new: str) -> list[str]:
    """Divide a new text into the pieces of an old one.

    What both texts have in common stays in its piece. What replaces a part that spans several pieces goes into the
    first of them, and the others lose their part.

    Args:
        pieces: The pieces of the old text.
        new: The new text.

    Returns:
        A text for each piece, which are the new text together.

    Example:
        >>> exchanged(["Dear ", "Zoë", " Lee, ", "hello"], "Dear X, hello")
        ['Dear ', 'X', ', ', 'hello']
    """
    before, behind = _TOKEN.findall("".join(pieces)), _TOKEN.findall(new)
    ends = list(accumulate(map(len, pieces)))
    places = list(accumulate(map(len, before), initial=0))
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before[::-1], behind[::-1], strict=False)))
    edits = SequenceMatcher(None, before[: len(before) - tail], behind[: len(behind) - tail]).get_opcodes()
    edits.append(("equal", len(before) - tail, len(before), len(behind) - tail, len(behind)))
    texts = [""] * len(pieces)
    for kind, first, last, start, end in edits:
        place = places[first]
        number = min(bisect_right(ends, place), len(pieces) - 1)
        if kind != "equal":
            texts[number] += "".join(behind[start:end])
            continue
        text = "".join(before[first:last])
        while text:
            size = max(ends[number] - place, 0)
            texts[number] += text[:size]
            text, place, number = text[size:], place + size, number + 1
    return texts
