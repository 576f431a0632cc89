"""Texts for the tests of streams, their cuttings, and what comes out of them."""

import random

from seqlabel.documents.spans import Span
from seqlabel.models.stream import StreamLabeler
from tests.spacy_models import WORDS

GAPS = [" ", " ", " ", "\n", "  ", "\t ", ",", ""]


def some_text(count, *, seed=0, words=WORDS, gaps=GAPS):
    chance = random.Random(seed)
    return "".join(chance.choice(words) + chance.choice(gaps) for _ in range(count))


def cuts_of(text, *, seed, longest=9):
    """The same text in pieces of random sizes, some of them empty."""
    chance, place = random.Random(seed), 0
    while place < len(text):
        size = chance.randint(0, longest)
        yield text[place : place + size]
        place += size


def streamed(labeler, cuts, **options):
    stream = StreamLabeler(labeler, **options)
    pieces = [piece for cut in cuts for piece in stream.feed_text(cut)]
    return pieces + stream.close(), stream


def labels_of(pieces, layer):
    return [label for piece in pieces for label in piece.document.tags[layer].labels]


def spans_of(pieces, layer):
    return [
        Span(span.start + piece.first, span.end + piece.first, span.label)
        for piece in pieces
        for span in piece.document.spans[layer].spans
    ]
