"""The subcommand `seqlabel redact`: private data out of files and streams."""

from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.console import messages, say
from seqlabel.cli.rewriting import Columns, Fields, Files, Job, Output, Resume, exit_with, rewrite
from seqlabel.privacy.keys import key_of_file
from seqlabel.privacy.policies import PolicyName, policy_named


def redact(
    files: Files = None,
    output: Output = None,
    model: Annotated[str, typer.Option(help="A labeler's folder, or the name of one that ships.")] = "en_pii",
    policy: Annotated[PolicyName, typer.Option(help="What replaces private data.")] = PolicyName.REPLACE,
    key_file: Annotated[
        Path | None,
        typer.Option(help="Key of hash, pseudonym and encrypt, as `seqlabel keygen` makes it."),
    ] = None,
    labels: Annotated[str, typer.Option(help="Labels to replace, separated by commas. Default: all.")] = "",
    recall: Annotated[
        float | None,
        typer.Option(
            help="Use the threshold that reached this recall on held-out texts. Below 0.995, en_pii finds less than "
            "by default."
        ),
    ] = None,
    no_patterns: Annotated[bool, typer.Option("--no-patterns", help="Use the model alone, without rules.")] = False,
    field: Fields = None,
    column: Columns = None,
    processes: Annotated[int, typer.Option(help="Number of processes that label.")] = 1,
    resume: Resume = False,
    keep_unreadable: Annotated[
        bool, typer.Option("--keep-unreadable", help="Keep what cannot be read, redacted as far as possible.")
    ] = False,
    trust_header: Annotated[
        bool, typer.Option("--trust-header", help="Accept names of columns that look private, such as years.")
    ] = False,
    summary: Annotated[
        Path | None, typer.Option(help="Write how often each label was found to this JSON file.")
    ] = None,
) -> None:
    """Replace private data in files, or line by line from stdin to stdout.

    stdin is text; with --field it is JSONL, with --column CSV. What cannot be read is reported with file and line and
    withheld from the output. Fields and columns that are not named are not read; stderr says which of them hold text.

    \f
    Args:
        files: The files; none mean stdin.
        output: A file or a folder; None means stdout.
        model: A labeler's folder or name.
        policy: What replaces private data.
        key_file: The file with the policy's key.
        labels: The labels to replace, with commas between; none mean all.
        recall: The recall whose threshold is used.
        no_patterns: Whether the model is used without rules.
        field: The fields of JSONL with text.
        column: The columns of tables with text.
        processes: How many processes label.
        resume: Whether an interrupted run is continued.
        keep_unreadable: Whether records that cannot be read are kept.
        trust_header: Whether the first row of a table may look private.
        summary: The JSON file for the counts.
    """
    with messages():
        from seqlabel.files import write_json
        from seqlabel.privacy.files import FileRedactor
        from seqlabel.privacy.workers import Redactors, Settings

        chosen = policy_named(policy, key=None if key_file is None else key_of_file(key_file))
        names = tuple(filter(None, (label.strip() for label in labels.split(","))))
        settings = Settings(chosen, model, names, recall, not no_patterns)
        job = Job(files or [], output, field or [], column or [], resume)
        job.check()
        with Redactors(settings, processes=processes) as redactors:
            work = FileRedactor(
                redactors,
                fields=job.fields or ["text"],
                columns=job.columns,
                keep_unreadable=keep_unreadable,
                trust_header=trust_header,
                report=say,
            )
            rewrite(work, job)
        for name, unread in work.unread.items():
            say(f"{name}: {unread}")
        if summary is not None:
            write_json(summary, work.summary.as_json())
    exit_with(work.summary)
