"""The subcommand `seqlabel label`: what a labeler finds in each line of a file, as JSON lines."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.console import Status, messages, say

if TYPE_CHECKING:
    from seqlabel.documents.document import Document


def label(
    file: Annotated[Path, typer.Argument(help="A text file, a document a line.")],
    model: Annotated[str, typer.Option(help="A labeler's folder, or the name of one that ships.")],
) -> None:
    """Write what a labeler finds in each line of a file to stdout, as JSON lines."""
    with messages():
        from seqlabel.models.labeler import Labeler
        from seqlabel.privacy.records import TextLines, read_lines

        labeler, lines, unread = Labeler.load(model), TextLines(), False
        with file.open("rb") as source:
            for batch in read_lines(source):
                records = [lines.feed(line) for line in batch.lines]
                for record in records:
                    if record.problem:
                        unread = True
                        say(f"{file}, line {record.line}: {record.problem}; withheld")
                texts = [record.cells[0].text for record in records if not record.problem]
                for document in labeler(texts):
                    print(json.dumps(_labels(document), ensure_ascii=False), flush=batch.drained)
    if unread:
        raise typer.Exit(Status.UNREAD)


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
