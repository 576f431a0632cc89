"""The subcommand `seqlabel redact`: private data out of files and streams."""

from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.console import messages, say
from seqlabel.cli.control import (
    Allow,
    Asked,
    Deny,
    Except,
    Labels,
    Locale,
    Model,
    NoPatterns,
    Patterns,
    Recall,
    SettingsFile,
    Subject,
    with_policies,
)
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

Policies = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[LABEL=]NAME",
        help="What replaces private data: replace, remove, mask, hash, pseudonym or encrypt. Repeatable for "
        "labels, as in EMAIL=mask.",
        show_default="replace",
    ),
]
KeyFile = Annotated[
    Path | None, typer.Option(help="Key of hash, pseudonym and encrypt, as `seqlabel keygen` makes it.")
]
KeepUnreadable = Annotated[
    bool, typer.Option("--keep-unreadable", help="Keep what cannot be read, redacted as far as possible.")
]
TrustHeader = Annotated[
    bool, typer.Option("--trust-header", help="Accept names of columns that look private, such as years.")
]
SummaryFile = Annotated[Path | None, typer.Option(help="Write how often each label was found to this JSON file.")]


def redact(
    files: Files = None,
    output: Output = None,
    settings: SettingsFile = None,
    model: Model = None,
    policy: Policies = None,
    key_file: KeyFile = None,
    locale: Locale = None,
    subject: Subject = None,
    labels: Labels = "",
    excluded: Except = None,
    allow: Allow = None,
    deny: Deny = None,
    patterns: Patterns = None,
    recall: Recall = None,
    no_patterns: NoPatterns = False,
    field: Fields = None,
    column: Columns = None,
    all_strings: AllStrings = False,
    delimiter: Delimiter = None,
    encoding: Encoding = UTF_8,
    processes: Annotated[int, typer.Option(help="Number of processes that label.")] = 1,
    resume: Resume = False,
    keep_unreadable: KeepUnreadable = False,
    trust_header: TrustHeader = False,
    summary: SummaryFile = None,
) -> None:
    """Replace private data in English files, or line by line from stdin to stdout.

    en_pii has read English only; a warning says where texts are in another language. stdin is text; with --field it is
    JSONL, with --column CSV. What cannot be read is reported with file and line and withheld from the output. Fields
    and columns that are not named are not read; stderr says which of them hold text.

    \f
    Args:
        files: The files; none mean stdin.
        output: A file or a folder; None means stdout.
        settings: The settings file; None means `seqlabel.toml` of this folder, if it is there.
        model: A labeler's folder or name.
        policy: What replaces private data, for all labels and for some.
        key_file: The file with the policies' key.
        locale: The country of pseudonyms of names.
        subject: Whose dates these are.
        labels: The labels to replace, with commas between; none mean all.
        excluded: Labels that are not replaced.
        allow: Files of values that stay.
        deny: Files of values that are always replaced.
        patterns: Patterns of the user's own.
        recall: The recall whose threshold is used, a number or `high`.
        no_patterns: Whether the model is used without the library's rules.
        field: The fields of JSONL with text.
        column: The columns of tables with text.
        all_strings: Whether all strings of JSON are texts.
        delimiter: What stands between two fields of a table.
        encoding: The encoding of the files.
        processes: How many processes label.
        resume: Whether an interrupted run is continued.
        keep_unreadable: Whether records that cannot be read are kept.
        trust_header: Whether the first row of a table may look private.
        summary: The JSON file for the counts.
    """
    with messages():
        from seqlabel.files import opens_through, write_json
        from seqlabel.privacy.files import FileRedactor
        from seqlabel.privacy.workers import Redactors, Task

        asked = Asked(settings, model, labels, excluded, allow, deny, patterns, recall, no_patterns)
        chosen = with_policies(asked.read(), policy or [], key_file, locale=locale, subject=subject)
        key = None if chosen.key_file is None else key_of_file(chosen.key_file)
        for_all, by_label = chosen.make_policies(key)
        layout = layout_of(field, column, all_strings, delimiter, encoding)
        job = Job(files or [], output, layout, bool(field), resume)
        job.check()
        if summary is not None:
            # A folder or a link is refused before any work.
            opens_through(summary)
        with Redactors(Task(for_all, chosen, by_label), processes=processes) as redactors:
            work = FileRedactor(
                redactors,
                job.layout,
                keep_unreadable=keep_unreadable,
                trust_header=trust_header,
                report=say,
            )
            failed = rewrite(work, job)
        for name, unread in work.unread.items():
            say(f"{name}: {unread}")
        if summary is not None:
            write_json(summary, work.summary.as_json())
    exit_with(work.summary, job, failed)
