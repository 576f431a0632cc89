"""The subcommand `seqlabel restore`: encrypted values back into files and streams."""

from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.console import messages, say
from seqlabel.cli.rewriting import (
    AllStrings,
    Columns,
    Delimiter,
    Encoding,
    Fields,
    Files,
    Job,
    Output,
    Resume,
    exit_with,
    layout_of,
    rewrite,
)
from seqlabel.privacy.keys import key_of_file
from seqlabel.text_files import UTF_8

_MOST_LINES = 20


class _Report:
    """Says what is reported, but of the records that were kept only the first ones, and how many more there are."""

    def __init__(self) -> None:
        self._kept = 0

    def __call__(self, message: str) -> None:
        if message.endswith("; kept"):
            self._kept += 1
            if self._kept > _MOST_LINES:
                return
        say(message)

    def end(self) -> None:
        """Say how many records were not named."""
        if self._kept > _MOST_LINES:
            say(f"{self._kept - _MOST_LINES:,} more records were kept as they were")


def restore(
    key_file: Annotated[Path, typer.Option(help="The key that encrypted.")],
    files: Files = None,
    output: Output = None,
    field: Fields = None,
    column: Columns = None,
    all_strings: AllStrings = False,
    delimiter: Delimiter = None,
    encoding: Encoding = UTF_8,
    any_order: Annotated[
        bool, typer.Option("--any-order", help="Restore values that were moved, as in a table that was sorted.")
    ] = False,
    resume: Resume = False,
) -> None:
    """Put back what `redact --policy encrypt` encrypted, in files, or line by line from stdin to stdout.

    Give the --field or --column that was redacted: without one, stdin is text. What the key does not decrypt, what was
    changed, and what is not in the order of encryption stays as it is and is reported with file and line. Output files
    are readable for their owner only.

    \f
    Args:
        key_file: The file with the key.
        files: The files; none mean stdin.
        output: A file or a folder; None means stdout.
        field: The fields of JSONL with text.
        column: The columns of tables with text.
        all_strings: Whether all strings of JSON are texts.
        delimiter: What stands between two fields of a table.
        encoding: The encoding of the files.
        any_order: Whether values that were moved are put back too.
        resume: Whether an interrupted run is continued.
    """
    with messages():
        from seqlabel.files import PRIVATE_MODE
        from seqlabel.privacy.files import FileRedactor
        from seqlabel.privacy.workers import UNAUTHENTICATED, Restorer

        report = _Report()
        layout = layout_of(field, column, all_strings, delimiter, encoding)
        job = Job(files or [], output, layout, bool(field), resume)
        restorer = Restorer(key_of_file(key_file), any_order=any_order)
        job.check()
        work = FileRedactor(
            restorer,
            job.layout,
            keep_unreadable=True,
            trust_header=True,
            output_mode=PRIVATE_MODE,
            report=report,
        )
        try:
            failed = rewrite(work, job)
        finally:
            report.end()
        old = work.summary.found[UNAUTHENTICATED]
        if old:
            say(
                f"seqlabel: warning: {old} values are of the first form, in which a change cannot be noticed. "
                f"Encrypt the texts again."
            )
    exit_with(work.summary, job, failed)
