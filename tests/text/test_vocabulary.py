"""Words to ids and back, in the order that the docstrings promise."""

import json
import random
from collections import Counter

import numpy as np
import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.text.vocabulary import SPECIAL_WORDS, UNKNOWN, Vocabulary


@pytest.fixture
def vocabulary():
    return Vocabulary.from_words(["the", "cat", "saw", "the", "dog", "and", "the", "cat"])


def test_order_is_specials_then_that_of_a_plain_sort():
    words = random.Random(0).choices("abcdefghijklmnop", k=200)
    counts = Counter(words)
    expected = sorted(set(words), key=lambda word: (-counts[word], words.index(word)))
    # A special word in the text is not listed twice.
    vocabulary = Vocabulary.from_words(["xxbos", "xxunk", *words, "xxbos"])
    assert list(vocabulary) == [*SPECIAL_WORDS, *expected]
    assert SPECIAL_WORDS[0] == UNKNOWN == "xxunk"


SIZE = len(SPECIAL_WORDS) + 2


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"min_count": 2}, ["b", "c", "d"]),
        ({"max_words": SIZE}, ["b", "c"]),
        ({"max_words": SIZE, "min_count": 3}, ["b"]),
    ],
)
def test_bounds_on_words_and_counts(bounds, words):
    counts = {"a": 1, "b": 5, "c": 2, "d": 2}
    assert list(Vocabulary.from_counts(counts, **bounds)) == [*SPECIAL_WORDS, *words]


def test_a_vocabulary_of_words_keeps_the_most_frequent_up_to_its_size():
    vocabulary = Vocabulary.from_words(["b", "a", "c", "a", "c"], max_words=SIZE)
    assert list(vocabulary) == [*SPECIAL_WORDS, "a", "c"]
    with pytest.raises(OptionError, match="max_words:"):
        Vocabulary.from_words(["a"], max_words=1)


def test_a_notebook_shows_the_size_and_the_first_words_escaped():
    words = [f"w{number}" for number in range(2_000)]
    shown = Vocabulary.from_words(["<b>", *words])._repr_html_()
    assert f"{len(SPECIAL_WORDS) + 2_001:,}" in shown
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert "w0<" in shown
    assert "w1999" not in shown


def test_a_short_vocabulary_is_shown_whole(vocabulary):
    shown = vocabulary._repr_html_()
    assert [word for word in vocabulary if f">{word}<" not in shown] == []


def test_ids_and_words_are_inverse(vocabulary):
    ids = [vocabulary.id(word) for word in vocabulary]
    assert ids == list(range(len(vocabulary)))
    assert [vocabulary.word(index) for index in ids] == list(vocabulary)


def test_encode_and_decode(vocabulary):
    words = ["the", "zebra", "and", "The", ""]
    ids = vocabulary.encode(words)
    assert ids.dtype == np.int64
    assert ids.shape == (5,)
    assert ids.tolist() == [vocabulary.id(word) for word in words]
    assert vocabulary.decode(ids) == ["the", UNKNOWN, "and", UNKNOWN, UNKNOWN]
    assert vocabulary.encode([]).shape == (0,)


def test_unknown_wherever_it_stands():
    vocabulary = Vocabulary(["a", "b", UNKNOWN])
    assert vocabulary.id("c") == 2
    assert vocabulary.encode(["c", "b"]).tolist() == [2, 1]
    assert "c" not in vocabulary
    assert "b" in vocabulary
    assert 1 not in vocabulary


@pytest.mark.parametrize("index", [-1, 14, 1000])
def test_an_id_outside_is_refused(vocabulary, index):
    with pytest.raises(IndexError):
        vocabulary.word(index)
    with pytest.raises(IndexError):
        vocabulary.decode([0, index])


def test_equality_is_of_words_in_order(vocabulary):
    assert vocabulary == Vocabulary(list(vocabulary))
    assert hash(vocabulary) == hash(Vocabulary(list(vocabulary)))
    assert vocabulary != Vocabulary(list(vocabulary)[::-1])
    assert vocabulary != list(vocabulary)
    assert repr(vocabulary) == "Vocabulary(14 words)"


def test_it_does_not_change_with_the_list_it_was_made_of():
    words = [UNKNOWN, "a"]
    vocabulary = Vocabulary(words)
    words.append("b")
    assert list(vocabulary) == [UNKNOWN, "a"]


def test_saved_and_loaded(tmp_path):
    vocabulary = Vocabulary.from_words(["é", "漢字", '"', "\\", "\u2028", "\u0301", "😀"])
    vocabulary.save(tmp_path / "vocabulary.json")
    assert Vocabulary.load(tmp_path / "vocabulary.json") == vocabulary
    assert json.loads((tmp_path / "vocabulary.json").read_text(encoding="utf-8")) == list(
        vocabulary
    )


NO_VOCABULARIES = ["", '["xxunk", "a"', '{"xxunk": 0}', '["xxunk", 3]', "null"]
NO_VOCABULARIES += ['["xxunk", "a", "a"]', '["a"]', None]


@pytest.mark.parametrize("content", NO_VOCABULARIES)
def test_a_file_that_is_no_vocabulary_is_refused_by_name(tmp_path, content):
    path = tmp_path / "words.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"words\.json"):
        Vocabulary.load(path)


@pytest.mark.parametrize("words", [[UNKNOWN, "a", "a", "a"], ["a"]])
def test_words_that_make_no_vocabulary_are_refused(words):
    with pytest.raises(DataError):
        Vocabulary(words)
