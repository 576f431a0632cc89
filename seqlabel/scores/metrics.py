"""Scores from pairs of documents, gold and predicted; nothing is decoded, trained or calibrated here.

A ratio without a denominator is 0.0: the precision of a label that was never predicted, the recall of one that gold
does not have, and F where both are 0 (scikit-learn's `zero_division=0.0`). Documents are numbered from 0 in errors.
"""

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeVar

from seqlabel.documents.document import Document
from seqlabel.documents.schemes import OUTSIDE
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError
from seqlabel.scores.items import best_label

_Layer = TypeVar("_Layer")
_Item = TypeVar("_Item", bound=Hashable)
_NONE: Counter[str] = Counter()


@dataclass(frozen=True)
class LabelScore:
    """Precision, recall and F-beta of one label or of many; `support` is how many gold has."""

    precision: float
    recall: float
    f: float
    support: int


@dataclass(frozen=True)
class Confusion:
    """How often gold is `labels[row]` and the prediction `labels[column]`: `counts[row][column]`."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class TagScore:
    """Shares of words whose tag is right: of all, and of those that training did not have; and macro-averaged F1.

    `words` with a gold tag were counted, `unknown_words` of them were not in training, 0 where the words of training
    were not given; their accuracy is None where there were none. `labels` and `confusion` have every label of gold or
    prediction, sorted; `macro_f1` is the mean over them.
    """

    accuracy: float
    unknown_accuracy: float | None
    macro_f1: float
    words: int
    unknown_words: int
    labels: Mapping[str, LabelScore]
    confusion: Confusion


@dataclass(frozen=True)
class CategoryScore:
    """Share of documents whose category is right, and F1 as in `TagScore`."""

    accuracy: float
    macro_f1: float
    documents: int
    labels: Mapping[str, LabelScore]
    confusion: Confusion


@dataclass(frozen=True)
class SpanScore:
    """Scores of spans: exact and partial, all together and per type, and without regard to the type.

    Exact: the same words and the same type, counted over all spans (`exact`, micro), per type (`types`), and as the
    mean over the types that gold or prediction has (`macro`).

    Partial (`partial`, `partial_types`): within each type, exact spans count one and are set aside; of the others, each
    gold span is paired with at most one predicted span that shares a word with it, in as many pairs as there can be,
    and a pair counts one half. Precision is that sum over the predicted spans, recall over the gold spans. The weight
    is that of SemEval-2013 task 9 (Segura-Bedmar et al. 2013) and of the package nervaluate, whose partial score
    however ignores the type.

    Label-blind: `blind_words` compares which words are inside any span, `blind_spans` which words any span has exactly;
    for private spans they say what is found, whatever it is called.

    `confusion` compares spans with exactly the same words; its last label, `O`, stands for no such span. A row's sum is
    the type's support, and the diagonal holds the exact matches.
    """

    exact: LabelScore
    macro: LabelScore
    types: Mapping[str, LabelScore]
    partial: LabelScore
    partial_types: Mapping[str, LabelScore]
    blind_words: LabelScore
    blind_spans: LabelScore
    confusion: Confusion
    beta: float


def score_tags(
    pairs: Iterable[tuple[Document, Document]], layer: str, *, known: Container[str] | None = None
) -> TagScore:
    """Compare a layer of tags of gold and predicted documents; words without a gold tag do not count.

    Args:
        pairs: Gold and predicted documents with the same words.
        layer: The name of the layer.
        known: The words of the training documents; accuracy is also given for the others. None where they are not
            known.

    Returns:
        The scores.

    Raises:
        DataError: The words of a pair differ, one lacks the layer, a predicted tag is missing, or no word has a gold
            tag.
    """
    words = list(_tagged_words(pairs, layer))
    if not words:
        raise DataError(f"Found no word with a gold tag in the layer {layer!r}. Give documents that have some.")
    accuracy, macro_f1, labels, confusion = _compared((gold, predicted) for _, gold, predicted in words)
    new = [gold == predicted for word, gold, predicted in words if known is not None and word not in known]
    unknown = sum(new) / len(new) if new else None
    return TagScore(accuracy, unknown, macro_f1, len(words), len(new), labels, confusion)


def score_categories(pairs: Iterable[tuple[Document, Document]], layer: str) -> CategoryScore:
    """Compare the category with the highest score in the predicted document with that in the gold one.

    Of predicted categories that share the highest score, the first in sorted order is taken.

    Args:
        pairs: Gold and predicted documents with the same text.
        layer: The name of the layer.

    Returns:
        The scores.

    Raises:
        DataError: The texts of a pair differ, one lacks the layer or has no category in it, gold categories share the
            highest score, or there are no documents.
    """
    found = list(_categories(pairs, layer))
    if not found:
        raise DataError("Found no documents. Give at least one pair, gold and predicted.")
    accuracy, macro_f1, labels, confusion = _compared(found)
    return CategoryScore(accuracy, macro_f1, len(found), labels, confusion)


def score_spans(
    pairs: Iterable[tuple[Document, Document]], layer: str, *, beta: float = 1.0, ignore: Container[str] = frozenset()
) -> SpanScore:
    """Compare a layer of spans of gold and predicted documents; `SpanScore` says what is counted.

    A span that is given twice counts once; spans that overlap each count, as with spaCy's
    `Scorer.score_spans(..., allow_overlap=True)`.

    Args:
        pairs: Gold and predicted documents with the same words.
        layer: The name of the layer.
        beta: How many times as much as precision recall weighs (van Rijsbergen 1979).
        ignore: The labels of spans that are left out of both documents.

    Returns:
        The scores.

    Raises:
        DataError: The words of a pair differ, one lacks the layer, or there are no documents.
        OptionError: `beta` is not above 0.
    """
    if not 0 < beta < float("inf"):
        raise OptionError(f"beta: Found {beta}. Give a number above 0, 1 where precision and recall weigh the same.")
    types, words, places = _Counts(), _Counts(), _Counts()
    halves: Counter[str] = Counter()
    confused: Counter[tuple[str, str]] = Counter()
    documents = 0
    for number, (one, other) in enumerate(pairs):
        documents += 1
        _check_words(number, one, other)
        gold, predicted = (
            {span for span in spans.spans if span.label not in ignore}
            for spans in _both(number, one.spans, other.spans, layer)
        )
        types.add(gold, predicted, label=lambda span: span.label)
        words.add(_words_inside(gold), _words_inside(predicted))
        places.add({(span.start, span.end) for span in gold}, {(span.start, span.end) for span in predicted})
        for label in {span.label for span in gold}:
            missed = [span for span in gold - predicted if span.label == label]
            spurious = [span for span in predicted - gold if span.label == label]
            halves[label] += _overlapping_pairs(missed, spurious)
        confused.update(_confused_types(gold, predicted))
    if not documents:
        raise DataError("Found no documents. Give at least one pair, gold and predicted.")
    by_type = types.by_label(beta)
    each = list(by_type.values())
    return SpanScore(
        exact=types.total(beta),
        macro=LabelScore(
            precision=_mean([score.precision for score in each]),
            recall=_mean([score.recall for score in each]),
            f=_mean([score.f for score in each]),
            support=types.gold.total(),
        ),
        types=by_type,
        partial=types.total(beta, halves=halves),
        partial_types=types.by_label(beta, halves=halves),
        blind_words=words.total(beta),
        blind_spans=places.total(beta),
        confusion=_confusion(confused, [*by_type, OUTSIDE]),
        beta=beta,
    )


def score_sentences(pairs: Iterable[tuple[Document, Document]]) -> LabelScore:
    """Compare the sentences of documents by their characters but white space, whatever the words.

    Args:
        pairs: Gold and predicted document, with the same characters but white space.

    Returns:
        Precision, recall and F1 of sentences with exactly the same characters.

    Raises:
        DataError: The characters of two documents differ.
    """
    counts = _Counts()
    for number, (gold, predicted) in enumerate(pairs):
        one, other = ("".join(document.text.split()) for document in (gold, predicted))
        if one != other:
            raise DataError(
                f"Document {number} has {len(one)} characters but white space in gold and {len(other)} in the "
                f"prediction, which differ. Give pairs of the same text."
            )
        counts.add(_sentences(gold), _sentences(predicted))
    return counts.total(1.0)


def _sentences(document: Document) -> set[tuple[int, int]]:
    """Where sentences begin and end, counted in characters that are not white space."""
    before = list(accumulate((not character.isspace() for character in document.text), initial=0))
    starts = [before[document.offsets[word][0]] for word in document.sentences]
    return set(pairwise([*starts, before[-1]]))


def _tagged_words(pairs: Iterable[tuple[Document, Document]], layer: str) -> Iterator[tuple[str, str, str]]:
    """The words with a gold tag: their text, that tag and the predicted one."""
    for number, (one, other) in enumerate(pairs):
        _check_words(number, one, other)
        gold, predicted = _both(number, one.tags, other.tags, layer)
        for word, wanted, found in zip(one.words, gold.labels, predicted.labels, strict=True):
            if wanted is None:
                continue
            if found is None:
                raise DataError(f"Document {number}: a word with a gold tag has no predicted one. Label all words.")
            yield word, wanted, found


def _categories(pairs: Iterable[tuple[Document, Document]], layer: str) -> Iterator[tuple[str, str]]:
    """The gold category and the predicted one."""
    for number, (one, other) in enumerate(pairs):
        if one.text != other.text:
            raise DataError(f"Document {number}: the gold and the predicted document have different texts. Pair them.")
        gold, predicted = _both(number, one.categories, other.categories, layer)
        if not gold or not predicted:
            raise DataError(f"Document {number}: Found no category in the layer {layer!r}. Each document has one.")
        best = [label for label, score in gold.items() if score == max(gold.values())]
        if len(best) > 1:
            raise DataError(
                f"Document {number}: {len(best)} gold categories share the highest score. One is to be the highest."
            )
        yield best[0], best_label(predicted)


def _check_words(number: int, one: Document, other: Document) -> None:
    if one.offsets != other.offsets:
        raise DataError(f"Document {number}: gold has {len(one)} words, the prediction {len(other)} or other ones.")


def _both(
    number: int, gold: Mapping[str, _Layer], predicted: Mapping[str, _Layer], layer: str
) -> tuple[_Layer, _Layer]:
    for side, layers in (("gold", gold), ("predicted", predicted)):
        if layer not in layers:
            others = ", ".join(layers) or "none"
            raise DataError(
                f"Document {number}: the {side} document lacks the layer {layer!r}. Of this kind it has {others}. "
                f"Name another layer, or leave the document out."
            )
    return gold[layer], predicted[layer]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def score_counts(right: float, predicted: int, gold: int, beta: float) -> LabelScore:
    """Compute the scores of counts; a share of nothing is 0.

    Args:
        right: How many predictions are right; partial ones count a half.
        predicted: How many there are.
        gold: How many there should be.
        beta: How many times as much as precision recall weighs.

    Returns:
        The scores.
    """
    precision = right / predicted if predicted else 0.0
    recall = right / gold if gold else 0.0
    below = beta**2 * precision + recall
    return LabelScore(precision, recall, (1 + beta**2) * precision * recall / below if below else 0.0, gold)


def _compared(pairs: Iterable[tuple[str, str]]) -> tuple[float, float, dict[str, LabelScore], Confusion]:
    """Accuracy, macro F1, the scores of each label, sorted, and the confusion, of labels of gold and prediction."""
    counts = Counter(pairs)
    golds, predictions = Counter[str](), Counter[str]()
    for (gold, predicted), count in counts.items():
        golds[gold] += count
        predictions[predicted] += count
    names = sorted(golds.keys() | predictions.keys())
    labels = {name: score_counts(counts[name, name], predictions[name], golds[name], 1.0) for name in names}
    accuracy = sum(counts[name, name] for name in names) / counts.total()
    return accuracy, _mean([score.f for score in labels.values()]), labels, _confusion(counts, names)


def _confusion(counts: Counter[tuple[str, str]], labels: Sequence[str]) -> Confusion:
    return Confusion(tuple(labels), tuple(tuple(counts[gold, found] for found in labels) for gold in labels))


class _Counts:
    """How many items gold has, how many were predicted, and how many of these are right, by label."""

    def __init__(self) -> None:
        self.gold: Counter[str] = Counter()
        self.predicted: Counter[str] = Counter()
        self.right: Counter[str] = Counter()

    def add(self, gold: set[_Item], predicted: set[_Item], *, label: Callable[[_Item], str] = lambda _: "") -> None:
        self.gold.update(map(label, gold))
        self.predicted.update(map(label, predicted))
        self.right.update(map(label, gold & predicted))

    def total(self, beta: float, *, halves: Counter[str] = _NONE) -> LabelScore:
        return score_counts(self.right.total() + halves.total() / 2, self.predicted.total(), self.gold.total(), beta)

    def by_label(self, beta: float, *, halves: Counter[str] = _NONE) -> dict[str, LabelScore]:
        return {
            label: score_counts(self.right[label] + halves[label] / 2, self.predicted[label], self.gold[label], beta)
            for label in sorted(self.gold.keys() | self.predicted.keys())
        }


def _words_inside(spans: Iterable[Span]) -> set[int]:
    return {word for span in spans for word in range(span.start, span.end)}


def _overlapping_pairs(gold: Iterable[Span], predicted: Iterable[Span]) -> int:
    """How many pairs of a gold and a predicted span that share a word can be made, each span in one pair at most.

    In the order of their ends, each gold span is paired with the free span that ends first: the others share words
    with every later gold span that this one does, so no choice of pairs is larger.
    """
    pairs, free = 0, sorted(predicted, key=lambda span: span.end)
    for one in sorted(gold, key=lambda span: span.end):
        other = next((other for other in free if other.start < one.end and one.start < other.end), None)
        if other is not None:
            free.remove(other)
            pairs += 1
    return pairs


def _confused_types(gold: set[Span], predicted: set[Span]) -> Iterator[tuple[str, str]]:
    """Pairs of types, gold and predicted, of spans with the same words; `O` where one side has none there."""
    for span in gold & predicted:
        yield span.label, span.label
    waiting: dict[tuple[int, int], list[str]] = {}
    for span in sorted(predicted - gold):
        waiting.setdefault((span.start, span.end), []).append(span.label)
    for span in sorted(gold - predicted):
        found = waiting.get((span.start, span.end))
        yield span.label, found.pop(0) if found else OUTSIDE
    for labels in waiting.values():
        for label in labels:
            yield OUTSIDE, label
