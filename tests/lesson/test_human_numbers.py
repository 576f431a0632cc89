"""The corpus of the base task against the facts that it must reproduce."""

import pytest

from seqlabel.lesson import human_numbers
from seqlabel.text.vocabulary import SPECIAL_WORDS


def test_corpus_has_the_published_sizes():
    assert len(human_numbers.train_words()) == 50_079
    assert len(human_numbers.valid_words()) == 13_017
    assert len(human_numbers.vocabulary()) == 39


def test_vocabulary_has_the_specials_then_words_by_frequency():
    vocabulary = human_numbers.vocabulary()
    words = list(vocabulary)
    assert tuple(words[:9]) == SPECIAL_WORDS
    expected = {
        ",": 9,
        "hundred": 10,
        "thousand": 11,
        "one": 12,
        "eight": 19,
        "nine": 20,
        "twenty": 21,
    }
    assert {word: vocabulary.id(word) for word in expected} == expected


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "one"),
        (10, "ten"),
        (19, "nineteen"),
        (20, "twenty"),
        (100, "one hundred"),
        (4021, "four thousand twenty one"),
        (8000, "eight thousand"),
        (9999, "nine thousand nine hundred ninety nine"),
    ],
)
def test_number_words(number, words):
    assert human_numbers.number_words(number) == words.split()


@pytest.mark.parametrize("number", [0, 10_000, -3])
def test_a_number_outside_the_task_is_refused(number):
    with pytest.raises(ValueError, match="9,999"):
        human_numbers.number_words(number)


def test_corpora_begin_once_and_leave_8000_out():
    train, valid = human_numbers.train_words(), human_numbers.valid_words()
    assert train[:4] == ["xxbos", "one", ",", "two"]
    assert valid[:4] == ["xxbos", "eight", "thousand", "one"]
    assert train.count("xxbos") == valid.count("xxbos") == 1
    assert train[-6:] == ["seven", "thousand", "nine", "hundred", "ninety", "nine"]
