"""Private values of files and streams, told by their place and not replaced; how they are written is elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, SeqlabelError
from seqlabel.formats.any_format import records_format, records_of
from seqlabel.formats.format import COLUMNS, FIELDS, Format, Layout
from seqlabel.io.packed import as_utf_8
from seqlabel.io.records import Reading, Record, read_records
from seqlabel.io.unpacking import open_unpacked
from seqlabel.privacy.finding.explaining import Reason, sources_alone
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.finding.long_texts import Found, find_in_texts


@dataclass(frozen=True)
class Located:
    """A private value in a text. The repr holds no text.

    Args:
        label: The label.
        start: Its first character in the text.
        end: The character behind it.
        score: Its probability; None where it came without one.
        source: What found it: `model`, the id of a rule or of a pattern of the settings, or `deny`.
        text: The value.
        words: Words around it that told the model most, where these were asked for.
    """

    label: str
    start: int
    end: int
    score: float | None
    source: str
    text: str = field(repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Searched:
    """A text of a file and what is private in it. The repr holds no text.

    Args:
        file: The name of the file or stream.
        line: The number of the line, or of the row of a Parquet file, that it begins in, from 1.
        lines: How many lines of the file it takes.
        path: The column or the path of the field; empty for a line of text.
        text: The text.
        found: The private values in it, in order.
    """

    file: str
    line: int
    lines: int
    path: str
    text: str = field(repr=False)
    found: tuple[Located, ...]


class FileSearcher:
    """Searches files and streams, one after another.

    `unread` counts the records that could not be read as they should; what could be read of them was searched. It also
    counts the parts that hold text and were not read, such as pictures and attachments.

    Args:
        finder: What finds private data.
        layout: Which parts of records are text, and the files' encoding.
        report: Called with a line for each record that could not be read.
        reasons: Tells why each span of a document was found.
    """

    def __init__(
        self,
        finder: PrivateFinder,
        layout: Layout,
        *,
        report: Callable[[str], None],
        reasons: Callable[[PrivateFinder, Document], list[Reason]] = sources_alone,
    ) -> None:
        self.unread = 0
        self._finder = finder
        self._layout = layout
        self._report = report
        self._reasons = reasons

    def file(self, path: Path) -> Iterator[Searched]:
        """Search a file.

        Args:
            path: The file.

        Yields:
            Each text of it.

        Raises:
            DataError: For a file that cannot be read.
            OptionError: For columns that it does not have.
        """
        form = records_format(path)
        try:
            with ExitStack() as stack:
                if form.package is None:
                    yield from self.stream(open_unpacked(path, stack), form=form, name=str(path))
                    return
                package = stack.enter_context(form.package(path, self._layout))
                for records in package.records():
                    yield from self._search(records, str(path))
                if form.parts != COLUMNS or self._layout.columns is None:
                    self._name([*package.unread, *package.dropped], str(path))
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror}).") from error

    def stream(self, source: Reading, *, form: Format, name: str) -> Iterator[Searched]:
        """Search a stream.

        Args:
            source: The stream.
            form: How it holds texts.
            name: What findings call it.

        Yields:
            Each text of it, as soon as it was read.

        Raises:
            DataError: For a table whose first row cannot be read.
            OptionError: For Parquet, and for a table without the columns.
        """
        records = records_of(form, self._layout)
        try:
            for batch in read_records(as_utf_8(source, self._layout.encoding), records):
                yield from self._search(batch.records, name)
                if form.parts not in (COLUMNS, FIELDS):
                    self._name([part for record in batch.records for part in record.unread], name)
        except SeqlabelError as error:
            raise type(error)(f"{name}: {error}") from None

    def _name(self, parts: Sequence[str], name: str) -> None:
        """Report parts of a file that hold text and were not read."""
        if parts:
            self.unread += len(parts)
            self._report(f"{name}: not read, though they may hold text: {', '.join(parts)}")

    def _search(self, records: Sequence[Record], name: str) -> Iterator[Searched]:
        for record in records:
            if record.problem:
                self.unread += 1
                self._report(f"{name}, line {record.line}: {record.problem}; searched as it is")
        cells = [placed for record in records for placed in record.placed()]
        texts, paths = [cell.text for cell, _, _ in cells], [cell.name for cell, _, _ in cells]
        seams = [cell.seams for cell, _, _ in cells]
        for (cell, line, lines), spans in zip(cells, find_in_texts(self._finder, texts, paths, seams), strict=True):
            located = tuple(self._located(cell.text, spans))
            yield Searched(name, line, lines, cell.name, cell.text, located)

    def _located(self, text: str, found: Sequence[Found]) -> Iterator[Located]:
        """The spans of a text, those that two pieces found as one, with what found each."""
        told: dict[int, list[Reason]] = {}
        reasons: dict[CharacterSpan, Reason] = {}
        for span, document, number in found:
            if id(document) not in told:
                told[id(document)] = self._reasons(self._finder, document)
            reasons[span] = told[id(document)][number]
        for best, start, end in unite(reasons):
            why = reasons[best]
            yield Located(best.label, start, end, best.score, why.source, text[start:end], why.words)
