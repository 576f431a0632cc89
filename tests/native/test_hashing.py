"""The compiled hasher against the one in Python, bit by bit, on words of any characters."""

import random

import numpy as np
import pytest

from seqlabel.errors import DataError
from seqlabel.native.compiled import LEVEL, Level
from seqlabel.native.hashing import hash_words
from seqlabel.text.features import MAX_CHARACTERS
from seqlabel.text.hashing import WordHasher

pytestmark = pytest.mark.skipif(
    LEVEL is Level.MISSING, reason="the extension was not compiled here"
)
HASHERS = [WordHasher(32_768), WordHasher(2), WordHasher(1 << 31)]


def random_words(count, seed):
    """Words of one kind of characters or several, unpaired surrogates included, some longer than
    what is hashed.
    """
    chance = random.Random(seed)
    kinds = [
        "aZ",
        "0٣²",
        ".,-'’",
        "İıßẞΣǅ",
        "\u0301\u200b\ue000\ue001\x00",
        "\ud800\udfff",
        "\uffff\U00010000",
    ]
    kinds += ["".join(map(chr, chance.choices(range(0x110000), k=200))) for _ in range(3)]
    words = []
    for length in chance.choices([1, 2, 3, 5, 12, 31, 63, 64, 65, 66, 130], k=count):
        some = "".join(chance.sample(kinds, chance.randint(1, 3)))
        words.append("".join(chance.choices(some, k=length)))
    return words


@pytest.mark.parametrize("hasher", HASHERS, ids=repr)
def test_the_features_are_those_of_python(hasher):
    words = random_words(1500, seed=hasher.buckets)
    assert max(map(len, words)) > MAX_CHARACTERS
    found, expected = hash_words(words, hasher), hasher(words)
    np.testing.assert_array_equal(found.offsets, expected.offsets)
    np.testing.assert_array_equal(found.ids, expected.ids)
    assert (found.ids.dtype, found.offsets.dtype) == (np.int32, np.int64)


def test_every_character_has_the_shape_that_python_gives_it():
    hasher, words = WordHasher(1 << 30), list(map(chr, range(0x11000)))
    np.testing.assert_array_equal(hash_words(words, hasher).ids, hasher(words).ids)


def test_an_empty_word_is_refused():
    with pytest.raises(DataError):
        hash_words(["a", ""], WordHasher(11))
