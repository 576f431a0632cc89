"""Entities that are quoted without their places, as language models give them → spans of characters; no files.

A language model that labels a text answers `{"text": "Ada wrote.", "entities": [{"text": "Ada", "label": "PER"}]}`. It
counts characters badly, so that answers have no places, and it names an entity once that occurs twice.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seqlabel.documents.spans import CharacterSpan


class Quote(NamedTuple):
    """The text of an entity, as it was quoted, and its label."""

    text: str
    label: str


@dataclass(frozen=True)
class PlacedQuotes:
    """Quoted entities found in a text.

    Args:
        spans: Their spans, in the order of the text; none overlaps another.
        absent: The number of quotes that the text does not have.
        repeated: The number of further occurrences of entities that were quoted fewer times than they occur.
    """

    spans: tuple[CharacterSpan, ...]
    absent: int
    repeated: int


def place_quotes(text: str, quotes: Sequence[Quote]) -> PlacedQuotes:
    """Find quoted entities in a text.

    Longer quotes are placed first, and a shorter one is not looked for inside them. An entity is looked for as whole
    words, first exactly, then without regard to case and white space. Where it is quoted as often as it occurs, the
    labels go to its occurrences in order. Where it is quoted less often, the last label goes to the further ones too.

    Args:
        text: The text.
        quotes: The entities, in the order in which they were quoted.

    Returns:
        Their spans, and how many quotes were absent and occurrences labelled that were not quoted.

    Example:
        >>> placed = place_quotes("Ada wrote to Bo. Ada waited.", [Quote("Ada", "PER"), Quote("Cy", "PER")])
        >>> [(span.start, span.end, span.label) for span in placed.spans], placed.absent, placed.repeated
        ([(0, 3, 'PER'), (17, 20, 'PER')], 1, 1)
    """
    labels_of: dict[str, list[str]] = defaultdict(list)
    for quote in quotes:
        labels_of[" ".join(quote.text.split())].append(quote.label)
    spans: list[CharacterSpan] = []
    absent = 0
    repeated = 0
    for quoted, labels in sorted(labels_of.items(), key=lambda entry: -len(entry[0])):
        places = [place for place in _occurrences(text, quoted) if not _overlaps(place, spans)]
        if len(places) < len(labels):
            absent += len(labels) - len(places)
        else:
            repeated += len(places) - len(labels)
        for number, (start, end) in enumerate(places):
            spans.append(CharacterSpan(start, end, labels[min(number, len(labels) - 1)]))
    spans.sort(key=lambda span: span.start)
    return PlacedQuotes(tuple(spans), absent, repeated)


def _occurrences(text: str, quoted: str) -> list[tuple[int, int]]:
    """Find where a quote occurs as whole words, (start, end) in characters."""
    if not quoted:
        return []
    words = [re.escape(word) for word in quoted.split(" ")]
    # A border of words is asked for only where the quote begins or ends with a word.
    before = r"(?<!\w)" if re.match(r"\w", quoted) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", quoted) else ""
    pattern = before + r"\s+".join(words) + after
    for flags in (0, re.IGNORECASE):
        places = [match.span() for match in re.finditer(pattern, text, flags)]
        if places:
            return places
    return []


def _overlaps(place: tuple[int, int], spans: Sequence[CharacterSpan]) -> bool:
    start, end = place
    return any(span.start < end and start < span.end for span in spans)
