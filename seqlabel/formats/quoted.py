"""Entities that are quoted without their places, as language models give them → spans of
characters; no files.

A language model that labels a text answers
`{"text": "Ada wrote.", "entities": [{"text": "Ada", "label": "PER"}]}`. It counts characters badly,
so that answers have no places, and it names an entity once that occurs twice.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from seqlabel.documents.spans import CharacterSpan

_TEXT_KEYS = ("text", "value", "mention", "span", "word", "name", "entity")
_LABEL_KEYS = ("label", "type", "entity_type", "category", "class", "entity")
_PLACE_KEYS = ("start", "start_offset", "token_start")


class Quote(NamedTuple):
    """The text of an entity, as it was quoted, and its label."""

    text: str
    label: str


def is_quote(entity: Any) -> bool:
    """Return whether an entity of a line of JSON is quoted, without a place.

    Args:
        entity: The entity.

    Returns:
        Whether it is an object with a text and without offsets, or a pair of strings.
    """
    if not isinstance(entity, Mapping):
        return (
            isinstance(entity, list)
            and len(entity) == 2
            and all(isinstance(part, str) for part in entity)
        )
    has_place = any(entity.get(key) is not None for key in _PLACE_KEYS)
    return not has_place and any(key in entity for key in _TEXT_KEYS)


def read_quote(entity: Any) -> Quote:
    """Read a quoted entity under the names of fields that language models use.

    Args:
        entity: A pair of a text and a label; or an object with the text as `text`, `value`,
            `mention`, `span`, `word`, `name` or `entity`, and the label as `label`, `type`,
            `entity_type`, `category`, `class` or `entity`.

    Returns:
        The quote.

    Raises:
        LookupError: A text or a label is missing.
        TypeError: One is not a string.

    Example:
        >>> (read_quote({"entity": "Ada", "type": "PER"}),
        ...  read_quote({"text": "Ada", "entity": "PER"}))
        (Quote(text='Ada', label='PER'), Quote(text='Ada', label='PER'))
    """
    if isinstance(entity, Mapping):
        text_key = next((key for key in _TEXT_KEYS if key in entity), "text")
        label_key = next((key for key in _LABEL_KEYS if key in entity and key != text_key), "label")
        quote = Quote(entity[text_key], entity[label_key])
    else:
        text, label = entity
        quote = Quote(text, label)
    if not all(isinstance(part, str) for part in quote):
        raise TypeError("a quoted entity has a text and a label")
    return quote


def is_misplaced(entity: Any, text: str) -> bool:
    """Return whether an entity's offsets lead to another text than the one that it quotes, as
    counted offsets often do.

    Args:
        entity: The entity of a line of JSON.
        text: The text.

    Returns:
        Whether it has a text and offsets that disagree, in any case and white space.
    """
    if not isinstance(entity, Mapping):
        return False
    quoted = entity.get("text")
    start = entity.get("start")
    end = entity.get("end")
    if not isinstance(quoted, str) or type(start) is not int or type(end) is not int:
        return False
    return plain(text[max(start, 0) : max(end, 0)]) != plain(quoted)


def plain(text: str) -> str:
    """Write a quoted text without regard to case and white space.

    Args:
        text: The text.

    Returns:
        The text that all its spellings share.
    """
    return " ".join(text.split()).casefold()


class PartedEntities(NamedTuple):
    """Entities of a line of JSON, by how they are found in its text.

    Args:
        quoted: Those that are looked for.
        placed: Those whose offsets are taken.
        misplaced: How many have offsets that lead to another text than the one that they quote.
    """

    quoted: list[Any]
    placed: list[Any]
    misplaced: int


def part_entities(entities: Sequence[Any], text: str) -> PartedEntities:
    """Part the entities of a line of JSON; where one's offsets are wrong, those of its line are not
    trusted.

    Args:
        entities: The entities.
        text: The text.

    Returns:
        Those that are quoted, and those with places.
    """
    misplaced = sum(is_misplaced(entity, text) for entity in entities)
    quoted: list[Any] = []
    placed: list[Any] = []
    for entity in entities:
        has_text = isinstance(entity, Mapping) and "text" in entity
        if is_quote(entity) or (misplaced and has_text):
            quoted.append(entity)
        else:
            placed.append(entity)
    return PartedEntities(quoted, placed, misplaced)


@dataclass(frozen=True)
class PlacedQuotes:
    """Quoted entities found in a text.

    Args:
        spans: Their spans, in the order of the text; none overlaps another.
        absent: The number of quotes that the text does not have.
        repeated: The number of further occurrences of entities that were quoted fewer times than
            they occur.
    """

    spans: tuple[CharacterSpan, ...]
    absent: int
    repeated: int


def place_quotes(text: str, quotes: Sequence[Quote]) -> PlacedQuotes:
    """Find quoted entities in a text.

    Longer quotes are placed first, and a shorter one is not looked for inside them. An entity is
    looked for as whole words, first exactly, then without regard to case and white space. Where it
    is quoted as often as it occurs, the labels go to its occurrences in order. Where it is quoted
    less often, the last label goes to the further ones too.

    Args:
        text: The text.
        quotes: The entities, in the order in which they were quoted.

    Returns:
        Their spans, and how many quotes were absent and occurrences labelled that were not quoted.

    Example:
        >>> quotes = [Quote("Ada", "PER"), Quote("Cy", "PER")]
        >>> placed = place_quotes("Ada wrote to Bo. Ada waited.", quotes)
        >>> [(span.start, span.end, span.label) for span in placed.spans]
        [(0, 3, 'PER'), (17, 20, 'PER')]
        >>> placed.absent, placed.repeated
        (1, 1)
    """
    labels_of: dict[str, list[str]] = defaultdict(list)
    for quote in quotes:
        labels_of[" ".join(quote.text.split())].append(quote.label)
    spans: list[CharacterSpan] = []
    absent = 0
    repeated = 0
    for quoted, labels in sorted(labels_of.items(), key=lambda entry: -len(entry[0])):
        occurrences = [
            occurrence
            for occurrence in _occurrences(text, quoted)
            if not _overlaps(occurrence, spans)
        ]
        if len(occurrences) < len(labels):
            absent += len(labels) - len(occurrences)
        else:
            repeated += len(occurrences) - len(labels)
        for number, (start, end) in enumerate(occurrences):
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
        occurrences = [match.span() for match in re.finditer(pattern, text, flags)]
        if occurrences:
            return occurrences
    return []


def _overlaps(occurrence: tuple[int, int], spans: Sequence[CharacterSpan]) -> bool:
    start, end = occurrence
    return any(span.start < end and start < span.end for span in spans)
