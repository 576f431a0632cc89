"""Real text with private values as documents on fine words: pii_anon, the English Web Treebank,
WNUT-17; no mixing.

What people did not mark in real prose may still be private: a layer of tags is None there, so that
nothing is learnt.
"""

import calendar
import json
import lzma
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from seqlabel import Document, Scheme, Span, Tags, Tokenizer, Words
from seqlabel.documents import CharacterSpan, Repairs, fit_spans, spans_to_tags
from seqlabel.documents.overlaps import longest_spans
from seqlabel.formats import read_conllu, read_documents
from seqlabel.privacy import find_proven
from seqlabel.privacy.finding.finder import LAYER

from .by_hand import OPEN
from .labels import PiiType, convert_pii_anon

EWT_TYPES = {"PER": PiiType.PERSON, "LOC": PiiType.LOCATION, "ORG": PiiType.ORGANISATION}
WNUT_TYPES = {
    "person": PiiType.PERSON,
    "location": PiiType.LOCATION,
    "corporation": PiiType.ORGANISATION,
}
HANDLES = ("@", "#")
MONTHS = {*calendar.month_name[1:], *calendar.month_abbr[1:]}
SHORTEST = 40
"""Characters of the shortest paragraph that is read."""
FINE = Tokenizer("en", Words.FINE)
Place = tuple[int, int, str]
Marked = tuple[str, list[Place]]
"""A text with its private values: start, end and label of each."""


def document_of(text: str, spans: Iterable[Place]) -> Document:
    """A text with its spans on fine words."""
    document = FINE(text)
    places = [CharacterSpan(*span) for span in spans]
    return document.with_spans(LAYER, fit_spans(document, places, where="text", repairs=Repairs()))


def documents(texts: Iterable[tuple[str, list[Place]]]) -> list[Document]:
    """Texts with their spans as documents."""
    return [document_of(*text) for text in texts]


def anon_texts(path: Path) -> Iterator[tuple[str, list[Place]]]:
    """Texts of pii_anon with this library's labels."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["text"], convert_pii_anon(row["text"], row["spans"])


def treebank(data: Path, part: str, *, gold: bool) -> Iterator[Document]:
    """EWT's sentences with entities on fine words; the layer is of tags, None where a word may be
    something else.

    With `gold` it is of spans, as where the sentences are tested on.
    """
    path = data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu"
    # The two have a few sentences that differ; those are read as words with a space between.
    texts = {tuple(sentence.words): sentence for sentence in read_conllu(path)}
    for sentence in read_documents(
        data / "ner_english_ewt" / f"{part}.iob2", word=1, tag=2, separator="\t"
    ):
        written = texts.get(tuple(sentence.words), sentence)
        spans = sentence.spans["ner"].spans
        named = [(*written.characters(span), str(EWT_TYPES[span.label])) for span in spans]
        document = document_of(written.text, named)
        yield document if gold else with_open_words(document)


def posts(data: Path) -> Iterator[Document]:
    """WNUT-17's posts, words with a space between, with entities on fine words as tags, like the
    treebank's.
    """
    for post in read_documents(data / "wnut17" / "wnut17train.conll"):
        named = [
            (*post.characters(span), str(WNUT_TYPES.get(span.label, OPEN)))
            for span in post.spans["ner"].spans
        ]
        yield with_open_words(document_of(post.text, named))


def paragraphs(path: Path, count: int, chance: random.Random) -> list[str]:
    """Some paragraphs of a text of the web, drawn by chance; headings and lines of a few words are
    left out.
    """
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        texts = [line.strip() for line in lines if len(line) > SHORTEST]
    return chance.sample(texts, min(count, len(texts)))


def with_open_words(document: Document) -> Document:
    """The layer as tags: what a rule finds gets its label; open spans, handles, months and numbers
    are left open.
    """
    spans = document.spans[LAYER].spans
    found = [Span(one.start, one.end, one.label) for one in rule_spans(document)]
    kept = longest_spans(sorted([*spans, *found]))
    tags: list[str | None] = list(spans_to_tags(kept, len(document), Scheme.BIO))
    for place, word in enumerate(words := document.words):
        before = words[place - 1] if place else ""
        is_handle = word in HANDLES or before in HANDLES
        is_month = word.title() in MONTHS and word not in ("may", "march")
        could_be = (
            is_handle or is_month or any(letter.isdigit() or letter == "@" for letter in word)
        )
        if tags[place] in (f"B-{OPEN}", f"I-{OPEN}") or (tags[place] == "O" and could_be):
            tags[place] = None
    return replace(document, spans={}, tags={LAYER: Tags(tuple(tags))})


def with_open_spans(document: Document) -> Document:
    """The layer as tags, if it is not: what is marked as open is left open, all else is as
    marked.
    """
    if LAYER in document.tags:
        return document
    tags = spans_to_tags(document.spans[LAYER].spans, len(document), Scheme.BIO)
    kept = (None if tag.endswith(f"-{OPEN}") else tag for tag in tags)
    return replace(document, spans={}, tags={LAYER: Tags(tuple(kept))})


_NOVEL = re.compile(r"<<< (.*?) >>>\n")
_NOVELS_HELD_OUT = slice(3, None, 6)


def novels(data: Path, *, held_out: bool) -> list[str]:
    """The novels of `text`, every sixth of which no training of private data reads; none where the
    file is missing.
    """
    path = data / "text" / "novels.txt"
    if not path.is_file():
        return []
    parts = _NOVEL.split(path.read_text(encoding="utf-8"))
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    titles = sorted(texts)
    apart = titles[_NOVELS_HELD_OUT]
    return [texts[title] for title in titles if (title in apart) == held_out]


def rule_spans(document: Document) -> Sequence[Span]:
    """What rules find, as words."""
    return fit_spans(document, find_proven(document.text), where="text", repairs=Repairs()).spans


def clean_prose(data: Path) -> list[Document]:
    """Real sentences that hold nothing private: EWT's test sentences without any entity, digit, @
    or address.

    People marked its persons, places and organisations; what they did not mark is a value with a
    digit or an @, and sentences with those are left out, so that all that is found in the rest is a
    false alarm.
    """
    return [
        document
        for document in treebank(data, "test", gold=True)
        if not document.spans[LAYER].spans
        and not any(letter.isdigit() or letter in "@/_" for letter in document.text)
        and "www." not in document.text
    ]
