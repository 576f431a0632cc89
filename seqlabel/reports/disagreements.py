"""Where gold and predicted documents differ, in passages short enough to read; nothing is scored or drawn here.

A document is cut at its sentences where they are known, otherwise at ends of sentences that its text shows; a cut is
never inside a span.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from seqlabel.documents.document import Document
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError
from seqlabel.io.markup import Mark

LONGEST_PASSAGE = 60
"""Words after which a passage without sentences is cut at the next place where it can be."""

_ENDS = (".", "!", "?", "。", "！", "？", "…", "।")


class Kind(StrEnum):
    """The kind of a wrong prediction."""

    WRONG_LABEL = "wrong label"
    """Gold has these words with another label."""
    WRONG_BOUNDARY = "wrong boundary"
    """Gold has a span with this label that begins or ends elsewhere."""
    WRONG_BOTH = "wrong label and boundary"
    """Gold has a span with another label that begins or ends elsewhere."""
    MISSED = "missed"
    """Gold has a span where nothing was predicted."""
    SPURIOUS = "spurious"
    """Gold has nothing here."""


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
        """How wrong the passage is: the probabilities of wrong predictions, and one half for each that has none."""
        return sum(0.5 if one.score is None else one.score for one in self.disagreements)


def passages(
    pairs: Sequence[tuple[Document, Document]], layer: str, *, texts: Sequence[str] | None = None
) -> Iterator[Passage]:
    """Cut pairs of documents into passages, and find where they differ.

    Args:
        pairs: Gold and predicted documents with the same words.
        layer: The layer to compare, of tags, spans or categories.
        texts: What is shown of each document's text, such as one in which private data are masked, of the same
            length; None shows the texts as they are.

    Yields:
        The passages, in the order of the documents. One of a layer of categories is a whole document.

    Raises:
        OptionError: A text has another length than its document's.
    """
    for number, (gold, predicted) in enumerate(pairs):
        text = gold.text if texts is None else texts[number]
        if len(text) != len(gold.text):
            raise OptionError(
                f"texts: number {number} has another length than its document. Keep every character's place."
            )
        if layer in gold.categories:
            yield _of_categories(number, text, gold, predicted, layer)
        elif layer in gold.spans:
            yield from _of_spans(number, text, gold, predicted, layer)
        else:
            yield from _of_tags(number, text, gold, predicted, layer)


def best_label(scores: Mapping[str, float]) -> str:
    """Find the label with the highest score.

    Args:
        scores: The score of each label.

    Returns:
        The label, of equal ones the first in sorted order.
    """
    return min(scores, key=lambda label: (-scores[label], label))


def _of_categories(number: int, text: str, gold: Document, predicted: Document, layer: str) -> Passage:
    wanted, found = (best_label(one.categories[layer]) for one in (gold, predicted))
    score = predicted.categories[layer][found]
    whole = (0, len(text))
    wrong = () if wanted == found else (Disagreement(Kind.WRONG_LABEL, *whole, wanted, found, score),)
    return Passage(number, text, (Mark(*whole, wanted),), (Mark(*whole, found, f"{score:.3f}"),), wrong, len(gold))


def _of_tags(number: int, text: str, gold: Document, predicted: Document, layer: str) -> Iterator[Passage]:
    wanted, found = gold.tags[layer], predicted.tags[layer]
    for first, last in _cuts(gold, []):
        begin, end = gold.offsets[first][0], gold.offsets[last - 1][1]
        sides: tuple[list[Mark], list[Mark]] = ([], [])
        wrong = []
        for place in range(first, last):
            start, stop = (at - begin for at in gold.offsets[place])
            label, other = wanted.labels[place], found.labels[place]
            score = found.scores[place] if found.scores else None
            if label is None or other is None or label == other:
                continue
            sides[0].append(Mark(start, stop, label))
            sides[1].append(Mark(start, stop, other, "" if score is None else f"{score:.3f}"))
            wrong.append(Disagreement(Kind.WRONG_LABEL, start, stop, label, other, score))
        yield Passage(number, text[begin:end], tuple(sides[0]), tuple(sides[1]), tuple(wrong), last - first)


def _of_spans(number: int, text: str, gold: Document, predicted: Document, layer: str) -> Iterator[Passage]:
    wanted, found = gold.spans[layer], predicted.spans[layer]
    scores: dict[Span, float | None] = dict.fromkeys(found.spans)
    if found.scores:
        scores.update(zip(found.spans, found.scores, strict=True))
    every = sorted({*wanted.spans, *found.spans})
    golds, predictions = sorted(set(wanted.spans)), sorted(set(found.spans))
    for first, last in _cuts(gold, every):
        begin, end = gold.offsets[first][0], gold.offsets[last - 1][1]
        here, there = ([one for one in side if first <= one.start < last] for side in (golds, predictions))

        def characters(span: Span, begin: int = begin) -> tuple[int, int]:
            start, stop = gold.characters(span)
            return start - begin, stop - begin

        wrong = [
            Disagreement(
                kind,
                *characters(shown),
                None if span is None else span.label,
                None if other is None else other.label,
                None if other is None else scores[other],
            )
            for kind, span, other in _differences(here, there)
            for shown in (other or span,)
            if shown is not None
        ]
        yield Passage(
            number,
            text[begin:end],
            tuple(Mark(*characters(one), one.label) for one in here),
            tuple(
                Mark(*characters(one), one.label, "" if scores[one] is None else f"{scores[one]:.3f}") for one in there
            ),
            tuple(sorted(wrong, key=lambda one: (one.start, one.end))),
            last - first,
        )


def _differences(gold: Sequence[Span], predicted: Sequence[Span]) -> Iterator[tuple[Kind, Span | None, Span | None]]:
    """Yield each difference once: pairs of the same words first, then those that share most words."""
    missed = [span for span in gold if span not in set(predicted)]
    spurious = [span for span in predicted if span not in set(gold)]
    near = sorted(
        (
            (-_shared(one, other), one.label != other.label, one, other)
            for one in missed
            for other in spurious
            if _shared(one, other)
        ),
        key=lambda item: (not _same_words(item[2], item[3]), *item),
    )
    for _, other_label, one, other in near:
        if one in missed and other in spurious:
            missed.remove(one)
            spurious.remove(other)
            kind = Kind.WRONG_BOTH if other_label else Kind.WRONG_BOUNDARY
            yield Kind.WRONG_LABEL if _same_words(one, other) else kind, one, other
    yield from ((Kind.MISSED, one, None) for one in missed)
    yield from ((Kind.SPURIOUS, None, one) for one in spurious)


def _same_words(one: Span, other: Span) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _shared(one: Span, other: Span) -> int:
    """The number of words that two spans share."""
    return max(min(one.end, other.end) - max(one.start, other.start), 0)


def _cuts(document: Document, spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """The half-open ranges of words of the passages of a document."""
    closed = {place for span in spans for place in range(span.start + 1, span.end)}
    if document.sentences:
        cuts = [start for start in document.sentences[1:] if start not in closed]
    else:
        cuts, begin = [], 0
        words = document.words
        for place in range(1, len(words)):
            between = document.text[document.offsets[place - 1][1] : document.offsets[place][0]]
            ends = words[place - 1] in _ENDS or "\n" in between
            if place not in closed and ((ends and place - begin >= 5) or place - begin >= LONGEST_PASSAGE):
                cuts.append(place)
                begin = place
    yield from ((start, end) for start, end in pairwise(sorted({0, *cuts, len(document)})) if start < end)
