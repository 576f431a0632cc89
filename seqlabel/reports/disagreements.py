"""Where gold and predicted documents differ, in passages short enough to read; nothing is scored or
drawn here.

A document is cut at its sentences where they are known, otherwise at ends of sentences that its
text shows; a cut is never inside a span.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter

from seqlabel.documents.document import Document
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError
from seqlabel.io.markup import Mark
from seqlabel.scores.items import labels_at

LONGEST_PASSAGE = 60
"""Words after which a passage without sentences is cut at the next place where it can be."""

_ENDS = (".", "!", "?", "。", "！", "？", "…", "।")


class Kind(StrEnum):
    """The kind of a wrong prediction; a boundary is wrong where words are shared, but not all."""

    WRONG_LABEL = "wrong label"
    WRONG_BOUNDARY = "wrong boundary"
    WRONG_BOTH = "wrong label and boundary"
    MISSED = "missed"
    SPURIOUS = "spurious"


@dataclass(frozen=True)
class Disagreement:
    """A difference between gold and prediction.

    Args:
        kind: The kind of the error.
        start: The first character, in the passage.
        end: The character after the last one.
        gold: The gold label; None where gold has nothing.
        predicted: The predicted label; None where nothing was predicted.
        score: The probability of the prediction; None where there is none.
    """

    kind: Kind
    start: int
    end: int
    gold: str | None
    predicted: str | None
    score: float | None


@dataclass(frozen=True)
class Passage:
    """A part of a document with what gold and the prediction say about it.

    Args:
        document: The number of the document, from 0.
        text: The text of the passage.
        gold: The gold labels.
        predicted: The predicted labels.
        disagreements: Where they differ, by their place.
        words: The number of words.
    """

    document: int
    text: str
    gold: tuple[Mark, ...]
    predicted: tuple[Mark, ...]
    disagreements: tuple[Disagreement, ...]
    words: int

    @property
    def weight(self) -> float:
        """How wrong the passage is: the probabilities of wrong predictions, and one half for each
        that has none.
        """
        return sum(0.5 if each.score is None else each.score for each in self.disagreements)


def passages(
    pairs: Sequence[tuple[Document, Document]], layer: str, *, texts: Sequence[str] | None = None
) -> Iterator[Passage]:
    """Cut pairs of documents into passages, and find where they differ.

    Args:
        pairs: Gold and predicted documents with the same words.
        layer: The layer to compare, of tags, spans or categories.
        texts: What is shown of each document's text, such as one in which private data are masked,
            of the same length; None shows the texts as they are.

    Yields:
        The passages, in the order of the documents. One of a layer of categories is a whole
        document.

    Raises:
        OptionError: A text has another length than its document's.
    """
    for number, (gold, predicted) in enumerate(pairs):
        text = gold.text if texts is None else texts[number]
        if len(text) != len(gold.text):
            raise OptionError(
                f"texts: number {number} has another length than its document. Keep every "
                "character's place."
            )
        yield from _passages(number, text, gold, predicted, layer)


def _arcs_at(document: Document, layer: str) -> dict[Span, float | None]:
    """The relation of each word with its head's text, as a label of the word."""
    trees = document.trees[layer]
    words = document.words
    scores = trees.scores or (None,) * len(document)
    labels = dict[Span, float | None]()
    for word, (head, relation, score) in enumerate(
        zip(trees.heads, trees.relations, scores, strict=True)
    ):
        if head is not None:
            label = f"{relation}" if head == word else f"{relation} of {words[head]}"
            labels[Span(word, word + 1, label)] = score
    return labels


def _passages(
    number: int, text: str, gold: Document, predicted: Document, layer: str
) -> Iterator[Passage]:
    labels_of = _arcs_at if layer in gold.trees else labels_at
    gold_labels = labels_of(gold, layer)
    predicted_labels = labels_of(predicted, layer)
    gold_spans = sorted(gold_labels)
    predicted_spans = sorted(predicted_labels)
    if layer in gold.tags or layer in gold.trees:
        # Of tags only the wrong ones are shown, and none of words without a gold tag.
        known_words = {span.start for span in gold_spans}
        wrong_spans = [
            span
            for span in predicted_spans
            if span not in gold_labels and span.start in known_words
        ]
        gold_spans = [span for span in gold_spans if span not in predicted_labels]
        predicted_spans = wrong_spans

    if layer in gold.categories:
        whole = _passage(
            gold_spans, predicted_spans, predicted_labels, gold=None, start=0, end=len(text)
        )
        yield Passage(number, text, *whole, len(gold))
        return
    for first, last in _cuts(gold, {*gold_spans, *predicted_spans}):
        start, end = gold.characters(Span(first, last, layer))
        sides = _passage(
            _between(gold_spans, first, last),
            _between(predicted_spans, first, last),
            predicted_labels,
            gold=gold,
            start=start,
            end=end,
        )
        yield Passage(number, text[start:end], *sides, last - first)


def _between(spans: Sequence[Span], first: int, last: int) -> Sequence[Span]:
    """The spans, in the order of the text, that begin in some words."""
    start_of = attrgetter("start")
    return spans[bisect_left(spans, first, key=start_of) : bisect_left(spans, last, key=start_of)]


def _passage(
    gold_spans: Sequence[Span],
    predicted_spans: Sequence[Span],
    scores: Mapping[Span, float | None],
    *,
    gold: Document | None,
    start: int,
    end: int,
) -> tuple[tuple[Mark, ...], tuple[Mark, ...], tuple[Disagreement, ...]]:
    """The marks of both sides in the characters `start` to `end`, and where they differ.

    `gold` has the characters of spans of words; without it each label is one of all the characters.
    """

    def mark(span: Span, score: float | None = None) -> Mark:
        first, last = (start, end) if gold is None else gold.characters(span)
        return Mark(
            first - start, last - start, span.label, "" if score is None else f"{score:.3f}"
        )

    disagreements: list[Disagreement] = []
    for kind, gold_span, predicted_span in _differences(gold_spans, predicted_spans):
        shown = gold_span if predicted_span is None else predicted_span
        assert shown is not None
        position = mark(shown)
        disagreements.append(
            Disagreement(
                kind,
                position.start,
                position.end,
                gold=None if gold_span is None else gold_span.label,
                predicted=None if predicted_span is None else predicted_span.label,
                score=None if predicted_span is None else scores[predicted_span],
            )
        )
    disagreements.sort(key=lambda disagreement: (disagreement.start, disagreement.end))
    predicted_marks = [mark(span, scores[span]) for span in predicted_spans]
    return tuple(map(mark, gold_spans)), tuple(predicted_marks), tuple(disagreements)


def _differences(
    gold: Sequence[Span], predicted: Sequence[Span]
) -> Iterator[tuple[Kind, Span | None, Span | None]]:
    """Yield each difference once: pairs of the same words first, then those that share most
    words.
    """
    missed = [span for span in gold if span not in set(predicted)]
    spurious = [span for span in predicted if span not in set(gold)]
    pairs: list[tuple[bool, int, bool, Span, Span]] = []
    for gold_span in missed:
        for span in spurious:
            shared = min(gold_span.end, span.end) - max(gold_span.start, span.start)
            if shared > 0:
                is_moved = (gold_span.start, gold_span.end) != (span.start, span.end)
                pairs.append((is_moved, -shared, gold_span.label != span.label, gold_span, span))
    for is_moved, _, is_renamed, gold_span, span in sorted(pairs):
        if gold_span not in missed or span not in spurious:
            continue
        missed.remove(gold_span)
        spurious.remove(span)
        if not is_moved:
            yield Kind.WRONG_LABEL, gold_span, span
        elif is_renamed:
            yield Kind.WRONG_BOTH, gold_span, span
        else:
            yield Kind.WRONG_BOUNDARY, gold_span, span
    for gold_span in missed:
        yield Kind.MISSED, gold_span, None
    for span in spurious:
        yield Kind.SPURIOUS, None, span


def _cuts(document: Document, spans: Collection[Span]) -> Iterator[tuple[int, int]]:
    """The half-open ranges of words of the passages of a document."""
    # Before these words a cut would divide a span.
    inside_spans = set[int]()
    for span in spans:
        inside_spans.update(range(span.start + 1, span.end))

    cuts = {0, len(document)}
    if document.sentences:
        cuts.update(start for start in document.sentences[1:] if start not in inside_spans)
    else:
        begin = 0
        words = document.words
        for word in range(1, len(words)):
            between = document.text[document.offsets[word - 1][1] : document.offsets[word][0]]
            is_end = words[word - 1] in _ENDS or "\n" in between
            length = word - begin
            if word not in inside_spans and ((is_end and length >= 5) or length >= LONGEST_PASSAGE):
                cuts.add(word)
                begin = word
    for start, end in pairwise(sorted(cuts)):
        if start < end:
            yield start, end
