"""The subcommand `seqlabel redact`: private data out of files and streams."""

from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.console import messages
from seqlabel.cli.rewriting import Columns, Fields, Files, Output, Resume, checked, exit_with, rewrite
from seqlabel.privacy.keys import key_of_file
from seqlabel.privacy.policies import PolicyName, policy_named


def redact(
    files: Files = None,
    output: Output = None,
    model: Annotated[str, typer.Option(help="A labeler's folder, or the name of one that ships.")] = "en_pii",
    policy: Annotated[PolicyName, typer.Option(help="What replaces private data.")] = PolicyName.REPLACE,
    key_file: Annotated[
        Path | None,
        typer.Option(help="The key of hash, pseudonym and encrypt: a file's bytes, 32 random ones."),
    ] = None,
    labels: Annotated[str, typer.Option(help="The labels to replace, with commas between; none: all.")] = "",
    recall: Annotated[
        float | None,
        typer.Option(help="Ask for the threshold that found this share; below 0.995 en_pii finds less than without."),
    ] = None,
    no_patterns: Annotated[bool, typer.Option("--no-patterns", help="The model alone, no rules.")] = False,
    field: Fields = None,
    column: Columns = None,
    processes: Annotated[int, typer.Option(help="How many processes label.")] = 1,
    resume: Resume = False,
    keep_unreadable: Annotated[
        bool, typer.Option("--keep-unreadable", help="Keep what cannot be read, redacted as far as it can be.")
    ] = False,
    summary: Annotated[
        Path | None, typer.Option(help="Write how often each label was found to this JSON file.")
    ] = None,
) -> None:
    """Replace private data in files, or line by line from stdin to stdout.

    stdin is text; with --field it is JSONL, with --column CSV. What cannot be read is reported with file and line and
    withheld from the output.
    """
    with messages():
        from seqlabel.files import write_json
        from seqlabel.privacy.workers import Redactors, Settings

        chosen = policy_named(policy, key=None if key_file is None else key_of_file(key_file))
        names = tuple(filter(None, (label.strip() for label in labels.split(","))))
        settings = Settings(chosen, model, names, recall, not no_patterns)
        targets = checked(files or [], output, field, column, resume=resume)
        with Redactors(settings, processes=processes) as redactors:
            counts = rewrite(redactors, targets, output, field, column, keep_unreadable=keep_unreadable, resume=resume)
        if summary is not None:
            write_json(summary, counts.as_json())
    exit_with(counts)
