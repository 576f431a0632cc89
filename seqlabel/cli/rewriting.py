"""What `redact` and `restore` share: their options, where each file goes, and the run over files or stdin."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.console import Status, say, stdin, stdout
from seqlabel.errors import OptionError

if TYPE_CHECKING:
    from seqlabel.privacy.files import FileRedactor, Form, Summary

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Files to read: .jsonl, .csv, .tsv, .parquet, all others as text. Default: stdin."),
]
Output = Annotated[Path | None, typer.Option(help="Output file, or a folder for several files. Default: stdout.")]
Fields = Annotated[list[str] | None, typer.Option(help="JSONL field with text (default: text). Repeatable.")]
Columns = Annotated[list[str] | None, typer.Option(help="Table column with text. Repeatable.")]
Resume = Annotated[bool, typer.Option("--resume", help="Continue an interrupted run that had --output.")]


@dataclass(frozen=True)
class Job:
    """The files that a command reads and writes.

    Args:
        files: The files to read; none mean stdin.
        output: The output file or folder; None means stdout.
        fields: The fields of JSONL that were named.
        columns: The columns of tables that were named.
        resume: Whether an interrupted run is continued.
    """

    files: list[Path]
    output: Path | None
    fields: list[str]
    columns: list[str]
    resume: bool

    def check(self) -> None:
        """Check that the options fit together.

        Raises:
            OptionError: If they do not.
        """
        _ = self.targets
        self._check_forms()
        if self.resume and (self.output is None or not self.files):
            raise OptionError("--resume continues an output file. Give the FILE and --output of the run that stopped.")

    @cached_property
    def targets(self) -> list[tuple[Path, Path | None]]:
        """Each file and where it goes; None is stdout. Raises `OptionError` for two files with one output."""
        files, output = self.files, self.output
        if output is None:
            if len(files) > 1:
                raise OptionError("several files need a folder to go to; give --output FOLDER")
            return [(file, None) for file in files]
        into_folder = len(files) > 1 or (bool(files) and output.is_dir())
        if into_folder and output.exists() and not output.is_dir():
            raise OptionError(f"{output}: is a file, and several files need a folder; give another --output")
        targets: list[tuple[Path, Path | None]] = []
        seen: dict[Path, Path] = {}
        for file in files:
            target = output / file.name if into_folder else output
            if target.resolve() == file.resolve():
                raise OptionError(f"{file}: would be replaced by its own output; give another --output")
            if target in seen:
                raise OptionError(f"{file} and {seen[target]} would both become {target}; give them one by one")
            seen[target] = file
            targets.append((file, target))
        return targets

    def _check_forms(self) -> None:
        """Raise `OptionError` for an option that no input heeds."""
        from seqlabel.privacy.files import Form

        forms = {Form.of(file) for file in self.files}
        tables = forms & {Form.CSV, Form.TSV, Form.PARQUET}
        if not self.files and self.fields and self.columns:
            raise OptionError("stdin is JSONL with --field and CSV with --column; give one of them")
        if self.fields and self.files and Form.JSONL not in forms:
            raise OptionError("--field is for JSONL, and no file ends with .jsonl")
        if self.columns and self.files and not tables:
            raise OptionError("--column is for tables, and no file ends with .csv, .tsv or .parquet")
        if tables and not self.columns:
            raise OptionError(
                f"a {min(tables)} file needs --column, the name of a column that is text; give it for each one"
            )

    @property
    def stdin_form(self) -> "Form":
        """How stdin holds texts."""
        from seqlabel.privacy.files import Form

        return Form.JSONL if self.fields else Form.CSV if self.columns else Form.TEXT


def rewrite(work: "FileRedactor", job: Job) -> None:
    """Write the files anew, or stdin where there are none, and say what was found.

    Args:
        work: What writes them anew.
        job: The files.
    """
    try:
        if not job.files:
            _rewrite_stdin(work, job)
        for source, target in job.targets:
            _rewrite_file(work, source, target, resume=job.resume)
    except KeyboardInterrupt:
        if job.files and job.output is not None:
            say("Interrupted. Run the same command with --resume to continue.")
        raise
    work.forget_journals()
    say(work.summary.table())


def exit_with(summary: "Summary") -> None:
    """End with the exit status of a run.

    Args:
        summary: The counts of the run.

    Raises:
        typer.Exit: With `Status.UNREAD` if something was withheld or kept unread.
    """
    if summary.withheld or summary.kept:
        raise typer.Exit(Status.UNREAD)


def _rewrite_stdin(work: "FileRedactor", job: Job) -> None:
    if job.output is None:
        work.stream(stdin(), stdout(), form=job.stdin_form, name="stdin")
    else:
        work.stream_to(stdin(), job.output, form=job.stdin_form, name="stdin")


def _rewrite_file(work: "FileRedactor", source: Path, target: Path | None, *, resume: bool) -> None:
    from seqlabel.privacy.files import Form

    if target is not None:
        work.file(source, target, resume=resume)
        return
    output = stdout()
    with source.open("rb") as file:
        work.stream(file, output, form=Form.of(source), name=str(source))
