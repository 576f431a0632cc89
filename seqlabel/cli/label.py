"""The subcommand `seqlabel label`: what a model finds in texts, as JSON lines, CoNLL, a spaCy file, or in colours."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from operator import and_
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.console import Status, messages, note, say, stdin, stdout
from seqlabel.cli.options import Encoding, Model, Quiet, Task
from seqlabel.cli.unread import RecordReports
from seqlabel.cli.writing import WRITERS, OutputFormat, json_line, output_format
from seqlabel.errors import OptionError
from seqlabel.io.text_files import UTF_8

if TYPE_CHECKING:
    from seqlabel.cli.texts import Text, TextReader
    from seqlabel.documents.document import Document
    from seqlabel.models.trained import Trained


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Texts, one per line, or in a format that `seqlabel train` reads; also .gz. Default: stdin."
        ),
    ] = None
    model: Model = "en_pos"
    sensitivity: Annotated[
        float, typer.Option(help="How readily a labeler of spans finds something: 2 finds far more, -1 less.")
    ] = 0.0
    to: Annotated[
        OutputFormat | None,
        typer.Option(
            metavar="<form>",
            help="jsonl, conll, conllu, docbin or colour. Default: by the suffix of --output, colour on a terminal.",
        ),
    ] = None
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write. Default: stdout.")] = None
    format: Annotated[
        str | None,
        typer.Option(
            help="text, jsonl, json, csv, columns, conllu or docbin. Default: by the file and its first lines."
        ),
    ] = None
    text: Annotated[str, typer.Option("--text", "--field", help="Field of JSON or column of a table that is text.")] = (
        "text"
    )
    word: Annotated[int, typer.Option(help="Column of the words in a file of columns, from 0.")] = 0
    encoding: Encoding = UTF_8
    quiet: Quiet = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Print counts as JSON; needs --output. Labels as JSON: --to jsonl.")
    ] = False


def label(settings: Settings) -> None:
    """Label texts with a labeler or a classifier.

    Files and stdin are read in any format that `seqlabel train` reads. With --to jsonl, the other
    fields of JSON and columns of tables are kept. Exit status 1: a line could not be read; it is reported with file and
    line, and withheld.
    """
    files, output = settings.files or [], settings.output
    form = settings.to or output_format(output, terminal=sys.stdout is not None and sys.stdout.isatty())
    reports = RecordReports()
    # A device or a pipe is written to as it goes.
    whole = None if output is None or (output.exists() and not output.is_file()) else output
    with messages(quiet=settings.quiet, output=whole), ExitStack() as stack:
        stack.callback(reports.end)
        from seqlabel.cli.loading import layers_of, load
        from seqlabel.cli.texts import TextReader, check_texts
        from seqlabel.io.files import check_other_output, open_output, opens_through
        from seqlabel.models.tagging.labeler import Labeler

        if settings.as_json and output is None:
            raise OptionError(
                "--json prints counts to stdout, where the labels go. Give --output for the labels, or --to jsonl for "
                "labels as JSON."
            )
        if form is OutputFormat.DOCBIN and output is None:
            raise OptionError("A packed file of Docs cannot be written to stdout. Give --output FILE.spacy.")
        check_texts(files)
        if output is not None:
            # A folder or a link is refused before any work.
            opens_through(output)
            for file in files:
                check_other_output(file, output)
        mode = None if output is None else _mode(files, output)
        trained = load(settings.model)
        if settings.sensitivity:
            if not isinstance(trained, Labeler):
                raise OptionError("--sensitivity is for labelers of spans. Leave it out.")
            trained = trained.with_sensitivity(settings.sensitivity)
        reader = TextReader(
            settings.format,
            settings.text,
            settings.word,
            settings.encoding,
            note=note,
            withhold=reports,
            fields=form is OutputFormat.JSONL,
        )
        begun, count = perf_counter(), _Count()
        labelled = count.passing(_labelled(trained, reader, files))
        if form is OutputFormat.DOCBIN:
            from seqlabel.formats.docs import write_docbin

            assert output is not None
            entities = next((one for one, (task, _) in layers_of(trained).items() if task is Task.SPANS), "ner")
            write_docbin((document for _, document in labelled), output, entities=entities, mode=mode)
        elif output is not None:
            with open_output(output, mode=mode) as target:
                target.writelines(_written(form, *one) for one in labelled)
        else:
            written = stdout()
            for one in labelled:
                written.write(_written(form, *one))
                if not files:
                    written.flush()
        if settings.as_json:
            told = {"output": str(output), **count.as_json(), "unread": reports.count}
            print(json.dumps({**told, "seconds": round(perf_counter() - begun, 3)}, ensure_ascii=False))
    if reports.any:
        raise typer.Exit(Status.UNREAD)


class _Count:
    """Counts what passes."""

    def __init__(self) -> None:
        self.texts = self.words = 0
        self.labels: dict[str, Counter[str]] = {}

    def as_json(self) -> dict[str, Any]:
        """Give the numbers in a form for JSON."""
        labels = {layer: dict(found.most_common()) for layer, found in self.labels.items()}
        return {"texts": self.texts, "words": self.words, "labels": labels}

    def passing(self, labelled: "Iterable[tuple[Text, Document]]") -> "Iterator[tuple[Text, Document]]":
        for text, document in labelled:
            self.texts += 1
            self.words += len(document)
            found: dict[str, list[str]] = {
                **{layer: [label for label in tags.labels if label] for layer, tags in document.tags.items()},
                **{layer: [one.label for one in spans.spans] for layer, spans in document.spans.items()},
                **{layer: [max(one, key=one.__getitem__)] for layer, one in document.categories.items() if one},
            }
            for layer, labels in found.items():
                self.labels.setdefault(layer, Counter()).update(labels)
            yield text, document


def _written(form: OutputFormat, text: "Text", document: "Document") -> bytes:
    return (json_line(document, text.fields) if form is OutputFormat.JSONL else WRITERS[form](document)).encode()


def _mode(files: list[Path], output: Path) -> int:
    """The output's permissions: the usual ones, without those that any of the files does not give."""
    from seqlabel.io.files import usual_mode

    return reduce(and_, (file.stat().st_mode for file in files), usual_mode(output))


def _labelled(trained: "Trained", reader: "TextReader", files: list[Path]) -> "Iterator[tuple[Text, Document]]":
    """Yield texts and what they are labelled as; say once where a text has no spaces between its words."""
    from seqlabel.documents.phrases import has_phrases, runs_together

    checks = {
        has_phrases: "Some texts have no spaces between their words, as Chinese, Japanese and Thai have, so the model "
        "reads whole phrases as one word. Use a model of that language.",
        runs_together: "Some texts have lost the spaces between their words, as broken extraction from PDF leaves "
        "them, so the model reads whole phrases as one word. Extract them with another tool.",
    }
    for batch in _batches(reader, files):
        for text, document in zip(batch, trained(one.content for one in batch), strict=True):
            for check in [one for one in checks if one(document.words)]:
                say(f"seqlabel: warning: {checks.pop(check)}")
            yield text, document


def _batches(reader: "TextReader", files: list[Path]) -> "Iterator[list[Text]]":
    """Yield the texts of files, or of stdin where there are none."""
    if not files:
        yield from reader.read(stdin(), "stdin")
    for file in files:
        with file.open("rb") as source:
            yield from reader.read(source, str(file), file)
