"""Bytes of text → records whose texts can be exchanged while all else stays as it is; no labels
here.

A record is a line, a private key in a text with all its lines, or a whole input. What cannot be
read as it should is a record with a problem, which says why without a character of the text. Rows
of CSV are in `io.csv_records`, JSON in `io.json_records`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, Protocol

from seqlabel.errors import DataError
from seqlabel.io.exchanged import Piece, exchanged
from seqlabel.io.text_files import utf_16_of

KEY_BEGIN = r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----"
"""The first line of a private key, as an expression."""
BLOCK_BYTES = 1 << 18
PART_CHARACTERS = 1 << 14
"""About how many characters are worked on together: a fraction of a second."""
LETTER_OR_DIGIT = re.compile(r"[^\W_]")
"""What a text has at least to be read."""
_PIPE_BYTES = 1 << 16
PRIVATE_NAMES = "names that look private"
"""How the names of fields and columns are called that hold a value, which stays: names are not
exchanged.
"""
_PRIVATE_NAME = re.compile(r"[^\W_]@[^\W_]|\+[0-9](?:[ ()./-]?[0-9]){6}")
_RUN_BEGINS = re.compile(r"\w")
_RUN_ENDS = re.compile(r"\w\Z")


def is_private_name(name: str) -> bool:
    """Return whether the name of a field or column holds an e-mail address or an international
    telephone number.

    Args:
        name: The name.

    Returns:
        Whether it does.

    Example:
        >>> is_private_name("ann@lee.example"), is_private_name("2026-01-01")
        (True, False)
    """
    return _PRIVATE_NAME.search(name) is not None


@dataclass(frozen=True)
class Encoded:
    """A part of a record whose characters encode others, such as a part of a message in base64.

    Args:
        start: The first of the record's characters that encode it.
        end: The end of those characters.
        raw: The characters that they encode.
        write: Gives the characters that encode others.
    """

    start: int
    end: int
    raw: str = field(repr=False)
    write: Callable[[str], str]


@dataclass(frozen=True)
class Cell:
    """A text in a record.

    Args:
        start: The first of the record's characters that it stands in.
        end: The end of those characters.
        text: The text.
        write: Gives the characters that write another text there.
        name: The column or the path of the field that it is in; empty where it has none.
        pieces: Where its parts stand, if other characters, which stay, are between them; `write`
            then writes one part.
        also: Other places of the same characters, which change with it.
        inside: The encoded part that the text is in; all places are then among its decoded
            characters.
        takes_text: Whether `write` can write any text there, and not a number or a name of a kind
            alone.
    """

    start: int
    end: int
    text: str = field(repr=False)
    write: Callable[[str], str]
    name: str = ""
    pieces: tuple[Piece, ...] = field(default=(), repr=False)
    also: tuple[tuple[int, int], ...] = ()
    inside: Encoded | None = None
    takes_text: bool = True

    @property
    def span(self) -> tuple[int, int]:
        """The record's characters that it stands in, or those of the encoded part that it is in;
        half-open.
        """
        return (
            (self.start, self.end) if self.inside is None else (self.inside.start, self.inside.end)
        )

    @property
    def seams(self) -> tuple[int, ...]:
        """The places in the text where markup stands inside a run of letters and digits, as in
        `lee<b>2</b>`.
        """
        seams: list[int] = []
        offset = 0
        shown = [piece for piece in self.pieces if piece.text]
        for before, after in pairwise(shown):
            offset += len(before.text)
            is_apart = before.end < after.start
            if is_apart and _RUN_ENDS.search(before.text) and _RUN_BEGINS.match(after.text):
                seams.append(offset)
        return tuple(seams)

    def changes(self, text: str) -> list[tuple[int, int, str]]:
        """Say which characters change for another text.

        Args:
            text: The text.

        Returns:
            Where characters are replaced, and by what.
        """
        pieces = self.pieces or (Piece(self.start, self.end, self.text),)
        new = exchanged([piece.text for piece in pieces], text) if self.pieces else [text]
        each = zip(pieces, new, strict=True)
        changed = [
            (piece.start, piece.end, self.write(new_text))
            for piece, new_text in each
            if new_text != piece.text
        ]
        if changed:
            changed += [(start, end, changed[0][2]) for start, end in self.also]
        return changed


@dataclass(frozen=True)
class Record:
    """A line or a row: its characters, the texts in them, and where it is in the input.

    Args:
        raw: The characters; bytes that are not UTF-8 are lone surrogates ("surrogateescape").
        cells: The texts, in order.
        line: The number of its first line, from 1.
        lines: The number of its lines.
        end: Its end, exclusive, in bytes.
        problem: The reason why it could not be read; empty where it could.
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
            texts: A text for each cell; one that is the same stays as it is written. Where one has
                changed, fields with places in the texts are left out.

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
        changed: list[tuple[int, int, str]] = []
        encoded: dict[int, tuple[Encoded, list[tuple[int, int, str]]]] = {}
        for cell, text in zip(self.cells, texts, strict=True):
            changes = cell.changes(text)
            if cell.inside is None:
                changed += changes
            elif changes:
                encoded.setdefault(id(cell.inside), (cell.inside, []))[1].extend(changes)
        for part, changes in encoded.values():
            changed.append((part.start, part.end, part.write(_changed(part.raw, changes))))
        if changed:
            # The places would be those of other characters.
            changed += [(start, end, "") for start, end in self.places]
        return _changed(self.raw, changed)

    def placed(self) -> Iterator[tuple[Cell, int, int]]:
        """Find the lines of its texts.

        Yields:
            Each text with the line that it begins in and the number of its lines.
        """
        line = self.line
        lines = 1
        offset = 0
        part: Encoded | None = None
        for cell in self.cells:
            start, end = cell.span
            # The texts of an encoded part are all in the same lines.
            if part is None or cell.inside is not part:
                line += self.raw.count("\n", offset, start)
                lines = 1 + self.raw.count("\n", start, end)
                offset = start
                part = cell.inside
            yield cell, line, lines


def _changed(raw: str, changes: Sequence[tuple[int, int, str]]) -> str:
    """Replace characters, given as half-open places that do not overlap."""
    pieces: list[str] = []
    offset = 0
    for start, end, new in sorted(changes):
        pieces += [raw[offset:start], new]
        offset = end
    pieces.append(raw[offset:])
    return "".join(pieces)


class Records(Protocol):
    """Makes records of lines, one after another."""

    def feed(self, line: Record) -> Record | None:
        """Read the next line.

        Args:
            line: The line, as a record of its own.

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


class RecordBatch(NamedTuple):
    """Records that were there at once.

    Args:
        records: The records.
        drained: Whether the input seems to have no more for now.
        unread: The parts of the file that hold text and were not read, and that no record names.
    """

    records: list[Record]
    drained: bool
    unread: tuple[str, ...] = ()


def read_lines(file: Reading, *, line: int = 1, offset: int = 0) -> Iterator[RecordBatch]:
    """Read the lines of a stream as they come: one if it comes alone, or as many as about
    `BLOCK_BYTES` hold.

    Only a line feed ends a line. The last one may lack its end. Time grows linearly with the length
    of a line.

    Args:
        file: The stream.
        line: The number of its next line.
        offset: The bytes before that line.

    Yields:
        Lines that were there at once, each as `line_record` makes it.

    Raises:
        DataError: For a stream that begins as UTF-16 does.
    """
    begun: list[bytes] = []
    while block := file.read1(BLOCK_BYTES):
        if not (offset or begun) and (encoding := utf_16_of(block)):
            raise DataError(
                f"Expected UTF-8, got what looks like {encoding}. Pass --encoding {encoding}, or "
                "convert the file."
            )
        first, *others = block.split(b"\n")
        begun.append(first)
        lines = []
        for other in others:
            data = b"".join(begun) + b"\n"
            offset += len(data)
            lines.append(line_record(data, line, offset))
            line += 1
            begun = [other]
        # Less than a pipe holds: the writer is waiting, or slower than this reader.
        yield RecordBatch(lines, len(block) < _PIPE_BYTES)
    if last_line := b"".join(begun):
        yield RecordBatch([line_record(last_line, line, offset + len(last_line))], True)


def read_records(
    source: Reading, records: Records, *, line: int = 1, offset: int = 0
) -> Iterator[RecordBatch]:
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
    for batch in read_lines(source, line=line, offset=offset):
        yield RecordBatch(
            [record for line in batch.records if (record := records.feed(line))], batch.drained
        )
    if last_record := records.finish():
        yield RecordBatch([last_record], True)


def parts_of(batch: RecordBatch) -> Iterator[RecordBatch]:
    """Cut records into parts that take a fraction of a second each.

    Args:
        batch: The records.

    Yields:
        Parts of about `PART_CHARACTERS` characters; the last one may be empty.
    """
    part: list[Record] = []
    size = 0
    for record in batch.records:
        if size > PART_CHARACTERS:
            yield RecordBatch(part, False)
            part = []
            size = 0
        part.append(record)
        size += len(record.raw)
    yield RecordBatch(part, batch.drained)


_BOM = "\ufeff"


def decode(data: bytes) -> tuple[str, str]:
    """Decode bytes that should be UTF-8.

    Args:
        data: The bytes.

    Returns:
        The characters, with lone surrogates for bytes that are not UTF-8, and what is wrong with
        them, if anything.
    """
    try:
        text = data.decode("utf-8")
        return text, "a NUL byte: is it UTF-16?" if "\0" in text else ""
    except UnicodeDecodeError as error:
        return data.decode(
            "utf-8", "surrogateescape"
        ), f"byte 0x{data[error.start]:02x} is not UTF-8 ({error.reason})"


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


def line_record(data: bytes, number: int, end: int) -> Record:
    """Make a record of a line, whose only text is the line without its end.

    Args:
        data: The line with its end.
        number: Its number, from 1.
        end: Its end, exclusive, in bytes.

    Returns:
        The record.
    """
    raw, problem = decode(data)
    return _whole(raw, number, 1, end, problem)


def _whole(raw: str, line: int, lines: int, end: int, problem: str) -> Record:
    start, stop = content(raw, first=line == 1)
    return Record(raw, (Cell(start, stop, raw[start:stop], as_it_is),), line, lines, end, problem)


class Lines:
    """Lines that become one record; they may be many, so that only their characters are held."""

    def __init__(self) -> None:
        self.raw: list[str] = []
        self.first = self._end = 0
        self._problem = ""

    def add(self, line: Record) -> None:
        """Add the next line.

        Args:
            line: The line, as a record of its own.
        """
        self.raw.append(line.raw)
        self.first = self.first or line.line
        self._end = line.end
        self._problem = self._problem or line.problem

    def record(self) -> Record:
        """Join the lines.

        Returns:
            A record whose only text is all of them, without the last one's end.
        """
        return _whole("".join(self.raw), self.first, len(self.raw), self._end, self._problem)


class WholeInput:
    """The whole input is one record.

    Args:
        read: Finds the texts in the record of all lines.
    """

    def __init__(self, read: Callable[[Record], Record]) -> None:
        self._read = read
        self._lines = Lines()

    def feed(self, line: Record) -> None:
        """Read the next line; see `Records`."""
        self._lines.add(line)

    def finish(self) -> Record | None:
        """End the input; see `Records`."""
        return self._read(self._lines.record()) if self._lines.raw else None


class TextRecords:
    """Each line is a text, but all lines of a private key are one, so that none of them is read
    alone.

    A key goes from the line with `-----BEGIN … PRIVATE KEY-----` to that with `-----END`. Where
    another line comes before that, the record ends with it, and has a problem if lines of a key
    came first.

    `feed` raises `DataError` for a key of more than `KEY_CHARACTERS`.
    """

    def __init__(self) -> None:
        self._key = Lines()
        self._length = 0

    def feed(self, line: Record) -> Record | None:
        """Read the next line; see `Records`."""
        begins = not self._key.raw
        if begins:
            match = _KEY_BEGIN.search(line.raw) if "-----BEGIN" in line.raw else None
            if match is None or "-----END" in line.raw[match.end() :]:
                return line
        self._key.add(line)
        self._length += len(line.raw)
        if self._length > KEY_CHARACTERS:
            raise DataError(
                f"line {self._key.first}: a private key that begins here does not end within "
                f"{KEY_CHARACTERS:,} characters. Add the line with its end."
            )
        if begins or _KEY_LINE.fullmatch(line.raw):
            return None
        return self._ended(is_whole="-----END" in line.raw)

    def finish(self) -> Record | None:
        """End the input; see `Records`."""
        return self._ended(is_whole=False) if self._key.raw else None

    def _ended(self, *, is_whole: bool) -> Record:
        """The lines of a key as one record."""
        has_key = any(map(_FULL_KEY_LINE.fullmatch, self._key.raw[1:]))
        record = self._key.record()
        self._key = Lines()
        self._length = 0
        if is_whole or record.problem or not has_key:
            return record
        return replace(record, problem="a private key begins here whose end is missing")


KEY_CHARACTERS = 1 << 20
"""The most that a private key may have, so that one that never ends does not fill the memory."""
_KEY_BEGIN = re.compile(KEY_BEGIN)
_KEY_LINE = re.compile(r"\s*(?:[A-Za-z0-9+/=]*|[A-Z][A-Za-z-]{1,24}: .*)\s*")
_FULL_KEY_LINE = re.compile(r"\s*[A-Za-z0-9+/]{32,}={0,2}\s*")
