"""The files of `redact`, `restore` and `find`: which are read, where each goes, and the run over
files or stdin.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import typer

from seqlabel.cli.rewriting import Rewriting
from seqlabel.cli.unread import say_what_is_left_out
from seqlabel.cli.writing import say_if_folder_is_made, scrolls
from seqlabel.commands.console import (
    Failures,
    exit_status,
    meter,
    note,
    say,
    stdout,
    unpacked_stdin,
)
from seqlabel.errors import DataError, OptionError, did_you_mean
from seqlabel.formats.any_format import (
    check_input,
    columns_of,
    is_resumable,
    is_text_file,
    records_format,
    streamed_format,
)
from seqlabel.formats.format import COLUMNS, FIELDS, Format, Layout
from seqlabel.io.files import check_other_output
from seqlabel.io.unpacking import open_unpacked
from seqlabel.privacy.column_verdicts import ColumnVerdict, read_verdicts
from seqlabel.privacy.records.files import FileRedactor
from seqlabel.runs.failures import read_each
from seqlabel.runs.inputs import files_of_folder
from seqlabel.runs.progress import Meter

_COLUMN_NAME = re.compile(r"[a-z]+(?:[_ -][a-z]+)*")


@dataclass
class Job:
    """The files that a command reads and writes.

    Args:
        named: The files and folders to read; none mean stdin.
        layout: Which parts of records are text, and the files' encoding.
        stdin_form: How stdin holds texts.
        output: The output file or folder; None means stdout.
        layouts: The layouts of files of which the columns or fields were judged, used instead of
            `layout`.
        files: Each file to read, and its name below the output folder: its own, or its path in the
            folder it is from.
        left_out: Files that are not read, and why: those of folders that are not text, and tables
            without the columns.
        hidden: Files of folders that are hidden.
        targets: Each file and where it goes, as `assign_targets` finds it; None is stdout.
    """

    named: list[Path]
    layout: Layout
    stdin_form: Format
    output: Path | None = None
    layouts: Mapping[Path, Layout] = field(default_factory=dict)
    files: list[tuple[Path, Path]] = field(default_factory=list, init=False)
    left_out: dict[Path, str] = field(default_factory=dict, init=False)
    hidden: list[Path] = field(default_factory=list, init=False)
    targets: list[tuple[Path, Path | None]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        if len(self.named) == 1 and not self.named[0].is_dir():
            # One of several is reported when its turn comes.
            check_input(self.named[0])
        for path in self.named:
            if not path.is_dir():
                self.files.append((path, Path(path.name)))
                continue
            if self.output is not None and self.output.resolve().is_relative_to(path.resolve()):
                raise OptionError(
                    f"{self.output}: is inside {path}, which is read. Pass an --output outside "
                    "of it."
                )
            inside = files_of_folder(path, is_text_file)
            self.files.extend((file, file.relative_to(path)) for file in inside.read)
            self.hidden.extend(inside.hidden)
            self.left_out.update(inside.left_out)

    def meter(self) -> Meter:
        """Return what shows how far the run is, file by file.

        Returns:
            The meter.
        """
        return meter(files=len(self.files), hidden=scrolls(self.output))

    def assign_targets(self) -> None:
        """Find where each file goes.

        Raises:
            OptionError: Two files have one output, or an output is not possible.
        """
        files = self.files
        output = self.output
        folders = any(path.is_dir() for path in self.named)
        if output is None:
            if len(files) > 1 or folders:
                raise OptionError(
                    "several files need a folder for the results. Pass --output FOLDER."
                )
            self.targets = [(file, None) for file, _ in files]
            return
        into_folder = folders or len(files) > 1 or (bool(files) and output.is_dir())
        if into_folder and output.exists() and not output.is_dir():
            raise OptionError(
                f"{output}: is a file, and several files need a folder. Pass another --output."
            )
        targets: dict[Path, Path] = {}
        for file, below in files:
            target = output / below if into_folder else output
            form = records_format(file)
            becomes = form.becomes
            if becomes and into_folder:
                target = target.with_name(target.name + becomes)
            elif becomes and target.suffix.lower() == file.suffix.lower():
                raise OptionError(
                    f"{target}: a {file.suffix} file is redacted into text, since what is covered "
                    f"in it would still be there. Pass --output {target.with_suffix(becomes)}."
                )
            elif form.package and not becomes and target.suffix.lower() != file.suffix.lower():
                raise OptionError(
                    f"{target}: a {file.suffix} file stays one. Pass --output "
                    f"{target.with_suffix(file.suffix)}."
                )
            check_other_output(file, target)
            if target in targets:
                raise OptionError(
                    f"{file} and {targets[target]} would both become {target}. Pass them one by "
                    "one."
                )
            targets[target] = file
        self.targets = [(file, target) for target, file in targets.items()]

    def check(self, *, fields: bool, columns: bool) -> None:
        """Check that the files and the options fit together.

        Args:
            fields: Whether fields of JSON were asked for.
            columns: Whether columns of tables were asked for.

        Raises:
            OptionError: An option is heeded by no input, or no table has a column.
        """
        forms = {file: records_format(file) for file, _ in self.files}
        tables = [file for file, form in forms.items() if form.has_columns]
        wanted = self.layout.columns
        if not self.named and fields and columns:
            raise OptionError(
                "stdin is JSONL with --field and CSV with --column. Pass only one of them."
            )
        if fields and self.named and not any(form.has_fields for form in forms.values()):
            option = "--all-strings" if self.layout.all_strings else "--field"
            raise OptionError(
                f"{option} is for JSONL and JSON, and no file ends with .jsonl or .json. Leave it "
                "out, or rename the file."
            )
        if wanted and self.named and not tables:
            raise OptionError(
                "--column is for tables, and no file ends with .csv, .tsv or .parquet"
            )
        if tables and wanted == ():
            raise OptionError(
                f"a {forms[tables[0]]} file needs --column, the name of a column of text"
                f"{_shown(self._names_in(tables[0]))}. Repeat it for each such column, or give "
                "--all-columns."
            )
        heeds = any(forms[file].package is None for file in tables) if self.named else columns
        if self.layout.delimiter is not None and not heeds:
            raise OptionError("--delimiter is for tables, and no input is one. Leave it out.")
        packages = [form for form in forms.values() if form.package]
        if packages and not self.layout.is_utf_8:
            raise OptionError(
                f"--encoding: {packages[0].name.capitalize()} has none. Redact the "
                f"{packages[0].suffixes[0]} files apart from the others."
            )
        others = [table for table in tables if table not in self.layouts]
        if wanted and len(tables) > 1 and others:
            self._check_columns(others, wanted)

    def _check_columns(self, tables: list[Path], columns: tuple[str, ...]) -> None:
        """Leave out the tables that have none of the columns. Raises `OptionError` for a column
        that no table has.
        """
        names = {table: self._names_in(table) for table in tables}
        every = sorted({name for columns_there in names.values() for name in columns_there or ()})
        for column in columns:
            if column not in every and None not in names.values():
                raise OptionError(
                    f"column: {column!r} is in none of {len(tables)} tables{_shown(every)}. "
                    f"{did_you_mean(column, every)}".rstrip()
                )
        for table, columns_there in names.items():
            # A file that cannot be read is reported when its turn comes.
            if columns_there is not None and not set(columns_there) & set(columns):
                self.files = [pair for pair in self.files if pair[0] != table]
                self.left_out[table] = f"has none of the columns {', '.join(columns)}"

    def _names_in(self, table: Path) -> list[str] | None:
        """The names of a table's columns; None where it cannot be read, or only once, as a pipe."""
        try:
            return columns_of(table, self.layout) if table.is_file() else None
        except DataError:
            return None


def _shown(names: list[str] | None) -> str:
    """The names of columns for a message; nothing where they may be a row of data."""
    # No part of a text is shown: names of persons begin with a capital letter, and numbers have
    # digits.
    return f": {', '.join(names)}" if names and all(map(_COLUMN_NAME.fullmatch, names)) else ""


def job_of(options: Rewriting) -> Job:
    """Find the files that the options ask for.

    Args:
        options: The options.

    Returns:
        The job, checked.

    Raises:
        OptionError: For options that do not fit together, and for wrong values.
    """
    inputs = options.inputs
    named = options.inputs.files or []
    if options.as_json and options.output is None:
        raise OptionError(
            "--json prints the counts to stdout, where the texts go. Pass --output for the texts."
        )
    if options.all_strings and inputs.field:
        raise OptionError("--all-strings reads all fields. Leave out --field.")
    if options.all_columns and inputs.column:
        raise OptionError("--all-columns reads all columns. Leave out --column.")
    if options.resume and (options.output is None or not named):
        raise OptionError(
            "--resume continues an output file. Pass the FILE and --output of the run that stopped."
        )
    fields = list(inputs.field or ())
    columns = list(inputs.column or ())
    verdicts = read_verdicts(options.columns_from) if options.columns_from else []
    private = [verdict for verdict in verdicts if verdict.is_private]
    if options.columns_from and not private:
        raise OptionError(
            f"{options.columns_from}: no column of it is private. Name some with --column or "
            "--field."
        )
    folders = any(path.is_dir() for path in named)
    # Verdicts on a kind of file that is not given now are left out.
    kinds = {records_format(path).parts for path in named}
    judged = [(records_format(Path(verdict.file)).parts, verdict) for verdict in private]
    judged = [(parts, verdict) for parts, verdict in judged if folders or parts in kinds]
    for parts, verdict in judged:
        if parts == COLUMNS:
            columns.append(verdict.column)
        elif parts == FIELDS:
            fields.append(verdict.column)
    layout = Layout(
        tuple(fields or ["text"]),
        None if options.all_columns else tuple(columns),
        options.all_strings,
        inputs.delimiter,
        inputs.encoding,
        partial=len(named) > 1 or folders or bool(judged),
        labels=tuple((verdict.column, verdict.label) for _, verdict in judged if verdict.label),
        unpacked_mb=inputs.unpacked_mb,
    )
    of_fields = bool(fields) or options.all_strings
    of_columns = bool(columns) or options.all_columns
    job = Job(named, layout, streamed_format(fields=of_fields, columns=of_columns), options.output)
    job.layouts = _judged_layouts(job, verdicts, options)
    job.check(fields=of_fields, columns=of_columns)
    job.assign_targets()
    return job


def _judged_layouts(
    job: Job, verdicts: Sequence[ColumnVerdict], options: Rewriting
) -> dict[Path, Layout]:
    """The layouts of the files that verdicts name: what holds for one file need not hold for
    another one.
    """
    by_file: dict[Path, list[ColumnVerdict]] = {}
    for verdict in verdicts:
        by_file.setdefault(Path(verdict.file).resolve(), []).append(verdict)
    layouts = {}
    for file, _ in job.files:
        judged = by_file.get(file.resolve())
        if judged is None:
            continue
        private = [verdict for verdict in judged if verdict.is_private]
        names = [verdict.column for verdict in private]
        fields = (*(options.inputs.field or ()), *names)
        columns = (*(options.inputs.column or ()), *names)
        # Of a file in whose sample nothing was private all is read, so that its output is whole.
        layouts[file] = replace(
            job.layout,
            fields=fields,
            columns=None if options.all_columns or not columns else columns,
            all_strings=job.layout.all_strings or not fields,
            labels=tuple((verdict.column, verdict.label) for verdict in private if verdict.label),
        )
    return layouts


def rewrite(work: FileRedactor, job: Job, options: Rewriting) -> bool:
    """Rewrite the files, or stdin where there are none, and report what was found.

    Args:
        work: What rewrites them.
        job: The files.
        options: The options.

    Returns:
        Whether all was read; what was withheld, left out or kept unread was not.

    Raises:
        DataError: The only file or stream cannot be read.
        typer.Exit: The run was interrupted and can be resumed.
    """
    if job.output is not None:
        say_if_folder_is_made(job.output)
    try:
        if not job.named:
            _rewrite_stdin(work, job)
        say_what_is_left_out(job.left_out, job.hidden)
        with work.batch():
            failed = _rewrite_files(work, job, resume=options.resume)
    except KeyboardInterrupt as error:
        if job.named and job.output is not None:
            advice = "Interrupted. Run the same command with --resume to continue."
            if not all(is_resumable(file, job.layout) for file, _ in job.files):
                advice += (
                    " Files that are compressed, not UTF-8, or read as a whole, as JSON, start "
                    "again unless they are done."
                )
            say(advice)
            raise typer.Exit(exit_status(error)) from None
        raise
    if not failed:
        work.forget_journals()
    if options.as_json:
        print(json.dumps(work.summary.as_json()))
    else:
        if len(work.summaries) > 1:
            note(*(f"{name}: {summary.line()}" for name, summary in work.summaries.items()))
        note(*work.summary.table().splitlines())
    if failed:
        say(
            f"{failed:,} of {len(job.targets):,} files could not be read. Run with --resume to "
            "do only these again."
        )
    return not (failed or work.summary.withheld or work.summary.kept or job.left_out)


def _rewrite_stdin(work: FileRedactor, job: Job) -> None:
    with ExitStack() as stack:
        source = unpacked_stdin(stack)
        if job.output is None:
            work.stream(source, stdout(), form=job.stdin_form, name="stdin")
        else:
            work.stream_to(source, job.output, form=job.stdin_form, name="stdin")


def _rewrite_files(work: FileRedactor, job: Job, *, resume: bool) -> int:
    """Rewrite the files; returns how many could not be read, each of which is named."""
    failures = Failures()
    targets: dict[Path, list[Path | None]] = {}
    for source, target in job.targets:
        # One that is named, and also in a folder that is named, has two outputs.
        targets.setdefault(source, []).append(target)

    def written(source: Path) -> Iterator[Path]:
        check_input(source)
        for target in targets[source]:
            _rewrite_file(work, source, target, resume=resume)
        yield source

    for _ in read_each(list(targets), written, failed=failures):
        pass
    return failures.count


def _rewrite_file(work: FileRedactor, source: Path, target: Path | None, *, resume: bool) -> None:
    if target is not None:
        work.file(source, target, resume=resume)
        return
    with ExitStack() as stack:
        work.stream(
            open_unpacked(source, stack), stdout(), form=records_format(source), name=str(source)
        )
