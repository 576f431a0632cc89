"""The subcommand `seqlabel label`: what a model finds in texts, as JSON lines, CoNLL, a spaCy file, or in colours."""

import sys
from collections.abc import Iterable, Iterator
from functools import reduce
from io import BufferedIOBase
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.console import Status, messages, say, stdin, stdout
from seqlabel.cli.options import Config, Model, Task
from seqlabel.cli.writing import WRITERS, OutputFormat, output_format
from seqlabel.errors import DataError, OptionError

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.privacy.records import Record

_MANY = 256
"""Texts that are labelled together where more are there."""


class _Withheld:
    """Reports lines that cannot be read, and remembers that there were some."""

    def __init__(self) -> None:
        self.any = False

    def __call__(self, name: str, record: "Record") -> bool:
        """Say what is wrong with a record, if anything; return whether there is."""
        if record.problem:
            self.any = True
            say(f"{name}, line {record.line}: {record.problem}; withheld")
        return bool(record.problem)


def label(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Texts, one per line; .jsonl, .csv, .tsv, .conllu and .spacy in their format. Default: stdin."
        ),
    ] = None,
    model: Model = "en_pos",
    to: Annotated[
        OutputFormat | None,
        typer.Option(
            metavar="<form>",
            help="jsonl, conll, conllu, docbin or colour. Default: by the suffix of --output, colour on a terminal.",
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write. Default: stdout.")] = None,
    field: Annotated[str, typer.Option(help="JSONL field or column of a table that is text.")] = "text",
    config: Config = None,
) -> None:
    """Label texts with a labeler or a classifier.

    Exit status 1: a line could not be read. It is reported with file and line, and withheld.
    """
    form = to or output_format(output, terminal=sys.stdout is not None and sys.stdout.isatty())
    withheld = _Withheld()
    with messages():
        from seqlabel.cli.loading import layers_of, load
        from seqlabel.files import check_other_output, open_output, opens_through
        from seqlabel.text_files import check_text_file, missing_file

        if form is OutputFormat.DOCBIN and output is None:
            raise OptionError("A packed file of Docs cannot be written to stdout. Give --output FILE.spacy.")
        for file in files or []:
            if not file.is_file():
                raise missing_file(file)
            check_text_file(file)
        if output is not None:
            # A folder or a link is refused before any work.
            opens_through(output)
            for file in files or []:
                check_other_output(file, output)
        mode = None if output is None else _mode(files or [], output)
        trained = load(model)
        batches = _from_files(files, field, withheld) if files else _lines(stdin(), "stdin", withheld)
        labelled = _with_a_look(document for batch in batches for document in trained(batch))
        if form is OutputFormat.DOCBIN:
            from seqlabel.formats.docs import write_docbin

            assert output is not None
            entities = next((one for one, (task, _) in layers_of(trained).items() if task is Task.SPANS), "ner")
            write_docbin(labelled, output, entities=entities, mode=mode)
        elif output is not None:
            with open_output(output, mode=mode) as target:
                target.writelines(f"{WRITERS[form](document)}\n".encode() for document in labelled)
        else:
            written = stdout()
            for document in labelled:
                written.write(f"{WRITERS[form](document)}\n".encode())
                if not files:
                    written.flush()
    if withheld.any:
        raise typer.Exit(Status.UNREAD)


def _mode(files: list[Path], output: Path) -> int:
    """The output's permissions: the usual ones, without those that any of the files does not give."""
    from seqlabel.files import usual_mode

    return reduce(and_, (file.stat().st_mode for file in files), usual_mode(output))


def _with_a_look(documents: "Iterable[Document]") -> "Iterator[Document]":
    """Yield documents; say once where a text has no spaces between its words."""
    from seqlabel.cli.phrases import lacks_spaces

    said = False
    for document in documents:
        if not said and lacks_spaces(document):
            said = True
            say(
                "seqlabel: warning: Some texts have no spaces between their words, as Chinese, Japanese and Thai have, "
                "so the model reads whole phrases as one word. Use a model of that language."
            )
        yield document


def _from_files(files: list[Path], field: str, withheld: _Withheld) -> "Iterator[list[str | Document]]":
    """Yield the texts of files, or their documents where words are known."""
    for file in files:
        suffix = file.suffix.lower()
        if suffix in (".conllu", ".spacy"):
            # It needs spaCy, and so torch, which lines of text do without.
            from seqlabel.formats.any_format import read_documents

            yield from _groups(read_documents(file))
        elif suffix in (".csv", ".tsv"):
            yield from _groups(_table(file, field, "," if suffix == ".csv" else "\t"))
        else:
            with file.open("rb") as source:
                yield from _lines(source, str(file), withheld, field if suffix == ".jsonl" else None)


def _lines(
    source: BufferedIOBase, name: str, withheld: _Withheld, field: str | None = None
) -> "Iterator[list[str | Document]]":
    """Yield the texts of lines, those together that are there at once; `field` is that of lines of JSON."""
    from seqlabel.privacy.json_records import JsonLines
    from seqlabel.privacy.records import TextLines, read_lines

    lines = TextLines() if field is None else JsonLines([field])
    for batch in read_lines(source):
        records = [lines.feed(line) for line in batch.lines]
        yield [one.cells[0].text for one in records if one is not None and not withheld(name, one) and one.cells]


def _table(path: Path, column: str, separator: str) -> Iterator[str]:
    """Yield the values of a column. Raises `DataError` where the table has no such column or a row is too short."""
    from seqlabel.formats.tables import csv_rows

    rows = csv_rows(path, separator)
    _, header = next(rows, (1, []))
    if column not in header:
        # Not named: without a header, the first line is a text.
        raise DataError(
            f"{path}: Found no {column!r} among the {len(header)} columns that the first line names. "
            f"Give one of them as --field."
        )
    place = header.index(column)
    for line, row in rows:
        if len(row) <= place:
            raise DataError(f"{path}, line {line}: the row has too few values. Is the separator right?")
        yield row[place]


def _groups(texts: "Iterable[str | Document]") -> "Iterator[list[str | Document]]":
    """Yield texts in groups that are labelled together."""
    group: list[str | Document] = []
    for text in texts:
        group.append(text)
        if len(group) == _MANY:
            yield group
            group = []
    if group:
        yield group
