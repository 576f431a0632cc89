"""Bytes of text and CSV → records whose texts can be exchanged while all else stays as it is; no labels here.

A record is a line, a row of CSV with all its lines, or a private key in a text with all its lines. What cannot be read
as it should is a record with a problem, which says why without a character of the text. JSON is in
`io.json_records`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from seqlabel.errors import DataError, OptionError
from seqlabel.io.exchanged import Piece, exchanged
from seqlabel.io.text_files import utf_16_of

KEY_BEGIN = r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----"
"""The first line of a private key, as an expression."""
BLOCK_BYTES = 1 << 18
ROW_CHARACTERS = 1 << 28
"""The most that a row of CSV may have, so that a quote that is never closed does not fill the memory."""
_PIPE_BYTES = 1 << 16


@dataclass(frozen=True)
class Line:
    """A line of a file or stream.

    Args:
        data: The line with its end.
        number: Its number, from 1.
        end: The offset behind it, in bytes.
    """

    data: bytes = field(repr=False)
    number: int
    end: int


@dataclass(frozen=True)
class Cell:
    """A text in a record.

    Args:
        start: The first of the record's characters that it stands in.
        end: The end of those characters.
        text: The text.
        write: Gives the characters that write another text there.
        name: The column or the path of the field that it is in; empty where it has none.
        pieces: Where its parts stand, if other characters, which stay, are between them; `write` then writes one part.
    """

    start: int
    end: int
    text: str = field(repr=False)
    write: Callable[[str], str]
    name: str = ""
    pieces: tuple[Piece, ...] = field(default=(), repr=False)

    def changes(self, text: str) -> list[tuple[int, int, str]]:
        """Say which characters change for another text.

        Args:
            text: The text.

        Returns:
            Where characters are replaced, and by what.
        """
        pieces = self.pieces or (Piece(self.start, self.end, self.text),)
        new = exchanged([one.text for one in pieces], text) if self.pieces else [text]
        each = zip(pieces, new, strict=True)
        return [(piece.start, piece.end, self.write(one)) for piece, one in each if one != piece.text]


@dataclass(frozen=True)
class Record:
    """A line or a row: its characters, the texts in them, and where it is in the input.

    Args:
        raw: The characters; bytes that are not UTF-8 are lone surrogates ("surrogateescape").
        cells: The texts, in order.
        line: The number of its first line, from 1.
        lines: The number of its lines.
        end: The offset behind it, in bytes.
        problem: What is wrong with it; empty for a record that could be read.
        header: Whether it is the row that names a table's columns.
        unread: The names of fields or columns with text that were not asked for.
        places: Where fields are that hold places in the texts, each with its name and its comma.
    """

    raw: str
    cells: tuple[Cell, ...]
    line: int
    lines: int
    end: int
    problem: str = ""
    header: bool = False
    unread: tuple[str, ...] = field(default=(), repr=False)
    places: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        # No text: a repr ends up in logs.
        return f"Record(line {self.line}, {len(self.cells)} texts; {self.problem or 'read'})"

    def filled(self, texts: Sequence[str]) -> bytes:
        """Write the record with other texts in its cells.

        Args:
            texts: A text for each cell; one that is the same stays as it is written. Where one has changed, fields with
                places in the texts are left out.

        Returns:
            The record's bytes.
        """
        return self.written(texts).encode("utf-8", "surrogateescape")

    def written(self, texts: Sequence[str]) -> str:
        """Write the record as `filled` does.

        Args:
            texts: A text for each cell.

        Returns:
            The record's characters.
        """
        changed = [change for cell, text in zip(self.cells, texts, strict=True) for change in cell.changes(text)]
        if changed:
            # The places would be those of other characters.
            changed += [(start, end, "") for start, end in self.places]
        pieces: list[str] = []
        place = 0
        for start, end, new in sorted(changed):
            pieces += [self.raw[place:start], new]
            place = end
        pieces.append(self.raw[place:])
        return "".join(pieces)

    def placed(self) -> Iterator[tuple[Cell, int, int]]:
        """Find the lines of its texts.

        Yields:
            Each text with the line that it begins in and the number of its lines.
        """
        line, place = self.line, 0
        for cell in self.cells:
            line += self.raw.count("\n", place, cell.start)
            place = cell.start
            yield cell, line, 1 + self.raw.count("\n", cell.start, cell.end)


class Records(Protocol):
    """Makes records of lines, one after another."""

    def feed(self, line: Line) -> Record | None:
        """Read the next line.

        Args:
            line: The line.

        Returns:
            The record that ends with this line; None where the record continues.
        """
        ...

    def finish(self) -> Record | None:
        """End the input.

        Returns:
            The record that the last line left open; None where there is none.
        """
        ...


class Reading(Protocol):
    """A stream that gives the bytes that are there."""

    def read1(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes.

        Args:
            size: The most bytes to read.

        Returns:
            The bytes; none at the end.
        """
        ...


class LineBatch(NamedTuple):
    """Lines that were there at once.

    Args:
        lines: The lines.
        drained: Whether the input seems to have no more for now.
    """

    lines: list[Line]
    drained: bool


def read_lines(file: Reading, *, line: int = 1, offset: int = 0) -> Iterator[LineBatch]:
    """Read the lines of a stream as they come: one if it comes alone, or as many as about `BLOCK_BYTES` hold.

    Only a line feed ends a line. The last one may lack its end. Time grows linearly with the length of a line.

    Args:
        file: The stream.
        line: The number of its next line.
        offset: The bytes before that line.

    Yields:
        Lines that were there at once.

    Raises:
        DataError: For a stream that begins as UTF-16 does.
    """
    begun: list[bytes] = []
    while block := file.read1(BLOCK_BYTES):
        if not (offset or begun) and (encoding := utf_16_of(block)):
            raise DataError(f"looks like {encoding}, not UTF-8. Give --encoding {encoding}, or convert it.")
        first, *others = block.split(b"\n")
        begun.append(first)
        lines = []
        for other in others:
            data = b"".join(begun) + b"\n"
            offset += len(data)
            lines.append(Line(data, line, offset))
            line += 1
            begun = [other]
        # Less than a pipe holds: the writer is waiting, or slower than this reader.
        yield LineBatch(lines, len(block) < _PIPE_BYTES)
    if rest := b"".join(begun):
        yield LineBatch([Line(rest, line, offset + len(rest))], True)


class RecordBatch(NamedTuple):
    """Records that were there at once.

    Args:
        records: The records.
        drained: Whether the input seems to have no more for now.
    """

    records: list[Record]
    drained: bool


def read_records(source: Reading, records: Records, *, line: int = 1, offset: int = 0) -> Iterator[RecordBatch]:
    """Read the records of a stream as their lines come.

    Args:
        source: The stream.
        records: Makes records of lines.
        line: The number of its next line.
        offset: The bytes before that line.

    Yields:
        Records that were there at once.

    Raises:
        DataError: For a stream that begins as UTF-16 does, and what `records` raises.
        OptionError: What `records` raises.
    """
    for lines, drained in read_lines(source, line=line, offset=offset):
        yield RecordBatch([record for one in lines if (record := records.feed(one))], drained)
    if rest := records.finish():
        yield RecordBatch([rest], True)


_BOM = "\ufeff"


def decode(data: bytes) -> tuple[str, str]:
    """Decode bytes that should be UTF-8.

    Args:
        data: The bytes.

    Returns:
        The characters, with lone surrogates for bytes that are not UTF-8, and what is wrong with them, if anything.
    """
    try:
        text = data.decode("utf-8")
        return text, "a NUL byte: is it UTF-16?" if "\0" in text else ""
    except UnicodeDecodeError as error:
        return data.decode("utf-8", "surrogateescape"), f"byte 0x{data[error.start]:02x} is not UTF-8 ({error.reason})"


def content(raw: str, *, first: bool) -> tuple[int, int]:
    """Find the characters of a line without the byte order mark and the line's end.

    Args:
        raw: The line.
        first: Whether it is the first one, which may begin with a byte order mark.

    Returns:
        The half-open offsets.
    """
    end = len(raw) - raw.endswith("\n")
    end -= raw.endswith("\r", 0, end)
    return int(first and raw.startswith(_BOM)), end


def as_it_is(text: str) -> str:
    """Write a text as it is.

    Args:
        text: The text.

    Returns:
        The same.
    """
    return text


class WholeInput(ABC):
    """Reads an input that is one record, of all its lines."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._problem = ""
        self._end = 0

    def feed(self, line: Line) -> None:
        """Read the next line; see `Records`."""
        raw, problem = decode(line.data)
        self._problem = self._problem or problem
        self._lines.append(raw)
        self._end = line.end

    def finish(self) -> Record | None:
        """End the input; see `Records`."""
        if not self._lines:
            return None
        return self.record("".join(self._lines), lines=len(self._lines), end=self._end, problem=self._problem)

    @abstractmethod
    def record(self, raw: str, *, lines: int, end: int, problem: str) -> Record | None:
        """Make the record of the input.

        Args:
            raw: Its characters.
            lines: The number of its lines.
            end: Its length in bytes.
            problem: What is wrong with its bytes; empty where nothing is.

        Returns:
            The record; None where there is none.
        """
        ...


class TextLines:
    """Each line is a text; the record's only cell is the line without its end."""

    def feed(self, line: Line) -> Record:
        """Read the next line; see `Records`."""
        raw, problem = decode(line.data)
        start, end = content(raw, first=line.number == 1)
        return Record(raw, (Cell(start, end, raw[start:end], as_it_is),), line.number, 1, line.end, problem)

    def finish(self) -> None:
        """End the input; no line is left open."""


class TextRecords:
    """Each line is a text, but all lines of a private key are one, so that none of them is read alone.

    A key goes from the line with `-----BEGIN … PRIVATE KEY-----` to that with `-----END`. Where another line comes
    before that, the record ends with it, and has a problem if lines of a key came first.

    `feed` raises `DataError` for a key of more than `KEY_CHARACTERS`.
    """

    def __init__(self) -> None:
        self._lines = TextLines()
        self._key: list[Record] = []
        self._length = 0

    def feed(self, line: Line) -> Record | None:
        """Read the next line; see `Records`."""
        record = self._lines.feed(line)
        if not self._key:
            begin = _KEY_BEGIN.search(record.raw) if "-----BEGIN" in record.raw else None
            if begin is None or "-----END" in record.raw[begin.end() :]:
                return record
        self._key.append(record)
        self._length += len(record.raw)
        if self._length > KEY_CHARACTERS:
            raise DataError(
                f"line {self._key[0].line}: a private key that begins here does not end within {KEY_CHARACTERS:,} "
                f"characters. Add the line with its end."
            )
        if len(self._key) == 1 or _KEY_LINE.fullmatch(record.raw):
            return None
        return self._joined("" if "-----END" in record.raw else record.raw)

    def finish(self) -> Record | None:
        """End the input; see `Records`."""
        return self._joined("the end") if self._key else None

    def _joined(self, other: str) -> Record:
        """The lines of a key as one record; `other` is what came instead of its end."""
        key, self._key, self._length = self._key, [], 0
        raw = "".join(record.raw for record in key)
        start, (_, end) = key[0].cells[0].start, content(raw, first=False)
        problem = next((record.problem for record in key if record.problem), "")
        if other and not problem and any(_FULL_KEY_LINE.fullmatch(record.raw) for record in key[1:]):
            problem = "a private key begins here whose end is missing"
        whole = Cell(start, end, raw[start:end], as_it_is)
        return Record(raw, (whole,), key[0].line, len(key), key[-1].end, problem)


KEY_CHARACTERS = 1 << 20
"""The most that a private key may have, so that one that never ends does not fill the memory."""
_KEY_BEGIN = re.compile(KEY_BEGIN)
_KEY_LINE = re.compile(r"\s*(?:[A-Za-z0-9+/=]*|[A-Z][A-Za-z-]{1,24}: .*)\s*")
_FULL_KEY_LINE = re.compile(r"\s*[A-Za-z0-9+/]{32,}={0,2}\s*")


class Row(NamedTuple):
    """A row of a table with all its lines.

    Args:
        raw: Its characters.
        fields: Where its fields are in them, half-open, with their quotes.
        misshapen: What is wrong with it; empty where nothing is.
        lines: The number of its lines.
    """

    raw: str
    fields: list[tuple[int, int]]
    misshapen: str
    lines: int

    def values(self) -> list[str]:
        """Read its fields.

        Returns:
            Their texts.
        """
        return [unquoted(self.raw[start:end]) for start, end in self.fields]


class RowSplitter:
    """Splits lines of a table into rows and fields, quoted as RFC 4180 says.

    Args:
        delimiter: What stands between two fields.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._begin()

    def _begin(self) -> None:
        self._lines: list[str] = []
        self._length = 0
        self._fields: list[tuple[int, int]] = []
        self._open: int | None = None
        self._misshapen = ""

    def feed(self, raw: str, *, first: bool = False) -> Row | None:
        """Read the next line.

        Args:
            raw: The line with its end.
            first: Whether it is the first one, which may begin with a byte order mark.

        Returns:
            The row that ends with this line; None where it goes on.

        Raises:
            DataError: For a row of more than `ROW_CHARACTERS`.
        """
        start, end = content(raw, first=first)
        place = start if self._open is None else 0
        self._lines.append(raw)
        base, self._length = self._length, self._length + len(raw)
        while True:
            begin, quoted = base + place, False
            if self._open is None and raw.startswith('"', place, end):
                self._open = begin
                place += 1
            if self._open is not None:
                place = _behind_quote(raw, place)
                if place < 0:
                    if self._length > ROW_CHARACTERS:
                        raise DataError(
                            f"a quote that opens here is not closed within {ROW_CHARACTERS:,} characters. Close it."
                        )
                    return None
                begin, self._open, quoted = self._open, None, True
            found = raw.find(self._delimiter, place, end)
            stop = end if found < 0 else found
            if begin < base + place < base + stop:
                self._misshapen = "has text behind a closing quote"
            if not quoted and "\r" in raw[place:stop]:
                self._misshapen = "has a carriage return outside quotes (do the lines end in CR alone?)"
            self._fields.append((begin, base + stop))
            if found < 0:
                return self._row()
            place = stop + 1

    def finish(self) -> Row | None:
        """End the input.

        Returns:
            The row that the last line left open; None where there is none.
        """
        if not self._lines:
            return None
        self._misshapen = "has a quote that is never closed"
        return self._row()

    def _row(self) -> Row:
        row = Row("".join(self._lines), self._fields, self._misshapen, len(self._lines))
        self._begin()
        return row


class Header(NamedTuple):
    """The column names in the first row of a table.

    Args:
        places: The numbers of the columns that are texts, from 0.
        width: The number of columns.
    """

    places: tuple[int, ...]
    width: int


class CsvRows:
    """Rows of a table with texts in some columns, quoted as RFC 4180 says; the first row names the columns.

    A row with more or fewer fields than columns, with text behind a closing quote, or with a carriage return outside
    quotes has itself as its only cell, and so have all lines behind a quote that is never closed. Blank lines have no
    texts. The first row has itself as its only cell, because a table without names of columns has data there. A changed
    field is quoted if it was before or needs it now.

    `feed` and `finish` raise `OptionError` for a table without one of the columns, `DataError` for a first row that
    cannot be read, and for a row of more than `ROW_CHARACTERS`.

    Args:
        columns: The names of the columns with text; None for all columns.
        delimiter: What stands between two fields.
        header: The columns of a table whose first row has been read before.
        partial: Whether the table may lack some of the columns, though not all.
    """

    def __init__(
        self,
        columns: Sequence[str] | None,
        *,
        delimiter: str = ",",
        header: Header | None = None,
        partial: bool = False,
    ) -> None:
        self._columns = columns
        self._partial = partial
        self._delimiter = delimiter
        self.header = header
        self._split = RowSplitter(delimiter)
        # Columns that were not asked for, and in which no text was met yet.
        self._unread: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._problem, self._first, self._end = "", 0, 0

    def feed(self, line: Line) -> Record | None:
        """Read the next line; see `Records`."""
        raw, problem = decode(line.data)
        self._problem = self._problem or problem
        self._first = self._first or line.number
        self._end = line.end
        try:
            row = self._split.feed(raw, first=line.number == 1)
        except DataError as error:
            raise DataError(f"line {self._first}: {error}") from None
        return None if row is None else self._record(row)

    @property
    def names(self) -> list[str]:
        """The names of the columns, once the first row is read here."""
        return list(self._names.values())

    def finish(self) -> Record | None:
        """End the input; see `Records`."""
        row = self._split.finish()
        return None if row is None else self._record(row)

    def _record(self, row: Row) -> Record:
        raw, fields, misshapen, lines = row
        problem, first = self._problem or misshapen, self._first
        self._problem, self._first = "", 0
        start, end = content(raw, first=first == 1)
        whole = Cell(start, end, raw[start:end], as_it_is)
        if self.header is None:
            if problem:
                raise DataError(f"line {first}, which names the columns, {problem}")
            self.header = self._header(raw, fields)
            self._unread = {place: name for place, name in self._names.items() if place not in self.header.places}
            return Record(raw, (whole,), first, lines, self._end, header=True)
        if start == end:
            return Record(raw, (), first, lines, self._end)
        if not misshapen and len(fields) != self.header.width:
            misshapen = f"has {len(fields)} fields for {self.header.width} columns"
        if misshapen:
            return Record(raw, (whole,), first, lines, self._end, problem or misshapen)
        cells = tuple(self._cell(raw, *fields[place], self._names.get(place, "")) for place in self.header.places)
        unread = {place: name for place, name in self._unread.items() if _LETTER.search(raw, *fields[place])}
        for place in unread:
            del self._unread[place]
        return Record(raw, cells, first, lines, self._end, problem, unread=tuple(unread.values()))

    def _header(self, raw: str, fields: Sequence[tuple[int, int]]) -> Header:
        names = [unquoted(raw[start:end]) for start, end in fields]
        missing = [column for column in self._columns or () if column not in names]
        for column in missing[:1]:
            if not self._partial or len(missing) == len(self._columns or ()):
                # The names are not shown: in a table without a row of names they are data.
                raise OptionError(
                    f"column: Found no {column!r} among the {len(names)} columns that the first line names. "
                    f"Name one of them; a .csv has commas between columns, a .tsv tabs."
                )
        self._names = dict(enumerate(names))
        chosen = (place for place, name in enumerate(names) if self._columns is None or name in self._columns)
        return Header(tuple(chosen), len(names))

    def _cell(self, raw: str, start: int, end: int, name: str) -> Cell:
        written = raw[start:end]
        write = self._quote if written[:1] == '"' else self._quote_if_needed
        return Cell(start, end, unquoted(written), write, name)

    def _quote(self, text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    def _quote_if_needed(self, text: str) -> str:
        return self._quote(text) if any(mark in text for mark in (self._delimiter, '"', "\n", "\r")) else text


_LETTER = re.compile(r"[^\W\d_]")


def _behind_quote(raw: str, place: int) -> int:
    """The place behind the quote that closes a field, -1 where none does; two quotes stand for one."""
    while (place := raw.find('"', place)) >= 0 and raw.startswith('"', place + 1):
        place += 2
    return place + 1 if place >= 0 else place


def unquoted(written: str) -> str:
    """Read a field of a table.

    Args:
        written: The field, perhaps in quotes.

    Returns:
        The text.
    """
    return written[1:-1].replace('""', '"') if written[:1] == '"' else written
