"""The numbers of labelers and heads: which fit together, and which are refused."""

import math

import pytest

from seqlabel.documents.document import Document, Tags
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.model_configs import (
    HeadConfig,
    TagPairs,
    can_be_paired,
    head_config,
    partners_of,
)
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from tests.labelers import HEADS, PAIRED, UPOS, mixed_labeler


@pytest.mark.parametrize("weights", [(), (1.0, 2.0), (1.0, 2.0, 3.0, 4.0)])
def test_class_weights_of_another_number_are_refused(weights):
    with pytest.raises(OptionError, match="class_weights: "):
        HeadConfig(UPOS, Softmax(class_weights=weights))


@pytest.mark.parametrize(
    "together",
    [
        TagPairs("upos", "lemma", (("X", "1"),)),
        TagPairs("ner", "xpos", (("A", "1"),)),
        TagPairs("xpos", "xpos", (("1", "1"),)),
        TagPairs("upos", "xpos", ()),
        TagPairs("upos", "xpos", (("X", "3"),)),
    ],
)
def test_pairs_of_other_layers_and_tags_are_refused(together):
    labeler = mixed_labeler(PAIRED)
    with pytest.raises(OptionError, match="together"):
        labeler.set_pairs(together)
    assert labeler.config == PAIRED


def test_pairs_are_those_that_words_of_documents_have():
    both = Document.from_words(
        ["a", "b", "c"], tags={"upos": Tags(("X", "VERB", None)), "xpos": Tags(("2", "1", "1"))}
    )
    one = Document.from_words(["a"], tags={"upos": Tags(("NOUN",))})
    assert TagPairs.of([both, one, both], "upos", "xpos") == TagPairs(
        "upos", "xpos", (("VERB", "1"), ("X", "2"))
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("kind", "hmm"),
        ("kind", CRF),
        ("temperature", 0.0),
        ("temperature", math.inf),
        ("temperature", math.nan),
        ("threshold_offset", math.nan),
        ("threshold_offset", 1.0),
    ],
)
def test_numbers_of_a_head_that_do_not_fit_are_refused(option, value):
    with pytest.raises(OptionError, match=f"{option} of layer 'upos'"):
        HeadConfig(UPOS, **{option: value})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"label_smoothing": 1.5}, r"label_smoothing: "),
        ({"class_weights": (1.0, -1.0, 1.0)}, r"class_weights: "),
        ({"class_weights": (1.0, math.inf, 1.0)}, "class_weights: "),
    ],
)
def test_options_of_a_softmax_head_that_do_not_fit_are_refused(options, said):
    with pytest.raises(OptionError, match=said):
        Softmax(**options)


def test_a_head_of_spans_may_have_an_offset():
    head = HeadConfig(HEADS[1].tag_set, CRF(), threshold_offset=-1.5)
    assert head.kind == CRF()
    assert head_config(UPOS).kind == Softmax()
    assert head_config(HEADS[1].tag_set).kind == CRF()


def test_partners_allow_the_pairs_both_ways_round():
    heads = (HEADS[1], HeadConfig(UPOS), HeadConfig(TagSet("xpos", ("1", "2"))))
    found = partners_of(heads, TagPairs("upos", "xpos", (("NOUN", "1"), ("X", "2"), ("X", "1"))))
    assert found.keys() == {1, 2}
    assert (found[1].head, found[2].head) == (2, 1)
    for first, tag in enumerate(UPOS.tags):
        for second, other in enumerate(("1", "2")):
            goes = (tag, other) in {("NOUN", "1"), ("X", "2"), ("X", "1")}
            assert found[1].allowed[first][second] == found[2].allowed[second][first] == goes


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.tag_set.layer)
def test_only_softmax_heads_of_tags_can_be_paired(head):
    assert can_be_paired(head) == (head.tag_set.layer == "upos")
