"""A text whose words come in pieces of any size, and what a stream says of them."""

import random

import pytest

from seqlabel import StreamLabeler
from seqlabel.native.compiled import FAST

TEXT = (
    "Ann Moss wrote to the office in Oakham on Tuesday . She said that the second parcel had not "
    "arrived , and asked whether anyone had seen it . The clerk answered quickly : it lay behind "
    "the door , wet but whole . A boy had rung the bell at 14 Mill Lane . They laughed about it "
    "later , when the rain had stopped and tea was ready ."
)
WORDS = TEXT.split() * 6
needs_compiled = pytest.mark.skipif(
    not FAST, reason="has no compiled steps that are faster than torch"
)


def said(labeler, sizes, layer):
    """The tags and scores that a stream gives the words when they arrive in pieces of these
    sizes.
    """
    stream, place, found, sizes = StreamLabeler(labeler, look_ahead=16), 0, [], iter(sizes)
    while place < len(WORDS):
        size = next(sizes)
        for piece in stream.feed(WORDS[place : place + size]):
            found += zip(
                piece.document.tags[layer].labels, piece.document.tags[layer].scores, strict=True
            )
        place += size
    for piece in stream.close():
        found += zip(
            piece.document.tags[layer].labels, piece.document.tags[layer].scores, strict=True
        )
    return found


def drawn():
    chance = random.Random(0)
    while True:
        yield chance.randint(1, 40)
