"""A report as one page of HTML that needs nothing else: scores, charts, and where gold and
prediction disagree.

The page asks no server for anything, and its content security policy forbids it to. The layout is
in `page.html`, `charts.html`, `page.css` and `page.js` of this package.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import repeat
from pathlib import Path

import numpy as np
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from seqlabel.documents.cutting import cut_at_sentences
from seqlabel.documents.document import Document
from seqlabel.documents.trees import Trees
from seqlabel.io.files import write_file
from seqlabel.io.markup import Mark, apart, colors
from seqlabel.reports.disagreements import Disagreement, Kind, Passage, passages
from seqlabel.reports.report import Report
from seqlabel.scores.items import BLOCK, FEWEST_DOCUMENTS
from seqlabel.scores.metrics import Confusion, SpanScore

MOST_PASSAGES = 200
"""The most passages that a page shows; it says how many it leaves out."""
MOST_DISAGREEMENTS = 500
"""The most disagreements that a page lists; it says how many it leaves out."""

_MOST_CONFUSED = 24
_MOST_PICTURES = 20
"""Sentences whose trees are drawn."""


@dataclass(frozen=True)
class Piece:
    """A run of a passage's text: its label and its probability where it has one, and whether it is
    wrong.
    """

    text: str
    label: str = ""
    note: str = ""
    wrong: bool = False


def write_page(
    path: Path | str,
    report: Report,
    pairs: Sequence[tuple[Document, Document]],
    *,
    model: str = "model",
    data: str = "data",
    masked: Sequence[str] | None = None,
) -> None:
    """Write a report to a file of HTML.

    Args:
        path: The file.
        report: The report on the pairs.
        pairs: Gold and predicted documents with the report's layer.
        model: The name of the model.
        data: The name of the data.
        masked: The documents' texts with private data masked, each of its old length; None shows
            the texts as they are.

    Raises:
        OptionError: A masked text has another length than its document.
    """
    wrong = [
        passage for passage in passages(pairs, report.layer, texts=masked) if passage.disagreements
    ]
    worst = sorted(wrong, key=lambda passage: -passage.weight)[:MOST_PASSAGES]
    every, intervals = report.intervals(pairs)

    lines: list[tuple[int, str, Disagreement]] = []
    labels = list(intervals)
    kinds = set[Kind]()
    for passage in wrong:
        for disagreement in passage.disagreements:
            lines.append((passage.document, passage.text, disagreement))
            kinds.add(disagreement.kind)
            # Labels of arcs have the text of their heads.
            labels += [
                label for label in (disagreement.gold, disagreement.predicted) if label is not None
            ]
    lines.sort(key=lambda line: -(line[2].score or 0))

    grounds: dict[str, str] = {}
    for label, color in colors(list(dict.fromkeys(labels))).items():
        grounds[label] = f"--h:{color.hue};--deep:{int(color.deep)}"
    words = sum(len(gold) for gold, _ in pairs)
    lowest = min((interval.low for interval in intervals.values()), default=0.0)
    page = (
        templates()
        .get_template("page.html")
        .render(
            report=report,
            model=model,
            data=data,
            masked=masked is not None,
            is_spans=isinstance(report.score, SpanScore),
            every=every,
            intervals=intervals,
            documents=len(pairs),
            words=words,
            unit="documents" if len(pairs) >= FEWEST_DOCUMENTS else f"blocks of {BLOCK} words",
            matrix=_matrix(report.score.confusion),
            examples=list(map(_example, worst)),
            wrong=len(wrong),
            lines=lines,
            most_lines=MOST_DISAGREEMENTS,
            kinds=[kind for kind in Kind if kind in kinds],
            lowest=min(int(10 * lowest) / 10, 0.9),
            figures=dict(report.figures()),
            bounds=report.figure_intervals(pairs),
            pictures=[] if masked is not None else list(_pictures(pairs, report.layer)),
            grounds=grounds,
        )
    )
    write_file(Path(path), page.encode())


def _pictures(pairs: Sequence[tuple[Document, Document]], layer: str) -> Iterator[tuple[str, str]]:
    """The trees of the sentences with most wrong arcs, as gold has them and as predicted."""
    wrong: list[tuple[int, Document, Document]] = []
    for gold, predicted in pairs:
        if layer not in gold.trees or not gold.sentences:
            continue
        # Both are cut as gold is.
        same = predicted.with_layers(sentences=gold.sentences)
        for right, guess in zip(
            cut_at_sentences(gold, repeat(1)), cut_at_sentences(same, repeat(1)), strict=True
        ):
            count = _wrong_arcs(right.trees[layer], guess.trees[layer])
            if count:
                wrong.append((count, right, guess))
    wrong.sort(key=lambda row: -row[0])
    for _, right, guess in wrong[:_MOST_PICTURES]:
        yield from zip(right.tree_pictures(layer), guess.tree_pictures(layer), strict=True)


def _wrong_arcs(gold: Trees, predicted: Trees) -> int:
    """The number of arcs that are wrong, of the words whose head gold has; without its relation the
    head is enough.
    """
    count = 0
    arcs = zip(gold.heads, gold.relations, predicted.heads, predicted.relations, strict=True)
    for head, relation, predicted_head, predicted_relation in arcs:
        if head is not None:
            count += head != predicted_head or relation not in (None, predicted_relation)
    return count


def _part(name: str) -> str:
    return files("seqlabel.reports").joinpath(name).read_text(encoding="utf-8")


@cache
def templates() -> Environment:
    """Return the templates of a page.

    Returns:
        The environment that has `page.html`, and the macros that draw, `charts.html`.
    """
    environment = Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"style": Markup(_part("page.css")), "script": Markup(_part("page.js"))}
    return environment


def _matrix(confusion: Confusion) -> tuple[dict[str, list[tuple[str, int, float]]], int]:
    """By gold label each predicted one with its count and its share of the row, and how many labels
    are left out.

    Those with most errors are kept.
    """
    counts = np.array(confusion.counts)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    shown = np.sort(np.argsort(-wrong, kind="stable")[:_MOST_CONFUSED]).tolist()
    rows: dict[str, list[tuple[str, int, float]]] = {}
    for row in shown:
        cells: list[tuple[str, int, float]] = []
        for column in shown:
            cells.append(
                (confusion.labels[column], int(counts[row, column]), float(shares[row, column]))
            )
        rows[confusion.labels[row]] = cells
    return rows, len(confusion.labels) - len(rows)


def _example(passage: Passage) -> tuple[Passage, list[Piece], list[Piece]]:
    """A passage with what gold and the prediction say, as pieces of text."""
    gold_spans = {(mark.start, mark.end, mark.label) for mark in passage.gold}
    predicted_spans = {(mark.start, mark.end, mark.label) for mark in passage.predicted}
    gold = list(_pieces(passage.text, passage.gold, predicted_spans))
    predicted = list(_pieces(passage.text, passage.predicted, gold_spans))
    return passage, gold, predicted


def _pieces(text: str, marks: Sequence[Mark], others: set[tuple[int, int, str]]) -> Iterator[Piece]:
    """Yield a text in pieces, marked ones as wrong where the other side has no such mark."""
    drawn, overlapping = apart(marks)
    offset = 0

    def piece(mark: Mark) -> Piece:
        wrong = (mark.start, mark.end, mark.label) not in others
        return Piece(text[mark.start : mark.end], mark.label, mark.note, wrong)

    for mark in drawn:
        yield from (Piece(text[offset : mark.start]), piece(mark))
        offset = mark.end
    yield Piece(text[offset:])
    for mark in overlapping:
        yield from (Piece(" also "), piece(mark))
