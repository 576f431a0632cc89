"""Real text in European languages as documents on fine words, in which most words are known to name
nobody.

Treebanks say which words are proper nouns, `eu_pos` says it of plain text, and lists of names say
which of these are persons, places and firms. What may be private beside them is left open: its tag
is None.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from europe_data import HALF, TREEBANKS, half, named, sentences
from europe_data.texts import KINDS, files_of
from pretrain_europe import paragraphs as paragraphs_of

from seqlabel import Document, Labeler, Tags
from seqlabel.documents import cut
from seqlabel.privacy.finding.finder import LAYER

from .by_hand import OPEN
from .corpora import FINE, Place, document_of, with_open_words
from .labels import PiiType
from .mixing import LONGEST

NAMES = (
    *(
        "de_germeval2014-dev",
        "fr_europeana_bnf",
        "nl_europeana_kb",
        "pt_uner_bosque-train",
        "sv_uner_talbanken-train",
    ),
    *("sv_klintan-train", "da_uner_ddt-train", "nb_norne-train", "fi_turku-train"),
)
"""The files of names that are learnt; those in French and Dutch are of old newspapers."""
NAMES_TO_TEST = {
    "pt": "pt_uner_bosque-test",
    "sv": "sv_uner_talbanken-test",
    "da": "da_uner_ddt-test",
    "nb": "nb_norne-test",
    "fi": "fi_turku-test",
}
_TYPES = {
    "PER": PiiType.PERSON,
    "LOC": PiiType.LOCATION,
    "GPE_LOC": PiiType.LOCATION,
    "ORG": PiiType.ORGANISATION,
    "GPE_ORG": PiiType.ORGANISATION,
}
_OF_NOBODY = re.compile(r"law|(?:ms|php|py)doc|gnome|owasp|opensource|ropensci|italiadocs")
_CLOSING, _OPENING = frozenset(",.;:!?)]%"), frozenset("([")
_ENDS = frozenset(".!?:…\n")
_LONGEST_DOCUMENT = 4_000
"""Characters of the longest paragraph that is read."""
IMPERSONAL = ("law", "docs")
"""The kinds of text that name hardly anybody."""


def with_open_nouns(tagged: Document, *, sure: bool = True) -> Document:
    """A tagged text on fine words: what is no proper noun, no number and no address is nothing
    private.

    Where the tags are not `sure`, a capital inside a sentence is left open too.
    """
    open_places: set[int] = set()
    before = "."
    for (start, end), word, tag in zip(
        tagged.offsets, tagged.words, tagged.tags["upos"].labels, strict=True
    ):
        is_odd = not sure and word[0].isupper() and before not in _ENDS
        if (
            tag in ("PROPN", "X", None)
            or is_odd
            or any(sign.isdigit() or sign in "@/_" for sign in word)
        ):
            open_places.update(range(start, end))
        before = word[-1]
    document = FINE(tagged.text)
    labels = (None if start in open_places else "O" for start, _ in document.offsets)
    return replace(document, spans={}, tags={LAYER: Tags(tuple(labels))})


def treebank_prose(data: Path, most: int) -> Iterator[Document]:
    """The first sentences of the treebanks of each language, `most` of all together."""
    for learnt, _ in TREEBANKS.values():
        names = learnt.split()
        for name in names:
            rows = half(data, name, first=True) if name.endswith(HALF) else sentences(data, name)
            yield from map(with_open_nouns, islice(rows, most // len(names)))


def clean_prose(data: Path, language: str) -> list[Document]:
    """Sentences for testing without proper nouns and numbers: all that is found in them is a false
    alarm.
    """
    _, names = TREEBANKS[language]
    tests = chain.from_iterable(half(data, name, first=False) for name in names.split())
    return [
        document
        for document in map(with_open_nouns, tests)
        if None not in document.tags[LAYER].labels
    ]


def named_prose(data: Path, most: int, chance: random.Random) -> Iterator[Document]:
    """Up to `most` sentences of each file of names, drawn by chance."""
    for name in NAMES:
        rows = list(named(data, name))
        for row in chance.sample(rows, min(most, len(rows))):
            yield with_open_words(document_of(*_written(row)))


def named_to_test(data: Path, language: str) -> list[Document]:
    """Sentences for testing with their persons alone."""
    texts = (_written(row) for row in named(data, NAMES_TO_TEST[language]))
    return [
        document_of(text, [place for place in places if place[2] == PiiType.PERSON])
        for text, places in texts
    ]


def named_marks(data: Path, most: int, chance: random.Random) -> Iterator[tuple[str, list[Place]]]:
    """Up to `most` sentences of each file of names, with their persons; their other names are
    open.
    """
    for name in NAMES:
        rows = list(named(data, name))
        for row in chance.sample(rows, min(most, len(rows))):
            text, places = _written(row)
            yield (
                text,
                [
                    (start, end, label if label == PiiType.PERSON else OPEN)
                    for start, end, label in places
                ],
            )


def prose_files(data: Path) -> Iterator[tuple[Path, list[str], bool]]:
    """Each file of plain text in other languages than English: its documents to train on, and
    whether it is impersonal.

    Law, manuals and documentation name nobody; novels, encyclopedias, speeches and news name public
    persons.
    """
    for language, files in files_of(data).items():
        for path in files if language != "en" else ():
            documents = ["\n".join(lines) for lines in paragraphs_of(path, held_out=False)]
            yield path, documents, _OF_NOBODY.search(path.name) is not None


def _written(row: Document) -> tuple[str, list[Place]]:
    """The words as a text without spaces before commas and the like, and its names; others than
    `_TYPES` are open.
    """
    text, places = "", []
    for word in row.words:
        text += " " * bool(text and word not in _CLOSING and text[-1] not in _OPENING)
        places.append(len(text))
        text += word
    ends = [start + len(word) for start, word in zip(places, row.words, strict=True)]
    spans = row.spans["ner"].spans
    return text, [
        (places[span.start], ends[span.end - 1], _TYPES.get(span.label, OPEN)) for span in spans
    ]


def plain_prose(data: Path, most: int, chance: random.Random) -> Iterator[Document]:
    """Up to `most` paragraphs of each file of plain text, with proper nouns as `eu_pos` sees
    them.
    """
    tagger = Labeler.load("eu_pos")
    for language, files in files_of(data).items():
        if language == "en":
            continue
        for path in files:
            texts = _drawn(paragraphs_of(path, held_out=False), most, chance)
            for tagged in tagger(texts):
                yield from cut(with_open_nouns(tagged, sure=language == "de"), LONGEST)


def european_prose(
    data: Path, most: int, paragraphs: int, chance: random.Random
) -> Iterator[Document]:
    """Sentences of treebanks, half as many of each file of names, and paragraphs of plain text."""
    if most:
        yield from treebank_prose(data, most)
        yield from named_prose(data, most // 2, chance)
    if paragraphs:
        yield from plain_prose(data, paragraphs, chance)


def impersonal_prose(data: Path, language: str, most: int) -> list[Document]:
    """Up to `most` paragraphs of each file of law and manuals that are for testing."""
    wanted = re.compile("|".join(KINDS[kind] for kind in IMPERSONAL))
    paths = [path for path in files_of(data)[language] if wanted.search(path.name)]
    chance = random.Random(0)
    return [
        FINE(text)
        for path in paths
        for text in _drawn(paragraphs_of(path, held_out=True), most, chance)
    ]


def _drawn(documents: Iterable[Sequence[str]], most: int, chance: random.Random) -> list[str]:
    lines = [line for lines in documents for line in lines if len(line) < _LONGEST_DOCUMENT]
    return chance.sample(lines, min(most, len(lines)))
