"""Files and streams without their private texts: by line, field or column, resumable.

What a record is, is in `privacy.records`; who redacts its texts, in `privacy.workers`. A record that cannot be
read or labelled is reported with its file and line and left out. Nothing that is said or counted, and no journal, has
any of the text in it.
"""

import io
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow
from pyarrow import parquet
from tqdm import tqdm

from seqlabel.errors import DataError, OptionError, SeqlabelError
from seqlabel.files import SURROGATE, read_json, write_json
from seqlabel.privacy.records import Cell, CsvRows, Header, JsonLines, Record, Records, TextLines, decode, read_lines
from seqlabel.privacy.workers import Cleaned, Rewriter, Work

WITHHELD = "<WITHHELD>"
"""The line that stands for a withheld line of text, so that lines keep their numbers; rows are left out."""

_JOURNAL_SECONDS = 2.0


@dataclass
class Summary:
    """How many records have texts, how many were withheld or kept unread, and how often each label was found."""

    records: int = 0
    withheld: int = 0
    kept: int = 0
    found: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Summary") -> None:
        """Count another file's too."""
        self.records += other.records
        self.withheld += other.withheld
        self.kept += other.kept
        self.found += other.found

    @classmethod
    def read(cls, written: dict[str, Any]) -> "Summary":
        """What `as_json` gave."""
        return cls(**{**written, "found": Counter(written["found"])})

    def as_json(self) -> dict[str, Any]:
        """The numbers, the most frequent label first."""
        found = dict(self.found.most_common())
        return {"records": self.records, "withheld": self.withheld, "kept": self.kept, "found": found}

    def table(self) -> str:
        """A line for each label, the most frequent first, and one for the records."""
        width = max(map(len, self.found), default=0)
        lines = [f"{label:<{width}}  {count:>9,}" for label, count in self.found.most_common()]
        rest = [f"{self.withheld:,} withheld"] if self.withheld else []
        rest += [f"{self.kept:,} kept and reported"] if self.kept else []
        return "\n".join([*lines, ", ".join([f"{self.records:,} records", *rest])])


class Form(StrEnum):
    """How a file or a stream holds texts."""

    TEXT = "text"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"

    @classmethod
    def of(cls, path: Path) -> "Form":
        """What a file's suffix says; text for one that says nothing."""
        return _SUFFIXES.get(path.suffix.lower(), cls.TEXT)


_SUFFIXES = {
    ".jsonl": Form.JSONL,
    ".ndjson": Form.JSONL,
    ".csv": Form.CSV,
    ".tsv": Form.TSV,
    ".parquet": Form.PARQUET,
}


@dataclass
class _Place:
    """How far a file is done: where the next record begins, how long the output is, and what was found before."""

    offset: int = 0
    line: int = 1
    length: int = 0
    header: Header | None = None
    done: bool = False
    summary: Summary = field(default_factory=Summary)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "summary": self.summary.as_json()}

    @classmethod
    def read(cls, written: dict[str, Any]) -> "_Place":
        header = written["header"] and Header(tuple(written["header"][0]), written["header"][1])
        return cls(**{**written, "header": header, "summary": Summary.read(written["summary"])})


class FileRedactor:
    """Redacts streams and files, or restores them, one after another; `summary` counts what was found in all of them.

    `fields` are those of JSONL, `columns` those of tables. With `keep_unreadable`, records that cannot be read as they
    should stay in the output, redacted as far as they can be; what could not be labelled is withheld even then.
    `report` is called with a line for each record that was withheld or kept unread.
    """

    def __init__(
        self,
        rewriter: Rewriter,
        *,
        fields: Sequence[str] = ("text",),
        columns: Sequence[str] = (),
        keep_unreadable: bool = False,
        report: Callable[[str], None],
    ) -> None:
        self.summary = Summary()
        self._rewriter = rewriter
        self._fields = tuple(fields)
        self._columns = tuple(columns)
        self._keep = keep_unreadable
        self._report = report
        self._journals: list[Path] = []

    def stream(self, source: io.BufferedIOBase, target: BinaryIO, *, form: Form, name: str) -> None:
        """Redact a stream; a line that comes alone goes out before the next one is awaited.

        `name` is what messages call it. Raises `OptionError` for a form that is no stream, or without the columns.
        """
        place = _Place()
        try:
            for _ in self._copy(source, target, place, form, name):
                target.flush()
        finally:
            self.summary.add(place.summary)

    def file(self, source: Path, target: Path, *, resume: bool = False) -> None:
        """Redact a file. The output is written beside `target` and takes its place at the end.

        Beside it is a journal of how far that is; with `resume`, an interrupted run goes on from there, and what is
        done is not done again. Parquet begins anew. Journals stay until `forget_journals`.

        Raises `DataError` for a file that cannot be read or is not what its suffix says, and `OptionError` for columns
        that it does not have, and if it or the settings have changed since the run that is to be resumed.
        """
        try:
            about = source.stat()
        except OSError as error:
            raise DataError(f"{source}: cannot be read ({error.strerror})") from error
        target.parent.mkdir(parents=True, exist_ok=True)
        part, journal = (target.with_name(f".{target.name}.{suffix}") for suffix in ("part", "journal"))
        made_of = {"size": about.st_size, "changed": about.st_mtime_ns, **self._fingerprint()}
        place = _Place()
        if not resume:
            journal.unlink(missing_ok=True)
        elif journal.exists():
            written = read_json(journal)
            if written["made_of"] != made_of:
                raise OptionError(
                    f"{source}: the file or the options have changed since the run that is to be resumed; "
                    f"run without --resume to begin anew"
                )
            place = _Place.read(written["place"])
            result = target if place.done else part
            if not result.exists() or result.stat().st_size < place.length:
                place = _Place()
        self._journals.append(journal)
        if not place.done:
            write = self._write_parquet if Form.of(source) is Form.PARQUET else self._write_part
            try:
                write(source, part, place, lambda: write_json(journal, {"made_of": made_of, "place": place.as_json()}))
            except OptionError:
                # With other options it begins anew.
                for file in (part, journal):
                    file.unlink(missing_ok=True)
                raise
            os.replace(part, target)
            place.done = True
            write_json(journal, {"made_of": made_of, "place": place.as_json()})
        self.summary.add(place.summary)

    def forget_journals(self) -> None:
        """Remove the journals of all files, which are done."""
        for journal in self._journals:
            journal.unlink(missing_ok=True)

    def _fingerprint(self) -> dict[str, Any]:
        """What the output depends on besides the file."""
        options = {"fields": list(self._fields), "columns": list(self._columns), "keep": self._keep}
        return {**self._rewriter.fingerprint(), **options}

    def _records(self, form: Form, header: Header | None) -> Records:
        if form is Form.JSONL:
            return JsonLines(self._fields)
        if form in (Form.CSV, Form.TSV):
            self._check_columns(form)
            return CsvRows(self._columns, delimiter="," if form is Form.CSV else "\t", header=header)
        if form is Form.PARQUET:
            raise OptionError("Parquet cannot be read from or written to a stream; give a file and --output")
        return TextLines()

    def _check_columns(self, form: Form) -> None:
        if not self._columns:
            raise OptionError(f"column: found none; name the columns of the {form} file that are text")

    def _copy(
        self, source: io.BufferedIOBase, target: BinaryIO, place: _Place, form: Form, name: str
    ) -> Iterator[None]:
        """Redact from a place on, which follows the output; yields after all that was ready is written."""
        records = self._records(form, place.header)

        def work() -> Iterator[Work]:
            for lines, drained in read_lines(source, line=place.line, offset=place.offset):
                yield Work([record for line in lines if (record := records.feed(line))], drained)
            if rest := records.finish():
                yield Work([rest], True)

        try:
            for done, cleaned in self._rewriter.run(work()):
                if not done:
                    continue
                texts = iter(cleaned)
                summary = Summary()
                output = b"".join(
                    self._output(record, [next(texts) for _ in record.cells], form, name, summary) for record in done
                )
                target.write(output)
                # At once, so that an interruption finds the old place or the new one.
                place.summary.add(summary)
                place.offset, place.line = done[-1].end, done[-1].line + done[-1].lines
                place.length += len(output)
                place.header = records.header if isinstance(records, CsvRows) else None
                yield
        except SeqlabelError as error:
            raise type(error)(f"{name}: {error}") from None

    def _output(self, record: Record, cleaned: Sequence[Cleaned], form: Form, name: str, summary: Summary) -> bytes:
        last = record.line + record.lines - 1
        where = f"{name}, line {record.line}" if record.lines == 1 else f"{name}, lines {record.line} to {last}"
        if self._passes(where, record.problem, cleaned, summary):
            return record.filled([one.text for one in cleaned])
        if form is not Form.TEXT:
            return b""
        return (WITHHELD + record.raw[len(record.raw.rstrip("\r\n")) :]).encode()

    def _passes(self, where: str, problem: str, cleaned: Sequence[Cleaned], summary: Summary) -> bool:
        """Whether a record is written; counts it, and reports its problem, if any."""
        # The names of columns and blank lines are none.
        summary.records += bool(cleaned or problem)
        failed = next((one.problem for one in cleaned if one.problem), "")
        if failed or (problem and not self._keep):
            summary.withheld += 1
            self._report(f"{where}: {problem or failed}; withheld")
            return False
        kept = problem or next((one.remark for one in cleaned if one.remark), "")
        if kept:
            summary.kept += 1
            self._report(f"{where}: {kept}; kept")
        for one in cleaned:
            summary.found.update(one.found)
        return True

    def _write_part(self, source: Path, part: Path, place: _Place, save: Callable[[], None]) -> None:
        """Write the rest of a file's output, and save the place now and then and when it is interrupted."""
        saved = time.monotonic()
        with (
            source.open("rb") as read,
            part.open("r+b" if place.length else "wb") as written,
            _progress(source, "B", read.seek(0, os.SEEK_END), place.offset) as progress,
        ):
            read.seek(place.offset)
            written.truncate(place.length)
            written.seek(place.length)

            def keep() -> None:
                written.flush()
                os.fsync(written.fileno())
                save()

            try:
                for _ in self._copy(read, written, place, Form.of(source), str(source)):
                    progress.update(place.offset - progress.n)
                    if time.monotonic() - saved > _JOURNAL_SECONDS:
                        keep()
                        saved = time.monotonic()
            except BaseException:
                # What failed may be the disk itself; then an older journal has to do.
                with suppress(OSError):
                    keep()
                raise
            written.flush()
            os.fsync(written.fileno())

    def _write_parquet(self, source: Path, part: Path, place: _Place, save: Callable[[], None]) -> None:
        """Write a Parquet file's output: the same schema, other values in the columns that are texts.

        By pyarrow, not by `datasets`, which would leave a copy of the private texts in its cache.
        """
        self._check_columns(Form.PARQUET)
        try:
            table = parquet.ParquetFile(source)
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(f"{source}: is no Parquet file that can be read ({type(error).__name__})") from None
        schema = table.schema_arrow
        for column in self._columns:
            if column not in schema.names:
                raise OptionError(f"{source}: column: found no {column!r}; there are {', '.join(schema.names)}")
            if not _is_text(schema.field(column).type):
                raise OptionError(f"{source}: column {column!r} is {schema.field(column).type}; it has to be text")
        places = [schema.get_field_index(column) for column in self._columns]
        waiting: deque[Any] = deque()

        def work() -> Iterator[Work]:
            row = 1
            for batch in table.iter_batches(batch_size=_ROWS):
                waiting.append(batch)
                yield Work(_row_records([batch.column(place) for place in places], row), False)
                row += len(batch)

        with (
            table,
            parquet.ParquetWriter(part, schema) as writer,
            _progress(source, "row", table.metadata.num_rows, 0) as progress,
        ):
            for records, cleaned in self._rewriter.run(work()):
                batch = waiting.popleft()
                texts = iter(cleaned)
                rows = [[next(texts) for _ in record.cells] for record in records]
                passed = [
                    self._passes(f"{source}, row {record.line}", record.problem, row, place.summary)
                    for record, row in zip(records, rows, strict=True)
                ]
                for number, index in enumerate(places):
                    # A missing text has no cell and stays missing.
                    values = [row.get(number) for row in map(_by_column, records, rows)]
                    column = pyarrow.array(values, pyarrow.large_string()).cast(schema.field(index).type)
                    batch = batch.set_column(index, schema.field(index), column)
                writer.write_batch(batch.filter(pyarrow.array(passed, pyarrow.bool_())))
                progress.update(len(batch))
        place.length = part.stat().st_size


_ROWS = 1024


def _is_text(kind: Any) -> bool:
    kind = kind.value_type if pyarrow.types.is_dictionary(kind) else kind
    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def _row_records(columns: Sequence[Any], row: int) -> list[Record]:
    """The rows of some columns of texts; the place of a cell is the number of its column."""
    # As bytes, because Parquet's texts need not be the UTF-8 that they should be.
    values = [column.cast(pyarrow.large_string()).cast(pyarrow.large_binary()).to_pylist() for column in columns]
    records = []
    for number, cells in enumerate(zip(*values, strict=True)):
        decoded = [(place, *decode(data)) for place, data in enumerate(cells) if data is not None]
        problem = next((problem for *_, problem in decoded if problem), "")
        texts = tuple(Cell(place, place, SURROGATE.sub("\ufffd", text), str) for place, text, _ in decoded)
        records.append(Record("", texts, row + number, 1, 0, problem))
    return records


def _by_column(record: Record, row: Sequence[Cleaned]) -> dict[int, str]:
    return {cell.start: one.text for cell, one in zip(record.cells, row, strict=True)}


def _progress(source: Path, unit: str, total: int, done: int) -> Any:
    """A bar where somebody looks at it."""
    return tqdm(total=total, initial=done, desc=source.name, unit=unit, unit_scale=True, disable=None, leave=False)
