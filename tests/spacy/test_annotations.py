"""What was found is written into Docs as the policies say, and private data has its colours."""

import random

import numpy as np
import pytest
import spacy
from spacy import displacy
from spacy.tokens import Doc, Span

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.document import Spans
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import CharacterSpan
from seqlabel.documents.spans import Span as LabelSpan
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.formats.docs import characters_of, spans_of
from seqlabel.spacy.annotations import (
    PII_COLOURS,
    Existing,
    Place,
    Target,
    check_place,
    default_places,
    tag_scores,
    write_entities,
    write_group,
    write_tags,
)
from seqlabel.spacy.doc_words import on_tokens, word_spans
from tests.spacy_models import random_tags

PII = TagSet("pii", ("PERSON", "IP"), Scheme.BIO)


def scored(*spans):
    """A layer of spans of `(start, end, label, score)`."""
    return Spans(tuple(LabelSpan(*span[:3]) for span in spans), tuple(span[3] for span in spans))


@pytest.mark.parametrize("policy", list(Existing))
def test_entities_obey_the_policy(policy):
    """Against the same done token by token with spaCy's own `set_ents`."""
    chance = random.Random(2)
    nlp = spacy.blank("en")
    for _ in range(40):
        docs = [Doc(nlp.vocab, words=["a"] * 10) for _ in range(2)]
        first, after = np.arange(10), np.arange(1, 11)
        before = on_tokens(word_spans(random_tags(chance, 10, PII), PII), first, after).spans[::2]
        new = on_tokens(word_spans(random_tags(chance, 10, PII), PII), first, after).spans
        for doc in docs:
            doc.set_ents([Span(doc, one.start, one.end, f"OLD_{one.label}") for one in before], default="missing")
        write_entities(docs[0], new, existing=policy)

        def meet(one, others):
            return any(one.start < other.end and other.start < one.end for other in others)

        old, added = before, new
        if policy is Existing.KEEP:
            added = [one for one in new if not meet(one, before)]
        elif policy is Existing.OVERRIDE:
            old = [one for one in before if not meet(one, new)]
        else:
            old = []
        kept = [Span(docs[1], one.start, one.end, f"OLD_{one.label}") for one in old]
        docs[1].set_ents([*kept, *(Span(docs[1], one.start, one.end, one.label) for one in added)])
        found, expected = ([(e.start, e.end, e.label_) for e in doc.ents] for doc in docs)
        assert found == expected
        assert docs[0].has_annotation("ENT_IOB", require_complete=True)


def tagged(doc, tags, scores, policy):
    found = FoundTags(np.array(tags), np.array(scores, dtype=np.float32))
    write_tags(doc, np.arange(len(tags)), found, ["NN", "VB"], target=Target.TAG, existing=policy)
    return [token.tag_ for token in doc], tag_scores(doc, Target.TAG).tolist()


def test_a_tag_that_stays_keeps_its_probability():
    doc = Doc(spacy.blank("en").vocab, words=["a", "b", "c"], tags=["", "XX", ""])
    first = ["NN", "XX", "VB"], pytest.approx([0.25, np.nan, 0.75], nan_ok=True)
    assert tagged(doc, [0, 0, 1], [0.25, 0.5, 0.75], Existing.KEEP) == first
    assert tagged(doc, [1, 1, 1], [0.5, 0.5, 0.5], Existing.KEEP) == first
    assert tagged(doc, [1, 1, 1], [0.5, 0.5, 0.5], Existing.CLEAR) == (["VB"] * 3, [0.5] * 3)


def test_probabilities_of_tokens_that_are_no_more_are_forgotten():
    doc = Doc(spacy.blank("en").vocab, words=["a", "b", "c"])
    tagged(doc, [0, 0, 1], [0.25, 0.5, 0.75], Existing.KEEP)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert tag_scores(doc, Target.TAG) is None
    assert tagged(doc, [1, 1], [0.5, 0.5], Existing.KEEP)[1] == pytest.approx([np.nan] * 2, nan_ok=True)


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
    found = [(s.start, s.end, s.label_, score) for s, score in zip(group, group.attrs["scores"], strict=True)]
    assert found == expected


@pytest.mark.parametrize("policy", [Existing.KEEP, Existing.OVERRIDE])
def test_a_group_stays_where_it_is_in_the_text_when_tokens_are_merged(policy):
    doc = Doc(spacy.blank("en").vocab, words=["New", "York", "a", "b", "c"])
    write_group(doc, "key", scored((0, 2, "X", 0.9), (2, 3, "Y", 0.8), (4, 5, "Z", 0.7)), existing=policy)
    doc.spans["key"].append(Span(doc, 4, 4))
    before = characters_of(doc.spans["key"])[:3]
    assert before == [CharacterSpan(0, 8, "X"), CharacterSpan(9, 10, "Y"), CharacterSpan(13, 14, "Z")]
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
    assert default_places("sound", TagSet("sound", ("A", "B"))) == [Place(Target.EXTENSION, "sound")]
    assert default_places("category", None) == [Place(Target.CATS)]
    for layer, target in (("feats", Target.MORPH), ("lemma", Target.LEMMA), ("sentence", Target.SENT_START)):
        assert default_places(layer, TagSet(layer, ("A", "B"))) == [Place(target)]


MORPHOLOGY = (
    (Target.MORPH, ("Number=Plur", "_"), lambda token: str(token.morph), ["Number=Plur", "", "Number=Plur", "", ""]),
    (Target.LEMMA, ("↓;d1", "→be"), lambda token: token.lemma_, ["cat", "be", "cat", "\n\n", "be"]),
    (Target.SENT_START, ("I", "B"), lambda token: token.is_sent_start, [True, True, False, False, True]),
)


def written(doc, target, labels, policy, scores=(0.5, 0.6, 0.7, 0.8)):
    found = FoundTags(np.array([0, 1, 0, 1]), np.array(scores, dtype=np.float32))
    write_tags(doc, np.array([0, 1, 2, 4]), found, labels, target=target, existing=policy)


def cats(**annotated):
    """Four words, with a blank line before the last one."""
    words = ["Cats", "are", "CATS", "\n\n", "is"]
    return Doc(spacy.blank("en").vocab, words=words, spaces=[True, True, False, False, False], **annotated)


@pytest.mark.parametrize(("target", "labels", "value", "expected"), MORPHOLOGY)
@pytest.mark.parametrize("policy", list(Existing))
def test_features_lemmas_and_sentences_are_written(target, labels, value, expected, policy):
    doc = cats()
    written(doc, target, labels, policy)
    assert [value(token) for token in doc] == expected
    assert doc.has_annotation({Target.LEMMA: "LEMMA", Target.MORPH: "MORPH"}.get(target, "SENT_START"))
    # spaCy itself says of every new Doc's first token that it begins a sentence.
    first = np.nan if target is Target.SENT_START and policy is Existing.KEEP else 0.5
    assert tag_scores(doc, target).tolist() == pytest.approx([first, 0.6, 0.7, np.nan, 0.8], nan_ok=True)


def test_a_blank_line_begins_a_sentence_and_so_does_the_first_token():
    doc = Doc(spacy.blank("en").vocab, words=["\n", "a", "b", "\n\n", "c"], spaces=[False, True, False, False, False])
    found = FoundTags(np.array([1, 1, 1]), np.ones(3, dtype=np.float32))
    write_tags(doc, np.array([1, 2, 4]), found, ["B", "I"], target=Target.SENT_START, existing=Existing.CLEAR)
    assert [sentence.text for sentence in doc.sents] == ["\na b\n\n", "c"]
    blank = Doc(spacy.blank("en").vocab, words=["\n"], spaces=[False])
    none = FoundTags(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
    for target in (Target.SENT_START, Target.LEMMA, Target.MORPH):
        for doc in (blank, Doc(blank.vocab)):
            write_tags(doc, np.zeros(0, dtype=np.int64), none, ["B", "I"], target=target, existing=Existing.KEEP)


@pytest.mark.parametrize(("target", "labels", "value", "expected"), MORPHOLOGY)
@pytest.mark.parametrize("policy", list(Existing))
def test_morphology_that_is_there_obeys_the_policy(target, labels, value, expected, policy):
    doc = cats(lemmas=["mine", "", "", "", ""], sent_starts=[True, False, None, None, None])
    doc[0].set_morph("Case=Nom")
    before = [value(token) for token in doc]
    written(doc, target, labels, policy)
    kept = 2 if target is Target.SENT_START else 1
    if policy is Existing.KEEP:
        assert [value(token) for token in doc] == [*before[:kept], *expected[kept:]]
        assert np.isnan(tag_scores(doc, target)[:kept]).all()
    else:
        assert [value(token) for token in doc] == expected


@pytest.mark.parametrize(
    ("target", "labels"),
    [(Target.MORPH, ("_", "Plural")), (Target.LEMMA, ("↓", "noun")), (Target.SENT_START, ("B", "I", "O"))],
)
def test_labels_that_an_attribute_cannot_have_are_refused(target, labels):
    with pytest.raises(OptionError, match=rf"layer 'mine' has the label '.+', and {target} takes"):
        check_place(Place(target), "mine", TagSet("mine", labels))


def test_displacy_colours_private_data():
    nlp = spacy.blank("en")
    for label, colour in PII_COLOURS.items():
        doc = nlp("a b c")
        doc.ents = [Span(doc, 1, 2, label)]
        assert colour in displacy.render(doc, style="ent", jupyter=False)
    assert len(set(PII_COLOURS.values())) > 3
