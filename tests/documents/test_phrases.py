"""Texts whose words are whole phrases, against the names of their characters in Unicode."""

import random
import unicodedata

import pytest

from seqlabel.documents.document import Document
from seqlabel.documents.phrases import lacks_spaces, runs_together

WITHOUT_SPACES = ("THAI ", "LAO ", "MYANMAR ", "KHMER ", "HIRAGANA ", "KATAKANA ")
WITHOUT_SPACES += ("CJK UNIFIED IDEOGRAPH",)
WITH_SPACES = ("LATIN ", "CYRILLIC ", "GREEK ", "ARABIC ", "HEBREW ", "DEVANAGARI ", "GEORGIAN ")
WITH_SPACES += ("HANGUL SYLLABLE",)


def letters_of(scripts):
    """Letters below U+A000, and of Hangul, whose names begin so; without katakana for the language
    Ainu.
    """
    every = (chr(code) for code in (*range(0x31F0), *range(0x3200, 0xA000), *range(0xAC00, 0xAD00)))
    return [one for one in every if one.isalpha() and unicodedata.name(one, "").startswith(scripts)]


@pytest.mark.parametrize("script", WITHOUT_SPACES)
def test_six_letters_of_a_script_without_spaces_are_a_phrase(script):
    letters, chance = letters_of(script), random.Random(0)
    assert len(letters) > 25
    for length in (1, 5, 6, 20):
        word = "".join(chance.choices(letters, k=length))
        assert lacks_spaces(Document.from_words(["a", word])) == (length >= 6), word


@pytest.mark.parametrize("script", WITH_SPACES)
def test_long_words_of_other_scripts_are_words(script):
    letters, chance = letters_of(script), random.Random(0)
    assert not lacks_spaces(Document.from_words(["".join(chance.choices(letters, k=30))]))


def test_short_runs_with_other_letters_between_them_are_words():
    assert not lacks_spaces(Document.from_words(["東京都abc大阪府"]))
    assert not lacks_spaces(Document.from_words([]))


@pytest.mark.parametrize(
    "text",
    [
        "AnnMosslivesinParisandworksforAcmeInsurance",
        "TheContractisbetweenJohnSmithofLondonandMaryJonesofBath , whobothagree ( seeAnnexA ) .",
        "DerVertragwirdzwischenHerrnMüllerausKölnundderFirmageschlossen",
        "Договорзаключенмеждупродавцомипокупателемвмоскве",
    ],
)
def test_words_that_run_together_are_recognised(text):
    assert runs_together(text.split())
    assert lacks_spaces(Document.from_words(text.split()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Donaudampfschifffahrtsgesellschaft",
        "Kraftfahrzeughaftpflichtversicherungsge",
        "AbstractAnnotationConfigDispatcherServletInitializer",
        "ERROR org.example.web . AbstractAnnotationConfigDispatcherServletInitializer failed",
        "self.this_is_a_very_long_name_of_a_function_in_code ( )",
        "/ home / thisisaverylongdirectorynamewithoutanyseparators / x.py",
        "https : / / example.org / thisisaverylongpathwithoutanyseparatorsatallinit",
        "ann.mosslivesinparisandworksforaninsurancecompany @ example.org",
        "deadbeefcafebabefeedfacedeadbeefcafebabefeedfaced",
        "dGhpcyBpcyBhIHRlcQgZmybiYXNlcHRfblbmNvZGluZwaWxsYQzXoPq",
        "acgtacgatcgatcgactgatcgatcgatcgatcgactgacgatcgac",
        "qwrtpsdfghjklzxcvbnmqwrtpsdfghjklzxcvbnmqwrtpsdf",
        "hahahahahahahahahahahahahahahahahahahahahahahahaha",
        "VIELENDANKFUERIHRENEINKAUFUNDAUFWIEDERSEHENIMMARKT",
        "the lake lies in the south " * 4 + "lakechargoggagoggmanchauggagoggchaubunagungamaugg",
    ],
)
def test_long_words_that_are_no_run_of_words_are_not(text):
    assert not runs_together(text.split())
