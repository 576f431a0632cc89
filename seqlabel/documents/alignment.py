"""Spans of characters → spans of words: which words a span touches; no files are read here."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.overlaps import longest_spans
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.errors import DataError


@dataclass(frozen=True)
class Aligned:
    """Spans of words made of character spans, how many moved to word borders, and how many touch no
    word.
    """

    spans: tuple[Span, ...]
    moved: int
    lost: int


def align_spans(document: Document, spans: Iterable[CharacterSpan]) -> Aligned:
    """Turn spans of characters into spans of words; they may overlap.

    A span takes the whole of every word that it touches. One that touches no word (white space) is
    left out.

    Args:
        document: The document whose words are touched.
        spans: Spans of characters of its text, in any order.

    Returns:
        The spans of words in the order of the text, and how many spans moved to word borders or
        touch no word.
    """
    word_spans: list[Span] = []
    moved = 0
    lost = 0
    for span in spans:
        first = bisect_right(document.offsets, span.start, key=lambda offsets: offsets[1])
        end = bisect_left(document.offsets, span.end, key=lambda offsets: offsets[0])
        if first >= end:
            lost += 1
            continue

        word_span = Span(first, end, span.label)
        word_spans.append(word_span)
        if document.characters(word_span) != (span.start, span.end):
            moved += 1
    return Aligned(tuple(sorted(word_spans)), moved, lost)


def fit_spans(
    document: Document,
    spans: Iterable[CharacterSpan],
    *,
    where: str,
    repairs: Repairs,
    strict: bool = False,
) -> Spans:
    """Turn spans of characters into spans of words that do not overlap.

    Args:
        document: The document whose words are touched.
        spans: Spans of characters of its text, in any order.
        where: The beginning of the message of an error, such as file and line.
        repairs: Counts spans that move to word borders and those left out: spans that touch no word
            or overlap a longer one.
        strict: Whether a span that would be left out is an error.

    Returns:
        A layer of spans.

    Raises:
        DataError: If `strict`, a span touches no word or overlaps a longer one.
    """
    aligned = align_spans(document, spans)
    kept = longest_spans(aligned.spans)
    overlapping = len(aligned.spans) - len(kept)
    if strict and (aligned.lost or overlapping):
        raise DataError(
            f"{where}: expected spans that touch words and do not overlap, got {aligned.lost} that "
            f"touch no word and {overlapping} that overlap a longer one once they take whole "
            "words. Correct them, or pass `repairs` to leave them out and count them."
        )
    repairs.moved += aligned.moved
    repairs.lost += aligned.lost
    repairs.overlapping += overlapping
    return Spans(kept)
