"""The subcommand `seqlabel find`: what is private in files and streams, without replacing it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.console import Status, messages, say, stdin, stdout
from seqlabel.cli.control import (
    Allow,
    Asked,
    Deny,
    Except,
    Labels,
    Model,
    NoPatterns,
    Patterns,
    Recall,
    SettingsFile,
)
from seqlabel.cli.rewriting import Columns, Delimiter, Encoding, Fields, Files, Job
from seqlabel.errors import DataError
from seqlabel.text_files import UTF_8

if TYPE_CHECKING:
    from seqlabel.privacy.findings import FileSearcher, Searched


def find(
    files: Files = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write findings to. Default: stdout.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="lines, jsonl, html (with the texts) or sarif.", show_default="jsonl")
    ] = "",
    with_text: Annotated[bool, typer.Option("--with-text", help="Write the private values too (jsonl).")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with status 1 if anything is found; --format is lines.")
    ] = False,
    settings: SettingsFile = None,
    model: Model = None,
    labels: Labels = "",
    excluded: Except = None,
    allow: Allow = None,
    deny: Deny = None,
    patterns: Patterns = None,
    recall: Recall = None,
    no_patterns: NoPatterns = False,
    field: Fields = None,
    column: Columns = None,
    delimiter: Delimiter = None,
    encoding: Encoding = UTF_8,
) -> None:
    """Find private data in files, or line by line on stdin, and tell where it is.

    All strings of JSON and all columns of tables are searched, unless --field or --column name some. stdin is text;
    with --field it is JSONL, with --column CSV. What cannot be read as it should is searched as it is, and reported.

    \f
    Args:
        files: The files and folders; none mean stdin.
        output: The file for findings; None means stdout.
        form: How findings are written.
        with_text: Whether JSON lines have the private values.
        check: Whether the exit status tells that anything was found.
        settings: The settings file; None means `seqlabel.toml` of this folder, if it is there.
        model: A labeler's folder or name.
        labels: The labels to find, with commas between; none mean all.
        excluded: Labels that are not found.
        allow: Files of values that stay.
        deny: Files of values that are always private.
        patterns: Patterns of the user's own.
        recall: The recall whose threshold is used, a number or `high`.
        no_patterns: Whether the model is used without the library's rules.
        field: The fields of JSON with text; none mean all strings.
        column: The columns of tables with text; none mean all.
        delimiter: What stands between two fields of a table.
        encoding: The encoding of the files.
    """
    with messages():
        from seqlabel.choices import choose
        from seqlabel.cli.finding import FindingFormat, written
        from seqlabel.errors import OptionError
        from seqlabel.files import PRIVATE_MODE, open_output
        from seqlabel.privacy.finder import PrivateFinder
        from seqlabel.privacy.findings import FileSearcher
        from seqlabel.privacy.inputs import Layout

        chosen = choose(FindingFormat, "--format", form or ("lines" if check else "jsonl"))
        if with_text and chosen is not FindingFormat.JSONL:
            raise OptionError("--with-text is for --format jsonl; html has the texts, and the others never have.")
        asked = Asked(settings, model, labels, excluded, allow, deny, patterns, recall, no_patterns)
        layout = Layout(tuple(field or ["text"]), tuple(column) if column else None, not field, delimiter, encoding)
        job = Job(files or [], None, layout, bool(field))
        finder = PrivateFinder(settings=asked.read())
        search = FileSearcher(finder, layout, report=say)
        count = _Count()
        pieces = written(count.passing(_searched(search, job)), chosen, with_text=with_text)
        if output is None:
            target = stdout()
            for piece in pieces:
                target.write(piece.encode("utf-8", "surrogatepass"))
                target.flush()
        else:
            with open_output(output, mode=PRIVATE_MODE) as file:
                for piece in pieces:
                    file.write(piece.encode("utf-8", "surrogatepass"))
        job.say_what_is_left_out()
        findings, texts = ("s" * (number != 1) for number in (count.findings, count.searched))
        say(f"{count.findings:,} finding{findings} in {count.texts:,} of {count.searched:,} text{texts}")
        bad = search.unread or job.left_out
    if bad or (check and count.findings):
        raise typer.Exit(Status.UNREAD)


class _Count:
    """Counts what passes."""

    def __init__(self) -> None:
        self.searched = self.texts = self.findings = 0

    def passing(self, searched: "Iterator[Searched]") -> "Iterator[Searched]":
        for one in searched:
            self.searched += 1
            self.texts += bool(one.found)
            self.findings += len(one.found)
            yield one


def _searched(search: "FileSearcher", job: Job) -> "Iterator[Searched]":
    if not job.named:
        from seqlabel.privacy.inputs import FileFormat

        form = FileFormat.JSONL if job.has_fields else FileFormat.CSV if job.layout.columns else FileFormat.TEXT
        yield from search.stream(stdin(), form=form, name="stdin")
    for path, _ in job.files:
        try:
            yield from search.file(path)
        except DataError as error:
            if len(job.files) == 1:
                raise
            search.unread += 1
            say(f"seqlabel: {error}")
