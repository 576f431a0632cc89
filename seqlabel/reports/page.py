"""A report as one page of HTML that needs nothing else: scores, charts, and where gold and prediction disagree.

The page asks no server for anything, and its content security policy forbids it to. The layout is in `page.html`,
`page.css` and `page.js` beside this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from seqlabel.documents.document import Document
from seqlabel.io.files import replace_file
from seqlabel.io.markup import Mark, apart, colours
from seqlabel.reports.chances import BLOCK, FEWEST_DOCUMENTS, Item, items_of, label_intervals
from seqlabel.reports.charts import interval_bar, learning_chart, recall_chart, reliability_chart
from seqlabel.reports.disagreements import Disagreement, Kind, Passage, passages
from seqlabel.reports.report import Report
from seqlabel.scores.curves import Point, recall_curve
from seqlabel.scores.intervals import Interval
from seqlabel.scores.metrics import Confusion, LabelScore, SpanScore, TagScore

MOST_PASSAGES, MOST_DISAGREEMENTS = 200, 500
"""How many passages and disagreements a page shows; it says how many it leaves out."""

_MOST_CONFUSED = 24
_CONTEXT = 36


@dataclass(frozen=True)
class Piece:
    """A run of a passage's text: its label and its probability where it has one, and whether it is wrong."""

    text: str
    label: str = ""
    note: str = ""
    wrong: bool = False


@dataclass(frozen=True)
class Row:
    """A label in the table of scores."""

    label: str
    score: LabelScore
    interval: Interval
    bar: Markup


@dataclass(frozen=True)
class Cell:
    """A count in the confusion matrix; `share` is that of its row."""

    gold: str
    predicted: str
    count: int
    share: float


@dataclass(frozen=True)
class Example:
    """A passage with what gold and the prediction say, as pieces of text."""

    passage: Passage
    gold: tuple[Piece, ...]
    predicted: tuple[Piece, ...]


@dataclass(frozen=True)
class Line:
    """A disagreement in the table: with the text before and after it."""

    found: Disagreement
    document: int
    before: str
    text: str
    after: str


def report_page(
    report: Report,
    pairs: Sequence[tuple[Document, Document]],
    *,
    model: str = "model",
    data: str = "data",
    masked: Sequence[str] | None = None,
) -> str:
    """Write a report as a page of HTML.

    Args:
        report: The report on the pairs.
        pairs: Gold and predicted documents with the report's layer.
        model: The name of the model.
        data: The name of the data.
        masked: The documents' texts with private data masked, each of its old length; None shows the texts as they are.

    Returns:
        The page.

    Raises:
        OptionError: A masked text has another length than its document.
    """
    found = list(passages(pairs, report.layer, texts=masked))
    wrong = [one for one in found if one.disagreements]
    shown = sorted(wrong, key=lambda one: -one.weight)[:MOST_PASSAGES]
    lines = sorted((line for one in wrong for line in _lines(one)), key=lambda one: -(one.found.score or 0))
    items = items_of(pairs, report.layer)
    every, intervals = label_intervals(report, pairs)
    scores, labels = report.labels, list(intervals)
    lowest = min(int(10 * min((one.low for one in intervals.values()), default=0.0)) / 10, 0.9)
    rows = [
        Row(label, scores[label], interval, Markup(interval_bar(scores[label].f, interval, lowest=lowest)))
        for label, interval in intervals.items()
    ]
    return _template().render(
        report=report,
        model=model,
        data=data,
        masked=masked is not None,
        beta=f"{report.beta:g}",
        is_spans=isinstance(report.score, SpanScore),
        tiles=_tiles(report, every),
        documents=len(pairs),
        words=sum(len(one) for one, _ in pairs),
        passages=len(found),
        unit="documents" if len(pairs) >= FEWEST_DOCUMENTS else f"blocks of {BLOCK} words",
        rows=rows,
        matrix=_matrix(report.score.confusion),
        confused=_MOST_CONFUSED,
        reliability=None if report.reliability is None else Markup(reliability_chart(report.reliability)),
        curves=Markup(recall_chart(_curves(items, labels))) if any(one.score is not None for one in items) else None,
        learning=Markup(learning_chart(report.epochs)) if report.epochs else None,
        examples=[_example(one) for one in shown],
        wrong=len(wrong),
        lines=lines[:MOST_DISAGREEMENTS],
        disagreements=len(lines),
        golds=sorted({one.found.gold for one in lines if one.found.gold is not None}),
        predictions=sorted({one.found.predicted for one in lines if one.found.predicted is not None}),
        kinds=[kind for kind in Kind if any(one.found.kind is kind for one in lines)],
        style=Markup(_part("page.css")),
        script=Markup(_part("page.js")),
        lowest=lowest,
        grounds={label: f"--h:{one.hue};--deep:{int(one.deep)}" for label, one in colours(labels).items()},
    )


def write_page(
    path: Path | str,
    report: Report,
    pairs: Sequence[tuple[Document, Document]],
    *,
    model: str = "model",
    data: str = "data",
    masked: Sequence[str] | None = None,
) -> None:
    """Write a report to a file of HTML, as `report_page` does.

    Args:
        path: The file.
        report: The report on the pairs.
        pairs: Gold and predicted documents with the report's layer.
        model: The name of the model.
        data: The name of the data.
        masked: The documents' texts with private data masked, each of its old length; None shows the texts as they are.
    """
    page = report_page(report, pairs, model=model, data=data, masked=masked)
    with replace_file(Path(path)) as beside:
        beside.write_text(page, encoding="utf-8")


def _part(name: str) -> str:
    return files("seqlabel.reports").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("page.html"))


def _tiles(report: Report, interval: Interval) -> list[tuple[str, str, str]]:
    """The figures at the head of the page: name, value, and what stands below it."""
    score = report.score
    between = f"{interval.low:.3f} – {interval.high:.3f}"
    if isinstance(score, SpanScore):
        tiles = [
            (f"F{score.beta:g}, exact spans", f"{score.exact.f:.3f}", between),
            ("precision", f"{score.exact.precision:.3f}", f"{score.exact.support:,} gold spans"),
            ("recall", f"{score.exact.recall:.3f}", f"words of any type {score.blind_words.recall:.3f}"),
        ]
    else:
        tiles = [
            ("accuracy", f"{score.accuracy:.3f}", between),
            ("macro F1", f"{score.macro_f1:.3f}", "mean of labels"),
        ]
        if isinstance(score, TagScore) and score.unknown_accuracy is not None and score.unknown_words < score.words:
            tiles.append(("new words", f"{score.unknown_accuracy:.3f}", f"{score.unknown_words:,} not in training"))
    if report.reliability is not None:
        tiles.append(("calibration error", f"{report.reliability.error:.3f}", "0 where probabilities are true"))
    return tiles


def _curves(items: Sequence[Item], labels: Sequence[str]) -> dict[str, list[Point]]:
    """Recall against precision of all labels, under an empty name, and of each."""
    curves = {}
    for label in ("", *labels):
        here = [one for one in items if label in ("", one.label)]
        found = [one for one in here if one.score is not None]
        gold = sum(one.in_gold for one in here)
        curves[label] = recall_curve([one.score or 0.0 for one in found], [one.in_gold for one in found], gold)
    return curves


def _matrix(confusion: Confusion) -> tuple[list[str], list[list[Cell]], int]:
    """The labels with most errors, the rows of their counts, and how many labels are left out."""
    counts = np.array(confusion.counts)
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    shown = np.sort(np.argsort(-wrong, kind="stable")[:_MOST_CONFUSED])
    sums = counts.sum(axis=1).clip(min=1)
    names = [confusion.labels[index] for index in shown]
    rows = [
        [
            Cell(
                confusion.labels[row],
                confusion.labels[column],
                int(counts[row, column]),
                counts[row, column] / sums[row],
            )
            for column in shown
        ]
        for row in shown
    ]
    return names, rows, len(confusion.labels) - len(names)


def _example(passage: Passage) -> Example:
    gold, predicted = ({(one.start, one.end, one.label) for one in side} for side in (passage.gold, passage.predicted))
    return Example(
        passage,
        tuple(_pieces(passage.text, passage.gold, predicted)),
        tuple(_pieces(passage.text, passage.predicted, gold)),
    )


def _pieces(text: str, marks: Sequence[Mark], others: set[tuple[int, int, str]]) -> Iterator[Piece]:
    """Yield a text in pieces, marked ones as wrong where the other side has no such mark."""
    drawn, overlapping = apart(marks)
    place = 0
    for mark in drawn:
        if mark.start > place:
            yield Piece(text[place : mark.start])
        wrong = (mark.start, mark.end, mark.label) not in others
        yield Piece(text[mark.start : mark.end], mark.label, mark.note, wrong)
        place = mark.end
    if place < len(text):
        yield Piece(text[place:])
    for mark in overlapping:
        yield Piece(" also ")
        wrong = (mark.start, mark.end, mark.label) not in others
        yield Piece(text[mark.start : mark.end], mark.label, mark.note, wrong)


def _lines(passage: Passage) -> Iterator[Line]:
    """Yield the disagreements of a passage, each with some text around it."""
    text = passage.text
    for one in passage.disagreements:
        first, last = max(one.start - _CONTEXT, 0), min(one.end + _CONTEXT, len(text))
        middle = text[one.start : one.end]
        if len(middle) > 3 * _CONTEXT:
            middle = f"{middle[: 3 * _CONTEXT]}…"
        before = ("…" if first else "") + text[first : one.start]
        yield Line(one, passage.document, before, middle, text[one.end : last] + ("…" if last < len(text) else ""))
