"""Bytes of text, JSONL and CSV → records whose texts can be exchanged while all else stays as it is; no labels here.

A record is a line, or a row of CSV with all its lines. What cannot be read as it should is a record with a problem,
which says why without a character of the text.
"""

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import NamedTuple, Protocol

from seqlabel.errors import DataError, OptionError
from seqlabel.files import SURROGATE

BLOCK_BYTES = 1 << 18
ROW_CHARACTERS = 1 << 28
"""The most that a row of CSV may have, so that a quote that is never closed does not fill the memory."""
_PIPE_BYTES = 1 << 16


@dataclass(frozen=True)
class Line:
    """A line with its end, its number from 1, and the offset behind it, in bytes."""

    data: bytes = field(repr=False)
    number: int
    end: int


@dataclass(frozen=True)
class Cell:
    """A text in a record: the half-open characters that it stands in, and how another text is written there."""

    start: int
    end: int
    text: str = field(repr=False)
    write: Callable[[str], str]


@dataclass(frozen=True)
class Record:
    """A line or a row: its characters, the texts in them, and where it is in the input.

    `raw` has bytes that are not UTF-8 as lone surrogates ("surrogateescape"). `line` is its first line, `lines` their
    number, `end` the offset behind it in bytes. `problem` is empty for a record that could be read.
    """

    raw: str
    cells: tuple[Cell, ...]
    line: int
    lines: int
    end: int
    problem: str = ""

    def __repr__(self) -> str:
        # No text: a repr ends up in logs.
        return f"Record(line {self.line}, {len(self.cells)} texts; {self.problem or 'read'})"

    def filled(self, texts: Sequence[str]) -> bytes:
        """The record with other texts in its cells; a text that is the same stays as it is written."""
        pieces: list[str] = []
        place = 0
        for cell, text in zip(self.cells, texts, strict=True):
            pieces.append(self.raw[place : cell.start])
            pieces.append(self.raw[cell.start : cell.end] if text == cell.text else cell.write(text))
            place = cell.end
        pieces.append(self.raw[place:])
        return "".join(pieces).encode("utf-8", "surrogateescape")


class Records(Protocol):
    """What makes records of lines, one after another."""

    def feed(self, line: Line) -> Record | None:
        """The record that ends with this line; None where it goes on."""
        ...

    def finish(self) -> Record | None:
        """The record that the last line left open."""
        ...


class LineBatch(NamedTuple):
    """Lines that were there at once, and whether the input seems to have no more for now."""

    lines: list[Line]
    drained: bool


def read_lines(file: io.BufferedIOBase, *, line: int = 1, offset: int = 0) -> Iterator[LineBatch]:
    """Yield the lines of a stream as they come: one if it comes alone, or as many as about `BLOCK_BYTES` hold.

    Only a line feed ends a line. The last one may lack its end. A line of any length takes time that grows with its
    length, and no faster. `line` and `offset` are those of the stream's place.
    """
    begun: list[bytes] = []
    while block := file.read1(BLOCK_BYTES):
        first, *others = block.split(b"\n")
        begun.append(first)
        lines = []
        for other in others:
            data = b"".join(begun) + b"\n"
            offset += len(data)
            lines.append(Line(data, line, offset))
            line += 1
            begun = [other]
        # Less than a pipe holds: whoever writes is waiting, or slower than what reads.
        yield LineBatch(lines, len(block) < _PIPE_BYTES)
    if rest := b"".join(begun):
        yield LineBatch([Line(rest, line, offset + len(rest))], True)


_BOM = "\ufeff"


def decode(data: bytes) -> tuple[str, str]:
    """The characters of some bytes, those that are not UTF-8 as lone surrogates, and what is wrong with them."""
    try:
        text = data.decode("utf-8")
        return text, "a NUL byte: is it UTF-16?" if "\0" in text else ""
    except UnicodeDecodeError as error:
        return data.decode("utf-8", "surrogateescape"), f"byte 0x{data[error.start]:02x} is not UTF-8 ({error.reason})"


def _content(raw: str, *, first: bool) -> tuple[int, int]:
    """The characters of a line without the byte order mark and the line's end."""
    end = len(raw) - raw.endswith("\n")
    end -= raw.endswith("\r", 0, end)
    return int(first and raw.startswith(_BOM)), end


def _as_it_is(text: str) -> str:
    return text


class TextLines:
    """Each line is a text; the record's only cell is the line without its end."""

    def feed(self, line: Line) -> Record:
        """See `Records`."""
        raw, problem = decode(line.data)
        start, end = _content(raw, first=line.number == 1)
        return Record(raw, (Cell(start, end, raw[start:end], _as_it_is),), line.number, 1, line.end, problem)

    def finish(self) -> None:
        """See `Records`."""


class JsonLines:
    """Each line is a JSON object with texts in some fields; a field that comes twice is read twice.

    A changed text is written in ASCII where it was before. Lines of white space have no texts. A line that is not an
    object has itself as its only cell.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields

    def feed(self, line: Line) -> Record:
        """See `Records`."""
        raw, problem = decode(line.data)
        start, end = _content(raw, first=line.number == 1)
        if not raw[start:end].strip():
            return Record(raw, (), line.number, 1, line.end, problem)
        try:
            values = list(_values(raw, start, end))
        except (ValueError, RecursionError) as error:
            reason = (
                f"{error.msg} at character {error.pos}" if isinstance(error, JSONDecodeError) else "nested too deep"
            )
            cells: tuple[Cell, ...] = (Cell(start, end, raw[start:end], _as_it_is),)
            return Record(raw, cells, line.number, 1, line.end, problem or f"is no JSON object ({reason})")
        known = {name for name, *_ in values}
        found = [value for value in values if value[0] in self._fields]
        missing = [name for name in self._fields if name not in known]
        wrong = [name for name, value, *_ in found if not isinstance(value, str)]
        if missing:
            problem = problem or f"has no field {missing[0]!r}"
        elif wrong:
            problem = problem or f"has a field {wrong[0]!r} that is not text"
        cells = tuple(
            Cell(begin, stop, value, _json_writer(ascii=raw[begin:stop].isascii()))
            for _, value, begin, stop in found
            if isinstance(value, str)
        )
        return Record(raw, cells, line.number, 1, line.end, problem)

    def finish(self) -> None:
        """See `Records`."""


# Numbers are only passed over, however long they are.
_DECODER = json.JSONDecoder(parse_int=len, parse_float=len)
_SPACE = re.compile(r"[ \t\r\n]*+")


def _values(raw: str, start: int, end: int) -> Iterator[tuple[str, object, int, int]]:
    """The names, values and places of an object's fields. Raises `JSONDecodeError`, `RecursionError`."""

    def after(place: int, marks: str) -> int:
        place = _skip(raw, place)
        if raw[place : place + 1] not in tuple(marks):
            raise JSONDecodeError(f"expected {' or '.join(marks)}", "", place)
        return place

    place = after(start, "{") + 1
    if raw.startswith("}", _skip(raw, place)):
        place = _skip(raw, place) + 1
    else:
        while True:
            name, place = _DECODER.raw_decode(raw, after(place, '"'))
            begin = _skip(raw, after(place, ":") + 1)
            value, place = _DECODER.raw_decode(raw, begin)
            yield name, value, begin, place
            place = after(place, ",}") + 1
            if raw[place - 1] == "}":
                break
    if _skip(raw, place) < end:
        raise JSONDecodeError("expected nothing more", "", place)


def _skip(raw: str, place: int) -> int:
    found = _SPACE.match(raw, place)
    assert found is not None, "it may be empty"
    return found.end()


def _json_writer(*, ascii: bool) -> Callable[[str], str]:
    def write(text: str) -> str:
        # Half a surrogate pair, which only an escape can hold, is no Unicode.
        return json.dumps(text, ensure_ascii=ascii or SURROGATE.search(text) is not None)

    return write


class Header(NamedTuple):
    """Which columns of a table are texts, and how many columns there are."""

    places: tuple[int, ...]
    width: int


class CsvRows:
    """Rows of a table with texts in some columns, quoted as RFC 4180 says; the first row names the columns.

    A row whose fields are not as many as the columns, or that has text behind a closing quote, has itself as its only
    cell, and so have all lines behind a quote that is never closed. Blank lines have no texts. A changed field is
    quoted if it was before or needs it now. `header` is that of a table whose first row is not read again.

    Raises `OptionError` for a table without one of the columns, `DataError` for a first row that cannot be read, and
    for a row of more than `ROW_CHARACTERS`.
    """

    def __init__(self, columns: Sequence[str], *, delimiter: str = ",", header: Header | None = None) -> None:
        self._columns = columns
        self._delimiter = delimiter
        self.header = header
        self._begin()

    def _begin(self) -> None:
        self._lines: list[str] = []
        self._first = 0
        self._length = 0
        self._fields: list[tuple[int, int]] = []
        self._quoted: int | None = None
        self._problem = self._misshapen = ""

    def feed(self, line: Line) -> Record | None:
        """See `Records`."""
        raw, problem = decode(line.data)
        self._problem = self._problem or problem
        start, end = _content(raw, first=line.number == 1)
        place = start if self._quoted is None else 0
        self._first = self._first or line.number
        self._lines.append(raw)
        base, self._length = self._length, self._length + len(raw)
        self._end = line.end
        while True:
            begin = base + place
            if self._quoted is None and raw.startswith('"', place, end):
                self._quoted = begin
                place += 1
            if self._quoted is not None:
                place = _behind_quote(raw, place)
                if place < 0:
                    if self._length > ROW_CHARACTERS:
                        raise DataError(
                            f"line {self._first}: a quote that opens here is not closed within {ROW_CHARACTERS:,} "
                            f"characters; close it"
                        )
                    return None
                begin, self._quoted = self._quoted, None
            found = raw.find(self._delimiter, place, end)
            stop = end if found < 0 else found
            if begin < base + place < base + stop:
                self._misshapen = "has text behind a closing quote"
            self._fields.append((begin, base + stop))
            if found < 0:
                return self._record()
            place = stop + 1

    def finish(self) -> Record | None:
        """See `Records`."""
        if not self._lines:
            return None
        self._misshapen = "has a quote that is never closed"
        return self._record()

    def _record(self) -> Record:
        raw, fields, misshapen = "".join(self._lines), self._fields, self._misshapen
        problem = self._problem or misshapen
        lines, first = len(self._lines), self._first
        self._begin()
        if self.header is None:
            if problem:
                raise DataError(f"line {first}, which names the columns, {problem}")
            self.header = self._header(raw, fields)
            return Record(raw, (), first, lines, self._end)
        start, end = _content(raw, first=first == 1)
        if start == end:
            return Record(raw, (), first, lines, self._end)
        if not misshapen and len(fields) != self.header.width:
            misshapen = f"has {len(fields)} fields for {self.header.width} columns"
        if misshapen:
            cells: tuple[Cell, ...] = (Cell(start, end, raw[start:end], _as_it_is),)
        else:
            cells = tuple(self._cell(raw, *fields[place]) for place in self.header.places)
        return Record(raw, cells, first, lines, self._end, problem or misshapen)

    def _header(self, raw: str, fields: Sequence[tuple[int, int]]) -> Header:
        names = [_unquoted(raw[start:end]) for start, end in fields]
        for column in self._columns:
            if column not in names:
                # The names are not shown: without a row of names they are somebody's data.
                raise OptionError(
                    f"column: found no {column!r} among the {len(names)} columns that the first line names; "
                    f"a .csv has commas between them, a .tsv tabs"
                )
        return Header(tuple(place for place, name in enumerate(names) if name in self._columns), len(names))

    def _cell(self, raw: str, start: int, end: int) -> Cell:
        written = raw[start:end]
        return Cell(start, end, _unquoted(written), self._quote if written[:1] == '"' else self._quote_if_needed)

    def _quote(self, text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    def _quote_if_needed(self, text: str) -> str:
        return self._quote(text) if any(mark in text for mark in (self._delimiter, '"', "\n", "\r")) else text


def _behind_quote(raw: str, place: int) -> int:
    """The place behind the quote that closes a field, -1 where none does; two quotes stand for one."""
    while (place := raw.find('"', place)) >= 0 and raw.startswith('"', place + 1):
        place += 2
    return place + 1 if place >= 0 else place


def _unquoted(written: str) -> str:
    return written[1:-1].replace('""', '"') if written[:1] == '"' else written
