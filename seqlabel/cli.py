"""The command `seqlabel`: options to calls, errors to messages and exit statuses; the work is done elsewhere.

Exit status: 0 when all was read, 1 when something was withheld or kept as it was, 2 for wrong use and what stops a run,
130 when it was interrupted. The other modules are imported when a command runs, so that `--help` is there at once.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from seqlabel.errors import OptionError, SeqlabelError
from seqlabel.privacy.named import PolicyName, key_of_file, policy_named

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.privacy.files import FileRedactor, Summary
    from seqlabel.privacy.workers import Rewriter

# No pretty tracebacks: they show local variables, and so private texts.
app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown"
)

_UNREAD, _STOPPED, _INTERRUPTED, _BROKEN_PIPE = 1, 2, 130, 141


def main() -> None:
    """Run the command line."""
    app()


Files = Annotated[
    list[Path] | None, typer.Argument(help="Files (.jsonl, .csv, .tsv, .parquet, others are text); none: stdin.")
]
Output = Annotated[Path | None, typer.Option(help="A file, or a folder for several files; none: stdout.")]
Fields = Annotated[list[str] | None, typer.Option(help="A field of JSONL that is text (text); may come again.")]
Columns = Annotated[list[str] | None, typer.Option(help="A column of a table that is text; may come again.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run with --output stopped.")]


@app.callback()
def about() -> None:
    """Label words and take private data out of texts, offline."""


@app.command()
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
    with _messages():
        from seqlabel.files import write_json
        from seqlabel.privacy.workers import Redactors, Settings

        chosen = policy_named(policy, key=None if key_file is None else key_of_file(key_file))
        names = tuple(filter(None, (label.strip() for label in labels.split(","))))
        settings = Settings(chosen, model, names, recall, not no_patterns)
        targets = _checked(files or [], output, field, column, resume=resume)
        with Redactors(settings, processes=processes) as redactors:
            counts = _rewrite(redactors, targets, output, field, column, keep_unreadable=keep_unreadable, resume=resume)
        if summary is not None:
            write_json(summary, counts.as_json())
    _exit(counts)


@app.command()
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
    with _messages():
        from seqlabel.privacy.workers import Restorer

        restorer = Restorer(key_of_file(key_file))
        targets = _checked(files or [], output, field, column, resume=resume)
        counts = _rewrite(restorer, targets, output, field, column, keep_unreadable=True, resume=resume)
    _exit(counts)


def _checked(
    files: list[Path], output: Path | None, field: list[str] | None, column: list[str] | None, *, resume: bool
) -> list[tuple[Path, Path | None]]:
    """What `_targets` gives. Raises `OptionError` for options that do not fit together."""
    targets = _targets(files, output)
    _check_forms(files, field, column, stream=not files)
    if resume and (output is None or not files):
        raise OptionError("--resume goes on with an output file; give the FILE and --output of the run that stopped")
    return targets


def _rewrite(
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
        rewriter, fields=field or ["text"], columns=column or [], keep_unreadable=keep_unreadable, report=_say
    )
    try:
        if not targets:
            _rewrite_stdin(work, output, field, column)
        for source, target in targets:
            _rewrite_file(work, source, target, resume=resume)
    except KeyboardInterrupt:
        if targets and output is not None:
            _say("interrupted; the same command with --resume goes on from here")
        raise
    work.forget_journals()
    _say(work.summary.table())
    return work.summary


def _exit(summary: "Summary") -> None:
    if summary.withheld or summary.kept:
        raise typer.Exit(_UNREAD)


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


@app.command()
def label(
    file: Annotated[Path, typer.Argument(help="A text file, a document a line.")],
    model: Annotated[str, typer.Option(help="A labeler's folder, or the name of one that ships.")],
) -> None:
    """Write what a labeler finds in each line of a file to stdout, as JSON lines."""
    with _messages():
        from seqlabel.models.labeler import Labeler
        from seqlabel.privacy.records import TextLines, read_lines

        labeler, lines, unread = Labeler.load(model), TextLines(), False
        with file.open("rb") as source:
            for batch in read_lines(source):
                records = [lines.feed(line) for line in batch.lines]
                for record in records:
                    if record.problem:
                        unread = True
                        _say(f"{file}, line {record.line}: {record.problem}; withheld")
                texts = [record.cells[0].text for record in records if not record.problem]
                for document in labeler(texts):
                    print(json.dumps(_labels(document), ensure_ascii=False), flush=batch.drained)
    if unread:
        raise typer.Exit(_UNREAD)


def _labels(document: "Document") -> dict[str, Any]:
    """A document's layers, in the form that `read_spans` reads; tags have one label a word."""
    spans = [
        {"layer": layer, "start": start, "end": end, "label": span.label, "score": score}
        for layer, found in document.spans.items()
        for span, score in zip(found.spans, found.scores, strict=True)
        for start, end in [document.characters(span)]
    ]
    tags = {layer: list(found.labels) for layer, found in document.tags.items()}
    return {"text": document.text, "words": document.offsets, "tags": tags, "spans": spans}


def _say(message: str) -> None:
    """Write a line to stderr, above the progress bar if there is one."""
    from tqdm import tqdm

    tqdm.write(message, file=sys.stderr)


@contextmanager
def _messages() -> Iterator[None]:
    """Errors that a user can mend as one line on stderr, without a traceback."""
    try:
        yield
        sys.stdout.flush()
    except SeqlabelError as error:
        _say(f"seqlabel: {error}")
        raise typer.Exit(_STOPPED) from None
    except BrokenPipeError:
        # Whoever reads has seen enough; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_BROKEN_PIPE) from None
    except OSError as error:
        _say(f"seqlabel: {error.filename or 'output'}: {error.strerror}")
        raise typer.Exit(_STOPPED) from None
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None


if __name__ == "__main__":
    main()
