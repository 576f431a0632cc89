"""Labelled text and tables as HTML for notebooks and pages, and as plain lines for a terminal; no
file is written.

All text is escaped. Colours are inline, dark letters on a light ground, so that they are read on
light and dark pages.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

LONGEST = 2_000
"""Characters of a text that a notebook or a terminal shows."""

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_CELL = "padding:.15em .7em;text-align:"
_MARK = "color:#111;border-radius:.3em;padding:.1em .35em;line-height:1.9;"
_MOST = 6
_LABEL = "font-size:.75em;font-weight:600;margin-left:.45em;"


def visible(line: str) -> str:
    """Write a line for a terminal or a log so that names of files in it cannot act there or begin
    another line.

    Args:
        line: The line, without its end.

    Returns:
        The line, with control characters and those that change the direction of text as Python
        escapes them.

    Example:
        >>> print(visible("a\\x1b[2Jb\\nc"))
        a\\x1b[2Jb\\nc
    """
    return _UNSEEN.sub(lambda match: ascii(match[0])[1:-1], line)


@dataclass(frozen=True)
class Mark:
    """A labelled run of characters.

    Args:
        start: The first character.
        end: The end, exclusive.
        label: The label.
        note: The tooltip.
    """

    start: int
    end: int
    label: str
    note: str = ""


@dataclass(frozen=True)
class Color:
    """The ground of a label.

    Args:
        hue: Degrees on the colour wheel, 0 to 359.
        deep: Whether it is darker than others, on a light page as on a dark one.
    """

    hue: int
    deep: bool = False

    def __str__(self) -> str:
        """The colour in CSS, light enough for dark letters."""
        return f"hsl({self.hue} 70% {74 if self.deep else 84}%)"


def colors(labels: Iterable[str]) -> dict[str, Color]:
    """Choose a colour for each label, no two the same, and the same in every process for the same
    labels.

    A label keeps its own colour, that of its checksum, unless another label of the set has it. Up
    to 12 labels are at least 30 degrees apart, up to 24 labels 15 degrees.

    Args:
        labels: The labels, in any order.

    Returns:
        The colours by label, up to 360 different ones with each lightness.
    """
    names = sorted(set(labels))
    count = next((size for size in (12, 24) if len(names) <= size), max(24, (len(names) + 1) // 2))
    chosen: dict[int, str] = {}
    for name in names:
        own = zlib.crc32(name.encode()) % count
        free = (
            hue
            for hue in (*range(own, count), *range(own), *range(count, 2 * count))
            if hue not in chosen
        )
        chosen[next(free)] = name
    return {
        name: Color(round(hue % count * 360 / count), deep=hue >= count)
        for hue, name in chosen.items()
    }


def counted(names: Sequence[str], kind: str) -> str:
    """Return how many names there are, and the first of them, for one line.

    Args:
        names: The names.
        kind: Their name in the plural.

    Returns:
        The line.

    Example:
        >>> counted("ABCDEFGH", "labels")
        '8 labels: A, B, C, D, E, F, …'
    """
    if not names:
        return f"no {kind}"
    return f"{len(names):,} {kind}: {', '.join(names[:_MOST])}{', …' if len(names) > _MOST else ''}"


def apart(marks: Iterable[Mark]) -> tuple[list[Mark], list[Mark]]:
    """Divide marks into those that can be drawn on one line and those that overlap one of them.

    Args:
        marks: The marks, in any order.

    Returns:
        The marks to draw, by their place, of overlapping ones the first and longest; and the
        others.
    """
    drawn: list[Mark] = []
    others: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        (others if drawn and mark.start < drawn[-1].end else drawn).append(mark)
    return drawn, others


def marked_html(text: str, marks: Iterable[Mark], *, longest: int = LONGEST) -> str:
    """Return a text with coloured marks as HTML.

    Args:
        text: The text.
        marks: The marks; of those that overlap, the ones that are not drawn are listed after the
            text.
        longest: The highest number of characters to show.

    Returns:
        A `div`.
    """
    drawn, others = apart(marks)
    grounds = colors(mark.label for mark in drawn)
    parts = []
    offset = 0
    for mark in drawn:
        if mark.end > longest:
            break
        style = f"background:{grounds[mark.label]};{_MARK}"
        title = f' title="{escape(mark.note)}"' if mark.note else ""
        parts.append(
            f"{escape(text[offset : mark.start])}<mark "
            f'style="{style}"{title}>{escape(text[mark.start : mark.end])}'
            f'<span style="{_LABEL}">{escape(mark.label)}</span></mark>'
        )
        offset = mark.end
    parts.append(escape(text[offset : max(longest, offset)]))
    if len(text) > longest:
        parts.append(f"… <i>{len(text) - max(longest, offset):,} more characters</i>")
    parts += [
        f"<br><small>overlapping: {escape(text[mark.start : mark.end])} "
        f"({escape(mark.label)})</small>"
        for mark in others
        if mark.end <= longest
    ]
    return f'<div style="white-space:pre-wrap;line-height:1.9">{"".join(parts)}</div>'


def marked_text(text: str, marks: Iterable[Mark], *, longest: int = LONGEST) -> str:
    """Return a text with marks in brackets.

    Args:
        text: The text.
        marks: The marks.
        longest: The highest number of characters to show.

    Returns:
        The text; marks that overlap another one stand in lines of their own.

    Example:
        >>> marked_text("Ann left.", [Mark(0, 3, "PERSON")])
        '[Ann PERSON] left.'
    """
    drawn, others = apart(marks)
    parts = []
    offset = 0
    for mark in drawn:
        if mark.end > longest:
            break
        parts.append(f"{text[offset : mark.start]}[{text[mark.start : mark.end]} {mark.label}]")
        offset = mark.end
    parts.append(text[offset : max(longest, offset)])
    if len(text) > longest:
        parts.append(f"… {len(text) - max(longest, offset):,} more characters")
    parts += [
        f"\noverlapping: [{text[mark.start : mark.end]} {mark.label}]"
        for mark in others
        if mark.end <= longest
    ]
    return "".join(parts)


def tagged_html(words: Sequence[tuple[str, str | None]]) -> str:
    """Return words with their tags below them as HTML.

    Args:
        words: Each word with its tag.

    Returns:
        A `div`.
    """
    grounds = colors(tag or "" for _, tag in words)
    cells = "".join(
        f'<span style="display:inline-block;text-align:center;margin:.15em .3em">{escape(word)}<br>'
        "<span "
        f'style="background:{grounds[tag or ""]};{_MARK}font-size:.7em">{escape(tag or "–")}</sp'
        "an></span>"
        for word, tag in words
    )
    return f"<div>{cells}</div>"


def table_html(header: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "") -> str:
    """Return a table as HTML, its first column to the left and the others to the right.

    Args:
        header: The heads of the columns.
        rows: The cells of each row.
        caption: The line above the table.

    Returns:
        A `table`.
    """
    sides = ["left", *["right"] * (len(header) - 1)]
    above = (
        f'<caption style="text-align:left;font-weight:600">{escape(caption)}</caption>'
        if caption
        else ""
    )
    return (
        f'<table style="border-collapse:collapse">{above}<thead>{_row("th", header, sides)}</thead>'
        f"<tbody>{''.join(_row('td', row, sides) for row in rows)}</tbody></table>"
    )


def table_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table as lines of one width, its first column to the left and the others to the
    right.

    Args:
        header: The heads of the columns.
        rows: The cells of each row.

    Yields:
        The lines.
    """
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = [
            first.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)),
        ]
        yield "  ".join(cells).rstrip()


def _row(kind: str, cells: Sequence[str], sides: Sequence[str]) -> str:
    cells_html = (
        f'<{kind} style="{_CELL}{side}">{escape(cell)}</{kind}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(cells_html)}</tr>"
