"""What was found is written into Docs as the policies say, and private data has its colours."""

import pytest
import spacy
from spacy import displacy
from spacy.tokens import Doc, Span

from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Spans
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import CharacterSpan
from seqlabel.documents.spans import Span as LabelSpan
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.formats.docs import characters_of, spans_of
from seqlabel.spacy.annotations import (
    PII_COLORS,
    Existing,
    Place,
    Target,
    check_place,
    default_places,
    write_group,
)

PII = TagSet("pii", ("PERSON", "IP"), Scheme.BIO)


def scored(*spans):
    """A layer of spans of `(start, end, label, score)`."""
    return Spans(tuple(LabelSpan(*span[:3]) for span in spans), tuple(span[3] for span in spans))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Existing.KEEP, [(0, 2, "OLD", 0.9), (1, 3, "NEW", 0.5), (4, 5, "OLD", 0.8)]),
        (Existing.OVERRIDE, [(1, 3, "NEW", 0.5), (4, 5, "OLD", 0.8)]),
        (Existing.CLEAR, [(1, 3, "NEW", 0.5)]),
    ],
)
def test_spans_that_stay_in_a_group_keep_their_probabilities(policy, expected):
    doc = Doc(spacy.blank("en").vocab, words=["a"] * 6)
    write_group(doc, "key", scored((0, 2, "OLD", 0.9), (4, 5, "OLD", 0.8)), existing=policy)
    write_group(doc, "key", scored((1, 3, "NEW", 0.5)), existing=policy)
    group = doc.spans["key"]
    found = [
        (s.start, s.end, s.label_, score)
        for s, score in zip(group, group.attrs["scores"], strict=True)
    ]
    assert found == expected


@pytest.mark.parametrize("policy", [Existing.KEEP, Existing.OVERRIDE])
def test_a_group_stays_where_it_is_in_the_text_when_tokens_are_merged(policy):
    doc = Doc(spacy.blank("en").vocab, words=["New", "York", "a", "b", "c"])
    write_group(
        doc, "key", scored((0, 2, "X", 0.9), (2, 3, "Y", 0.8), (4, 5, "Z", 0.7)), existing=policy
    )
    doc.spans["key"].append(Span(doc, 4, 4))
    before = characters_of(doc.spans["key"])[:3]
    assert before == [
        CharacterSpan(0, 8, "X"),
        CharacterSpan(9, 10, "Y"),
        CharacterSpan(13, 14, "Z"),
    ]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert characters_of(doc.spans["key"])[:3] == before
    assert [(s.start, s.end, s.text, s.label_) for s in spans_of(doc.spans["key"])] == [
        (0, 1, "New York", "X"),
        (1, 2, "a", "Y"),
        (3, 4, "c", "Z"),
    ]
    write_group(doc, "key", scored((2, 3, "NEW", 0.6)), existing=policy)
    assert [s.text for s in doc.spans["key"]] == ["New York", "a", "b", "c"]


def test_where_layers_go_by_default():
    assert default_places("pii", PII) == [Place(Target.ENTS), Place(Target.SPANS, "pii")]
    ner = TagSet("ner", ("A",), Scheme.BIOES)
    assert default_places("ner", ner) == [Place(Target.ENTS), Place(Target.SPANS, "seqlabel_ner")]
    assert default_places("chunks", ner) == [Place(Target.SPANS, "chunks")]
    assert default_places("upos", TagSet("upos", ("A", "B"))) == [Place(Target.POS)]
    assert default_places("xpos", TagSet("xpos", ("A", "B"))) == [Place(Target.TAG)]
    assert default_places("sound", TagSet("sound", ("A", "B"))) == [
        Place(Target.EXTENSION, "sound")
    ]
    assert default_places("category", Categories("category", ("a", "b"))) == [Place(Target.CATS)]
    for layer, target in (
        ("feats", Target.MORPH),
        ("lemma", Target.LEMMA),
        ("sentence", Target.SENT_START),
    ):
        assert default_places(layer, TagSet(layer, ("A", "B"))) == [Place(target)]


@pytest.mark.parametrize(
    ("target", "labels"),
    [
        (Target.MORPH, ("_", "Plural")),
        (Target.LEMMA, ("↓", "noun")),
        (Target.SENT_START, ("B", "I", "O")),
    ],
)
def test_labels_that_an_attribute_cannot_have_are_refused(target, labels):
    with pytest.raises(OptionError, match=rf"layer 'mine' has the label '.+', and {target} takes"):
        check_place(Place(target), "mine", TagSet("mine", labels))


def test_displacy_colours_private_data():
    nlp = spacy.blank("en")
    for label, color in PII_COLORS.items():
        doc = nlp("a b c")
        doc.ents = [Span(doc, 1, 2, label)]
        assert color in displacy.render(doc, style="ent", jupyter=False)
    assert len(set(PII_COLORS.values())) > 3
