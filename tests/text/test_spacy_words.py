"""Words that spaCy's tokenizers find, with memory that stays bounded."""

import pytest
import spacy

from seqlabel.errors import OptionError
from seqlabel.text.tokenizers import Tokenizer


def test_spacy_is_made_again_before_it_remembers_too_much(monkeypatch):
    fresh = len(spacy.blank("de").vocab.strings)
    monkeypatch.setattr("seqlabel.text.spacy_words._MOST_STRINGS", fresh + 200)
    tokenizer = Tokenizer("de")
    sizes = []
    for number in range(16):
        words = [f"word{number}x{place}" for place in range(50)]
        assert tokenizer(" ".join(words)).words == words
        sizes.append(len(tokenizer._find.args[0]._nlp.vocab.strings))
    # Words add up, at most one text's above the limit, and are forgotten.
    assert fresh + 50 < max(sizes) <= fresh + 200
    assert sizes.count(fresh) > 1


def test_a_language_that_spacy_lacks_is_refused():
    with pytest.raises(OptionError, match="'qq'"):
        Tokenizer("qq")


def test_another_code_of_a_language_and_a_missing_package_are_named(monkeypatch):
    with pytest.raises(OptionError, match="'fin'"):
        Tokenizer("fin")

    def blank(language):
        raise ImportError("Pyvi not installed.\nInstall it.")

    monkeypatch.setattr("seqlabel.text.spacy_words.spacy.blank", blank)
    with pytest.raises(OptionError, match="'vi'"):
        Tokenizer("vi")
