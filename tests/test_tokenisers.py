"""Words for plain text: spaCy's, and spaCy's cut at the marks of forms, logs and code."""

import random

import pytest
import spacy

from seqlabel.tokenisers import Tokeniser, Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("user=ann;ip=10.0.0.1", "user = ann ; ip = 10.0.0.1"),
        (
            '{"name": "Ann O\'Brien", "mail":"a.b@x.com"}',
            '{ " name " : " Ann O\'Brien " , " mail " : " a.b @ x.com " }',
        ),
        ("don't 'quote' Ann's rock'n'roll", "do n't ' quote ' Ann 's rock'n'roll"),
        ("12/03/2024 00:1b:44", "12 / 03 / 2024 00 : 1b : 44"),
        ("l’été", "l’été"),
    ],
)
def test_fine_words(text, words):
    assert Tokeniser("en", Words.FINE)(text).words == words.split()


def test_spacys_words_are_spacys():
    text = "user=ann;ip=10.0.0.1  isn't \n 'x' a/b"
    expected = [token.text for token in spacy.blank("en")(text) if not token.is_space]
    assert Tokeniser("en")(text).words == expected
    assert len(Tokeniser("en", Words.FINE)(text)) > len(expected)


def test_no_character_is_lost_and_spaces_part_what_is_cut():
    chance = random.Random(0)
    fine, whole = Tokeniser("en", Words.FINE), Tokeniser("en")
    for _ in range(300):
        runs = ["".join(chance.choices("ab1Z.'’-_=,:/@\"#“(é数😀", k=chance.randint(1, 12))) for _ in range(4)]
        text = " ".join(runs)
        assert fine(text).words == [word for run in runs for word in fine(run).words]
        assert "".join(fine(text).words) == "".join(runs)
        borders = {place for offsets in fine(text).offsets for place in offsets}
        assert borders >= {place for offsets in whole(text).offsets for place in offsets}
