"""The subcommand `seqlabel restore`: encrypted values back into files and streams."""

from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.console import messages
from seqlabel.cli.rewriting import Columns, Fields, Files, Output, Resume, checked, exit_with, rewrite
from seqlabel.privacy.keys import key_of_file


def restore(
    key_file: Annotated[Path, typer.Option(help="The key that encrypted: the file's bytes.")],
    files: Files = None,
    output: Output = None,
    field: Fields = None,
    column: Columns = None,
    resume: Resume = False,
) -> None:
    """Put back what `redact --policy encrypt` encrypted, in files, or line by line from stdin to stdout.

    Give the --field or --column that it had: stdin is text without. What the key does not decrypt stays as it is and
    is reported with file and line.
    """
    with messages():
        from seqlabel.privacy.workers import Restorer

        restorer = Restorer(key_of_file(key_file))
        targets = checked(files or [], output, field, column, resume=resume)
        counts = rewrite(restorer, targets, output, field, column, keep_unreadable=True, resume=resume)
    exit_with(counts)
