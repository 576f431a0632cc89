"""Words for plain text: spaCy's, and spaCy's cut at the marks of forms, logs and code."""

import random

import pytest

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
        ("12/03/2024 00:1b:44 2024-03-12", "12 / 03 / 2024 00 : 1b : 44 2024-03-12"),
        ("l’été", "l’été"),
    ],
)
def test_fine_words(text, words):
    assert Tokeniser("en", Words.FINE)(text).words == words.split()


def test_spacys_words_are_left_whole():
    assert Tokeniser("en")("user=ann;ip=10.0.0.1").words == ["user=ann;ip=10.0.0.1"]


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
