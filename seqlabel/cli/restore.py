"""The subcommand `seqlabel restore`: encrypted values back into files and streams."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.rewriting import Rewriting
from seqlabel.cli.unread import RecordReports
from seqlabel.commands.console import Status, messages
from seqlabel.privacy.replacing.keys import key_of_file


@dataclass(frozen=True, kw_only=True)
class RestoreSettings:
    """The options of the command."""

    key_file: Annotated[Path, typer.Option(help="Key that the values were encrypted with.")]
    rewriting: Rewriting
    any_order: Annotated[
        bool,
        typer.Option(
            "--any-order", help="Restore values that were moved, as in a table that was sorted."
        ),
    ] = False


def restore(settings: RestoreSettings) -> None:
    """Put back what `redact --policy encrypt` encrypted, in files, or line by line from stdin to
    stdout.

    Give the --field or --column that was redacted: without one, stdin is text. What the key does
    not decrypt, what was changed, and what is not in the order of encryption stays as it is and is
    reported with file and line. Output files are readable for their owner only.
    """
    with messages(quiet=settings.rewriting.quiet):
        from seqlabel.cli.jobs import job_of, rewrite
        from seqlabel.io.files import PRIVATE_MODE
        from seqlabel.privacy.records.files import FileRedactor
        from seqlabel.privacy.records.workers import Restorer

        job = job_of(settings.rewriting)
        restorer = Restorer(key_of_file(settings.key_file), any_order=settings.any_order)
        work = FileRedactor(
            restorer,
            job.layout,
            keep_unreadable=True,
            trust_header=True,
            output_mode=PRIVATE_MODE,
            report=RecordReports(),
            meter=job.meter(),
        )
        done = rewrite(work, job, settings.rewriting)
    if not done:
        raise typer.Exit(Status.UNREAD)
