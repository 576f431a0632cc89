"""The subcommand `seqlabel redact`: private data out of files and streams."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.control import PrivateOptions, Replacing
from seqlabel.cli.options import Processes
from seqlabel.cli.rewriting import Rewriting
from seqlabel.cli.unread import RecordReports
from seqlabel.commands.console import Status, messages, say
from seqlabel.privacy.replacing.keys import key_of_file

if TYPE_CHECKING:
    from seqlabel.formats.format import Layout
    from seqlabel.privacy.finding.settings import PrivacySettings


@dataclass(frozen=True, kw_only=True)
class RedactSettings:
    """The options of the command."""

    rewriting: Rewriting
    private: PrivateOptions
    replacing: Replacing
    processes: Processes = 1
    keep_unreadable: Annotated[
        bool,
        typer.Option(
            "--keep-unreadable", help="Keep what cannot be read, redacted as far as possible."
        ),
    ] = False
    trust_header: Annotated[
        bool,
        typer.Option(
            "--trust-header", help="Accept names of columns that look private, such as years."
        ),
    ] = False
    summary: Annotated[
        Path | None, typer.Option(help="Write how often each label was found to this JSON file.")
    ] = None


def redact(settings: RedactSettings) -> None:
    """Replace private data in files, or line by line from stdin to stdout.

    en_pii has read English only, eu_pii also German, French, Spanish, Italian, Dutch and
    Portuguese; a warning says where texts are in a language that the model has not read. stdin is
    text; with --field it is JSONL, with --column CSV. What cannot be read is reported with file and
    line and withheld from the output. Fields, columns and other parts that are not read are named
    on stderr if they hold text; the exit status is then 1, unless --field or --column chose what is
    read.
    """
    with messages(quiet=settings.rewriting.quiet):
        from seqlabel.cli.jobs import job_of, rewrite
        from seqlabel.io.files import opens_through, write_json
        from seqlabel.privacy.records.files import FileRedactor
        from seqlabel.privacy.records.workers import Redactors, Task

        chosen = settings.replacing.over(settings.private.read())
        key = None if chosen.key_file is None else key_of_file(chosen.key_file)
        for_all, policies = chosen.make_policies(key)
        job = job_of(settings.rewriting)
        summary = settings.summary
        if summary is not None:
            # A folder or a link is refused before any work.
            opens_through(summary)
        with Redactors(Task(for_all, chosen, policies), processes=settings.processes) as redactors:
            work = FileRedactor(
                redactors,
                _asked(job.layout, chosen),
                layouts={path: _asked(layout, chosen) for path, layout in job.layouts.items()},
                keep_unreadable=settings.keep_unreadable,
                chosen=settings.rewriting.chosen,
                trust_header=settings.trust_header,
                report=RecordReports(),
                meter=job.meter(),
            )
            done = rewrite(work, job, settings.rewriting)
        for name, unread in work.unread.items():
            say(f"{name}: {unread}")
        if summary is not None:
            write_json(summary, work.summary.as_json())
    if not done or work.summary.unread:
        raise typer.Exit(Status.UNREAD)


def _asked(layout: "Layout", settings: "PrivacySettings") -> "Layout":
    """A layout without the labels of columns that the settings do not ask for."""
    return replace(
        layout, labels=tuple(pair for pair in layout.labels if settings.asks_for(pair[1]))
    )
