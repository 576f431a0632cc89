"""Labels of gold and predicted documents one by one, with their probabilities, and how far F could
be off by chance.

The scores themselves are in `metrics`, the bootstrap is in `intervals`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqlabel.documents.document import Document
from seqlabel.documents.spans import Span
from seqlabel.documents.trees import Trees
from seqlabel.scores.intervals import Interval, f_intervals

FEWEST_DOCUMENTS = 20
"""With fewer documents than this, blocks of words are drawn in place of documents."""
BLOCK = 50
"""The number of words of a block."""


@dataclass(frozen=True)
class Item:
    """A label at a place, that gold has, the prediction, or both; items that are drawn together
    share a unit.
    """

    unit: tuple[int, int]
    label: str
    in_gold: bool
    score: float | None
    predicted: bool


def best_label(scores: Mapping[str, float]) -> str:
    """Find the label with the highest score.

    Args:
        scores: The score of each label.

    Returns:
        The label, of equal ones the first in sorted order.
    """
    return min(scores, key=lambda label: (-scores[label], label))


def labels_at(document: Document, layer: str) -> dict[Span, float | None]:
    """Return the labels of a layer by their words.

    Args:
        document: The document.
        layer: A layer that it has.

    Returns:
        The probability of each label, None where the layer has none. A tag is a span of one word,
        as is the relation of a word to its head; the best category is one of all words, also in a
        document without words.
    """
    if layer in document.trees:
        trees = document.trees[layer]
        return _labels_of_words(trees.relations, trees.scores)
    if layer in document.categories:
        categories = document.categories[layer]
        best = best_label(categories)
        return {Span(0, max(len(document), 1), best): categories[best]}
    if layer in document.spans:
        spans = document.spans[layer]
        return dict(zip(spans.spans, spans.scores or (None,) * len(spans.spans), strict=True))
    tags = document.tags[layer]
    return _labels_of_words(tags.labels, tags.scores)


def _labels_of_words(
    labels: Sequence[str | None], scores: Sequence[float]
) -> dict[Span, float | None]:
    """The probability of the label of each word that has one."""
    word_scores = scores or (None,) * len(labels)
    score_by_span: dict[Span, float | None] = {}
    for word, (label, score) in enumerate(zip(labels, word_scores, strict=True)):
        if label is not None:
            score_by_span[Span(word, word + 1, label)] = score
    return score_by_span


def items_of(pairs: Sequence[tuple[Document, Document]], layer: str) -> list[Item]:
    """List every label of gold and prediction once.

    Args:
        pairs: Gold and predicted documents with the layer.
        layer: The name of the layer.

    Returns:
        The labels, document by document.
    """
    items: list[Item] = []
    few = len(pairs) < FEWEST_DOCUMENTS
    for number, (gold, predicted) in enumerate(pairs):
        if layer in gold.trees:
            items += _arcs_of(number, gold.trees[layer], predicted.trees[layer], few=few)
            continue
        gold_labels = labels_at(gold, layer)
        predicted_labels = labels_at(predicted, layer)
        missed = gold_labels.keys() - predicted_labels.keys()
        for span in [*predicted_labels, *missed]:
            # A word without a gold tag is not scored.
            if layer not in gold.tags or gold.tags[layer].labels[span.start] is not None:
                unit = (number, span.start // BLOCK if few else 0)
                in_gold = span in gold_labels
                predicted_score = predicted_labels.get(span)
                items.append(
                    Item(unit, span.label, in_gold, predicted_score, span in predicted_labels)
                )
    return items


def _arcs_of(number: int, gold: Trees, predicted: Trees, *, few: bool) -> list[Item]:
    """The arcs of a document: one that both have, or the wrong one and the one that is missing."""
    items: list[Item] = []
    scores = predicted.scores or (None,) * len(predicted.heads)
    for word, (head, relation) in enumerate(zip(gold.heads, gold.relations, strict=True)):
        predicted_relation = predicted.relations[word]
        if head is None or relation is None or predicted_relation is None:
            continue
        unit = (number, word // BLOCK if few else 0)
        right = head == predicted.heads[word] and relation == predicted_relation
        items.append(Item(unit, predicted_relation, right, scores[word], True))
        if not right:
            items.append(Item(unit, relation, True, None, False))
    return items


def intervals_of(
    items: Sequence[Item], labels: Sequence[str], *, beta: float = 1.0
) -> list[Interval]:
    """Estimate 95 % intervals of F.

    Args:
        items: The labels of gold and prediction.
        labels: The names of the labels.
        beta: The weight of recall relative to precision.

    Returns:
        The interval of all labels taken together, and that of each label.
    """
    columns = dict(zip(labels, range(1, len(labels) + 1), strict=True))
    distinct_units = sorted({item.unit for item in items})
    units = {unit: number for number, unit in enumerate(distinct_units)}
    # Right, predicted and gold labels of each unit, of all labels and of each.
    counts: NDArray[np.int64] = np.zeros((max(len(units), 1), 1 + len(labels), 3), dtype=np.int64)
    for item in items:
        added = (item.in_gold and item.predicted, item.predicted, item.in_gold)
        for column in (0, columns[item.label]):
            counts[units[item.unit], column] += added
    return f_intervals(counts, beta=beta)
