"""The description of a file format: how it is recognized, read and written; each format has its own
module.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from seqlabel.documents.document import Document
from seqlabel.errors import OptionError, SeqlabelError
from seqlabel.formats.reading import Read, ReadOptions, json_or_none
from seqlabel.io.csv_records import DELIMITERS, Header
from seqlabel.io.json_records import steps_of
from seqlabel.io.packed import as_utf_8, is_utf_8
from seqlabel.io.records import Reading, Record, RecordBatch, Records, read_records
from seqlabel.io.text_files import UTF_8
from seqlabel.io.unpacking import open_unpacked

TAGS = "tags"
"""Labels of words."""
SPANS = "spans"
"""Labels of runs of words."""
TREES = "trees"
"""Heads of words."""
DOCUMENT = "document"
"""Labels of whole texts."""
COLUMNS = "columns"
"""The columns of a table, of which a user names those that are text."""
FIELDS = "fields"
"""The fields of an object, of which a user names those that are text."""
_NO_FIELDS: Mapping[str, object] = {}


@dataclass(frozen=True)
class Layout:
    """Which parts of records are text, and how bytes become characters.

    Args:
        fields: The fields of JSON with text: names, and paths such as `user.name` and
            `messages[].content`.
        columns: The columns of tables with text; None for all of them.
        all_strings: Whether all strings of JSON are text, but for the names of fields.
        delimiter: The separator of fields of a table; None for the one that the first row shows,
            else a comma in `.csv` and a tab in `.tsv`.
        encoding: The name of the files' encoding, as Python knows it.
        partial: Whether a table may lack some of the columns, though not all.
        labels: Columns and fields whose values are private as a whole, each with the label.
        unpacked_mb: The most megabytes that a part of a file may unpack to; 0 for 50 times the
            file's size, at least 16 and at most 200.

    Raises:
        OptionError: For a delimiter that is not one character, an unknown encoding, an invalid path
            of a field, and fields together with `all_strings`.
    """

    fields: tuple[str, ...] = ("text",)
    columns: tuple[str, ...] | None = ()
    all_strings: bool = False
    delimiter: str | None = None
    encoding: str = UTF_8
    partial: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    unpacked_mb: int = 0

    def __post_init__(self) -> None:
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise OptionError(
                "delimiter: expected one character, such as ; or | or a tab, got "
                f"{self.delimiter!r}."
            )
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise OptionError(
                "encoding: expected an encoding that Python knows, such as cp1252, got "
                f"{self.encoding!r}."
            ) from None
        for path in self.fields:
            steps_of(path)

    @property
    def is_utf_8(self) -> bool:
        """Whether the bytes of files are taken as they are."""
        return is_utf_8(self.encoding)


class Beginning(NamedTuple):
    """How a file begins, which tells its format.

    Args:
        path: The file or folder; None for a stream.
        lines: Its first whole lines.
        names: The columns that a table is asked for.
        labeled: Whether a file with labels is expected, not a text.
    """

    path: Path | None
    lines: Sequence[str]
    names: frozenset[str]
    labeled: bool

    @property
    def filled(self) -> list[str]:
        """The lines that are not blank."""
        return [line for line in self.lines if line.strip()]

    @property
    def first(self) -> str:
        """The first line that is not blank."""
        return next(iter(self.filled), "")

    @property
    def rows(self) -> list[str]:
        """The lines that are not blank, not a comment and not the beginning of a document."""
        return [line for line in self.filled if not line.startswith(("# ", "-DOCSTART-"))]

    @property
    def object(self) -> Mapping[str, Any]:
        """The first line as an object of JSON; empty where it is not one."""
        value = json_or_none(self.first)
        return value if isinstance(value, dict) else {}

    @property
    def names_columns(self) -> bool:
        """Whether the first line names the columns among others, and the second has as many
        values.
        """
        lines = self.filled[:2]
        for separator in DELIMITERS:
            names = [name.strip('"') for name in lines[0].split(separator)] if lines else []
            if len(names) > 1 and self.names <= set(names):
                return all(len(line.split(separator)) >= len(names) for line in lines[1:])
        return False


class Text(NamedTuple):
    """A text to label, or a document whose words are known.

    Args:
        content: The text or the document.
        fields: The other fields of its line or row.
    """

    content: str | Document
    fields: Mapping[str, object] = _NO_FIELDS


Labeled = tuple[Document, Mapping[str, object]]
"""A document, and the other fields of the line or row that it came from."""


class Package(AbstractContextManager["Package"], Protocol):
    """An open file that is read and written as a whole, such as Parquet or an Office file."""

    unit: str
    """What its records are called."""
    total: int
    """The number of its records; 0 where it is not known."""
    columns: Sequence[str]
    """The columns that are read; empty unless it is a table."""

    @property
    def unread(self) -> Sequence[str]:
        """The parts that hold text and are not read, once all records are read."""
        ...

    @property
    def dropped(self) -> Sequence[str]:
        """The parts that hold text or pictures, and that a written file no longer has."""
        ...

    def records(self) -> Iterator[list[Record]]:
        """Read it; the same records each time.

        Yields:
            Records that are read together.
        """
        ...

    def write(self, target: BinaryIO, written: Iterable[Sequence[Sequence[str] | None]]) -> None:
        """Write it with other texts.

        Args:
            target: Where the new file goes.
            written: For the records that `records` yields together, the new texts of each; None for
                one that is left out.
        """
        ...


@dataclass(frozen=True)
class Labels:
    """How labels are read from a format.

    Args:
        holds: The kinds of labels in it.
        read: Reads labelled documents.
        has_words: Whether it has words, not plain text.
        options: The options of `ReadOptions` that say where words and labels stand; others are not
            for this format.
        layers: The layers that it has of its own for a kind of labels, such as `upos`.
    """

    holds: frozenset[str]
    read: Read
    has_words: bool = False
    options: frozenset[str] = frozenset()
    layers: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Writer:
    """How labelled documents are written in a format.

    Args:
        write: Gives their bytes, in pieces.
        is_binary: Whether these are not text.
        by_document: Whether what is written for a document does not depend on those before it.
        keeps_fields: Whether the other fields of the line or row of a document are written too.
    """

    write: Callable[[Iterable[Labeled]], Iterator[bytes]]
    is_binary: bool = False
    by_document: bool = True
    keeps_fields: bool = False


@dataclass(frozen=True)
class Exchange:
    """How the texts of a format are exchanged while all else stays; `records` or `package` is
    given.

    Args:
        parts: What its parts are called; with `COLUMNS` and `FIELDS` the user says which of them
            are text.
        records: Makes what reads the records of a stream.
        package: Opens a file that is read and written as a whole.
        becomes: The suffix of what a file becomes, where it cannot be written as it was.
        by_line: Whether each line is a text, so that a line stands for one that is withheld, and
            lines keep numbers.
    """

    parts: str = ""
    records: Callable[[Layout, Header | None], Records] | None = None
    package: Callable[[Path, Layout], Package] | None = None
    becomes: str = ""
    by_line: bool = False

    def batches(self, path: Path, layout: Layout) -> Iterator[RecordBatch]:
        """Open a file and read its records, for whatever is done with their texts.

        Args:
            path: The file, compressed or not.
            layout: Which parts of records are text, and the file's encoding.

        Yields:
            Records that are there at once; after those of a file that is read as a whole, the parts
            of it that were not read, unless the columns of a table were chosen by name.

        Raises:
            DataError: For a file that cannot be read; it names the file.
            OptionError: For columns that it does not have.
            OSError: If it cannot be opened.
        """
        with ExitStack() as stack:
            if self.package is None:
                assert self.records is not None
                source = open_unpacked(path, stack)
                yield from records_of(source, self.records(layout, None), layout, name=str(path))
                return
            package = stack.enter_context(self.package(path, layout))
            for records in package.records():
                yield RecordBatch(records, False)
            if self.parts != COLUMNS or layout.columns is None:
                yield RecordBatch([], False, (*package.unread, *package.dropped))


def records_of(
    source: Reading, records: Records, layout: Layout, *, name: str
) -> Iterator[RecordBatch]:
    """Read the records of a stream.

    Args:
        source: The stream, unpacked.
        records: What makes records of its lines.
        layout: Its encoding.
        name: What errors call it.

    Yields:
        Records that are there at once, before more is read.

    Raises:
        DataError: For a stream in another encoding, and what `records` raises.
        OptionError: What `records` raises.
    """
    try:
        yield from read_records(as_utf_8(source, layout.encoding), records)
    except SeqlabelError as error:
        raise type(error)(f"{name}: {error}") from None


def _looks_like_nothing(beginning: Beginning) -> bool:
    return False


@dataclass(frozen=True)
class Format:
    """A format of files. What it cannot do is None.

    Args:
        name: Its name.
        suffixes: The suffixes of its files. Where several formats have one, the beginning of a file
            tells, and where it tells nothing, the last of them is taken.
        aliases: Other names of it.
        looks_like: Tells whether a file begins as this format does.
        labels: How labels are read.
        texts: Reads the texts to label of a whole file.
        writer: How labelled documents are written.
        exchange: How texts are exchanged while all else stays.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    looks_like: Callable[[Beginning], bool] = _looks_like_nothing
    labels: Labels | None = None
    texts: Callable[[Path, ReadOptions], Iterator[Text]] | None = None
    writer: Writer | None = None
    exchange: Exchange | None = None

    def __str__(self) -> str:
        return self.name

    def holds(self, task: str) -> bool:
        """Return whether it has labels of a kind.

        Args:
            task: The kind of labels.

        Returns:
            Whether it has.
        """
        return self.labels is not None and task in self.labels.holds

    def heeds(self, option: str) -> bool:
        """Return whether an option of reading says where its words or labels stand.

        Args:
            option: The name of the option, as in `ReadOptions`.

        Returns:
            Whether it does.
        """
        return self.labels is not None and option in self.labels.options

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document]:
        """Read labelled documents; a format without labels has none.

        Args:
            path: The file or folder.
            options: How it is read.

        Returns:
            The documents.
        """
        assert self.labels is not None
        return self.labels.read(path, options)

    def write(self, labeled: Iterable[Labeled]) -> Iterator[bytes]:
        """Write labelled documents; only for a format with a `writer`.

        Args:
            labeled: The documents, each with the other fields of its line or row.

        Returns:
            Their bytes, in pieces.
        """
        assert self.writer is not None
        return self.writer.write(labeled)

    def batches(self, path: Path, layout: Layout) -> Iterator[RecordBatch]:
        """Open a file and read its records; see `Exchange.batches`.

        Args:
            path: The file.
            layout: Which parts of records are text, and the file's encoding.

        Returns:
            Records that are there at once.
        """
        assert self.exchange is not None
        return self.exchange.batches(path, layout)

    @property
    def has_columns(self) -> bool:
        """Whether the user says which columns are text."""
        return self.exchange is not None and self.exchange.parts == COLUMNS

    @property
    def has_fields(self) -> bool:
        """Whether the user says which fields are text."""
        return self.exchange is not None and self.exchange.parts == FIELDS

    @property
    def parts(self) -> str:
        """What the parts of a file are called, such as `columns`; empty where it has none."""
        return "" if self.exchange is None else self.exchange.parts

    @property
    def by_line(self) -> bool:
        """Whether each line is a text."""
        return self.exchange is not None and self.exchange.by_line

    @property
    def package(self) -> Callable[[Path, Layout], Package] | None:
        """Opens a file whose texts are exchanged as a whole; None where they are exchanged record
        by record.
        """
        return None if self.exchange is None else self.exchange.package

    @property
    def becomes(self) -> str:
        """The suffix of what a file becomes, where its texts cannot be exchanged in it; empty where
        they can.
        """
        return "" if self.exchange is None else self.exchange.becomes

    def records(self, layout: Layout, header: Header | None = None) -> Records:
        """Make what reads the records of a stream.

        Args:
            layout: Which parts of records are text.
            header: The columns of a table whose first row has been read before.

        Returns:
            The reader of records.

        Raises:
            OptionError: For a format that is read and written as a whole, and for a table without
                columns.
        """
        if self.exchange is None or self.exchange.records is None:
            raise OptionError(
                f"{self.name.capitalize()} cannot be read from or written to a stream. Pass a "
                "file and --output."
            )
        return self.exchange.records(layout, header)
