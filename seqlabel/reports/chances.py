"""How far the scores of a report could be off by chance: its labels one by one, drawn anew; nothing is drawn on a page.

The bootstrap itself is in `scores.intervals`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqlabel.documents.document import Document
from seqlabel.reports.disagreements import best_label
from seqlabel.reports.report import Report
from seqlabel.scores.intervals import Interval, f_intervals

FEWEST_DOCUMENTS, BLOCK = 20, 50
"""With fewer documents than the first number, blocks of words are drawn, whose length is the second number."""


@dataclass(frozen=True)
class Item:
    """A label at a place, that gold has, the prediction, or both; items that are drawn together share a unit."""

    unit: tuple[int, int]
    label: str
    in_gold: bool
    score: float | None
    predicted: bool


def items_of(pairs: Sequence[tuple[Document, Document]], layer: str) -> list[Item]:
    """List every label of gold and prediction once.

    Args:
        pairs: Gold and predicted documents with the layer.
        layer: The name of the layer.

    Returns:
        The labels, document by document.
    """
    return list(_items(pairs, layer))


def intervals_of(items: Sequence[Item], labels: Sequence[str], *, beta: float = 1.0) -> list[Interval]:
    """Estimate 95 % intervals of F.

    Args:
        items: The labels of gold and prediction.
        labels: The names of the labels.
        beta: How many times as much as precision recall weighs.

    Returns:
        The interval of all labels taken together, and that of each label.
    """
    columns = {label: number for number, label in enumerate(labels, 1)}
    units = {unit: number for number, unit in enumerate(sorted({one.unit for one in items}))}
    # Right, predicted and gold labels of each unit, of all labels and of each.
    counts: NDArray[np.int64] = np.zeros((max(len(units), 1), 1 + len(labels), 3), dtype=np.int64)
    for one in items:
        added = (one.in_gold and one.predicted, one.predicted, one.in_gold)
        for column in (0, columns[one.label]):
            counts[units[one.unit], column] += added
    return f_intervals(counts, beta=beta)


def label_intervals(report: Report, pairs: Sequence[tuple[Document, Document]]) -> tuple[Interval, dict[str, Interval]]:
    """Estimate the 95 % intervals of F in a report.

    Args:
        report: The report.
        pairs: The gold documents and those predicted, that the report is about.

    Returns:
        The interval of all labels together, and that of each, in the report's order.
    """
    every, *others = intervals_of(items_of(pairs, report.layer), list(report.labels), beta=report.beta)
    return every, dict(zip(report.labels, others, strict=True))


def _items(pairs: Sequence[tuple[Document, Document]], layer: str) -> Iterator[Item]:
    few = len(pairs) < FEWEST_DOCUMENTS
    for number, (gold, predicted) in enumerate(pairs):
        wanted, found = _labels_at(gold, layer), _labels_at(predicted, layer)
        for (place, end, label), score in found.items():
            unit = (number, place // BLOCK if few else 0)
            # A word without a gold tag is not scored.
            if layer not in gold.tags or gold.tags[layer].labels[place] is not None:
                yield Item(unit, label, (place, end, label) in wanted, score, predicted=True)
        for place, _, label in wanted.keys() - found.keys():
            yield Item((number, place // BLOCK if few else 0), label, True, None, predicted=False)


def _labels_at(document: Document, layer: str) -> dict[tuple[int, int, str], float | None]:
    """The labels of a layer by their words, with their probabilities."""
    if layer in document.spans:
        spans = document.spans[layer]
        scores = spans.scores or (None,) * len(spans.spans)
        return {(one.start, one.end, one.label): score for one, score in zip(spans.spans, scores, strict=True)}
    if layer in document.tags:
        tags = document.tags[layer]
        scores = tags.scores or (None,) * len(tags.labels)
        found = enumerate(zip(tags.labels, scores, strict=True))
        return {(place, place + 1, label): score for place, (label, score) in found if label is not None}
    categories = document.categories[layer]
    best = best_label(categories)
    return {(0, 0, best): categories[best]}
