"""Rows of CSV → records whose texts can be exchanged while all else stays as it is; no labels
here.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from seqlabel.errors import DataError, OptionError
from seqlabel.io.records import Cell, Lines, Record, content

ROW_CHARACTERS = 1 << 28
"""The most that a row may have, so that a quote that is never closed does not fill the memory."""
_TEXT = re.compile(r"[^\W\d_]|(?:[0-9][ ().+/-]{0,2}){6}[0-9]")
"""A letter, or as many digits as a telephone number has."""
DELIMITERS = (",", ";", "\t", "|")
"""The characters that usually stand between two fields."""
_NAMED_DELIMITER = re.compile(r"\ufeff?\"?sep=([^\"\r\n])\"?\r?\n?")
"""A first line that names the delimiter, as Excel reads and some programs write it."""
_OTHER_DELIMITERS = {"^": 1, "~": 1, "\x01": 1, "\x1f": 1, ":": 2}
"""Characters that stand there now and then, and how many of them a row has at least, since text has
them too.
"""


def named_delimiter(line: str) -> str | None:
    """Return the delimiter that the first line of a table names.

    Args:
        line: The line.

    Returns:
        The delimiter; None for a line that is not `sep=;` or the like.

    Example:
        >>> named_delimiter("sep=;"), named_delimiter("sep;name")
        (';', None)
    """
    match = _NAMED_DELIMITER.fullmatch(line)
    return None if match is None else match[1]


class Row(NamedTuple):
    """A row of a table with all its lines.

    Args:
        raw: Its characters.
        fields: Where its fields are in them, half-open, with their quotes.
        misshapen: The problem of its shape; empty where it has none.
    """

    raw: str
    fields: list[tuple[int, int]]
    misshapen: str

    def values(self) -> list[str]:
        """Read its fields.

        Returns:
            Their texts.
        """
        return [unquoted(self.raw[start:end]) for start, end in self.fields]


class RowSplitter:
    """Splits lines of a table into rows and fields, quoted as RFC 4180 says.

    Args:
        delimiter: The separator of fields.
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
            The row that ends with this line; None where it continues.

        Raises:
            DataError: For a row of more than `ROW_CHARACTERS`.
        """
        start, end = content(raw, first=first)
        offset = start if self._open is None else 0
        self._lines.append(raw)
        base = self._length
        self._length = self._length + len(raw)

        while True:
            begin = base + offset
            quoted = False
            if self._open is None and raw.startswith('"', offset, end):
                self._open = begin
                offset += 1
            if self._open is not None:
                offset = _after_quote(raw, offset)
                if offset < 0:
                    if self._length > ROW_CHARACTERS:
                        raise DataError(
                            f"a quote that opens here is not closed within {ROW_CHARACTERS:,} "
                            "characters. Close it."
                        )
                    return None
                begin = self._open
                self._open = None
                quoted = True
            following = raw.find(self._delimiter, offset, end)
            stop = end if following < 0 else following
            if begin < base + offset < base + stop:
                self._misshapen = "has text after a closing quote"
            if not quoted and "\r" in raw[offset:stop]:
                self._misshapen = (
                    "has a carriage return outside quotes (do the lines end in CR alone?)"
                )
            self._fields.append((begin, base + stop))
            if following < 0:
                return self._row()
            offset = stop + 1

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
        row = Row("".join(self._lines), self._fields, self._misshapen)
        self._begin()
        return row


class Header(NamedTuple):
    """The column names in the first row of a table.

    Args:
        places: The numbers of the columns that are texts, from 0.
        width: The number of columns.
        delimiter: The separator of fields; empty for the one that was asked for.
    """

    places: tuple[int, ...]
    width: int
    delimiter: str = ""


class CsvRows:
    """Rows of a table with texts in some columns, quoted as RFC 4180 says; the first row names the
    columns.

    A row with more or fewer fields than columns, with text after a closing quote, or with a
    carriage return outside quotes has itself as its only cell, and so have all lines after a quote
    that is never closed. Blank lines have no texts. The first row has itself as its only cell,
    because a table without names of columns has data there. A changed field is quoted if it was
    before or needs it now.

    `feed` and `finish` raise `OptionError` for a table without one of the columns, `DataError` for
    a first row that cannot be read, and for a row of more than `ROW_CHARACTERS`.

    Args:
        columns: The names of the columns with text; None for all columns.
        delimiter: The separator of fields.
        sniffed: Whether it is another of `DELIMITERS` where the first row says so.
        header: The columns of a table whose first row has been read before.
        partial: Whether the table may lack some of the columns, though not all.
    """

    def __init__(
        self,
        columns: Sequence[str] | None,
        *,
        delimiter: str = ",",
        sniffed: bool = False,
        header: Header | None = None,
        partial: bool = False,
    ) -> None:
        self._columns = columns
        self._partial = partial
        self._delimiter = header.delimiter or delimiter if header else delimiter
        self._sniffed = sniffed and header is None
        self.header = header
        self._split = RowSplitter(self._delimiter)
        # The first row of a table with one column, until it is compared with the second.
        self._single = ""
        self._lines = Lines()
        # Columns that were not asked for, and in which no text was met yet.
        self._unread: dict[int, str] = {}
        self._names: dict[int, str] = {}

    def feed(self, line: Record) -> Record | None:
        """Read the next line; see `Records`."""
        named = named_delimiter(line.raw) if line.line == 1 and self.header is None else None
        if named is not None:
            self._delimiter = named if self._sniffed else self._delimiter
            self._sniffed = False
            self._split = RowSplitter(self._delimiter)
            return replace(line, cells=())
        self._lines.add(line)
        if self._sniffed:
            self._sniffed = False
            self._delimiter = self._sniff(line.raw)
            self._split = RowSplitter(self._delimiter)
        try:
            row = self._split.feed(line.raw, first=line.line == 1)
        except DataError as error:
            raise DataError(f"line {self._lines.first}: {error}") from None
        return None if row is None else self._record(row)

    @property
    def names(self) -> list[str]:
        """The names of the columns, once the first row is read here."""
        return list(self._names.values())

    def finish(self) -> Record | None:
        """End the input; see `Records`."""
        row = self._split.finish()
        return None if row is None else self._record(row)

    def _sniff(self, raw: str) -> str:
        """Find the delimiter with which the first line names the columns: the usual one, if it fits
        as well.
        """
        best = self._delimiter
        most = (0, 0)
        for delimiter in (self._delimiter, *DELIMITERS):
            row = RowSplitter(delimiter).feed(raw, first=True)
            if row is None or row.misshapen:
                continue
            names = row.values()
            wanted = len(set(names) & set(self._columns or ()))
            fits = (wanted, 0 if wanted else len(names))
            if fits > most:
                best = delimiter
                most = fits
        return best

    def _check_single(self, raw: str) -> None:
        """Refuse a table of one column whose first two rows have as many of another delimiter."""
        first = self._single
        self._single = ""
        least = {**dict.fromkeys(DELIMITERS, 1), **_OTHER_DELIMITERS}
        for delimiter, fewest in least.items():
            number = first.count(delimiter)
            if delimiter != self._delimiter and number >= fewest and raw.count(delimiter) == number:
                raise OptionError(
                    "delimiter: Expected the character between the columns, got "
                    f"{self._delimiter!r}, with which the table has one column, and {number + 1} "
                    f"with {delimiter!r}. Pass the right --delimiter."
                )

    def _record(self, row: Row) -> Record:
        record = self._lines.record()
        self._lines = Lines()
        raw, fields, misshapen = row

        if self.header is None:
            if problem := record.problem or misshapen:
                raise DataError(f"line {record.line}, which names the columns, {problem}")
            self.header = self._header(row.values())
            self._unread = {
                column: name
                for column, name in self._names.items()
                if column not in self.header.places
            }
            self._single = raw if self.header.width == 1 else ""
            return replace(record, header=True)

        if not record.cells[0].text:
            return replace(record, cells=())
        if self._single:
            self._check_single(raw)

        if not misshapen and len(fields) != self.header.width:
            misshapen = f"has {len(fields)} fields for {self.header.width} columns"
        if misshapen:
            return replace(record, problem=record.problem or misshapen)

        cells = tuple(
            self._cell(raw, *fields[column], self._names.get(column, ""))
            for column in self.header.places
        )
        unread = {
            column: name
            for column, name in self._unread.items()
            if _TEXT.search(raw, *fields[column])
        }
        for column in unread:
            del self._unread[column]
        return replace(record, cells=cells, unread=tuple(unread.values()))

    def _header(self, names: Sequence[str]) -> Header:
        missing = [column for column in self._columns or () if column not in names]
        for column in missing[:1]:
            if not self._partial or len(missing) == len(self._columns or ()):
                # The names are not shown: in a table without a row of names they are data.
                raise OptionError(
                    f"column: Expected one of the {len(names)} columns that the first line names, "
                    f"got {column!r}. Name one of them, or pass the --delimiter between them."
                )
        self._names = dict(enumerate(names))
        chosen = (
            column
            for column, name in enumerate(names)
            if self._columns is None or name in self._columns
        )
        return Header(tuple(chosen), len(names), self._delimiter)

    def _cell(self, raw: str, start: int, end: int, name: str) -> Cell:
        written = raw[start:end]
        write = self._quote if written[:1] == '"' else self._quote_if_needed
        return Cell(start, end, unquoted(written), write, name)

    def _quote(self, text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    def _quote_if_needed(self, text: str) -> str:
        return (
            self._quote(text)
            if any(mark in text for mark in (self._delimiter, '"', "\n", "\r"))
            else text
        )


def _after_quote(raw: str, offset: int) -> int:
    """The offset after the quote that closes a field, -1 where none does; two quotes stand for
    one.
    """
    while (offset := raw.find('"', offset)) >= 0 and raw.startswith('"', offset + 1):
        offset += 2
    return offset + 1 if offset >= 0 else offset


def unquoted(written: str) -> str:
    """Read a field of a table.

    Args:
        written: The field, perhaps in quotes.

    Returns:
        The text.
    """
    return written[1:-1].replace('""', '"') if written[:1] == '"' else written
