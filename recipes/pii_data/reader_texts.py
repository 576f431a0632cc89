"""What a second reader learns from: pieces of prose, sentences, texts with values in the middle of
prose, prose with other names in it, machine text.
"""

import lzma
import random
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from seqlabel import Labeler
from seqlabel.documents import CharacterSpan
from seqlabel.documents.overlaps import longest_spans
from seqlabel.privacy import find_proven
from seqlabel.privacy.finding.finder import LAYER

from .by_hand import OPEN
from .corpora import Marked, Place
from .labels import PiiType
from .machine_texts import KINDS, labeled_places, machine_texts
from .maker import Maker
from .material import whole
from .slots import read_slots
from .splits import Split
from .world import cities, coined_firms, coined_name

LENGTHS = (1, 60, 150, 400)
"""Words of a piece of prose, at least, drawn by chance: single lines and long texts."""
LONG = LENGTHS[1:]
AROUND = (20, 60, 150, 300)
"""The same of a piece that stands before or after values."""
NO_PROSE = 0.2
"""How often nothing stands there."""
SEPARATORS = ("\n\n", "\n", " ")
LONGEST_MACHINE_TEXT = 6_000
"""Characters of a machine text that are read."""
_CUT = re.compile(r"\n|(?<=[.!?])\s")
_END = re.compile(r"(?<=[.!?])\s")
_NAME = re.compile(r"[A-Z][\w.'’-]*(?: [\w.'’-]+){0,3}")
_WORDS_OF_SENTENCES = range(5, 90)


def prose_of(
    path: Path, words: int, chance: random.Random, *, lengths: tuple[int, ...] = LENGTHS
) -> Iterator[str]:
    """Texts of about so many words together, from all over a source: pieces of its documents, short
    and long ones.
    """
    with lzma.open(path, "rt", encoding="utf-8") as file:
        documents = file.read().split("\n\n")
    chance.shuffle(documents)
    yield from pieces_of(documents, words, chance, lengths=lengths)


def pieces_of(
    documents: Iterable[str],
    words: int,
    chance: random.Random,
    *,
    lengths: tuple[int, ...] = LENGTHS,
) -> Iterator[str]:
    """Pieces of documents, each of some whole lines, of about so many words together."""
    count = 0
    for document in documents:
        piece: list[str] = []
        wanted = chance.choice(lengths)
        for line in filter(str.strip, document.split("\n")):
            if count >= words:
                break
            piece.append(line)
            count += len(line.split())
            if sum(len(one.split()) for one in piece) >= wanted:
                yield "\n".join(piece)
                piece, wanted = [], chance.choice(lengths)
        if piece:
            yield "\n".join(piece)


def sentences(texts: Iterable[Marked]) -> Iterator[Marked]:
    """The lines and sentences that have a value, each as a text of its own."""
    for text, values in texts:
        cuts = [found.end() for found in _CUT.finditer(text)]
        inside = [cut for cut in cuts if not any(start < cut < end for start, end, _ in values)]
        for start, end in pairwise([0, *inside, len(text)]):
            own = [
                (first - start, last - start, label)
                for first, last, label in values
                if start <= first < end
            ]
            if own and len(text[start:end].split()) > 2:
                yield text[start:end], own


def prose_with_open(
    labeler: Labeler, texts: Iterable[str], wrong: Collection[str] | None
) -> list[Marked]:
    """Pieces of prose without values, in which what may be private is open.

    Args:
        labeler: Finds at a high sensitivity what may be private.
        texts: The pieces.
        wrong: The labels that are wrong in this prose: findings of others are open. None for all.

    Returns:
        The pieces; what a rule proves is open in any prose.
    """
    marked: list[Marked] = []
    for document in labeler(list(texts)):
        places = [*find_proven(document.text)]
        if wrong is not None:
            found = document.character_spans(LAYER)
            places += [span for span in found if span.label not in wrong]
        text = document.text
        marked.append((text, [(one.start, one.end, OPEN) for one in longest_spans(places)]))
    return marked


def placed_in_prose(
    values: Sequence[Marked],
    prose: Sequence[Marked],
    count: int,
    chance: random.Random,
    *,
    most: int = 1,
) -> Iterator[Marked]:
    """Place texts with values between pieces of prose, so that a value is learnt from what stands
    next to it, and not from the kind of text that it is in.

    Args:
        values: Texts with values.
        prose: Pieces of prose, with open places.
        count: How many texts are made.
        chance: Draws all of it.
        most: The most texts with values in one; then most texts have one.

    Yields:
        The texts, in a fifth of which a side has no prose.
    """
    counts = (1, 1, 1, *range(2, most + 1))
    for _ in range(count):
        parts = [] if chance.random() < NO_PROSE else [chance.choice(prose)]
        for _ in range(chance.choice(counts) if most > 1 else 1):
            parts.append(chance.choice(values))
            if chance.random() >= NO_PROSE:
                parts.append(chance.choice(prose))
        text = ""
        places: list[Place] = []
        for part, own in parts:
            if text:
                text += chance.choice(SEPARATORS)
            places += [(start + len(text), end + len(text), label) for start, end, label in own]
            text += part
        yield text, places


def filled_prose(labeler: Labeler, texts: Iterable[str], chance: random.Random) -> Iterator[Marked]:
    """One to three sentences of each text, with names of nobody known in place of those that a
    labeler finds.

    The new persons, firms and half of the new places are private. What else the labeler finds is
    open.

    Args:
        labeler: Finds the names.
        texts: Prose.
        chance: Draws sentences and names.

    Yields:
        The texts that have a new name.
    """
    slots = read_slots()
    for document in labeler(list(_some_sentences(texts, chance))):
        names = _Names(Maker(chance, Split.ALL, slots))
        text = ""
        places = []
        end_before = 0
        for span in document.character_spans(LAYER):
            value, label = names.instead_of(document.text, span)
            text += document.text[end_before : span.start]
            places.append((len(text), len(text) + len(value), label))
            text += value
            end_before = span.end
        text += document.text[end_before:]
        if any(label != OPEN for _, _, label in places):
            yield text, places


def _some_sentences(texts: Iterable[str], chance: random.Random) -> Iterator[str]:
    """One to three sentences from a place in each text, if they have neither few words nor many."""
    for text in texts:
        ends = [match.end() for match in _END.finditer(text)]
        borders = [0, *ends, len(text)]
        count = chance.choice((1, 1, 1, 2, 2, 3))
        first = chance.choice(range(0, len(borders) - 1, count))
        last = min(first + count, len(borders) - 1)
        piece = text[borders[first] : borders[last]].strip()
        if len(piece.split()) in _WORDS_OF_SENTENCES:
            yield piece


class _Names:
    """The names that stand in place of those of one text, the same one wherever it stands."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._people: dict[str, int] = {}
        self._others: dict[tuple[str, str], str] = {}

    def instead_of(self, text: str, span: CharacterSpan) -> tuple[str, str]:
        """A value and its label; the old value and `OPEN` where it stays."""
        old = text[span.start : span.end]
        maker = self._maker
        if span.label == PiiType.PERSON and _NAME.fullmatch(old):
            number = self._people.setdefault(old.split()[-1], len(self._people) + 1)
            person = maker.person(number)
            if " " in old:
                return f"{person.first} {person.last}", span.label
            return (person.last if maker.chance(0.6) else person.first), span.label
        if span.label == PiiType.ORGANISATION or (
            span.label == PiiType.LOCATION and maker.chance(0.5)
        ):
            key = (span.label, old)
            if key not in self._others:
                self._others[key] = (
                    _firm(maker) if span.label == PiiType.ORGANISATION else _place(maker)
                )
            return self._others[key], span.label
        return old, OPEN


def _place(maker: Maker) -> str:
    if maker.chance(0.8):
        return maker.pick(cities(maker.locale, maker.split))
    return coined_name(maker.rng, maker.split) + maker.pick(
        ("", "ville", "ton", " Bay", "burg", "stad")
    )


def _firm(maker: Maker) -> str:
    """A firm: a coined word, families, or one of both with what firms end in."""
    word = maker.pick(coined_firms(maker.split))
    ending = maker.pick(whole("filled_firm_endings"))
    first, second, third = (maker.person(number).last for number in (11, 12, 13))
    shapes = (
        *((35, word), (20, f"{first} {ending}"), (15, f"{first}, {second} and {third}")),
        *((15, f"{word} {ending}"), (15, f"{first}-{second}")),
    )
    return maker.weighted(*shapes)


def machine_marks(
    data: Path, labeler: Labeler, share: float, chance: random.Random
) -> Iterator[Marked]:
    """A share of the machine texts with the values that a script is sure of; what may be right is
    open.

    Args:
        data: The folder of all data.
        labeler: What it finds is open where it may be right.
        share: The share of each file's documents.
        chance: Draws them.

    Yields:
        The beginnings of the texts.
    """
    for name, kind in KINDS.items():
        documents = machine_texts(data / "machines" / f"{name}.txt.xz")
        drawn = chance.sample(documents, round(share * len(documents)))
        for found in labeler([text[:LONGEST_MACHINE_TEXT] for text in drawn]):
            yield found.text, labeled_places(data, found.text, found.character_spans(LAYER), kind)
