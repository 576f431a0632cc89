"""Files and streams without their private texts: by line, field or column, resumable.

Records are read in `io.records`, and their texts rewritten in `records.workers`; `runs.journals`
says how far a file is, and `formats` opens what is written as a whole, such as Parquet. A record
that cannot be read or labelled is reported with its file and line and left out. No message has any
of the text in it.
"""

import os
import re
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from io import BufferedReader
from itertools import count, islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from seqlabel.errors import DataError, OptionError, SeqlabelError
from seqlabel.formats.any_format import is_plain, is_resumable, records_format
from seqlabel.formats.format import Format, Layout, Package
from seqlabel.io.csv_records import CsvRows
from seqlabel.io.files import Part, flush_together, open_through, opens_through, usual_mode
from seqlabel.io.packed import Writing, as_encoded, as_utf_8, open_target
from seqlabel.io.records import (
    PRIVATE_NAMES,
    Reading,
    Record,
    RecordBatch,
    Records,
    parts_of,
    read_records,
)
from seqlabel.io.text_files import NOT_UTF_8, UTF_8
from seqlabel.io.unpacking import COMPRESSED, open_unpacked
from seqlabel.privacy.records.workers import (
    NewText,
    RecordTexts,
    Rewriter,
    source_texts,
)
from seqlabel.privacy.replacing.encryption import MARK
from seqlabel.runs import outputs
from seqlabel.runs.journals import Journal, Place, Progress, Summary
from seqlabel.runs.outputs import OutputJournal, ProgressSaver
from seqlabel.runs.progress import BYTES, Meter

WITHHELD = "<WITHHELD>"
"""The line that stands for a withheld line of text, so that lines keep their numbers; rows are left
out.
"""

_MOST_COMPLETE = 64
"""Files that wait at most to take their places together."""


@dataclass(frozen=True)
class _Complete:
    """A file that is written but not yet in its place: the part, the permissions, and the journal
    with its path.
    """

    part: Part
    mode: int
    journal: Journal
    path: Path


class FileRedactor:
    """Redacts streams and files, or restores them, one after another.

    `summary` counts what was found in all of them, `summaries` in each by its name. `unread` says
    for each which fields, columns or other parts hold text and were not read; only names that look
    like names, and that most records have, are shown. `Summary.unread` counts those that the user
    did not choose to leave out.

    Args:
        rewriter: What rewrites the texts.
        layout: Which parts of records are text, and the files' encoding.
        layouts: Those of some files, by their paths, used instead of `layout`.
        keep_unreadable: Whether records that cannot be read stay in the output, redacted as far as
            they can be; those that could not be labelled are withheld even then.
        chosen: Whether the fields and columns of the layout were chosen by name, so that the others
            are left out on purpose.
        trust_header: Whether the first row of a table may hold what looks private, as names of
            columns can.
        output_mode: The permissions of output files; None for those of each file that is read.
        report: Called with a line for each record that was withheld or kept unread, and for tables
            without records.
        meter: Shows how far a file is; None for nothing that does.
    """

    def __init__(
        self,
        rewriter: Rewriter,
        layout: Layout | None = None,
        *,
        layouts: Mapping[Path, Layout] | None = None,
        keep_unreadable: bool = False,
        chosen: bool = False,
        trust_header: bool = False,
        output_mode: int | None = None,
        report: Callable[[str], None],
        meter: Meter | None = None,
    ) -> None:
        self.summary = Summary()
        self.summaries: dict[str, Summary] = {}
        self.unread: dict[str, str] = {}
        self._rewriter = rewriter
        self._layout = self._other_layout = layout or Layout()
        self._layouts = layouts or {}
        self._keep = keep_unreadable
        self._chosen = chosen
        self._trust_header = trust_header
        self._mode = output_mode
        self._report = report
        self._meter = meter
        self._journals: list[Path] = []
        # Files that are written but not yet in their places.
        self._complete: list[_Complete] = []
        self._batch = False
        self._settle_at = 0.0
        # Records of the file at hand whose fields with places in the texts were left out.
        self._stale = 0
        # Values of the file at hand that were encrypted where no other text can be written.
        self._lost = 0
        # Whether its likely encoding was reported.
        self._advised = False

    def stream(self, source: Reading, target: BinaryIO, *, form: Format, name: str) -> None:
        """Redact a stream; a line that comes alone goes out before the next one is awaited.

        Args:
            source: The stream, in the layout's encoding.
            target: Where its redacted text goes.
            form: How the stream holds texts.
            name: What messages call the stream.

        Raises:
            DataError: For a table whose first row cannot be read or looks private.
            OptionError: For Parquet, and for a table without the columns.
        """
        progress = Progress()
        self._layout = self._layouts.get(Path(name), self._other_layout)
        try:
            encoding = self._layout.encoding
            read = as_utf_8(source, encoding)
            write = as_encoded(target, encoding)
            with self._shown(name, "record") as update:
                records = 0
                for _ in self._copy(read, write, progress, form, name):
                    target.flush()
                    update(progress.place.summary.records - records, "")
                    records = progress.place.summary.records
        finally:
            self._count(name, progress.place.summary)

    def file(self, source: Path, target: Path, *, resume: bool = False) -> None:
        """Redact a file.

        The output is written to a part next to `target`, which takes its place at the end. Next to
        it is a journal of the progress. Journals stay until `forget_journals`. A device or a pipe
        is written to directly.

        Args:
            source: The file; one that is not regular, such as a pipe, is read once from its
                beginning.
            target: The output.
            resume: Whether an interrupted run is continued, so that what is done is not done again.
                A file that is not `is_resumable` begins again unless all of it was done, which is
                reported.

        Raises:
            DataError: For a file that cannot be read or is not what its suffix says, and for a
                damaged journal.
            OptionError: For columns that the file does not have, if the file or the settings have
                changed since the run that is to be resumed, if another run writes the same output,
                and for a target that is a folder or a link.
        """
        try:
            about = source.stat()
        except OSError as error:
            raise DataError(f"{source}: cannot be read ({error.strerror})") from error
        self._layout = self._layouts.get(source, self._other_layout)
        through = opens_through(target)
        if through or not stat.S_ISREG(about.st_mode):
            if resume:
                raise OptionError(
                    f"{target if through else source}: is not a file, so its run cannot be resumed."
                )
            with ExitStack() as stack:
                unpacked = open_unpacked(source, stack)
                self.stream_to(unpacked, target, form=records_format(source), name=str(source))
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(about.st_mode) & 0o777 if self._mode is None else self._mode
        options = [repr(self._layout), self._keep]

        def made_of(salt: bytes) -> dict[str, Any]:
            depends_on = [*options, self._rewriter.fingerprint(salt)]
            return {"size": about.st_size, "changed": about.st_mtime_ns, "options": depends_on}

        opened = OutputJournal(target, made_of, resume=resume, name=source)
        path = opened.path
        done = opened.done
        if done is not None:
            self._journals.append(path)
            self._count(str(source), done.summary)
            return
        resumable = is_resumable(source, self._layout) and target.suffix.lower() not in COMPRESSED
        if resume and not resumable:
            self._report(
                f"{source}: begins again. A file that is compressed, not UTF-8, or read as a "
                "whole, such as JSON and Parquet, is continued only as a whole."
            )
        part, journal = opened.open(continues=resumable)
        progress = journal.progress
        self._journals.append(path)
        write = self._write_package if records_format(source).package else self._write_part
        try:
            write(source, part, progress, ProgressSaver(part, journal, path if resumable else None))
        except BaseException as error:
            # With other options it begins again, and so does what cannot be resumed.
            is_lost = isinstance(error, OptionError) or not progress.place.length or not resumable
            if isinstance(error, Exception) and is_lost:
                part.discard()
                path.unlink(missing_ok=True)
            # Any other part stays, for a run that resumes this one.
            with suppress(OSError):
                part.file.close()
            raise
        self._complete.append(_Complete(part, mode, journal, path))
        self._count(str(source), progress.place.summary)
        if (
            not self._batch
            or len(self._complete) >= _MOST_COMPLETE
            or time.monotonic() > self._settle_at
        ):
            self._settle()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Let complete files take their places several at once, so that many small ones are flushed
        together.

        Yields:
            Nothing; at the end of the block, also after an error, all complete files are in their
            places.
        """
        self._batch = True
        self._settle_at = time.monotonic() + outputs.JOURNAL_SECONDS
        try:
            yield
        finally:
            self._batch = False
            self._settle()

    def _settle(self) -> None:
        """Let the files that are complete take their places."""
        complete = self._complete
        self._complete = []
        try:
            flush_together([output.part for output in complete])
            for output in complete:
                output.part.publish(output.mode, flushed=True)
                output.journal.progress.place = replace(output.journal.progress.place, done=True)
                output.journal.write(output.path, durable=len(complete) == 1)
        finally:
            for output in complete:
                with suppress(OSError):
                    output.part.file.close()
        self._settle_at = time.monotonic() + outputs.JOURNAL_SECONDS

    def stream_to(self, source: Reading, target: Path, *, form: Format, name: str) -> None:
        """Redact a stream into a file, which is there when all of it is done, or into a device or a
        pipe.

        Args:
            source: The stream.
            target: The output.
            form: How the stream holds texts.
            name: What messages call the stream.

        Raises:
            DataError: For what `stream` does not read.
            OptionError: For what `stream` does not take, and for a target that is a folder or a
                link.
        """
        if opens_through(target):
            try:
                with open_through(target) as file:
                    self.stream(source, file, form=form, name=name)
            except OSError as error:
                # What is written at the end fails without a name.
                error.filename = error.filename or str(target)
                raise
            return
        part = Part.create(target, alone=True)
        try:
            with ExitStack() as stack:
                unpacked = cast(BinaryIO, open_target(target, part.file, UTF_8, stack))
                self.stream(source, unpacked, form=form, name=name)
            part.publish(usual_mode(target) if self._mode is None else self._mode)
        finally:
            part.discard()

    def _count(self, name: str, summary: Summary) -> None:
        self.summary.add(summary)
        self.summaries[name] = summary

    def forget_journals(self) -> None:
        """Remove the journals of all files, which are done."""
        for journal in self._journals:
            journal.unlink(missing_ok=True)

    def _copy(
        self, source: Reading, target: Writing, progress: Progress, form: Format, name: str
    ) -> Iterator[None]:
        """Redact from a place on, which follows the output; yields after all that was ready is
        written.
        """
        begun = progress.place
        records = form.records(self._layout, begun.header)
        names: Counter[str] = Counter()
        self._advised = False

        def work() -> Iterator[RecordTexts]:
            for group in _work(source, records, begun, self._layout.labels):
                if len(names) < _MOST_NAMES:
                    names.update(name for record in group.kept for name in record.unread)
                yield group

        try:
            for done, new in self._rewriter.run(work(), self._again(source, begun, form)):
                if not done:
                    continue
                summary = Summary()
                output = b"".join(
                    self._output(record, cleaned, form, name, summary)
                    for record, cleaned in _with_texts(done, new)
                )
                target.write(output)
                reached = progress.place
                summary.add(reached.summary)
                last = done[-1]
                progress.place = replace(
                    reached,
                    offset=last.end,
                    line=last.line + last.lines,
                    length=reached.length + len(output),
                    header=records.header if isinstance(records, CsvRows) else None,
                    summary=summary,
                )
                yield
        except SeqlabelError as error:
            raise type(error)(f"{name}: {error}") from None
        self._note(name, form, names, progress.place.summary)

    def _again(
        self, source: Reading, start: Place, form: Format
    ) -> Callable[[], Iterator[RecordTexts]] | None:
        """What reads all of a file before its records from a place on; None for a stream, which can
        be read once.
        """
        if not isinstance(source, BufferedReader) or not source.seekable():
            return None

        def again() -> Iterator[RecordTexts]:
            here = source.tell()
            source.seek(here - start.offset)
            yield from _work(source, form.records(self._layout), Place(), self._layout.labels)
            source.seek(here)

        return again

    def _note(self, name: str, form: Format, names: Counter[str], summary: Summary) -> None:
        """Note the parts that were not read, and say that a table had no records."""
        if form.has_columns and not summary.records:
            self._report(f"{name}: the table has no records below the line that names its columns")
        # Each column is named once, each field by every record that has it.
        least = summary.records / 2 if form.has_fields else 0

        usual = _NAME if form.has_columns or form.has_fields else _PART
        often = [part for part, count in names.items() if count >= least or part == PRIVATE_NAMES]
        common = [part for part in often if usual.fullmatch(part)]

        if self._stale:
            self._report(
                f"{name}: the places in the texts, such as spans, are left out of {self._stale:,} "
                "records, as they do not fit the new texts"
            )
            self._stale = 0
        if self._lost:
            self._report(
                f"{name}: {self._lost:,} private values are in places that cannot hold an "
                "encrypted value, such as a number of a chart; restore will not bring them back"
            )
            self._lost = 0

        if names:
            others = len(names) - len(common)
            shown = [f"{form.parts} {', '.join(map(repr, common))}"] if common else []
            shown += (
                [f"{others:,} more" if common else f"{others:,} of the {form.parts}"]
                if others
                else []
            )
            if not self._chosen or not (form.has_columns or form.has_fields):
                summary.unread += len(names)
            self.unread[name] = f"not read, though they may hold text: {' and '.join(shown)}"

    def _output(
        self, record: Record, cleaned: Sequence[NewText], form: Format, name: str, summary: Summary
    ) -> bytes:
        if record.header:
            self._check_header(record, cleaned)
            return record.filled([cell.text for cell in record.cells])
        last = record.line + record.lines - 1
        where = (
            f"{name}, line {record.line}"
            if record.lines == 1
            else f"{name}, lines {record.line} to {last}"
        )
        if self._passes(where, record, cleaned, summary, advice=self._advice(record)):
            self._stale += bool(record.places) and any(
                new.text != cell.text for new, cell in zip(cleaned, record.cells, strict=True)
            )
            return record.filled([new.text for new in cleaned])
        if not form.by_line:
            return b""
        return (WITHHELD + record.raw[len(record.raw.rstrip("\r\n")) :]).encode()

    def _check_header(self, record: Record, cleaned: Sequence[NewText]) -> None:
        """Refuse a first row that looks private: a table without names of columns has data
        there.
        """
        labels = sorted({label for new in cleaned for label in new.found})
        failed = any(new.problem for new in cleaned)
        if (labels or failed) and not self._trust_header:
            raise DataError(
                f"line {record.line}, which should name the columns, holds what looks private "
                f"({', '.join(labels) or 'it could not be labelled'}). If it is a row of data, add "
                "a row of names above it. If these are names of columns, give --trust-header."
            )

    def _advice(self, record: Record) -> str:
        """What to do about the first record of a file that is not UTF-8."""
        if self._advised or "is not UTF-8" not in record.problem:
            return ""
        self._advised = True
        return f". {NOT_UTF_8}"

    def _passes(
        self,
        where: str,
        record: Record,
        cleaned: Sequence[NewText],
        summary: Summary,
        *,
        advice: str = "",
    ) -> bool:
        """Whether a record is written; counts it, and reports its problem, if any."""
        problem = record.problem
        # Column names and blank lines are not records.
        summary.records += bool(cleaned or problem)
        failed = next((new.problem for new in cleaned if new.problem), "")
        if failed or (problem and not self._keep):
            summary.withheld += 1
            self._report(f"{where}: {problem or failed}; withheld{advice}")
            return False
        kept = problem or next((new.remark for new in cleaned if new.remark), "")
        if kept:
            summary.kept += 1
            self._report(f"{where}: {kept}; kept{advice}")
        for new in cleaned:
            summary.found.update(new.found)
        self._lost += sum(
            not cell.takes_text and MARK.search(new.text) is not None
            for cell, new in zip(record.cells, cleaned, strict=True)
        )
        return True

    def _write_part(
        self, source: Path, part: Part, progress: Progress, saved: ProgressSaver
    ) -> None:
        """Write the rest of a file's output, and save the place now and then and when it is
        interrupted.
        """
        start = progress.place
        plain = is_plain(source, self._layout)
        with (
            ExitStack() as stack,
            self._shown(
                source.name, BYTES, source.stat().st_size if plain else 0, start.offset
            ) as update,
        ):
            read = as_utf_8(open_unpacked(source, stack), self._layout.encoding)
            if isinstance(read, BufferedReader) and read.seekable():
                read.seek(start.offset)
            part.file.truncate(start.length)
            part.file.seek(start.length)
            output = open_target(part.target, part.file, self._layout.encoding, stack)
            shown = start.offset
            try:
                if outputs.JOURNAL_SECONDS <= 0:
                    saved.now()
                for _ in self._copy(read, output, progress, records_format(source), str(source)):
                    update(progress.place.offset - shown, "")
                    shown = progress.place.offset
                    saved.if_due()
            except BaseException:
                # What failed may be the disk itself; then an older journal has to do.
                with suppress(OSError):
                    saved.now()
                raise

    def _write_package(
        self, source: Path, part: Part, progress: Progress, saved: ProgressSaver
    ) -> None:
        """Write the output of a file that is written as a whole: all the same but its texts."""
        summary = Summary()
        form = records_format(source)
        assert form.package is not None
        with (
            form.package(source, self._layout) as package,
            self._shown(source.name, package.unit, package.total) as update,
        ):
            groups = partial(self._groups_of, package, progress.place.document)
            new_texts = self._new_texts_of(package, groups, str(source), summary, update)
            package.write(part.file, new_texts)
        progress.place = replace(
            progress.place, length=part.file.seek(0, os.SEEK_END), summary=summary
        )
        self._note(str(source), form, Counter(package.unread), summary)

    def _groups_of(self, package: Package, document: bytes) -> Iterator[RecordTexts]:
        """The records of a package, numbered over all parts: encrypted values say where they
        stand.
        """
        number = count(1)
        for records in package.records():
            numbered = [replace(record, line=next(number)) for record in records]
            yield _record_texts(RecordBatch(numbered, False), document, dict(self._layout.labels))

    def _new_texts_of(
        self,
        package: Package,
        groups: Callable[[], Iterator[RecordTexts]],
        where: str,
        summary: Summary,
        update: Callable[[int, str], None],
    ) -> Iterator[list[list[str] | None]]:
        """The new texts of each record of a package; None for a record that is withheld."""
        for done, new in self._rewriter.run(groups(), groups):
            update(len(done), "")
            rows: list[list[str] | None] = []
            for record, row in _with_texts(done, new):
                passes = self._passes(
                    f"{where}, {package.unit} {record.line}", record, row, summary
                )
                rows.append([text.text for text in row] if passes else None)
            yield rows

    def _shown(
        self, name: str, unit: str, total: int = 0, done: int = 0
    ) -> AbstractContextManager[Callable[[int, str], None]]:
        """Show how far a file is, where that is wanted."""
        if self._meter is None:
            return nullcontext(lambda more, remark: None)
        return self._meter.part(name, unit, total=total, done=done)


_MOST_NAMES = 1000
# What is shown of a field that was not read: a word or a few. Anything else may be data.
_NAME = re.compile(r"[^\W\d_][\w .()/\[\]-]{0,39}")
_PART = re.compile(r"[^\W\d][\w .()/\[\]+-]{0,119}")
"""What a part may be called, such as `_xmlsignatures (1)`, or the long kinds of Office files as
attachments of mail.
"""


def _work(
    source: Reading, records: Records, start: Place, labels: Iterable[tuple[str, str]]
) -> Iterator[RecordTexts]:
    """The records of a source from a place on, with the labels of columns that are private as a
    whole.
    """
    whole = dict(labels)
    for batch in read_records(source, records, line=start.line, offset=start.offset):
        for part in parts_of(batch):
            yield _record_texts(part, start.document, whole)


def _record_texts(batch: RecordBatch, document: bytes, labels: Mapping[str, str]) -> RecordTexts:
    """Records with the texts of all their cells."""
    texts = source_texts(batch.records, document, labels)
    return RecordTexts(batch.records, texts, batch.drained)


def _with_texts(
    records: Iterable[Record], new: Iterable[NewText]
) -> Iterator[tuple[Record, list[NewText]]]:
    """Each record with the new texts of its own cells."""
    texts = iter(new)
    for record in records:
        yield record, list(islice(texts, len(record.cells)))
