"""The cells of a sheet of Excel: which of their values are read, under which names, and how they
are written.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from html import unescape

from seqlabel.formats.office_parts import FEWEST_DIGITS, PartReader, PartText, local, values_of
from seqlabel.formats.xml_texts import Token, pieces_of, tokens, written_text
from seqlabel.io.exchanged import Piece
from seqlabel.io.records import LETTER_OR_DIGIT, Cell

_REFERENCE = re.compile(r"([A-Z]+)([0-9]+)")
_TYPE = re.compile(r"\s+t\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_HEADER = re.compile(
    r"(?:name|mail|phone|password|born|birth|"
    r"(?<![^\W_])(?:address|city|zip|date|id|number|type|note|comment|mobile|fax))(?:e?s)?(?![^"
    r"\W_])",
    re.IGNORECASE,
)
_LONGEST_HEADER = 40
_HIGHEST_HEADER = 20
"""The rows among which the one with the names of the columns is looked for."""
_WITHOUT_TEXT = ("s", "b", "e")
"""Kinds of cells that hold the number of a shared text, a truth value or an error."""
_DATE_FORMATS = frozenset((*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)))
_NO_DATE_SIGN = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\.|_.|\*.")
_LAST_DAY = 2958465
"""The serial number of 9999-12-31."""


@dataclass(frozen=True)
class Book:
    """What a sheet needs of its workbook.

    Args:
        items: The shared texts, each with its pieces; None for one without text.
        dates: The numbers of the formats of cells that show a number as a date.
        first: The day with the number 0.
    """

    items: Sequence[Cell | None] = ()
    dates: frozenset[int] = frozenset()
    first: date = date(1899, 12, 30)


def shared_items(raw: str, part: str) -> tuple[list[Cell | None], list[PartText]]:
    """Read the texts that cells share.

    Args:
        raw: The characters of the part.
        part: Its name.

    Returns:
        The text of each item, and the other texts of the part, such as how a text is pronounced.
    """
    items: list[Cell | None] = []
    others: list[PartText] = []
    reader = PartReader(part, raw)
    pieces: list[Piece] | None = None
    is_reading = is_text = False
    for token in tokens(raw):
        name = local(token.name)
        if token.kind == "start" and name == "si":
            pieces = []
            if token.is_empty:
                items.append(None)
        elif token.kind == "end" and name == "si":
            items.append(_of_pieces(pieces or [], part))
        elif token.kind in ("start", "end") and name == "rPh":
            is_reading = token.kind == "start"
        elif token.kind in ("start", "end") and name == "t":
            is_text = token.kind == "start" and not token.is_empty
        if token.kind in ("text", "data") and is_text and not is_reading and pieces is not None:
            pieces += pieces_of(raw, token)
            continue
        others += reader.read(token)
    others += reader.finish()
    return items, others


def _of_pieces(pieces: list[Piece], part: str) -> Cell | None:
    text = "".join(piece.text for piece in pieces)
    if not LETTER_OR_DIGIT.search(text):
        return None
    return Cell(pieces[0].start, pieces[-1].end, text, written_text, part, tuple(pieces))


def date_formats(raw: str) -> frozenset[int]:
    """Find the formats of cells that show a number as a date.

    Args:
        raw: The characters of the part with the styles.

    Returns:
        Their numbers.
    """
    codes: dict[str, str] = {}
    dates: set[int] = set()
    number = -1
    for token in tokens(raw):
        name = local(token.name)
        if token.kind == "start" and name == "numFmt":
            values = values_of(raw, token)
            codes[values.get("numFmtId", "")] = values.get("formatCode", "")
        elif name == "cellXfs":
            number = 0 if token.kind == "start" else -1
        elif token.kind == "start" and name == "xf" and number >= 0:
            code = values_of(raw, token).get("numFmtId", "0")
            shown = _NO_DATE_SIGN.sub("", codes.get(code, ""))
            if (code.isdigit() and int(code) in _DATE_FORMATS) or re.search(
                r"[dy]", shown, re.IGNORECASE
            ):
                dates.add(number)
            number += 1
    return frozenset(dates)


@dataclass
class _Open:
    """A cell of a sheet that is being read."""

    token: Token
    values: Mapping[str, str]
    pieces: list[Piece] = field(default_factory=list)
    value: str = ""


@dataclass(frozen=True)
class SheetText:
    """A text of a sheet.

    Args:
        text: The text and its place.
        row: The number of its row, 0 for what is not in a cell.
        item: The number of the shared text that it is; None where it is in the sheet itself.
    """

    text: PartText
    row: int = 0
    item: int | None = None


def sheet_texts(part: str, raw: str, book: Book) -> Iterator[SheetText]:
    """Read a sheet.

    Args:
        part: Its name.
        raw: Its characters.
        book: What it needs of its workbook.

    Yields:
        The texts; those of cells under the names of their columns, where a row near the top has
        some.
    """
    reader = PartReader(part, raw)
    names = _Names()
    cell: _Open | None = None
    inside = ""
    for token in tokens(raw):
        name = local(token.name)
        if token.kind == "start" and name == "c" and not token.is_empty:
            cell = _Open(token, values_of(raw, token))
        elif cell is not None and token.kind == "end" and name == "c":
            yield from _cell_texts(part, raw, cell, token.end, book, names)
            cell = None
        elif cell is not None and token.kind in ("start", "end") and name in ("v", "t"):
            inside = name if token.kind == "start" and not token.is_empty else ""
        elif cell is not None and inside and token.kind in ("text", "data"):
            pieces = list(pieces_of(raw, token))
            if inside == "t":
                cell.pieces += pieces
            else:
                cell.value += "".join(piece.text for piece in pieces)
            continue
        for part_text in reader.read(token):
            yield SheetText(part_text)
    for part_text in reader.finish():
        yield SheetText(part_text)


class _Names:
    """The names of columns, from the first of the upper rows that looks like a row of names."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._row: dict[str, str] = {}
        self._number = self._rows = 0

    def name_of(self, column: str, row: int) -> str:
        """Return the name of a column for a cell in a row; empty where it has none."""
        if row != self._number:
            self._end_row()
            self._number = row
        return self._names.get(column, "")

    def add(self, column: str, text: str) -> None:
        """Note a text of the row at hand."""
        self._row[column] = text

    def _end_row(self) -> None:
        row = self._row
        self._row = {}
        self._rows += 1
        if self._names or self._rows > _HIGHEST_HEADER:
            return
        if any(len(text) <= _LONGEST_HEADER and _HEADER.search(text) for text in row.values()):
            self._names = {
                column: text for column, text in row.items() if len(text) <= _LONGEST_HEADER
            }


def _cell_texts(
    part: str, raw: str, cell: _Open, end: int, book: Book, names: _Names
) -> Iterator[SheetText]:
    reference = _REFERENCE.fullmatch(cell.values.get("r", ""))
    column, row = (reference[1], int(reference[2])) if reference else ("", 0)
    name = names.name_of(column, row) if row else ""
    kind = cell.values.get("t", "n")
    value = cell.value.strip()
    text: Cell | None = None
    item: int | None = None
    if kind == "s" and value.isdecimal() and int(value) < len(book.items):
        item = int(value)
        text = book.items[item]
    elif cell.pieces:
        # Of whatever kind the cell says it is: a program may show the text all the same.
        text = _of_pieces(cell.pieces, part)
    else:
        shown = ""
        if kind == "n":
            shown = _shown_number(value, cell, book, name)
        elif kind not in _WITHOUT_TEXT:
            shown = cell.value
        if LETTER_OR_DIGIT.search(shown):
            head = raw[cell.token.start + 1 : cell.token.end - 1]
            write = _inline(_TYPE.sub("", head), cell.token.name.removesuffix("c"))
            text = Cell(cell.token.start, end, shown, write, part)
    if text is not None:
        names.add(column, text.text)
        yield SheetText(PartText(replace(text, name=name or part)), row, item)


def _shown_number(value: str, cell: _Open, book: Book, name: str) -> str:
    """A number as it is read: a date, or all digits of a whole number; nothing for one that is not
    read.
    """
    try:
        number = Decimal(value)
        is_whole = number.is_finite() and abs(number.adjusted()) < 40 and number == int(number)
    except InvalidOperation:
        # A text where a number should be.
        return value
    if not number.is_finite():
        return ""
    style = cell.values.get("s", "")
    if style.isdecimal() and int(style) in book.dates and 0 < number <= _LAST_DAY:
        return (book.first + timedelta(days=int(number))).isoformat()
    if not is_whole:
        return ""
    digits = str(abs(int(number)))
    # A short number says something only under a name.
    return digits if len(digits) >= FEWEST_DIGITS or _HEADER.search(name) else ""


def _inline(tag: str, prefix: str) -> Callable[[str], str]:
    """What writes a cell that holds its text itself."""
    before, after = (
        f'<{tag} t="inlineStr"><{prefix}is><{prefix}t>',
        f"</{prefix}t></{prefix}is></{prefix}c>",
    )
    return lambda text: f"{before}{written_text(text)}{after}"


def first_day(raw: str) -> date:
    """Find the day with the number 0.

    Args:
        raw: The characters of the workbook's part.

    Returns:
        The day; the file may count from 1904 on.
    """
    counts_from_1904 = (
        re.search(r"\sdate1904\s*=\s*[\"'](?:1|true)[\"']", unescape(raw)) is not None
    )
    return date(1904, 1, 1) if counts_from_1904 else date(1899, 12, 30)
