"""Multiword tokens are split as their lists say, where the text is in their language, and keep
their characters.
"""

from functools import cache

import pytest

from seqlabel import Document, Tokenizer, Words
from seqlabel.text.multiword import multiword_tokens, split_multiwords

LANGUAGES = list(multiword_tokens())


@cache
def tokenizer(language):
    return Tokenizer(language, Words.SYNTACTIC)


EXAMPLES = [(name, language) for name in LANGUAGES for language in ("ca", "xx")]
for name in LANGUAGES:
    code = multiword_tokens()[name].code
    # spaCy takes seconds to make its French tokenizer.
    marks = [pytest.mark.end_to_end] if code == "fr" else []
    EXAMPLES.append(pytest.param(name, code, marks=marks))


@pytest.mark.parametrize(("name", "language"), EXAMPLES)
def test_a_list_splits_its_own_example_whether_or_not_the_language_is_given(name, language):
    text, words = multiword_tokens()[name].example
    document = tokenizer(language)(text)
    assert " ".join(document.words) == words
    assert document.text == text


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_token_has_two_words_in_order_which_share_its_characters(name):
    table = multiword_tokens()[name]
    for token in table.words:
        document = split_multiwords(Document.from_words(["x", token, "y"]), table.code)
        assert len(document) == 4, token
        assert document.multiwords == {1: table.words[token]}
        assert document.offsets[1][0] == 2
        assert document.offsets[1][1] == document.offsets[2][0]
        assert document.offsets[2][1] == 2 + len(token)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Della", ("Di", "la")),
        ("DELLA", ("DI", "LA")),
        ("dell’", ("di", "l’")),
        ("Dell'", ("Di", "l'")),
        ("della.", ()),
    ],
)
def test_words_have_the_case_and_the_apostrophe_of_their_token(written, words):
    assert multiword_tokens()["Italian"].split(written) == words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Idę do domu, bo nie jest ciepło.", None),
        ("Das ist nicht so gut als das andere.", None),
        ("En del av dem är här och inte där.", None),
        ("She has no idea what to do with the data.", None),
        ("La strada dei no", "sv"),
        ("1234", None),
    ],
)
def test_other_languages_are_not_split(text, language):
    document = split_multiwords(Document.from_words(text.split()), language)
    assert (document.words, document.multiwords) == (text.split(), {})


def test_what_a_tokeniser_of_catalan_cuts_is_joined_again():
    text = "Er ist nicht so gut als sie und wir."
    assert "als" in tokenizer("ca")(text).words
    assert "als" not in Tokenizer("ca")(text).words
