"""Words for plain text: spaCy's, and spaCy's cut at the marks of forms, logs and code."""

import random

import pytest
import spacy

from seqlabel.errors import DataError
from seqlabel.text.tokenizers import Tokenizer, Words


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
        (
            "It is T10:00:00Z. At 10:00:00.250Z. Then",
            "It is T10 : 00 : 00Z . At 10 : 00 : 00.250Z . Then",
        ),
        ("a=1Z.2 b=5.Z. 10:00Z.)", "a = 1Z.2 b = 5.Z. 10 : 00Z . )"),
        ("l’été", "l’été"),
    ],
)
def test_fine_words(text, words):
    assert Tokenizer("en", Words.FINE)(text).words == words.split()


def test_spacys_words_are_spacys():
    text = "user=ann;ip=10.0.0.1  isn't \n 'x' a/b"
    expected = [token.text for token in spacy.blank("en")(text) if not token.is_space]
    assert Tokenizer("en")(text).words == expected
    assert len(Tokenizer("en", Words.FINE)(text)) > len(expected)


def test_no_character_is_lost_and_spaces_part_what_is_cut():
    chance = random.Random(0)
    fine, whole = Tokenizer("en", Words.FINE), Tokenizer("en")
    for _ in range(300):
        runs = [
            "".join(chance.choices("ab1Z.'’-_=,:/@\"#“(é数😀", k=chance.randint(1, 12)))
            for _ in range(4)
        ]
        text = " ".join(runs)
        assert fine(text).words == [word for run in runs for word in fine(run).words]
        assert "".join(fine(text).words) == "".join(runs)
        borders = {place for offsets in fine(text).offsets for place in offsets}
        assert borders >= {place for offsets in whole(text).offsets for place in offsets}


@pytest.mark.parametrize("kind", list(Words))
def test_a_long_run_is_cut_as_if_white_space_were_in_it(kind):
    tokenizer = Tokenizer("en", kind)
    run = "".join(random.Random(1).choices("ab.,)='x/", k=700))
    text = f"a {run} b\n{run[:256]}"
    expected = [
        word
        for part in ("a", run[:256], run[256:512], run[512:], "b", run[:256])
        for word in tokenizer(part).words
    ]
    document = tokenizer(text)
    assert document.words == expected
    assert "".join(document.words) == "".join(text.split())


def test_english_words_are_forgotten_before_they_are_too_many(monkeypatch):
    monkeypatch.setattr("seqlabel.text.tokenizers._MOST_RUNS", 100)
    tokenizer, sizes = Tokenizer("en"), []
    for number in range(300):
        assert tokenizer(f"word{number} word{number}, it").words == [f"word{number}"] * 2 + [
            ",",
            "it",
        ]
        sizes.append(len(tokenizer._find._known))
    assert max(sizes) == 100
    assert min(sizes[150:]) < 10


@pytest.mark.parametrize("kind", list(Words))
def test_another_language_is_spacys(kind):
    expected = [token.text for token in spacy.blank("de")("z.B. a~b Hr. Müller")]
    fine = ["z.B.", "a", "~", "b", "Hr.", "Müller"]
    assert (
        Tokenizer("de", kind)("z.B. a~b Hr. Müller").words
        == (fine if kind is Words.FINE else expected)
        != []
    )


def test_long_runs_that_are_cut_are_counted():
    tokenize = Tokenizer("en")
    assert [len(tokenize(text)) for text in ("a" * 256, "a" * 257 + " b " + "c" * 600)] == [1, 6]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Zebulon\udc80Quark", "character 7"),
        (None, "NoneType"),
        (b"Zebulon", "bytes"),
    ],
)
def test_what_is_no_text_gets_an_error_that_does_not_show_it(text, said):
    with pytest.raises(DataError, match=said) as caught:
        Tokenizer("en", Words.FINE)(text)
    assert "Zebulon" not in repr(caught.value)
