"""spaCy's keys are spaCy's own numbers, of the places that are written."""

import random

import pytest
import spacy
from spacy.scorer import Scorer
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from seqlabel.spacy.annotations import Place, Target
from seqlabel.spacy.scorers import score_places

LABELS = ["A", "B"]


def random_doc(vocab, words, chance):
    doc = Doc(vocab, words=words, tags=[chance.choice(LABELS) for _ in words])
    starts = sorted(chance.sample(range(len(words)), 3))
    doc.ents = [Span(doc, start, start + 1, chance.choice(LABELS)) for start in starts]
    doc.spans["key"] = SpanGroup(doc, name="key", spans=list(doc.ents))
    score = chance.random()
    doc.cats = {"A": score, "B": 1 - score}
    return doc


@pytest.fixture(scope="module")
def examples():
    """Predictions with other words than the gold ones: some words are cut in two."""
    chance, vocab, made = random.Random(0), spacy.blank("en").vocab, []
    for _ in range(30):
        words = [chance.choice(["ab", "cd"]) for _ in range(9)]
        cut = [piece for word in words for piece in ([*word] if chance.random() < 0.2 else [word])]
        spaces = [piece in words or piece in ("b", "d") for piece in cut]
        predicted = random_doc(vocab, cut, chance)
        other = Doc(vocab, words=cut, spaces=spaces, tags=[token.tag_ for token in predicted])
        other.ents = [Span(other, e.start, e.end, e.label_) for e in predicted.ents]
        other.spans["key"] = SpanGroup(other, name="key", spans=list(other.ents))
        other.cats = predicted.cats
        made.append(Example(other, random_doc(vocab, words, chance)))
    return made


def test_each_place_has_spacys_own_scores(examples):
    places = [Place(Target.TAG), Place(Target.ENTS), Place(Target.SPANS, "key"), Place(Target.CATS)]
    found = score_places(examples, [*places, Place(Target.SPANS, "none")], labels=LABELS)
    spans = Scorer.score_spans(examples, "ents")
    assert found == {
        **Scorer.score_token_attr(examples, "tag"),
        **spans,
        **{key.replace("ents", "spans_key"): value for key, value in spans.items()},
        **Scorer.score_cats(examples, "cats", labels=LABELS, multi_label=False),
    }


def with_cats(gold, predicted):
    vocab = spacy.blank("en").vocab
    example = Example(Doc(vocab, words=["a"]), Doc(vocab, words=["a"]))
    example.reference.cats, example.predicted.cats = gold, predicted
    return example


def test_docs_without_a_category_that_is_right_are_left_out():
    def score(examples):
        return score_places(examples, [Place(Target.CATS)], labels=LABELS)

    known = [
        with_cats({"A": 1.0, "B": 0.0}, {"A": 0.9, "B": 0.1}),
        with_cats({"B": 1.0}, {"A": 0.6, "B": 0.4}),
    ]
    unknown = [
        with_cats(gold, {"A": 0.8, "B": 0.2}) for gold in ({}, {"A": 0.0}, {"A": 0.0, "B": 0.0})
    ]
    assert score([*known, *unknown]) == score(known)
    assert score(unknown) == {}


def test_features_lemmas_and_sentences_are_scored():
    vocab = spacy.blank("en").vocab
    words = ["a", "b", "c", "d"]
    gold = Doc(
        vocab,
        words=words,
        morphs=["A=B", "", "A=B", "C=D"],
        lemmas=words,
        sent_starts=[True, False, True, False],
    )
    found = Doc(
        vocab,
        words=words,
        morphs=["A=B", "", "", "C=D"],
        lemmas=["a", "b", "x", "y"],
        sent_starts=[True] * 4,
    )
    places = [Place(target) for target in (Target.MORPH, Target.LEMMA, Target.SENT_START)]
    scores = score_places([Example(found, gold)], places, labels=())
    assert (scores["morph_acc"], scores["lemma_acc"], scores["sents_r"]) == (0.75, 0.5, 0.0)
