"""What `redact` and `restore` share: their options, where each file goes, and the run over files or stdin."""

import sys
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from seqlabel.cli.console import Status, say
from seqlabel.errors import OptionError

if TYPE_CHECKING:
    from seqlabel.privacy.files import FileRedactor, Summary
    from seqlabel.privacy.workers import Rewriter

Files = Annotated[
    list[Path] | None, typer.Argument(help="Files (.jsonl, .csv, .tsv, .parquet, others are text); none: stdin.")
]
Output = Annotated[Path | None, typer.Option(help="A file, or a folder for several files; none: stdout.")]
Fields = Annotated[list[str] | None, typer.Option(help="A field of JSONL that is text (text); may come again.")]
Columns = Annotated[list[str] | None, typer.Option(help="A column of a table that is text; may come again.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run with --output stopped.")]


def checked(
    files: list[Path], output: Path | None, field: list[str] | None, column: list[str] | None, *, resume: bool
) -> list[tuple[Path, Path | None]]:
    """What `_targets` gives. Raises `OptionError` for options that do not fit together."""
    targets = _targets(files, output)
    _check_forms(files, field, column, stream=not files)
    if resume and (output is None or not files):
        raise OptionError("--resume goes on with an output file; give the FILE and --output of the run that stopped")
    return targets


def rewrite(
    rewriter: "Rewriter",
    targets: list[tuple[Path, Path | None]],
    output: Path | None,
    field: list[str] | None,
    column: list[str] | None,
    *,
    keep_unreadable: bool,
    resume: bool,
) -> "Summary":
    """Write the files anew, or, where there are none, stdin; and say what was found."""
    from seqlabel.privacy.files import FileRedactor

    work = FileRedactor(
        rewriter, fields=field or ["text"], columns=column or [], keep_unreadable=keep_unreadable, report=say
    )
    try:
        if not targets:
            _rewrite_stdin(work, output, field, column)
        for source, target in targets:
            _rewrite_file(work, source, target, resume=resume)
    except KeyboardInterrupt:
        if targets and output is not None:
            say("interrupted; the same command with --resume goes on from here")
        raise
    work.forget_journals()
    say(work.summary.table())
    return work.summary


def exit_with(summary: "Summary") -> None:
    """End with the exit status of a run.

    Args:
        summary: The counts of the run.

    Raises:
        typer.Exit: With `Status.UNREAD` if something was withheld or kept unread.
    """
    if summary.withheld or summary.kept:
        raise typer.Exit(Status.UNREAD)


def _targets(files: list[Path], output: Path | None) -> list[tuple[Path, Path | None]]:
    """Where each file goes; None is standard output."""
    if output is None:
        if len(files) > 1:
            raise OptionError("several files need a folder to go to; give --output FOLDER")
        return [(file, None) for file in files]
    into_folder = len(files) > 1 or output.is_dir()
    if into_folder and output.is_file():
        raise OptionError(f"{output}: is a file, and several files need a folder; give another --output")
    targets = [(file, output / file.name if into_folder else output) for file in files]
    seen: dict[Path, Path] = {}
    for file, target in targets:
        if target.resolve() == file.resolve():
            raise OptionError(f"{file}: would be replaced by its own output; give another --output")
        if target in seen:
            raise OptionError(f"{file} and {seen[target]} would both become {target}; give them one by one")
        seen[target] = file
    return list(targets)


def _check_forms(files: list[Path], field: list[str] | None, column: list[str] | None, *, stream: bool) -> None:
    """Raise `OptionError` for an option that no input heeds."""
    from seqlabel.privacy.files import Form

    forms = {Form.of(file) for file in files}
    tables = forms & {Form.CSV, Form.TSV, Form.PARQUET}
    if stream and field and column:
        raise OptionError("stdin is JSONL with --field and CSV with --column; give one of them")
    if field and not stream and Form.JSONL not in forms:
        raise OptionError("--field is for JSONL, and no file ends with .jsonl")
    if column and not stream and not tables:
        raise OptionError("--column is for tables, and no file ends with .csv, .tsv or .parquet")
    if tables and not column:
        raise OptionError(
            f"a {min(tables)} file needs --column, the name of a column that is text; give it for each one"
        )


def _rewrite_stdin(
    work: "FileRedactor", output: Path | None, field: list[str] | None, column: list[str] | None
) -> None:
    from seqlabel.files import replace_file
    from seqlabel.privacy.files import Form

    form = Form.JSONL if field else Form.CSV if column else Form.TEXT
    source = cast(BufferedIOBase, sys.stdin.buffer)
    if output is None:
        work.stream(source, sys.stdout.buffer, form=form, name="stdin")
        return
    with replace_file(output) as beside, beside.open("wb") as target:
        work.stream(source, target, form=form, name="stdin")


def _rewrite_file(work: "FileRedactor", source: Path, target: Path | None, *, resume: bool) -> None:
    from seqlabel.privacy.files import Form

    if target is not None:
        work.file(source, target, resume=resume)
        return
    with source.open("rb") as file:
        work.stream(file, sys.stdout.buffer, form=Form.of(source), name=str(source))
