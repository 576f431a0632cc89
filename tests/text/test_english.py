"""English words by spaCy's rules: spaCy's own, run by run; the rules are those of the file."""

import json
import random

import pytest
import spacy
from spacy.lang.char_classes import UNITS

from seqlabel.text.english import english_rules
from tests.text.english_rules import FILE, rules_of_spacy

WORDS = """don't I'm 's n’t U.S. e.g. :) :-( 10am 5km x86 é ß 数 한 я 😀
http:// www. .com a@b.org -- ... C++ 'em km/h Mr. mm²"""
PARTS = (
    *"abzAZ019.,:;!?'’\"“”()[]{}<>-–—_/\\@#$%&*+=|~^`…·€£°",
    *WORDS.split(),
    "\u200b",
    "\u0301",
)


@pytest.fixture(scope="module")
def spacys():
    tokenizer = spacy.blank("en").tokenizer
    return lambda text: [token.text for token in tokenizer(text)]


def test_runs_are_cut_as_spacy_cuts_them(spacys):
    chance = random.Random(0)
    for _ in range(4000):
        run = "".join(chance.choices(PARTS, k=chance.randint(1, 7)))
        assert english_rules().pieces(run) == spacys(run), run


def test_what_ends_in_letters_is_cut_off_as_spacy_cuts_it_off(spacys):
    ends = [*UNITS.split("|"), "'s", "'S", "’s", "’S", "US$", "s", "km5"]
    for end in ends:
        for begin in ("5", "x5", "5.", "x", "5'", "…", "(5", "5x", "555555"):
            for run in (begin + end, f"{begin}{end})", f"{begin}{end}{end}"):
                assert english_rules().pieces(run) == spacys(run), run


def test_special_runs_are_cut_as_spacy_cuts_them_alone_and_in_brackets(spacys):
    for run in json.loads(FILE.read_text(encoding="utf-8"))["special"]:
        for text in (run, f"({run})", f"a{run}", f"{run}.", f"{run}-{run}"):
            assert english_rules().pieces(text) == spacys(text), text


@pytest.mark.skipif(
    not spacy.__version__.startswith("3.8."), reason="another spaCy may have other rules"
)
def test_the_file_holds_the_rules_of_spacy():
    found = json.loads(FILE.read_text(encoding="utf-8"))
    assert found | {"spacy": ""} == rules_of_spacy() | {"spacy": ""}
