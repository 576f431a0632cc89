"""Texts of files and streams, and the work that finds what is private in them; how findings are
written is not here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.formats.any_format import records_format
from seqlabel.formats.format import Format, Layout, records_of
from seqlabel.io.records import PRIVATE_NAMES, Reading, RecordBatch, parts_of
from seqlabel.privacy.finding.explaining import Reason, explain, sources_alone
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.finding.long_texts import FoundSpan
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.records.workers import (
    SourceText,
    finder_of_process,
    found_in,
    source_texts,
)
from seqlabel.runs.workers import Batch, Workers, without_first


@dataclass(frozen=True)
class Located:
    """A private value in a text. The repr holds no text.

    Args:
        label: The label.
        start: Its first character in the text.
        end: The end of its characters, exclusive.
        score: Its probability; None where it came without one.
        source: What found it: `model`, the id of a rule or of a pattern of the settings, or `deny`.
        text: The value.
        words: The words around it that mattered most to the model, where these were requested.
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
        found: The private values in it, in order; none before it is searched.
    """

    file: str
    line: int
    lines: int
    path: str
    text: str = field(repr=False)
    found: tuple[Located, ...] = ()


Finding = Workers[list[SourceText], list[tuple[Located, ...]]]
"""One process or several that search texts, one after another; see `Searching`."""
Texts = Batch[list[Searched], list[SourceText]]
"""Texts that are searched together: each with its place, and each as a process needs it."""


@dataclass(frozen=True)
class Searching:
    """The work of finding private values in texts; see `runs.workers.Workers`.

    Args:
        settings: The settings of the finder.
        explains: Whether the words around a value that mattered most to the model are found too.
    """

    settings: PrivacySettings
    explains: bool = False

    def __call__(self) -> Callable[[list[SourceText]], list[tuple[Located, ...]]]:
        """Load the model.

        Returns:
            What finds the private values of texts.

        Raises:
            CheckpointError: For a folder without a labeler.
            DataError: For a list of values that cannot be read.
            OptionError: For what `PrivateFinder` does not take.
        """
        finder = finder_of_process(self.settings)
        return partial(_search, finder, explain if self.explains else sources_alone)


def searched(workers: Finding, texts: Iterable[Texts], *, begin: int = 0) -> Iterator[Searched]:
    """Find what is private in texts.

    Args:
        workers: One process or several whose work is `Searching`.
        texts: The texts, in order.
        begin: How many of them are passed over, as those that an interrupted run has searched.

    Yields:
        Each other text with what is private in it.

    Raises:
        OptionError: If a process ended.
    """
    for batch, findings in workers.run(without_first(texts, begin)):
        for entry, located in zip(batch, findings, strict=True):
            yield replace(entry, found=located)


def _search(
    finder: PrivateFinder,
    reasons: Callable[[PrivateFinder, Document], list[Reason]],
    texts: list[SourceText],
) -> list[tuple[Located, ...]]:
    every = found_in(finder, texts)
    return [
        tuple(_located(finder, reasons, source.text, findings))
        for source, findings in zip(texts, every, strict=True)
    ]


def _located(
    finder: PrivateFinder,
    reasons: Callable[[PrivateFinder, Document], list[Reason]],
    text: str,
    findings: Sequence[FoundSpan],
) -> Iterator[Located]:
    """The spans of a text, those that two pieces found as one, with what found each."""
    of_document: dict[int, list[Reason]] = {}
    of_span: dict[CharacterSpan, Reason] = {}
    for span, document, number in findings:
        if id(document) not in of_document:
            of_document[id(document)] = reasons(finder, document)
        of_span[span] = of_document[id(document)][number]
    for best, start, end in unite(of_span):
        why = of_span[best]
        yield Located(best.label, start, end, best.score, why.source, text[start:end], why.words)


class TextFiles:
    """Reads the texts of files and streams, one after another.

    `unread` counts the records that could not be read as they should; what could be read of them is
    given. It also counts the parts that hold text and were not read, such as pictures and
    attachments.

    Args:
        layout: Which parts of records are text, and the files' encoding.
        report: Called with a line for each record that could not be read.
    """

    def __init__(self, layout: Layout, *, report: Callable[[str], None]) -> None:
        self.unread = 0
        self._layout = layout
        self._report = report

    def file(self, path: Path) -> Iterator[Texts]:
        """Read a file.

        Args:
            path: The file.

        Yields:
            Its texts, those together that are searched together.

        Raises:
            DataError: For a file that cannot be read.
            OptionError: For columns that it does not have.
        """
        form = records_format(path)
        try:
            yield from self._read(form.batches(path, self._layout), form, str(path))
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror}).") from error

    def stream(self, source: Reading, *, form: Format, name: str) -> Iterator[Texts]:
        """Read a stream.

        Args:
            source: The stream.
            form: How it holds texts.
            name: What findings call it.

        Returns:
            Its texts, before more is read where nothing more waits.

        Raises:
            DataError: For a table whose first row cannot be read.
            OptionError: For Parquet, and for a table without the columns.
        """
        records = form.records(self._layout)
        return self._read(records_of(source, records, self._layout, name=name), form, name)

    def _read(self, batches: Iterable[RecordBatch], form: Format, name: str) -> Iterator[Texts]:
        """Give the texts of records, and report the parts that were not read."""
        has_names = form.has_columns or form.has_fields
        names_are_private = False
        for batch in batches:
            yield from self._texts(batch, name)
            unread = [part for record in batch.records for part in record.unread]
            if has_names:
                names_are_private = names_are_private or PRIVATE_NAMES in unread
            else:
                self._name(unread, name)
            self._name(batch.unread, name)
        if names_are_private:
            self._name([PRIVATE_NAMES], name)

    def _name(self, parts: Sequence[str], name: str) -> None:
        """Report parts of a file that hold text and were not read."""
        if parts:
            self.unread += len(parts)
            shown = [
                part if count == 1 else f"{part} ({count})"
                for part, count in Counter(parts).items()
            ]
            self._report(f"{name}: not read, though they may hold text: {', '.join(shown)}")

    def _texts(self, batch: RecordBatch, name: str) -> Iterator[Texts]:
        """Give the texts of records."""
        for part in parts_of(batch):
            kept: list[Searched] = []
            # Nothing is encrypted, so places need not differ from those of other files.
            given = source_texts(part.records, bytes(8))
            for record in part.records:
                if record.problem:
                    self.unread += 1
                    self._report(f"{name}, line {record.line}: {record.problem}; searched as it is")
                for cell, line, lines in record.placed():
                    kept.append(Searched(name, line, lines, cell.name, cell.text))
            yield Batch(kept, given, part.drained)
