"""What more than half of several readings say, and nothing else."""

from itertools import pairwise, product

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.majority import majority
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError

WORDS = ["Ann", "Moss", "runs", "."]


def tagged(*labels):
    return Document.from_words(WORDS).with_tags("upos", Tags(labels, (0.5,) * len(labels)))


def spanned(*spans):
    layer = Spans(tuple(Span(*span) for span in spans), (0.5,) * len(spans))
    return Document.from_words(WORDS).with_spans("ner", layer)


def test_a_single_reading_is_its_own_majority_without_scores():
    found = majority([tagged(*"abcd")])
    assert found.tags["upos"] == Tags(tuple("abcd"))
    assert found.text == "Ann Moss runs ."


@pytest.mark.parametrize(
    ("readings", "labels"),
    [
        (["aaaa", "aabb", "abbc"], ("a", "a", "b", None)),
        (["aaaa", "abab"], ("a", None, "a", None)),
        ([("a", None, None, "a"), ("a", None, "b", "c")], ("a", None, None, None)),
    ],
)
def test_a_tag_needs_more_than_half(readings, labels):
    found = majority([tagged(*reading) for reading in readings])
    assert found.tags["upos"].labels == labels


def test_a_span_needs_more_than_half_with_the_same_borders_and_label():
    readings = [
        spanned((0, 2, "PER"), (3, 4, "ORG")),
        spanned((0, 2, "PER"), (2, 3, "LOC")),
        spanned((0, 1, "PER"), (3, 4, "LOC")),
    ]
    assert majority(readings).spans["ner"] == Spans((Span(0, 2, "PER"),))


def test_spans_that_are_kept_never_overlap():
    places = ((0, 1), (0, 2), (1, 3), (2, 4))
    every = [(*place, label) for place in places for label in "AB"]
    for chosen in product(every, repeat=3):
        kept = majority([spanned(one) for one in chosen]).spans["ner"].spans
        assert all(one.end <= two.start for one, two in pairwise(kept))


def test_a_layer_is_decided_by_the_readings_that_have_it():
    both = tagged(*"abcd").with_spans("ner", Spans((Span(0, 2, "PER"),)))
    found = majority([both, tagged(*"abxy"), tagged(*"abyx")])
    assert found.spans["ner"].spans == (Span(0, 2, "PER"),)
    assert found.tags["upos"].labels == ("a", "b", None, None)


@pytest.mark.parametrize(
    "readings", [[], [tagged(*"abcd"), Document.from_words(["Ann"])]], ids=["none", "two texts"]
)
def test_readings_are_of_one_text(readings):
    with pytest.raises(OptionError, match="readings:"):
        majority(readings)
