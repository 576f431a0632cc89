"""Scores from pairs of documents, gold and predicted; nothing is decoded, trained or calibrated
here.

A ratio without a denominator is 0.0: the precision of a label that was never predicted, the recall
of one that gold does not have, and F where both are 0 (scikit-learn's `zero_division=0.0`).
Documents are numbered from 0 in errors.
"""

from collections import Counter
from collections.abc import (
    Callable,
    Collection,
    Container,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeVar

from seqlabel.documents.document import Document
from seqlabel.documents.schemes import OUTSIDE
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError, check_number, check_type
from seqlabel.scores.items import best_label

_Layer = TypeVar("_Layer")
_Item = TypeVar("_Item", bound=Hashable)
_NONE: Counter[str] = Counter()


@dataclass(frozen=True)
class LabelScore:
    """Precision, recall and F-beta of one label or of many; `support` is the number of gold
    items.
    """

    precision: float
    recall: float
    f: float
    support: int


@dataclass(frozen=True)
class Confusion:
    """How often gold is `labels[row]` and the prediction `labels[column]`:
    `counts[row][column]`.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class TagScore:
    """Shares of words whose tag is right: of all, and of those that training did not have; and
    macro-averaged F1.

    `words` with a gold tag were counted, `unknown_words` of them were not in training, 0 where the
    words of training were not given; their accuracy is None where there were none. `labels` and
    `confusion` have every label of gold or prediction, sorted; `macro_f1` is the mean over them.
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
    """Scores of spans: exact and partial, all together and per type, and without regard to the
    type.

    Exact: the same words and the same type, counted over all spans (`exact`, micro), per type
    (`types`), and as the mean over the types that gold or prediction has (`macro`).

    Partial (`partial`, `partial_types`): within each type, exact spans count one and are set aside;
    of the others, each gold span is paired with at most one predicted span that shares a word with
    it, in as many pairs as there can be, and a pair counts one half. Precision is that sum over the
    predicted spans, recall over the gold spans. The weight is that of SemEval-2013 task 9
    (Segura-Bedmar et al. 2013) and of the package nervaluate, whose partial score however ignores
    the type.

    Label-blind: `blind_words` compares which words are inside any span, `blind_spans` which words
    any span has exactly. For private spans they measure how much is found, under any label.

    `confusion` compares spans with exactly the same words; its last label, `O`, stands for no such
    span. A row's sum is the type's support, and the diagonal holds the exact matches.
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
    """Compare a layer of tags of gold and predicted documents; words without a gold tag do not
    count.

    Args:
        pairs: Gold and predicted documents with the same words.
        layer: The name of the layer.
        known: The words of the training documents; accuracy is also given for the others. None
            where they are not known.

    Returns:
        The scores.

    Raises:
        DataError: The words of a pair differ, one lacks the layer, a predicted tag is missing, or
            no word has a gold tag.
    """
    words = list(_tagged_words(paired(pairs), layer))
    if not words:
        raise DataError(
            f"Layer {layer!r}: expected words with a gold tag, got none. Pass labelled documents."
        )
    accuracy, macro_f1, labels, confusion = _compared(
        (gold, predicted) for _, gold, predicted in words
    )

    unknown_are_right: list[bool] = []
    for word, gold, predicted in words:
        if known is not None and word not in known:
            unknown_are_right.append(gold == predicted)
    unknown_words = len(unknown_are_right)
    unknown_accuracy = sum(unknown_are_right) / unknown_words if unknown_words else None
    return TagScore(
        accuracy, unknown_accuracy, macro_f1, len(words), unknown_words, labels, confusion
    )


def score_categories(pairs: Iterable[tuple[Document, Document]], layer: str) -> CategoryScore:
    """Compare the category with the highest score in the predicted document with that in the gold
    one.

    Of predicted categories that share the highest score, the first in sorted order is taken.

    Args:
        pairs: Gold and predicted documents with the same text.
        layer: The name of the layer.

    Returns:
        The scores.

    Raises:
        DataError: The texts of a pair differ, one lacks the layer or has no category in it, gold
            categories share the highest score, or there are no documents.
    """
    categories = list(_categories(pairs, layer))
    if not categories:
        raise DataError("Expected at least one pair of documents, gold and predicted, got none.")
    accuracy, macro_f1, labels, confusion = _compared(categories)
    return CategoryScore(accuracy, macro_f1, len(categories), labels, confusion)


def score_spans(
    pairs: Iterable[tuple[Document, Document]],
    layer: str,
    *,
    beta: float = 1.0,
    ignore: Container[str] = frozenset(),
) -> SpanScore:
    """Compare a layer of spans of gold and predicted documents, by the measures of `SpanScore`.

    Equal spans count once; spans that overlap each count, as with spaCy's
    `Scorer.score_spans(..., allow_overlap=True)`.

    Args:
        pairs: Gold and predicted documents with the same words.
        layer: The name of the layer.
        beta: The weight of recall relative to precision (van Rijsbergen 1979).
        ignore: The labels of spans that are left out of both documents.

    Returns:
        The scores.

    Raises:
        DataError: The words of a pair differ, one lacks the layer, or there are no documents.
        OptionError: `beta` is not above 0.
    """
    check_number("beta", beta, "a number above 0")
    if not 0 < beta < float("inf"):
        raise OptionError(
            f"beta: expected a number above 0, got {beta}. At 1 precision and recall weigh the "
            "same."
        )
    exact_counts = _Counts()
    word_counts = _Counts()
    position_counts = _Counts()
    halves: Counter[str] = Counter()
    confused: Counter[tuple[str, str]] = Counter()
    documents = 0
    for number, (gold_document, predicted_document) in enumerate(paired(pairs)):
        documents += 1
        _check_words(number, gold_document, predicted_document)
        gold_layer, predicted_layer = _both(
            number, gold_document.spans, predicted_document.spans, layer
        )
        gold = {span for span in gold_layer.spans if span.label not in ignore}
        predicted = {span for span in predicted_layer.spans if span.label not in ignore}

        exact_counts.add(gold, predicted, label=lambda span: span.label)
        word_counts.add(_words_inside(gold), _words_inside(predicted))
        position_counts.add(_positions(gold), _positions(predicted))
        for label in {span.label for span in gold}:
            missed = [span for span in gold - predicted if span.label == label]
            spurious = [span for span in predicted - gold if span.label == label]
            halves[label] += _overlapping_pairs(missed, spurious)
        confused.update(_confused_types(gold, predicted))
    if not documents:
        raise DataError("Expected at least one pair of documents, gold and predicted, got none.")

    by_type = exact_counts.by_label(beta)
    return SpanScore(
        exact=exact_counts.total(beta),
        macro=_macro_mean(by_type.values(), support=exact_counts.gold.total()),
        types=by_type,
        partial=exact_counts.total(beta, halves=halves),
        partial_types=exact_counts.by_label(beta, halves=halves),
        blind_words=word_counts.total(beta),
        blind_spans=position_counts.total(beta),
        confusion=confusion_of(confused, [*by_type, OUTSIDE]),
        beta=beta,
    )


def score_sentences(pairs: Iterable[tuple[Document, Document]]) -> LabelScore:
    """Compare the sentences of documents by their characters other than white space, whatever the
    words.

    Args:
        pairs: Gold and predicted document, with the same characters other than white space.

    Returns:
        Precision, recall and F1 of sentences with exactly the same characters.

    Raises:
        DataError: The characters of two documents differ.
    """
    counts = _Counts()
    for number, (gold, predicted) in enumerate(pairs):
        gold_text = "".join(gold.text.split())
        predicted_text = "".join(predicted.text.split())
        if gold_text != predicted_text:
            raise DataError(
                f"Document {number}: expected the same characters other than white space in gold "
                f"and prediction, got different ones, {len(gold_text)} and {len(predicted_text)}. "
                "Pair documents of the same text."
            )
        counts.add(_sentences(gold), _sentences(predicted))
    return counts.total(1.0)


def _sentences(document: Document) -> set[tuple[int, int]]:
    """Where sentences begin and end, counted in characters that are not white space."""
    is_counted = [not character.isspace() for character in document.text]
    counted_before = list(accumulate(is_counted, initial=0))
    starts = [counted_before[document.offsets[word][0]] for word in document.sentences]
    return set(pairwise([*starts, counted_before[-1]]))


def _tagged_words(
    pairs: Iterable[tuple[Document, Document]], layer: str
) -> Iterator[tuple[str, str, str]]:
    """The words with a gold tag: their text, that tag and the predicted one."""
    for number, (gold_document, predicted_document) in enumerate(pairs):
        _check_words(number, gold_document, predicted_document)
        gold, predicted = _both(number, gold_document.tags, predicted_document.tags, layer)
        for word, gold_tag, predicted_tag in zip(
            gold_document.words, gold.labels, predicted.labels, strict=True
        ):
            if gold_tag is None:
                continue
            if predicted_tag is None:
                raise DataError(
                    f"Document {number}: expected a predicted tag for each word with a gold tag, "
                    "got a word without one. Label all words."
                )
            yield word, gold_tag, predicted_tag


def _categories(
    pairs: Iterable[tuple[Document, Document]], layer: str
) -> Iterator[tuple[str, str]]:
    """The gold category and the predicted one."""
    for number, (gold_document, predicted_document) in enumerate(paired(pairs)):
        if gold_document.text != predicted_document.text:
            raise DataError(
                f"Document {number}: expected gold and prediction of one text, got different texts."
            )
        gold, predicted = _both(
            number, gold_document.categories, predicted_document.categories, layer
        )
        if not gold or not predicted:
            raise DataError(
                f"Document {number}: expected a category in the layer {layer!r}, got none."
            )
        highest = max(gold.values())
        best = [label for label, score in gold.items() if score == highest]
        if len(best) > 1:
            raise DataError(
                f"Document {number}: expected one gold category with the highest score, got "
                f"{len(best)}."
            )
        yield best[0], best_label(predicted)


def paired(pairs: Iterable[tuple[Document, Document]]) -> Iterator[tuple[Document, Document]]:
    """Check that each of some pairs is one of documents.

    Args:
        pairs: Gold and predicted documents.

    Yields:
        The pairs.

    Raises:
        OptionError: For anything else, such as documents alone.
    """
    expected = "pairs of a gold and a predicted document, such as zip(gold, predicted)"
    check_type("pairs", pairs, Iterable, expected)
    for pair in pairs:
        if not (isinstance(pair, Sequence) and len(pair) == 2):
            check_type("pairs", pair, tuple, expected)
        for document in pair:
            check_type("pairs", document, Document, expected)
        yield pair


def _check_words(number: int, gold: Document, predicted: Document) -> None:
    if gold.offsets != predicted.offsets:
        raise DataError(
            f"Document {number}: expected a prediction of the same {len(gold)} words, got "
            f"{len(predicted)} or other ones."
        )


def _both(
    number: int, gold: Mapping[str, _Layer], predicted: Mapping[str, _Layer], layer: str
) -> tuple[_Layer, _Layer]:
    check_type("layer", layer, str, "the name of a layer")
    for side, layers in (("gold", gold), ("predicted", predicted)):
        if layer not in layers:
            others = ", ".join(layers) or "none"
            raise DataError(
                f"Document {number}: expected the layer {layer!r} in the {side} document, got the "
                f"layers {others}. Name another layer, or leave the document out."
            )
    return gold[layer], predicted[layer]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def score_counts(right: float, predicted: int, gold: int, beta: float) -> LabelScore:
    """Compute the scores of counts; a ratio without a denominator is 0.

    Args:
        right: The number of right predictions; partial ones count a half.
        predicted: The number of predictions.
        gold: The number of gold items.
        beta: The weight of recall relative to precision.

    Returns:
        The scores.
    """
    precision = right / predicted if predicted else 0.0
    recall = right / gold if gold else 0.0
    denominator = beta**2 * precision + recall
    f = (1 + beta**2) * precision * recall / denominator if denominator else 0.0
    return LabelScore(precision, recall, f, gold)


def _macro_mean(scores: Collection[LabelScore], *, support: int) -> LabelScore:
    """The mean of the scores of labels."""
    precision = _mean([score.precision for score in scores])
    recall = _mean([score.recall for score in scores])
    f = _mean([score.f for score in scores])
    return LabelScore(precision, recall, f, support)


def _compared(
    pairs: Iterable[tuple[str, str]],
) -> tuple[float, float, dict[str, LabelScore], Confusion]:
    """Accuracy, macro F1, the scores of each label, sorted, and the confusion, of labels of gold
    and prediction.
    """
    counts = Counter(pairs)
    gold_counts = Counter[str]()
    predicted_counts = Counter[str]()
    for (gold, predicted), count in counts.items():
        gold_counts[gold] += count
        predicted_counts[predicted] += count
    names = sorted(gold_counts.keys() | predicted_counts.keys())

    labels: dict[str, LabelScore] = {}
    right = 0
    for name in names:
        right += counts[name, name]
        labels[name] = score_counts(
            counts[name, name], predicted_counts[name], gold_counts[name], 1.0
        )
    macro_f1 = _mean([score.f for score in labels.values()])
    return right / counts.total(), macro_f1, labels, confusion_of(counts, names)


def confusion_of(counts: Counter[tuple[str, str]], labels: Sequence[str]) -> Confusion:
    """Make a table of counts.

    Args:
        counts: How often each pair of a gold and a predicted label occurs.
        labels: The labels, in the order of rows and columns.

    Returns:
        The table.
    """
    rows: list[tuple[int, ...]] = []
    for gold in labels:
        rows.append(tuple(counts[gold, predicted] for predicted in labels))
    return Confusion(tuple(labels), tuple(rows))


class _Counts:
    """The numbers of gold items, of predicted items, and of items that are both, by label."""

    def __init__(self) -> None:
        self.gold: Counter[str] = Counter()
        self.predicted: Counter[str] = Counter()
        self.right: Counter[str] = Counter()

    def add(
        self,
        gold: set[_Item],
        predicted: set[_Item],
        *,
        label: Callable[[_Item], str] = lambda _: "",
    ) -> None:
        self.gold.update(map(label, gold))
        self.predicted.update(map(label, predicted))
        self.right.update(map(label, gold & predicted))

    def total(self, beta: float, *, halves: Counter[str] = _NONE) -> LabelScore:
        return score_counts(
            self.right.total() + halves.total() / 2, self.predicted.total(), self.gold.total(), beta
        )

    def by_label(self, beta: float, *, halves: Counter[str] = _NONE) -> dict[str, LabelScore]:
        scores: dict[str, LabelScore] = {}
        for label in sorted(self.gold.keys() | self.predicted.keys()):
            right = self.right[label] + halves[label] / 2
            scores[label] = score_counts(right, self.predicted[label], self.gold[label], beta)
        return scores


def _positions(spans: Iterable[Span]) -> set[tuple[int, int]]:
    """The words of spans, without their labels."""
    return {(span.start, span.end) for span in spans}


def _words_inside(spans: Iterable[Span]) -> set[int]:
    words = set[int]()
    for span in spans:
        words.update(range(span.start, span.end))
    return words


def _overlapping_pairs(gold: Iterable[Span], predicted: Iterable[Span]) -> int:
    """The largest number of pairs of a gold and a predicted span that share a word, each span in
    one pair at most.

    In the order of their ends, each gold span is paired with the free span that ends first: the
    others share words with every later gold span that this one does, so no choice of pairs is
    larger.
    """
    pairs = 0
    free = sorted(predicted, key=lambda span: span.end)
    for gold_span in sorted(gold, key=lambda span: span.end):
        for candidate in free:
            if candidate.start < gold_span.end and gold_span.start < candidate.end:
                free.remove(candidate)
                pairs += 1
                break
    return pairs


def _confused_types(gold: set[Span], predicted: set[Span]) -> Iterator[tuple[str, str]]:
    """Pairs of types, gold and predicted, of spans with the same words; `O` where one side has none
    there.
    """
    for span in gold & predicted:
        yield span.label, span.label
    unpaired: dict[tuple[int, int], list[str]] = {}
    for span in sorted(predicted - gold):
        unpaired.setdefault((span.start, span.end), []).append(span.label)
    for span in sorted(gold - predicted):
        predicted_labels = unpaired.get((span.start, span.end))
        yield span.label, predicted_labels.pop(0) if predicted_labels else OUTSIDE
    for labels in unpaired.values():
        for label in labels:
            yield OUTSIDE, label
