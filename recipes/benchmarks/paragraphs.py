"""Names in whole documents of the English Web Treebank: read as one row, by paragraphs, and by gold
sentences.

    python recipes/benchmarks/paragraphs.py --data ../shared/data

The words and names are those of Universal NER, the documents and paragraphs those of the treebank,
between whose paragraphs the text then has a blank line. Weights are the same in all rows; no span
crosses a paragraph in any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from seqlabel import Document, Labeler, score_spans
from seqlabel.batches import RowEnd
from seqlabel.commands import run, write_metrics
from seqlabel.documents import concatenate
from seqlabel.formats import read_documents


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ner_english_ewt and ud_english_ewt.")]
    models: Annotated[str, Option(help="Labelers of names, apart by commas.")] = (
        "en_ner,en_ner_fast"
    )
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path(
        "output/paragraphs/metrics.json"
    )


def first_sentences(treebank: Path) -> set[str]:
    """The ids of the sentences that begin a paragraph."""
    found = set()
    name = ""
    for line in treebank.read_text(encoding="utf-8").splitlines():
        if line.startswith("# sent_id"):
            name = line
        elif line.startswith("# newpar"):
            found.add(name)
    return found


def borders(path: Path, paragraphs: set[str]) -> list[str]:
    """What is before each sentence of a file of names: a document, a paragraph, or nothing new."""
    found: list[str] = []
    new = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# newdoc"):
            new = "document"
        elif line in paragraphs and not new:
            new = "paragraph"
        elif line.startswith("1\t"):
            found.append(new)
            new = ""
    return found


def whole_documents(sentences: Sequence[Document], new: Sequence[str]) -> list[list[Document]]:
    """The sentences of each document, in lists of paragraphs joined by spaces."""
    documents: list[list[list[Document]]] = []
    for sentence, border in zip(sentences, new, strict=True):
        if border == "document" or not documents:
            documents.append([[]])
        elif border == "paragraph":
            documents[-1].append([])
        documents[-1][-1].append(sentence)
    return [
        [concatenate(paragraph, separator=" ") for paragraph in document] for document in documents
    ]


def main(settings: Settings) -> None:
    """Measure labelers of names on whole documents."""
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for part in ("dev", "test"):
        path = settings.data / "ner_english_ewt" / f"{part}.iob2"
        sentences = list(read_documents(path, word=1, tag=2, separator="\t"))
        new = borders(
            path, first_sentences(settings.data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu")
        )
        documents = [concatenate(one, separator="\n\n") for one in whole_documents(sentences, new)]
        for name in settings.models.split(","):
            labeler = Labeler.load(name)
            ways = figures.setdefault(name, {})
            for way, rows, gold in (
                ("whole documents", RowEnd.TEXT, documents),
                ("paragraphs", RowEnd.PARAGRAPH, documents),
                ("sentences", RowEnd.TEXT, sentences),
            ):
                labeler.set_rows(rows)
                score = score_spans(zip(gold, labeler(gold), strict=True), "ner").exact
                ways.setdefault(way, {})[part] = score.f
                print(f"{part}, {name}, {way}: F1 {100 * score.f:.2f}")
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
