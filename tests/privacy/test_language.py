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
    check.read(GERMAN[:3])
    with pytest.warns(UserWarning, match=r"of the first \d+ words are unknown to the model\. .* eu_pii also German"):
        check.read(GERMAN[3:])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check.read(GERMAN * 100)


def test_a_short_sentence_of_another_language_is_enough(vocabulary):
    with pytest.warns(UserWarning, match="^3 of the first 4 words are unknown"):
        LanguageCheck(vocabulary).read(["Hôm", "nay", "trời", "đẹp", "."])


def test_capitals_alone_are_believed_after_many_words_only(vocabulary):
    check = LanguageCheck(vocabulary)
    check.read(["Okafor", "Nwosu"] * 15)
    with pytest.warns(UserWarning, match=f"^{FEW} of the first {FEW} words"):
        check.read(["Okafor", "Nwosu"] * 5)


@pytest.mark.parametrize(
    "words",
    [
        ENGLISH * 500,
        ["Okafor", "Nwosu"] * 15 + ENGLISH * 3,
        ["okafor", "nwosu", "met"],
        ["Ada", "Nwosu", "met", "okafor", "nwosu", "there", "at", "noon"],
        ["x1", "7", "-"] * 99,
    ],
)
def test_english_names_and_few_words_are_not(vocabulary, words):
    LanguageCheck(vocabulary).read(words)


def test_after_many_words_and_with_a_small_vocabulary_nothing_is_said(vocabulary):
    check = LanguageCheck(vocabulary)
    check.read(["the"] * MANY)
    check.read(GERMAN * MANY)
    for small in (None, Vocabulary.from_words(["the", "cat"])):
        LanguageCheck(small).read(GERMAN * FEW)


def test_texts_without_spaces_are_warned_of_once(vocabulary):
    check = LanguageCheck(vocabulary)
    check.read(ENGLISH)
    with pytest.warns(UserWarning, match="Some texts have no spaces between their words, as Chinese"):
        check.read(["私は田中太郎です", "。"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check.read(["私は田中太郎です", "。"])
