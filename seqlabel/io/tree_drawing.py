"""A dependency tree of a sentence as lines for a terminal and as an SVG picture; nothing here knows
documents.

Heads are numbers of words, a word's own for a root, and None where they are not known.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH = 80
"""Columns of a terminal."""
_DEEPEST = 12
"""Levels of arcs that are drawn on a terminal; arcs over more others share the outermost one."""
_LETTER = 8.5
_GAP = 18
_LEVEL = 22
_BASE = 24


class _Arc(NamedTuple):
    """An arc between two words, and its level: 1 where it passes over no other one."""

    head: int
    word: int
    level: int

    @property
    def first(self) -> int:
        return min(self.head, self.word)

    @property
    def last(self) -> int:
        return max(self.head, self.word)


def _levels(heads: Sequence[int | None]) -> list[_Arc]:
    """All arcs but those of roots, each on the lowest level on which it meets no other one."""
    pairs = [(head, word) for word, head in enumerate(heads) if head is not None and head != word]
    pairs.sort(key=lambda pair: (abs(pair[0] - pair[1]), pair[1]))
    leveled: list[_Arc] = []
    for head, word in pairs:
        first, last = min(head, word), max(head, word)
        taken = {arc.level for arc in leveled if arc.first <= last and first <= arc.last}
        level = max(taken, default=0) + 1
        leveled.append(_Arc(head, word, level))
    return leveled


def tree_lines(
    words: Sequence[str],
    heads: Sequence[int | None],
    relations: Sequence[str | None],
    *,
    width: int = WIDTH,
) -> list[str]:
    """Draw a tree with one line per word: arrows from heads to words on the left, relations on the
    right.

    Args:
        words: The words of a sentence.
        heads: The number of each word's head.
        relations: The relation of each word.
        width: Columns of the terminal; longer words are cut.

    Returns:
        The lines, none of them longer than `width`.

    Example:
        >>> words = ["The", "cat", "sleeps"]
        >>> print("\\n".join(tree_lines(words, [1, 2, 2], ["det", "nsubj", "root"])))
          ┌─► The     det
        ┌─└─► cat     nsubj
        └──── sleeps  root
    """
    arcs = [arc._replace(level=min(arc.level, _DEEPEST)) for arc in _levels(heads)]
    levels = max((arc.level for arc in arcs), default=0)
    grid = [[" "] * (2 * levels + 2) for _ in words]
    # Outer arcs first, so that inner ones are drawn over their lines.
    for arc in sorted(arcs, key=lambda arc: -arc.level):
        column = 2 * (levels - arc.level)
        for row in range(arc.first + 1, arc.last):
            grid[row][column] = "│"
        for row, corner in ((arc.first, "┌"), (arc.last, "└")):
            for index in range(column + 1, len(grid[row]) - 1):
                grid[row][index] = "─"
            grid[row][column] = corner
    for arc in arcs:
        grid[arc.word][-2] = "►"
    labels = [relation or "–" for relation in relations]
    most = max(width - 2 * levels - 4 - max(map(len, labels), default=0), 1)
    shown = [word if len(word) <= most else word[: most - 1] + "…" for word in words]
    wide = max(map(len, shown), default=0)
    lines = [
        "".join(row) + f"{word:<{wide}}  {label}"
        for row, word, label in zip(grid, shown, labels, strict=True)
    ]
    return [line[:width].rstrip() for line in lines]


def tree_svg(
    words: Sequence[str], heads: Sequence[int | None], relations: Sequence[str | None]
) -> str:
    """Draw a tree as a picture: the words in a line, arcs with their relations above them.

    Args:
        words: The words of a sentence.
        heads: The number of each word's head.
        relations: The relation of each word.

    Returns:
        An `svg` element, as wide as the sentence; colours are those of the text around it.
    """
    widths = [
        max(len(word), len(relation or "")) * _LETTER + _GAP
        for word, relation in zip(words, relations, strict=True)
    ]
    starts = [sum(widths[:index]) for index in range(len(words))]
    middles = [start + wide / 2 for start, wide in zip(starts, widths, strict=True)]

    arcs = _levels(heads)
    height = (max((arc.level for arc in arcs), default=0) + 1) * _LEVEL

    parts = []
    for word, middle in zip(words, middles, strict=True):
        parts.append(
            f'<text x="{middle:.0f}" y="{height + _BASE}" '
            f'text-anchor="middle">{escape(word)}</text>'
        )

    small = 'text-anchor="middle" font-size="11"'
    for number, (head, relation) in enumerate(zip(heads, relations, strict=True)):
        if head == number:
            label = escape(relation or "")
            parts.append(
                f'<text x="{middles[number]:.0f}" y="{height + _BASE + 16}" {small}>{label}</text>'
            )

    for arc in arcs:
        # Both ends of a word's arcs would lie on each other.
        side = 4 if arc.word > arc.head else -4
        begin, end = middles[arc.head] + side, middles[arc.word] - side / 2
        top = height - arc.level * _LEVEL + 8
        parts.append(
            f'<path d="M{begin:.0f},{height + 6} V{top + 8} Q{begin:.0f},{top} '
            f"{begin + 2 * side:.0f},{top} "
            f'H{end - 2 * side:.0f} Q{end:.0f},{top} {end:.0f},{top + 8} V{height + 6}" '
            'fill="none" '
            f'stroke="currentColor"/>'
        )
        parts.append(
            f'<path d="M{end - 3:.0f},{height} L{end + 3:.0f},{height} L{end:.0f},{height + 7} z"/>'
        )
        label = escape(relations[arc.word] or "")
        parts.append(f'<text x="{(begin + end) / 2:.0f}" y="{top - 3}" {small}>{label}</text>')

    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sum(widths):.0f}" '
        f'height="{height + _BASE + 22}" '
        f'fill="currentColor" font-family="sans-serif" font-size="14">{"".join(parts)}</svg>'
    )
