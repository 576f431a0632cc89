"""Labelled texts in the middle of others: values, whole sentences and lengths."""

import random

import pytest

from seqlabel.documents.spans import CharacterSpan
from seqlabel.privacy.finding.audit import Labeled
from seqlabel.privacy.finding.contexts import in_context, stretches

TEXTS = [
    " ".join(f"Sentence {number} of text {text} has nine words in it." for number in range(60))
    for text in range(4)
]
LABELED = [
    Labeled(
        "Ann Moss rang 0113 496 0000.",
        (CharacterSpan(0, 8, "PERSON"), CharacterSpan(14, 27, "PHONE")),
    ),
    Labeled("Nothing here.", ()),
    Labeled("Ask Bo.", (CharacterSpan(4, 6, "PERSON"),)),
]


@pytest.mark.parametrize("words", [1, 40, 300])
def test_a_stretch_has_whole_sentences_and_about_as_many_words_as_asked(words):
    for stretch in stretches(TEXTS, words, 9, random.Random(1)):
        assert any(stretch in text for text in TEXTS)
        assert stretch.startswith("Sentence")
        assert stretch.endswith(".")
        assert words <= len(stretch.split()) < words + 10


def test_short_texts_are_read_one_after_another():
    (stretch,) = stretches(TEXTS[:2], 900, 1, random.Random(1))
    assert len(stretch.split()) == 900
    (whole,) = stretches(["One two."], 900, 1, random.Random(1))
    assert whole == "One two."


@pytest.mark.parametrize("words", [40, 150])
def test_each_text_keeps_its_values_between_two_stretches(words):
    placed = list(in_context(LABELED, TEXTS, words, seed=3))
    assert len(placed) == 2
    for found, example in zip(placed, (LABELED[0], LABELED[2]), strict=True):
        before, after = found.text.split(example.text)
        assert len(before.split()) >= words <= len(after.split())
        values = [found.text[value.start : value.end] for value in found.values]
        assert values == [example.text[value.start : value.end] for value in example.values]
        assert [value.label for value in found.values] == [value.label for value in example.values]
    assert placed == list(in_context(LABELED, TEXTS, words, seed=3))
