"""spaCy's keys are spaCy's own numbers, and calibration is that of what was predicted, counted word by word."""

import random

import numpy as np
import pytest
import spacy
from spacy.scorer import Scorer
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from seqlabel.scores.calibration import reliability
from seqlabel.spacy.annotations import Place, Target, tag_scores_key
from seqlabel.spacy.scorers import score_entities, score_groups, score_labels, score_places, score_token_tags

LABELS = ["A", "B"]


def random_doc(vocab, words, chance):
    doc = Doc(vocab, words=words, tags=[chance.choice(LABELS) for _ in words])
    starts = sorted(chance.sample(range(len(words)), 3))
    doc.ents = [Span(doc, start, start + 1, chance.choice(LABELS)) for start in starts]
    doc.spans["key"] = SpanGroup(
        doc, name="key", spans=list(doc.ents), attrs={"scores": [chance.random() for _ in starts]}
    )
    doc.user_data[tag_scores_key(Target.TAG)] = np.array([chance.random() for _ in words], dtype=np.float32)
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
        other.spans["key"] = SpanGroup(
            other, name="key", spans=list(other.ents), attrs=dict(predicted.spans["key"].attrs)
        )
        other.user_data.update(predicted.user_data)
        other.cats = predicted.cats
        made.append(Example(other, random_doc(vocab, words, chance)))
    return made


def test_tags(examples):
    found = score_token_tags(examples, Target.TAG)
    assert found["tag_acc"] == Scorer.score_token_attr(examples, "tag")["tag_acc"]
    sure, right = [], []
    for example in examples:
        for token, score in zip(example.predicted, example.predicted.user_data["seqlabel", "tag_"], strict=True):
            # Half a word is told the tag of the word that it is in.
            (wanted,) = [one for one in example.reference if one.idx <= token.idx < one.idx + len(one)]
            sure.append(score)
            right.append(wanted.tag_ == token.tag_)
    assert found["tag_calibration_error"] == pytest.approx(reliability(sure, right).error)


@pytest.mark.parametrize("name", ["ents", "spans_key"])
def test_spans(examples, name):
    found = score_entities(examples, key="key") if name == "ents" else score_groups(examples, "key")
    gold = [{(e.start_char, e.end_char, e.label_) for e in example.reference.ents} for example in examples]
    predicted = [[(e.start_char, e.end_char, e.label_) for e in example.predicted.ents] for example in examples]
    right = [one in wanted for wanted, spans in zip(gold, predicted, strict=True) for one in spans]
    sure = [score for example in examples for score in example.predicted.spans["key"].attrs["scores"]]
    expected = Scorer.score_spans(examples, "ents")
    assert [found[f"{name}_{key}"] for key in "prf"] == [expected[f"ents_{key}"] for key in "prf"]
    assert found[f"{name}_calibration_error"] == pytest.approx(reliability(sure, right).error)


def test_categories(examples):
    found = score_labels(examples, LABELS)
    expected = Scorer.score_cats(examples, "cats", labels=LABELS, multi_label=False)
    assert {key: found[key] for key in expected} == expected
    best = [(example.predicted.cats, example.reference.cats) for example in examples]
    sure = [max(found.values()) for found, _ in best]
    right = [max(found, key=found.get) == max(gold, key=gold.get) for found, gold in best]
    assert found["cats_calibration_error"] == pytest.approx(reliability(sure, right).error)


def test_without_probabilities_or_gold_there_is_no_calibration():
    vocab = spacy.blank("en").vocab
    bare = [Example(Doc(vocab, words=["a"]), Doc(vocab, words=["a"]))]
    assert score_token_tags(bare, Target.TAG)["tag_calibration_error"] is None
    assert score_entities(bare, key="key")["ents_calibration_error"] is None
    assert score_labels(bare, LABELS)["cats_calibration_error"] is None


def with_cats(gold, predicted):
    vocab = spacy.blank("en").vocab
    example = Example(Doc(vocab, words=["a"]), Doc(vocab, words=["a"]))
    example.reference.cats, example.predicted.cats = gold, predicted
    return example


def test_docs_without_a_category_that_is_right_are_left_out():
    known = [with_cats({"A": 1.0, "B": 0.0}, {"A": 0.9, "B": 0.1}), with_cats({"B": 1.0}, {"A": 0.6, "B": 0.4})]
    unknown = [with_cats(gold, {"A": 0.8, "B": 0.2}) for gold in ({}, {"A": 0.0}, {"A": 0.0, "B": 0.0})]
    assert score_labels([*known, *unknown], LABELS) == score_labels(known, LABELS)
    assert score_labels(unknown, LABELS)["cats_calibration_error"] is None


def test_probabilities_of_tokens_that_were_merged_are_left_out(examples):
    merged = Doc(spacy.blank("en").vocab, words=["New", "York"], tags=["A", "A"])
    merged.user_data[tag_scores_key(Target.TAG)] = np.array([0.5, 0.5], dtype=np.float32)
    reference = merged.copy()
    with merged.retokenize() as retokenizer:
        retokenizer.merge(merged[0:2])
    found = score_token_tags([*examples, Example(merged, reference)], Target.TAG)
    assert found["tag_calibration_error"] == score_token_tags(examples, Target.TAG)["tag_calibration_error"]


def test_entities_have_the_probabilities_of_their_layers_group(examples):
    places = {"ner": [Place(Target.ENTS), Place(Target.SPANS, "key")], "other": [Place(Target.SPANS, "none")]}
    found = score_places(examples, places, labels=LABELS)
    assert found["ents_calibration_error"] == score_entities(examples, key="key")["ents_calibration_error"]
    assert "ents_calibration_error" not in score_places(
        examples, {**places, "ner": [Place(Target.ENTS)]}, labels=LABELS
    )


def test_features_lemmas_and_sentences_are_scored():
    vocab = spacy.blank("en").vocab
    words = ["a", "b", "c", "d"]
    gold = Doc(
        vocab, words=words, morphs=["A=B", "", "A=B", "C=D"], lemmas=words, sent_starts=[True, False, True, False]
    )
    found = Doc(vocab, words=words, morphs=["A=B", "", "", "C=D"], lemmas=["a", "b", "x", "y"], sent_starts=[True] * 4)
    for target in (Target.MORPH, Target.LEMMA):
        found.user_data[tag_scores_key(target)] = np.array([0.9, 0.9, 0.1, 0.1], dtype=np.float32)
    places = {target: [Place(target)] for target in (Target.MORPH, Target.LEMMA, Target.SENT_START)}
    scores = score_places([Example(found, gold)], places, labels=())
    assert (scores["morph_acc"], scores["lemma_acc"], scores["sents_r"]) == (0.75, 0.5, 0.0)
    assert scores["lemma_calibration_error"] == pytest.approx(0.1)
    assert scores["morph_calibration_error"] == pytest.approx(0.25)
