"""A row without a known end, read by compiled steps and by torch: the same labels, however the words arrive."""

import random

import pytest

from seqlabel import Arithmetic, Labeler, StreamLabeler
from seqlabel.models.native import CompiledLayers
from seqlabel.models.torch_row import TorchLayers
from seqlabel.native.compiled import LEVEL, Level

TEXT = (
    "Ann Moss wrote to the office in Oakham on Tuesday . She said that the second parcel had not arrived , and asked "
    "whether anyone had seen it . The clerk answered quickly : it lay behind the door , wet but whole . A boy had rung "
    "the bell at 14 Mill Lane . They laughed about it later , when the rain had stopped and tea was ready ."
)
WORDS = TEXT.split() * 6

needs_compiled = pytest.mark.skipif(LEVEL is Level.MISSING, reason="the extension was not compiled here")


def said(labeler, sizes, layer):
    """The tags and scores that a stream gives the words when they arrive in pieces of these sizes."""
    stream, place, found, sizes = StreamLabeler(labeler, look_ahead=16), 0, [], iter(sizes)
    while place < len(WORDS):
        size = next(sizes)
        for piece in stream.feed(WORDS[place : place + size]):
            found += zip(piece.document.tags[layer].labels, piece.document.tags[layer].scores, strict=True)
        place += size
    for piece in stream.close():
        found += zip(piece.document.tags[layer].labels, piece.document.tags[layer].scores, strict=True)
    return found


def ones():
    while True:
        yield 1


def drawn():
    chance = random.Random(0)
    while True:
        yield chance.randint(1, 40)


@needs_compiled
def test_compiled_layers_do_not_depend_on_how_words_arrive():
    labeler = Labeler.load("en_pos")
    assert isinstance(labeler.inference.open_row()._layers, CompiledLayers)
    found = said(labeler, ones(), "upos")
    assert len(found) == len(WORDS)
    assert found == said(labeler, drawn(), "upos")


@needs_compiled
def test_compiled_layers_say_what_torchs_say():
    found = said(Labeler.load("en_pos"), drawn(), "upos")
    labeler = Labeler.load("en_pos", arithmetic=Arithmetic.FLOAT32)
    assert isinstance(labeler.inference.open_row()._layers, TorchLayers)
    expected = said(labeler, drawn(), "upos")
    # One way is in 8-bit products and the other in float32.
    same = sum(one[0] == other[0] for one, other in zip(found, expected, strict=True))
    assert same >= 0.99 * len(WORDS)
    assert sum(abs(one[1] - other[1]) for one, other in zip(found, expected, strict=True)) < 0.01 * len(WORDS)
