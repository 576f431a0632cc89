"""The word hasher and that of word runs against slow ones in plain integers, feature by feature as
described.
"""

import random
from collections import Counter
from itertools import groupby, islice

import numpy as np
import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.text.features import MAX_CHARACTERS
from seqlabel.text.hashing import RaggedIds, WordHasher, hash_ngrams

WRAP = 1 << 64
BASE, GOLDEN = 0x100000001B3, 0x9E3779B97F4A7C15
ODD = {
    "one letter": ["a", "A", "1", ".", " "],
    "shapes": ["Hello", "HELLO", "hello", "USA's", "1984", "12", "B2B", "...", "....", "٣٤", "²"],
    "runs in shapes": ["Mc-Donald", "x" * 9],
    "non-BMP": ["😀", "😀😀😀😀", "a😀b", "𝐀𝐁", "𐐀𐐨", "\U0010ffff"],
    "surrogates": ["\ud800", "a\udfffb", "\ud83d\ude00", "\ude00\ud83d"],
    "combining": ["é", "e\u0301", "\u0301", "n\u0303o", "क्षि"],
    "lower() is longer": ["İ", "İstanbul", "İ" * MAX_CHARACTERS, "İ" * 200, "aİ"],
    "lower() looks around": ["ΑΣ", "ΣΑ", "Σ", "ΑΣΑ"],
    "not one case": ["ß", "ẞ", "ǅ", "ﬁ", "数", "ا", "ª"],
    "borders in the text": ["\ue000a\ue001", "\ue000", "\x00", "a\x00"],
    "the end of the basic plane": ["\uffff", "a\ufffeb", "\uffff\U00010000"],
    "white space": ["a b", "\t", "\u200b", "\u3000"],
    "long": ["ab" * 32, "ab" * 32 + "c", "Z" * 65, "9" * 300, "é" * 1000],
    "long with one capital": ["x" * 31 + "Y" + "x" * 100],
}
WORDS = [word for words in ODD.values() for word in words]


def slow_shape(word):
    """X, x and d for upper case, other letters and digits; beyond the basic plane a character is
    its own class.
    """

    def kind(character):
        if ord(character) >= 1 << 16:
            return character
        if character.isdigit():
            return "d"
        if character.isupper():
            return "X"
        return "x" if character.isalpha() else character

    runs = ["".join(islice(run, 2)) for _, run in groupby(map(kind, word))]
    return "".join(runs)


def slow_whole(text, kind):
    total = sum(
        (ord(character) + 1) * pow(BASE, place, WRAP) for place, character in enumerate(text)
    )
    return (total * BASE + kind) % WRAP


def slow_ngram(text):
    value = len(text)
    for character in text:
        value = (value * BASE + ord(character)) % WRAP
    return value


def scramble(value):
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ (value >> 33)) * factor % WRAP
    return value ^ (value >> 33)


def slow_features(hasher, word):
    """The shape, and n-grams of the lower-cased form with its borders."""
    form = word if len(word) <= 64 else word[:32] + word[-32:]
    shape = slow_whole(slow_shape(form), 103)
    if len(word) > 64:
        shape = (shape + len(word) * GOLDEN) % WRAP
    hashes = [shape]
    bordered = f"\ue000{form.lower()}\ue001"
    for n in (2, 3, 4):
        hashes += [
            slow_ngram(bordered[start : start + n]) for start in range(len(bordered) - n + 1)
        ]
    return [scramble(value) % hasher.buckets for value in hashes]


def of_word(found, number):
    return found.ids[found.offsets[number] : found.offsets[number + 1]].tolist()


def as_lists(found):
    return [of_word(found, number) for number in range(len(found))]


def random_words(count, seed=0):
    """Words of all kinds of characters, unassigned code points included."""
    chance = random.Random(seed)
    kinds = ("abcxyz", "ABCÄÖİΣ", "0123", ".,-'", "éñ\u0301", "😀𝐀", "数字", "\ud800\udc00", "İıßẞ")
    lengths = chance.choices([1, 2, 3, 5, 8, 13, 63, 64, 65, 129], k=count)
    return [
        "".join(chance.choice(chance.choice(kinds)) for _ in range(length)) for length in lengths
    ]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("hasher", [WordHasher(1_000_003), WordHasher(97)])
def test_each_word_has_the_features_of_the_description(hasher, name):
    found = hasher(ODD[name])
    assert [Counter(features) for features in as_lists(found)] == [
        Counter(slow_features(hasher, word)) for word in ODD[name]
    ]


def test_random_words_too():
    hasher, words = WordHasher(1 << 20), random_words(400)
    expected = [Counter(slow_features(hasher, word)) for word in words]
    assert [Counter(features) for features in as_lists(hasher(words))] == expected


@pytest.mark.parametrize("words", [WORDS, random_words(200, seed=1)], ids=["odd", "random"])
def test_a_batch_is_its_words_alone_in_any_order(words):
    hasher = WordHasher(50_021)
    found = as_lists(hasher(words))
    assert found == [of_word(hasher([word]), 0) for word in words]
    order = random.Random(0).sample(range(len(words)), len(words))
    assert as_lists(hasher([words[place] for place in order])) == [found[place] for place in order]
    assert as_lists(hasher([*words, *words])) == found * 2


def test_the_ids_are_int32_below_the_number_of_buckets():
    found = WordHasher(11)(WORDS)
    assert (found.ids.dtype, found.offsets.dtype) == (np.int32, np.int64)
    assert (found.ids.min(), found.ids.max()) == (0, 10)
    assert (found.offsets[0], found.offsets[-1]) == (0, len(found.ids))
    assert len(found) == len(WORDS)
    empty = WordHasher(11)([])
    assert (len(empty), len(empty.ids), empty.offsets.tolist()) == (0, 0, [0])


def test_a_long_word_is_known_by_its_ends_and_its_length():
    hasher = WordHasher(1 << 30)
    start, end = "abcdefgh" * 4, "stuvwxyz" * 4
    one, same, longer = (
        of_word(hasher([start + middle + end]), 0) for middle in ("1" * 5, "2" * 5, "1" * 6)
    )
    assert one == same
    assert len(set(one) - set(longer)) == 1
    # All but the shape, which comes first.
    ends = of_word(hasher([start + end]), 0)
    assert one[1:] == ends[1:]
    assert one[0] != ends[0]
    assert len(of_word(hasher(["x" * 100_000]), 0)) == len(of_word(hasher(["x" * 65]), 0))


@pytest.mark.parametrize(
    "words",
    [[], [0], [3, 1], [1, 1, 1], [4, 3, 2, 1, 0], [2], [2, 2, 0]],
    ids=lambda words: f"words {words}",
)
def test_taking_words_takes_their_features(words):
    # The third word has no feature at all.
    ragged = RaggedIds(np.array([5, 6, 7, 8, 9, 5], dtype=np.int32), np.array([0, 2, 3, 3, 4, 6]))
    every = as_lists(ragged)
    assert every == [[5, 6], [7], [], [8], [9, 5]]
    taken = ragged.take(np.array(words, dtype=np.int64))
    assert as_lists(taken) == [every[word] for word in words]
    assert (taken.ids.dtype, taken.offsets.dtype, len(taken)) == (np.int32, np.int64, len(words))


@pytest.mark.parametrize("buckets", [1, 0, -5])
def test_too_few_buckets_are_refused(buckets):
    with pytest.raises(OptionError, match="buckets:"):
        WordHasher(buckets)


def slow_runs(words, buckets, order):
    """The id of each run: its words' hashes as the digits of a number in one base."""
    forms = [word if len(word) <= 64 else word[:32] + word[-32:] for word in words]
    found = set()
    for length in range(1, order + 1):
        for start in range(len(words) - length + 1):
            value = 0
            for form in forms[start : start + length]:
                value = (value * GOLDEN + slow_whole(form, 101)) % WRAP
            found.add(scramble(value) % buckets)
    return sorted(found)


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize("buckets", [7, (1 << 40) + 1])
@pytest.mark.parametrize(
    "words",
    [
        ["one"],
        ["a", "b", "a", "b"],
        ["数", "😀", "é", "e\u0301"],
        WORDS,
        random_words(60, seed=3),
        ["x"] * 9,
    ],
    ids=["one", "again", "odd", "all kinds", "random", "the same"],
)
def test_the_runs_of_a_text_have_the_ids_of_the_description(words, buckets, order):
    found = hash_ngrams(words, buckets, order=order)
    assert found.dtype == np.int64
    assert found.tolist() == slow_runs(words, buckets, order)


def test_runs_are_single_words_and_pairs_unless_asked_otherwise():
    words = ["one", "two", "three", "one"]
    assert hash_ngrams(words, 997).tolist() == slow_runs(words, 997, 2)
    empty = hash_ngrams([], 100)
    assert (empty.dtype, len(empty)) == (np.int64, 0)


@pytest.mark.parametrize("words", [[""], ["one", "", "two"]])
@pytest.mark.parametrize(
    "hashed", [lambda words: hash_ngrams(words, 100), WordHasher(100)], ids=["runs", "features"]
)
def test_a_word_without_characters_is_refused(words, hashed):
    with pytest.raises(DataError):
        hashed(words)
