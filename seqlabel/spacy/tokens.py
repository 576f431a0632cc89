"""Tags and spans of words, moved to the tokens that the words touch; nothing is written into a Doc."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.document import Spans
from seqlabel.documents.overlaps import unite
from seqlabel.documents.schemes import tags_to_spans
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.documents.tag_sets import TagSet


class _Touched(NamedTuple):
    """The tokens `start` to `end - 1` that a span of words touches."""

    start: int
    end: int
    label: str
    score: float


def word_spans(found: FoundTags, tag_set: TagSet) -> Spans:
    """Find the spans of words that tags make; only words in a span are looked at one by one.

    Args:
        found: The tags of the words.
        tag_set: The tag set, which has a scheme.

    Returns:
        Spans of words in document order; the score of each is the lowest of its words.
    """
    scheme = tag_set.scheme
    assert scheme is not None
    inside = np.flatnonzero(found.ids)
    pairs: list[tuple[Span, float]] = []
    for run in np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1):
        for span in tags_to_spans([tag_set.tags[number] for number in found.ids[run].tolist()], scheme).spans:
            words = run[span.start : span.end]
            span = Span(int(words[0]), int(words[-1]) + 1, span.label)
            pairs.append((span, float(found.scores[words].min())))
    return Spans.of(pairs)


def on_tokens(spans: Spans, first: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> Spans:
    """Move spans of words to tokens.

    Args:
        spans: Spans of words in document order, which do not overlap, with scores.
        first: The first token that each word touches, (words,).
        after: The token after the last one that each word touches, (words,).

    Returns:
        Spans with all tokens that their words touch. Spans that meet on a token become one, with the label and the
        score of the surest, as a value that rules prove is; of equally sure ones the longest.
    """
    touched = (
        _Touched(int(first[span.start]), int(after[span.end - 1]), span.label, score) for span, score in spans.scored
    )
    united = unite(touched, preferred=lambda one: one.score)
    return Spans.of((Span(start, end, best.label), best.score) for best, start, end in united)


def exact_spans(spans: Spans, offsets: Sequence[tuple[int, int]]) -> list[CharacterSpan]:
    """Move spans of words to characters.

    Args:
        spans: Spans of words, with scores.
        offsets: The half-open characters of each word.

    Returns:
        The same spans, with offsets of characters and scores.
    """
    return [
        CharacterSpan(offsets[span.start][0], offsets[span.end - 1][1], span.label, score)
        for span, score in spans.scored
    ]


def tags_of_tokens(
    found: FoundTags, first: npt.NDArray[np.int64], after: npt.NDArray[np.int64], tokens: int
) -> tuple[npt.NDArray[np.int64], FoundTags]:
    """Move tags of words to tokens.

    Args:
        found: The tags of the words.
        first: The first token that each word touches, (words,).
        after: The token after the last one that each word touches, (words,).
        tokens: How many tokens the Doc has.

    Returns:
        The numbers of the tokens that a word touches, and their tags: each that of the first such word.
    """
    places = np.arange(tokens)
    word = np.searchsorted(after, places, side="right")
    touched = np.append(first, tokens)[word] <= places
    return places[touched], FoundTags(found.ids[word[touched]], found.scores[word[touched]])
