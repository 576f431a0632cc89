"""Markup as the texts that it shows, each in the pieces between tags and entities, which keep their
characters.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from seqlabel.formats.xml_texts import written_text
from seqlabel.io.exchanged import Piece
from seqlabel.io.records import LETTER_OR_DIGIT, Cell, as_it_is


def token_pattern(tag_name: str) -> re.Pattern[str]:
    """Make the pattern of what is not text in a language of markup: tags, comments, instructions,
    and a lone `<`.

    What is open to the end of the input is one token too, so that time grows linearly. An encrypted
    value in subtitles, which have no escapes, is text.

    Args:
        tag_name: The pattern of the names of tags.

    Returns:
        The pattern; its first group is the name of a tag, its second the end of one.
    """
    return re.compile(
        r"<!--.*?(?:-->|\Z)|<[!?][^>]*(?:>|\Z)"
        rf"|</?(?!ENCRYPTED:v[0-9])({tag_name})(?=[\s/>])(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^"
        r"\"'>])*+(>|\Z)|<",
        re.IGNORECASE | re.DOTALL,
    )


_TOKEN = token_pattern(r"[a-z][\w:-]*")
_ATTRIBUTE = re.compile(
    r"([^\s\"'<>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'=<>`]++)))?"
)
"""A name, with its value where it has one. A name without one is matched too, so that it is not
read again from each of its characters."""
_ENTITY = r"&\#?\w+;?"
_PARTS = re.compile(rf"{_ENTITY}|\s+|(?:[^&\s]|&(?!\#?\w)| (?!\s))+")
_ENCODED_WORD = re.compile(r"=\?[\w-]{1,40}\?[bq]\?", re.IGNORECASE)
_ODD = re.compile(r"[^\w\s:./-]")
"""A character that names of attributes do not have."""
_PRIVATE_IN_LAYOUT = re.compile(r"\w@|%40|url\(|content\s*:|[0-9](?:[ ()./-]?[0-9]){6}")
"""What layout has no need of: an address, a telephone number, and what a style shows or loads."""
_EMBEDDED = re.compile(r"\bdata:([a-z]+/[\w.+-]+)?[^,\"'<>\s]{0,200};base64,", re.IGNORECASE)


class Break(IntEnum):
    """What a tag puts between the texts on both sides of it; of several tags the highest counts."""

    NONE = 0
    TAB = 1
    LINE = 2
    BLOCK = 3
    """One text ends and another begins, as at those below `CELL`."""
    CELL = 4
    """The next cell of a table, whose row is one text."""
    ROW = 5


SHOWN_BREAKS = {Break.TAB: "\t", Break.LINE: "\n", Break.CELL: " | "}
"""What is shown for a break inside a text."""


@dataclass(frozen=True)
class Markup:
    """What tags mean in a language of markup.

    Args:
        breaks: What a tag of a name is between two texts.
        reads: Whether the text in an element of a name is read.
        attributes: Whether the value of an attribute of a name is always read. Of the others, which
            are layout, those are read that hold what layout has no need of, such as an address.
        code: The elements in which nothing is markup, and each line is a text.
        as_written: The elements in which spaces and line ends are shown as they are; None for all.
        token: What is not text, as `token_pattern` makes it.
    """

    breaks: Callable[[str], Break]
    reads: Callable[[str], bool]
    attributes: Callable[[str], bool]
    code: frozenset[str] = frozenset()
    as_written: frozenset[str] | None = None
    token: re.Pattern[str] = _TOKEN


def texts_in(raw: str, markup: Markup, start: int = 0, end: int | None = None) -> list[Cell]:
    """Read the texts of markup, with those of attributes, of comments and of code.

    Args:
        raw: The characters.
        markup: Their language.
        start: Where to begin.
        end: Where to end.

    Returns:
        The texts in the order of where they begin; each has the name of its element or attribute.
    """
    end = len(raw) if end is None else end
    cells: list[Cell] = []
    pieces: list[Piece] = []
    between = Break.ROW
    element = ""
    block = ""
    named = ""
    spaced = markup.as_written is None

    def flush() -> None:
        if any(LETTER_OR_DIGIT.search(piece.text) for piece in pieces):
            text = "".join(piece.text for piece in pieces)
            cells.append(
                Cell(pieces[0].start, pieces[-1].end, text, written_text, named, tuple(pieces))
            )
        pieces.clear()

    offset = start
    while offset < end:
        token = markup.token.search(raw, offset, end)
        begin, after = token.span() if token else (end, end)
        if token and token.group() == "<":
            # A sign of its own.
            begin = after
        # Spaces between blocks are not shown.
        if (
            offset < begin
            and markup.reads(element)
            and not (between and raw[offset:begin].isspace())
        ):
            if between in (Break.BLOCK, Break.ROW):
                flush()
                named = block
            elif between and pieces:
                pieces.append(Piece(offset, offset, SHOWN_BREAKS[between]))
            pieces += _pieces(raw, offset, begin, spaced=spaced)
            between = Break.NONE
        if token is None:
            break
        offset = after
        if token[1] is None:
            if begin < after and not raw.startswith("<?xml", begin):
                cells += _lines(raw, begin, after)
            continue
        if token[2] != ">":
            # A tag that does not end.
            cells += _lines(raw, begin, after)
            break
        name = token[1].lower()
        opens = raw[begin + 1] != "/"
        between = max(between, markup.breaks(name))
        element = name if opens else ""
        if opens and markup.breaks(name) > Break.LINE:
            block = name
        if markup.as_written and name in markup.as_written:
            spaced = opens
        cells += _attributes(raw, token.end(1), after, markup)
        if opens and name in markup.code:
            closing = re.compile(rf"</{re.escape(name)}\s*>|\Z", re.IGNORECASE).search(
                raw, after, end
            )
            offset = closing.start() if closing else end
            cells += _lines(raw, after, offset)
    flush()
    return sorted(cells, key=lambda cell: cell.start)


def embedded_in(raw: str, start: int = 0, end: int | None = None) -> Iterator[str]:
    """Find the files that are embedded in addresses as base64 (`src="data:image/png;base64,…"`);
    they are not read.

    Args:
        raw: The characters.
        start: Where to begin.
        end: Where to end.

    Yields:
        The kind of each, such as `image/png`.
    """
    for match in _EMBEDDED.finditer(raw, start, len(raw) if end is None else end):
        yield (match[1] or "text/plain").lower()


def _pieces(raw: str, start: int, end: int, *, spaced: bool) -> Iterator[Piece]:
    """A text between two tags, its entities and, unless they are shown, runs of spaces as pieces of
    their own.
    """
    if spaced:
        edges = [
            start,
            *(
                edge
                for match in re.compile(_ENTITY).finditer(raw, start, end)
                for edge in match.span()
            ),
            end,
        ]
        spans = [(edge, other) for edge, other in pairwise(edges) if edge < other]
    else:
        spans = [match.span() for match in _PARTS.finditer(raw, start, end)]
    for first, last in spans:
        written = raw[first:last]
        shown = html.unescape(written).replace("\xa0", " ") if written[0] == "&" else written
        yield Piece(first, last, " " if shown.isspace() and not spaced else shown)


def _attributes(raw: str, start: int, end: int, markup: Markup) -> Iterator[Cell]:
    if _ENCODED_WORD.search(raw, start, end):
        # Of a damaged mail: `=?utf-8?q?=5A=6F?=` would be many attributes of two signs.
        yield from _lines(raw, start, end)
        return
    offset = start
    for match in _ATTRIBUTE.finditer(raw, start, end):
        group = match.lastindex or 1
        if group == 1:
            continue
        yield from _stray(raw, offset, match.start())
        offset = match.end()
        if _ODD.search(match[1]):
            yield Cell(*match.span(1), match[1], html.escape)
        value = html.unescape(match[group])
        is_read = (
            markup.attributes(match[1].lower()) or _PRIVATE_IN_LAYOUT.search(value) is not None
        )
        if is_read and LETTER_OR_DIGIT.search(value) and not _EMBEDDED.match(value.lstrip()):
            write = _quoted if group == 4 else html.escape
            yield Cell(*match.span(group), value, write, match[1])
    yield from _stray(raw, offset, end)


def _stray(raw: str, start: int, end: int) -> Iterator[Cell]:
    """What is in a tag and not an attribute, unless it is mere names, such as `checked`."""
    text = raw[start:end].removesuffix(">")
    if LETTER_OR_DIGIT.search(text) and _ODD.search(text):
        yield Cell(start, start + len(text), text, html.escape)


def _lines(raw: str, start: int, end: int) -> Iterator[Cell]:
    """Each line of what is not shown, as it is."""
    for match in re.compile(r"[^\r\n]+").finditer(raw, start, end):
        if LETTER_OR_DIGIT.search(match.group()):
            yield Cell(*match.span(), match.group(), as_it_is)


def _quoted(text: str) -> str:
    return f'"{html.escape(text)}"'
