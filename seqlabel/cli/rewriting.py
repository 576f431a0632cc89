"""The shared parts of `redact` and `restore`: their options, where each file goes, and the run over files or stdin."""

import csv
import json
import re
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.options import Quiet
from seqlabel.cli.unread import RecordReports
from seqlabel.commands.console import Status, exit_status, note, say, stdin, stdout
from seqlabel.errors import DataError, OptionError
from seqlabel.io.text_files import UTF_8

if TYPE_CHECKING:
    from seqlabel.privacy.records.files import FileRedactor
    from seqlabel.privacy.records.inputs import FileFormat, Layout
    from seqlabel.privacy.records.journals import Summary

_COLUMN_NAME = re.compile(r"[a-z]+(?:[_ -][a-z]+)*")
Files = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Files or folders to read: .jsonl, .json, .csv, .tsv, .parquet, all others as text; also .gz, .xz and "
        ".zst. Default: stdin."
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH",
        help="JSON field with text, such as text (the default), user.name or messages[].content. Repeatable.",
    ),
]
Columns = Annotated[list[str] | None, typer.Option(help="Table column with text. Repeatable.")]
Delimiter = Annotated[str | None, typer.Option(help="Character between the fields of a .csv or .tsv table.")]
Encoding = Annotated[str, typer.Option(help="Encoding of text, JSON and CSV; the output has the same.")]


@dataclass(frozen=True)
class _Found:
    """The files named and those in folders: to read, each with its name below the output; not text; hidden."""

    files: list[tuple[Path, Path]]
    binary: list[Path]
    hidden: list[Path]


@dataclass(frozen=True)
class Job:
    """The files that a command reads and writes.

    Args:
        named: The files and folders to read; none mean stdin.
        output: The output file or folder; None means stdout.
        layout: Which parts of records are text, and the files' encoding.
        has_fields: Whether fields were named.
        resume: Whether an interrupted run is continued.
        as_json: Whether the counts are printed to stdout as JSON.
    """

    named: list[Path]
    output: Path | None
    layout: "Layout"
    has_fields: bool = False
    resume: bool = False
    as_json: bool = False

    def check(self) -> None:
        """Check that the options fit together.

        Raises:
            OptionError: If they do not.
        """
        _ = self.targets
        self._check_forms()
        if self.resume and (self.output is None or not self.named):
            raise OptionError("--resume continues an output file. Give the FILE and --output of the run that stopped.")

    @property
    def files(self) -> list[tuple[Path, Path]]:
        """Each file to read, and its name below the output folder: its own, or its path in the folder it is from."""
        return self._found.files

    @property
    def left_out(self) -> list[Path]:
        """Files of folders that are not text, and were not read."""
        return self._found.binary

    def say_what_is_left_out(self) -> None:
        """Name the files of folders that are not read: those that are not text, and hidden ones."""
        for path in self.left_out:
            say(f"{path}: not text, left out")
        if hidden := self._found.hidden:
            count = f"{len(hidden):,} hidden file{'s' if len(hidden) > 1 else ''}"
            note(f"{count} left out, such as {hidden[0]}. Name a file itself to have it read.")

    @cached_property
    def _found(self) -> _Found:
        from seqlabel.privacy.records.inputs import check_input, is_text_file

        found = _Found([], [], [])
        for path in self.named:
            if not path.is_dir():
                check_input(path)
                found.files.append((path, Path(path.name)))
                continue
            if self.output is not None and self.output.resolve().is_relative_to(path.resolve()):
                raise OptionError(f"{self.output}: is inside {path}, which is read. Give an --output outside of it.")
            for file in sorted(path.rglob("*")):
                below = file.relative_to(path)
                if not file.is_file():
                    continue
                if any(part.startswith(".") for part in below.parts):
                    found.hidden.append(file)
                elif is_text_file(file):
                    found.files.append((file, below))
                else:
                    found.binary.append(file)
        return found

    @cached_property
    def targets(self) -> list[tuple[Path, Path | None]]:
        """Each file and where it goes; None is stdout. Raises `OptionError` for two files with one output."""
        from seqlabel.io.files import check_other_output

        files, output = self.files, self.output
        folders = any(path.is_dir() for path in self.named)
        if output is None:
            if len(files) > 1 or folders:
                raise OptionError("several files need a folder for the results. Give --output FOLDER.")
            return [(file, None) for file, _ in files]
        into_folder = folders or len(files) > 1 or (bool(files) and output.is_dir())
        if into_folder and output.exists() and not output.is_dir():
            raise OptionError(f"{output}: is a file, and several files need a folder. Give another --output.")
        targets: list[tuple[Path, Path | None]] = []
        seen: dict[Path, Path] = {}
        for file, below in files:
            target = output / below if into_folder else output
            check_other_output(file, target)
            if target in seen:
                raise OptionError(f"{file} and {seen[target]} would both become {target}. Give them one by one.")
            seen[target] = file
            targets.append((file, target))
        return targets

    def _columns_found(self) -> str:
        """Return the names of the first table's columns, or nothing where they may be a row of data."""
        from seqlabel.privacy.records.inputs import TABLES, FileFormat

        table = next(file for file, _ in self.files if FileFormat.of(file) in TABLES)
        if table.suffix not in (".csv", ".tsv") or not table.is_file():
            return ""
        with table.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            names = next(csv.reader(lines, delimiter="\t" if table.suffix == ".tsv" else ","), [])
        # Nothing of a text is told: names of persons begin with a capital letter, and numbers have digits.
        return f": {', '.join(names)}" if names and all(map(_COLUMN_NAME.fullmatch, names)) else ""

    def _check_forms(self) -> None:
        """Raise `OptionError` for an option that no input heeds."""
        from seqlabel.privacy.records.inputs import OBJECTS, TABLES, FileFormat

        forms = {FileFormat.of(file) for file, _ in self.files}
        tables, columns = forms & TABLES, self.layout.columns
        fields = self.has_fields or self.layout.all_strings
        if not self.named and fields and columns:
            raise OptionError("stdin is JSONL with --field and CSV with --column. Give only one of them.")
        if fields and self.named and not forms & OBJECTS:
            raise OptionError("--field is for JSONL and JSON, and no file ends with .jsonl or .json")
        if columns and self.named and not tables:
            raise OptionError("--column is for tables, and no file ends with .csv, .tsv or .parquet")
        if tables and not columns:
            raise OptionError(
                f"a {min(tables)} file needs --column, the name of a column of text{self._columns_found()}. "
                f"Repeat it for each such column."
            )
        if self.layout.delimiter is not None and not (tables - {FileFormat.PARQUET} if self.named else columns):
            raise OptionError("--delimiter is for tables, and no input is one. Leave it out.")
        if FileFormat.PARQUET in forms and not self.layout.is_utf_8:
            raise OptionError("--encoding: Parquet has none. Redact the .parquet files apart from the others.")

    @property
    def stdin_form(self) -> "FileFormat":
        """How stdin holds texts."""
        from seqlabel.privacy.records.inputs import FileFormat

        objects = self.has_fields or self.layout.all_strings
        return FileFormat.JSONL if objects else FileFormat.CSV if self.layout.columns else FileFormat.TEXT


@dataclass(frozen=True)
class Rewriting:
    """The options that say which files are written anew, and which parts of their records are text."""

    files: Files = None
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Output file, or a folder for several files. Default: stdout."),
    ] = None
    field: Fields = None
    column: Columns = None
    all_strings: Annotated[
        bool, typer.Option("--all-strings", help="Read all strings of JSON but the names of fields.")
    ] = False
    delimiter: Delimiter = None
    encoding: Encoding = UTF_8
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run that had --output.")] = False
    quiet: Quiet = False
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON; needs --output.")] = False

    def job(self) -> Job:
        """Return the files that the options ask for.

        Returns:
            The job, checked.

        Raises:
            OptionError: For options that do not fit together, and for wrong values.
        """
        from seqlabel.privacy.records.inputs import Layout

        if self.as_json and self.output is None:
            raise OptionError("--json prints the counts to stdout, where the texts go. Give --output for the texts.")
        if self.all_strings and self.field:
            raise OptionError("--all-strings reads all fields. Leave out --field.")
        fields, columns = tuple(self.field or ["text"]), tuple(self.column or ())
        layout = Layout(fields, columns, self.all_strings, self.delimiter, self.encoding)
        job = Job(self.files or [], self.output, layout, bool(self.field), self.resume, self.as_json)
        job.check()
        return job


def rewrite(work: "FileRedactor", job: Job, reports: RecordReports) -> int:
    """Write the files anew, or stdin where there are none, and say what was found.

    Args:
        work: What writes them anew.
        job: The files.
        reports: What `work` reports records to.

    Returns:
        How many of several files could not be read; the others are written.

    Raises:
        DataError: The only file or stream cannot be read.
        typer.Exit: The run was interrupted and can be resumed.
    """
    failed = 0
    try:
        if not job.named:
            _rewrite_stdin(work, job)
        job.say_what_is_left_out()
        for source, target in job.targets:
            try:
                _rewrite_file(work, source, target, resume=job.resume)
            except DataError as error:
                if len(job.targets) == 1:
                    raise
                failed += 1
                say(f"seqlabel: {error}")
    except KeyboardInterrupt as error:
        if job.named and job.output is not None:
            whole = not all(job.layout.is_resumable(file) for file, _ in job.files)
            say(
                "Interrupted. Run the same command with --resume to continue."
                + whole * " Files that are compressed, not UTF-8, JSON or Parquet begin anew unless they are done."
            )
            raise typer.Exit(exit_status(error)) from None
        raise
    finally:
        reports.end()
    if not failed:
        work.forget_journals()
    if job.as_json:
        print(json.dumps(work.summary.as_json()))
    else:
        note(*work.summary.table().splitlines())
    if failed:
        say(f"{failed:,} of {len(job.targets):,} files could not be read. Run with --resume to do only these again.")
    return failed


def exit_with(summary: "Summary", job: Job, failed: int) -> None:
    """End with the exit status of a run.

    Args:
        summary: The counts of the run.
        job: Its files.
        failed: How many of them could not be read.

    Raises:
        typer.Exit: With `Status.UNREAD` if something was withheld, left out or kept unread.
    """
    if failed or summary.withheld or summary.kept or job.left_out:
        raise typer.Exit(Status.UNREAD)


def _rewrite_stdin(work: "FileRedactor", job: Job) -> None:
    if job.output is None:
        work.stream(stdin(), stdout(), form=job.stdin_form, name="stdin")
    else:
        work.stream_to(stdin(), job.output, form=job.stdin_form, name="stdin")


def _rewrite_file(work: "FileRedactor", source: Path, target: Path | None, *, resume: bool) -> None:
    from seqlabel.privacy.records.inputs import FileFormat, open_unpacked

    if target is not None:
        work.file(source, target, resume=resume)
        return
    with ExitStack() as stack:
        work.stream(open_unpacked(source, stack), stdout(), form=FileFormat.of(source), name=str(source))
