"""How good dependency trees are: UAS, LAS, CLAS and their intervals; other layers are scored in
`metrics`.

The measures are those of the CoNLL 2018 shared task (Zeman et al. 2018), on words that gold and
prediction share.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from seqlabel.documents.document import Document
from seqlabel.errors import DataError
from seqlabel.scores.intervals import Interval, f_intervals
from seqlabel.scores.items import items_of
from seqlabel.scores.metrics import Confusion, LabelScore, confusion_of, score_counts

FUNCTION_RELATIONS = frozenset(["aux", "case", "cc", "clf", "cop", "det", "mark"])
"""Universal relations of function words, which CLAS leaves out, as it does punctuation."""

_PUNCTUATION = "punct"


@dataclass(frozen=True)
class TreeScore:
    """Shares of words whose arc is right, from 0 to 1.

    Args:
        uas: Of words with the right head.
        las: Of words with the right head and the right relation, subtypes included.
        las_universal: The same without subtypes, so that `nsubj` is as good as `nsubj:pass`.
        clas: LAS without subtypes, of content words alone: function words and punctuation are left
            out.
        words: The words with a known head, which were counted.
        content_words: Those that CLAS counts.
        labels: Of each relation, how many of its arcs are found with head and relation; sorted.
        confusion: Of words with the right head, how often one relation was taken for another.
    """

    uas: float
    las: float
    las_universal: float
    clas: float
    words: int
    content_words: int
    labels: Mapping[str, LabelScore]
    confusion: Confusion


MEASURES = ("uas", "las", "las_universal", "clas")
"""The shares of a `TreeScore`."""


def score_trees(pairs: Iterable[tuple[Document, Document]], layer: str) -> TreeScore:
    """Compare trees.

    Args:
        pairs: Gold and predicted document, of the same words. Words whose gold head is not known
            are not counted; where the gold relation is not known, the head alone has to be right.
        layer: The name of the layer of trees.

    Returns:
        The scores.

    Raises:
        DataError: The documents lack the layer or have different words, or no head is known.
    """
    pairs = list(pairs)
    words, content, heads, arcs, universal_arcs, content_arcs = (
        _table(pairs, layer).sum(axis=0).tolist()
    )
    return TreeScore(
        uas=heads / words,
        las=arcs / words,
        las_universal=universal_arcs / words,
        clas=content_arcs / max(content, 1),
        words=words,
        content_words=content,
        labels=_by_relation(pairs, layer),
        confusion=_confusion(pairs, layer),
    )


def _by_relation(pairs: Iterable[tuple[Document, Document]], layer: str) -> dict[str, LabelScore]:
    right = Counter[str]()
    predicted = Counter[str]()
    gold = Counter[str]()
    for item in items_of(list(pairs), layer):
        right[item.label] += item.in_gold and item.predicted
        predicted[item.label] += item.predicted
        gold[item.label] += item.in_gold
    scores: dict[str, LabelScore] = {}
    for label in sorted(gold | predicted):
        scores[label] = score_counts(right[label], predicted[label], gold[label], 1.0)
    return scores


def _confusion(pairs: Iterable[tuple[Document, Document]], layer: str) -> Confusion:
    counts = Counter[tuple[str, str]]()
    for gold_document, predicted_document in pairs:
        gold = gold_document.trees[layer]
        predicted = predicted_document.trees[layer]
        arcs = zip(gold.heads, gold.relations, predicted.heads, predicted.relations, strict=True)
        for gold_head, gold_relation, predicted_head, predicted_relation in arcs:
            if (
                gold_relation is not None
                and predicted_relation is not None
                and gold_head == predicted_head
            ):
                counts[gold_relation, predicted_relation] += 1
    labels = set(chain.from_iterable(counts))
    return confusion_of(counts, sorted(labels))


def tree_intervals(pairs: Iterable[tuple[Document, Document]], layer: str) -> dict[str, Interval]:
    """Estimate the 95 % interval of each measure by drawing documents again.

    Args:
        pairs: Gold and predicted document, as in `score_trees`.
        layer: The name of the layer of trees.

    Returns:
        An interval for each of `MEASURES`.

    Raises:
        DataError: As in `score_trees`.
    """
    table = _table(pairs, layer)
    words = table[:, 0]
    content = table[:, 1]
    totals = np.stack([words, words, words, content], axis=1)
    # With as many predictions as gold arcs, F is the share of right ones.
    counts = np.stack([table[:, 2:], totals, totals], axis=2)
    return dict(zip(MEASURES, f_intervals(counts), strict=True))


def _table(pairs: Iterable[tuple[Document, Document]], layer: str) -> npt.NDArray[np.int64]:
    """Words, content words, and those that are right by each measure, of each document, (documents,
    6).
    """
    counts: list[list[int]] = []
    for number, (gold, predicted) in enumerate(pairs):
        for side, document in (("gold", gold), ("predicted", predicted)):
            if layer not in document.trees:
                others = ", ".join(document.trees) or "none"
                raise DataError(
                    f"Document {number}: expected the layer {layer!r} of trees in the {side} "
                    f"document, got the layers of trees {others}."
                )
        if gold.offsets != predicted.offsets:
            raise DataError(
                f"Document {number}: expected a prediction of the same {len(gold)} words, got "
                f"{len(predicted)} or other ones."
            )
        counts.append(_counts(gold, predicted, layer))
    table = np.array(counts, dtype=np.int64).reshape(-1, 6)
    if not table[:, 0].any():
        raise DataError(
            f"Layer {layer!r}: expected words whose head is known, got none. Pass documents "
            "with trees."
        )
    return table


def _counts(gold: Document, predicted: Document, layer: str) -> list[int]:
    counts = [0] * 6
    gold_trees = gold.trees[layer]
    predicted_trees = predicted.trees[layer]
    arcs = zip(
        gold_trees.heads,
        gold_trees.relations,
        predicted_trees.heads,
        predicted_trees.relations,
        strict=True,
    )
    for head, relation, other_head, other_relation in arcs:
        if head is None:
            continue
        universal = _universal(relation)
        is_content = universal not in FUNCTION_RELATIONS and universal != _PUNCTUATION
        counts[0] += 1
        counts[1] += is_content
        if head != other_head:
            continue
        same_universal = relation is None or universal == _universal(other_relation)
        counts[2] += 1
        counts[3] += relation is None or relation == other_relation
        counts[4] += same_universal
        counts[5] += is_content and same_universal
    return counts


def _universal(relation: str | None) -> str:
    return (relation or "").partition(":")[0]
