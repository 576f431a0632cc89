"""Postal addresses put together from their parts, for a user who asks for addresses alone; places
alone stay out.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.spans import Span
from seqlabel.privacy.rules.engine import REACH
from seqlabel.privacy.rules.labels import DOUBT

ADDRESS = "ADDRESS"
PARTS = frozenset(("LOCATION", "ORGANISATION"))
"""Labels of towns, postcodes and houses with a name, which are parts of an address next to a
street.
"""
UNSURE = 0.1
"""The probability left for other labels above which an organisation may be a part of an address."""
_BETWEEN = re.compile(r"[\s,]{1,6}")


def with_whole_addresses(document: Document, layer: str, parts: frozenset[str]) -> Spans:
    """Unite the parts of addresses: street, flat, postcode and town with only commas and white
    space between.

    Args:
        document: A document with the layer.
        layer: The name of the layer of spans.
        parts: The labels, of `PARTS`, that may be parts of an address.

    Returns:
        The spans in document order. Each address is one span ADDRESS, with the highest score of its
        streets. A part that stands alone is an address too if it has a digit, as a postcode has, or
        if the labeler doubts its label; other parts that stand alone, towns and companies, are left
        out.
    """
    kept: list[tuple[Span, float]] = []
    row: list[tuple[Span, float]] = []
    for span, score in document.spans[layer].scored:
        is_part = span.label in parts and (span.label == "LOCATION" or 1 - score > UNSURE)
        if span.label != ADDRESS and not is_part:
            if span.label not in parts:
                kept.append((span, score))
            continue
        if row and not _BETWEEN.fullmatch(_between(document, row[-1][0], span)):
            kept.extend(_united(document, row))
            row = []
        row.append((span, score))
    kept.extend(_united(document, row))
    return Spans.of(sorted(kept, key=lambda scored: scored[0]))


def _between(document: Document, left: Span, right: Span) -> str:
    return document.text[document.characters(left)[1] : document.characters(right)[0]]


def _united(document: Document, row: Sequence[tuple[Span, float]]) -> Iterator[tuple[Span, float]]:
    """One span of the parts in a row that are near a street; of the others, each that has a digit
    or is doubted.
    """
    extents = [document.characters(span) for span, _ in row]
    streets = [
        extent for extent, (span, _) in zip(extents, row, strict=True) if span.label == ADDRESS
    ]

    def is_near(number: int) -> bool:
        """Whether a stream that is about to let the part go knows a street near it."""
        start, _ = extents[number]
        return any(start - last < REACH and first - start < REACH // 2 for first, last in streets)

    for near, numbers in groupby(range(len(row)), is_near):
        if near:
            parts = [row[number] for number in numbers]
            score = max(
                (score for span, score in parts if span.label == ADDRESS), default=parts[0][1]
            )
            yield Span(parts[0][0].start, parts[-1][0].end, ADDRESS), score
            continue
        for number in numbers:
            start, end = extents[number]
            span, score = row[number]
            if 1 - score >= DOUBT or any(map(str.isdigit, document.text[start:end])):
                yield Span(span.start, span.end, ADDRESS), score
