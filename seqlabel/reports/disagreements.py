"""Where gold and predicted documents differ, in passages short enough to read; nothing is scored or drawn here.

A document is cut at its sentences where they are known, otherwise at ends of sentences that its text shows; a cut is
never inside a span.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
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
        yield from _passages(number, text, gold, predicted, layer)


def _arcs_at(document: Document, layer: str) -> dict[Span, float | None]:
    """The relation of each word with its head's text, as a label of the word."""
    trees, words = document.trees[layer], document.words
    scores = trees.scores or (None,) * len(document)
    found = dict[Span, float | None]()
    for word, (head, relation, score) in enumerate(zip(trees.heads, trees.relations, scores, strict=True)):
        if head is not None:
            label = f"{relation}" if head == word else f"{relation} of {words[head]}"
            found[Span(word, word + 1, label)] = score
    return found


def _passages(number: int, text: str, gold: Document, predicted: Document, layer: str) -> Iterator[Passage]:
    of_side = _arcs_at if layer in gold.trees else labels_at
    wanted, found = of_side(gold, layer), of_side(predicted, layer)
    if layer in gold.tags or layer in gold.trees:
        # Of tags only the wrong ones are shown, and a word without a gold tag has none.
        known = {one.start for one in wanted}
        wanted, found = (
            {one: score for one, score in wanted.items() if one not in found},
            {one: score for one, score in found.items() if one not in wanted and one.start in known},
        )
    sides, start_of = (sorted(wanted), sorted(found)), attrgetter("start")
    whole = layer in gold.categories
    for first, last in [(0, max(len(gold), 1))] if whole else _cuts(gold, {*wanted, *found}):
        begin, end = (0, len(text)) if whole else gold.characters(Span(first, last, layer))
        here, there = (
            side[bisect_left(side, first, key=start_of) : bisect_left(side, last, key=start_of)] for side in sides
        )

        def mark(span: Span, score: float | None = None, begin: int = begin, end: int = end) -> Mark:
            start, stop = (begin, end) if whole else gold.characters(span)
            return Mark(start - begin, stop - begin, span.label, "" if score is None else f"{score:.3f}")

        wrong = []
        for kind, one, other in _differences(here, there):
            place = next(mark(shown) for shown in (other, one) if shown is not None)
            label, answer = (None if side is None else side.label for side in (one, other))
            score = None if other is None else found[other]
            wrong.append(Disagreement(kind, place.start, place.end, label, answer, score))
        yield Passage(
            number,
            text[begin:end],
            tuple(map(mark, here)),
            tuple(mark(one, found[one]) for one in there),
            tuple(sorted(wrong, key=lambda one: (one.start, one.end))),
            len(gold) if whole else last - first,
        )


def _differences(gold: Sequence[Span], predicted: Sequence[Span]) -> Iterator[tuple[Kind, Span | None, Span | None]]:
    """Yield each difference once: pairs of the same words first, then those that share most words."""
    missed = [span for span in gold if span not in set(predicted)]
    spurious = [span for span in predicted if span not in set(gold)]
    near = sorted(
        ((one.start, one.end) != (other.start, other.end), -shared, one.label != other.label, one, other)
        for one in missed
        for other in spurious
        if (shared := min(one.end, other.end) - max(one.start, other.start)) > 0
    )
    for moved, _, renamed, one, other in near:
        if one in missed and other in spurious:
            missed.remove(one)
            spurious.remove(other)
            yield (Kind.WRONG_BOTH if renamed else Kind.WRONG_BOUNDARY) if moved else Kind.WRONG_LABEL, one, other
    yield from ((Kind.MISSED, one, None) for one in missed)
    yield from ((Kind.SPURIOUS, None, one) for one in spurious)


def _cuts(document: Document, spans: Collection[Span]) -> Iterator[tuple[int, int]]:
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
