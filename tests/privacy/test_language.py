"""Texts of another language than the encoder's are warned of once, records of names are not."""

import warnings

import pytest

from seqlabel.models.labeler import Labeler
from seqlabel.privacy.language import FEW, MANY, LanguageCheck
from seqlabel.text.vocabulary import Vocabulary

GERMAN = [
    *("Die", "Mieter", "haben", "gestern", "ihre", "Wohnung", "verlassen"),
    *("und", "den", "Schlüssel", "beim", "Nachbarn", "abgegeben"),
]
ENGLISH = ["The", "tenants", "left", "their", "flat", "yesterday", "and", "gave", "the", "key", "to", "a", "neighbour"]


@pytest.fixture(scope="module")
def vocabulary():
    return Labeler.load("en_pii").vocabulary


def test_another_language_is_warned_of_once(vocabulary):
    check = LanguageCheck(vocabulary)
    check.read(GERMAN)
    with pytest.warns(UserWarning, match=r"of the first \d+ words are unknown to the model, which read English only"):
        check.read(GERMAN * 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check.read(GERMAN * 100)


@pytest.mark.parametrize(
    "words", [ENGLISH * 500, GERMAN, ["Okafor", "Nwosu"] * 15 + ENGLISH * 3, ["x1", "7", "-"] * 99]
)
def test_english_names_and_few_words_are_not(vocabulary, words):
    LanguageCheck(vocabulary).read(words)


def test_after_many_words_and_with_a_small_vocabulary_nothing_is_said(vocabulary):
    check = LanguageCheck(vocabulary)
    check.read(["the"] * MANY)
    check.read(GERMAN * MANY)
    for small in (None, Vocabulary.from_words(["the", "cat"])):
        LanguageCheck(small).read(GERMAN * FEW)
