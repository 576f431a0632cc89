"""The features of one word, in plain integers; that they are those of the description is tested
with many words.
"""

import random
import runpy

import numpy as np
import pytest

from seqlabel.text import features as module
from seqlabel.text.features import MAX_CHARACTERS, features, scrambled, shape, shorten


def test_the_module_needs_nothing_of_the_library():
    alone = runpy.run_path(module.__file__)
    assert not any(getattr(one, "__module__", "").startswith("seqlabel") for one in alone.values())
    for word in ("a", "Österreich", "B2B", "😀", "x" * 100):
        assert alone["features"](word, 1009) == features(word, 1009)


@pytest.mark.parametrize(("characters", "kind"), [("AÄΣ", "X"), ("aßª数", "x"), ("0٣²", "d")])
def test_letters_and_digits_have_the_shape_of_their_kind(characters, kind):
    assert {shape(character) for character in characters} == {ord(kind)}


@pytest.mark.parametrize("character", [".", "'", " ", "😀", "𝐀", "\u0301"])
def test_any_other_character_is_its_own_shape(character):
    assert shape(character) == ord(character)


def test_a_long_word_keeps_its_ends():
    assert shorten("a" * MAX_CHARACTERS) == "a" * MAX_CHARACTERS
    assert shorten("a" * MAX_CHARACTERS + "b" * MAX_CHARACTERS) == "a" * 32 + "b" * 32


def test_an_array_is_scrambled_number_by_number():
    numbers = [random.Random(seed).getrandbits(64) for seed in range(50)]
    array = np.array(numbers, dtype=np.uint64)
    assert scrambled(array).tolist() == [scrambled(number) for number in numbers]
    assert array.tolist() == numbers
