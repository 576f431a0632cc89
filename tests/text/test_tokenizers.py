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
    parts = ("a", run[:256], run[256:512], run[512:], "b", run[:256])
    document = tokenizer(f"a {run} b\n{run[:256]}")
    assert document.words == [word for part in parts for word in tokenizer(part).words]
    assert "".join(document.words) == f"a{run}b{run[:256]}"
    lengths = [len(Tokenizer("en")(text)) for text in ("a" * 256, "a" * 257 + " b " + "c" * 600)]
    assert lengths == [1, 6]


def test_english_words_are_forgotten_before_they_are_too_many(monkeypatch):
    monkeypatch.setattr("seqlabel.text.tokenizers._MOST_RUNS", 100)
    tokenizer = Tokenizer("en")
    sizes = []
    for number in range(300):
        word = f"word{number}"
        assert tokenizer(f"{word} {word}, it").words == [word, word, ",", "it"]
        sizes.append(len(tokenizer._find._known))
    assert max(sizes) == 100
    assert min(sizes[150:]) < 10


def test_another_language_is_spacys():
    text = "z.B. a~b Hr. Müller"
    expected = [token.text for token in spacy.blank("de")(text)]
    assert Tokenizer("de")(text).words == expected
    assert Tokenizer("de", Words.SYNTACTIC)(text).words == expected
    assert Tokenizer("de", Words.FINE)(text).words == ["z.B.", "a", "~", "b", "Hr.", "Müller"]


@pytest.mark.parametrize(
    ("text", "named"), [("Zebulon\udc80Quark", "character 7"), (None, "NoneType"), (b"Ze", "bytes")]
)
def test_what_is_not_a_string_gets_an_error_that_does_not_show_it(text, named):
    with pytest.raises(DataError, match=named) as caught:
        Tokenizer("en", Words.FINE)(text)
    assert "Ze" not in repr(caught.value)
