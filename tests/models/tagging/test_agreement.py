"""Tags of two layers that go together, against every pair of tags tried with every word."""

import dataclasses
import math
import random

import pytest
import torch

from seqlabel.documents.document import Document
from seqlabel.documents.edit_scripts import apply_script
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.model_configs import HeadConfig, TagPairs
from seqlabel.nn.network_configs import Decision
from tests.labelers import LABELS, PAIRED, TOGETHER, mixed_labeler, some_documents


def most_likely_pairs(labeler, document, pairs):
    """By trying every pair with every word: the pairs, and the probability of each tag by
    itself.
    """
    words, lengths = labeler.words([document.words]), torch.tensor([len(document)])
    states = labeler.module.hidden(words, lengths)[0]
    chances = [
        (labeler.module.heads[number].output(states) / head.temperature).softmax(-1).tolist()
        for number, head in enumerate(labeler.config.heads)
    ][1:]
    for rows in zip(*chances, strict=True):
        odds = {
            (one, two): (rows[0][LABELS.index(one)], rows[1][("1", "2").index(two)])
            for one, two in pairs
        }
        pair = max(odds, key=lambda pair: math.prod(odds[pair]))
        yield pair, odds[pair]


@torch.no_grad()
def test_two_layers_get_the_most_likely_pair_that_goes_together():
    labeler, changed = mixed_labeler(PAIRED), 0
    alone = mixed_labeler(dataclasses.replace(PAIRED, together=None))
    for document in some_documents():
        (found,), (apart,) = labeler([document]), alone([document])
        assert found.spans == apart.spans
        pairs = list(zip(found.tags["upos"].labels, found.tags["xpos"].labels, strict=True))
        scores = list(zip(found.tags["upos"].scores, found.tags["xpos"].scores, strict=True))
        changed += pairs != list(
            zip(apart.tags["upos"].labels, apart.tags["xpos"].labels, strict=True)
        )
        if len(document):
            expected = list(most_likely_pairs(labeler, document, TOGETHER.pairs))
            assert pairs == [pair for pair, _ in expected]
            torch.testing.assert_close(
                torch.tensor(scores), torch.tensor([odds for _, odds in expected])
            )
    assert changed > 10


def test_a_layer_asked_alone_and_a_row_without_an_end_give_the_same_pairs():
    labeler = mixed_labeler(PAIRED)
    documents = [document for document in some_documents() if len(document)]
    texts = [document.words for document in documents]
    every = labeler.inference.tags(texts, labeler.decisions)
    for number in (1, 2):
        (alone,) = labeler.inference.tags(texts, labeler.decisions, heads=[number])
        assert all(
            (one.ids == other.ids).all() for one, other in zip(every[number], alone, strict=True)
        )
    for number, words in enumerate(texts):
        row = labeler.inference.open_row()
        row.read(words)
        found = row.tags(len(words), labeler.decisions, is_last=True)
        assert all(
            (one.ids == layer[number].ids).all() for one, layer in zip(found, every, strict=True)
        )


SCRIPTS = ("↓", "↓;d1", "↓;d2", "=;d1", "→the")


@torch.no_grad()
def naive_scripts(labeler, document, known):
    """Of the scripts at most five nats less likely than the best, the most likely whose lemma
    is known, word by word.
    """
    states = labeler.module.hidden(labeler.words([document.words]), torch.tensor([len(document)]))[
        0
    ]
    rows = (
        (labeler.module.heads[0].output(states) / labeler.config.heads[0].temperature)
        .log_softmax(-1)
        .tolist()
    )
    for word, row in zip(document.words, rows, strict=True):
        best = max(range(len(SCRIPTS)), key=row.__getitem__)
        lemmas = [apply_script(word, script) for script in SCRIPTS]
        others = [
            number
            for number in (1, 2, 3)
            if row[best] - row[number] < 5 and lemmas[number] in known
        ]
        if best in (1, 2, 3) and word.isalpha() and lemmas[best] not in known and others:
            best = max(others, key=row.__getitem__)
        yield SCRIPTS[best], math.exp(row[best])


def test_scripts_whose_lemma_is_known_are_preferred_if_likely_enough():
    head = HeadConfig(TagSet("lemma", SCRIPTS), temperature=3.0)
    labeler = mixed_labeler(dataclasses.replace(PAIRED, heads=(head,), together=None))
    known = set(labeler.vocabulary)
    words = ["thes", "cats", "sat", "mated", "Onx", "B2B", "oslo", "saty"]
    chance, changed = random.Random(4), 0
    documents = [
        Document.from_words(chance.choices(words, k=chance.randint(1, 9))) for _ in range(40)
    ]
    plain = labeler.inference.tags([one.words for one in documents], [Decision(temperature=3.0)])[0]
    for document, found, before in zip(documents, labeler(documents), plain, strict=True):
        scripts, scores = zip(*naive_scripts(labeler, document, known), strict=True)
        assert found.tags["lemma"].labels == scripts
        torch.testing.assert_close(torch.tensor(found.tags["lemma"].scores), torch.tensor(scores))
        changed += [SCRIPTS[number] for number in before.ids] != list(scripts)
        row = labeler.inference.open_row()
        row.read(document.words)
        (opened,) = row.tags(len(document), labeler.decisions, is_last=True)
        assert [SCRIPTS[number] for number in opened.ids] == list(scripts)
    assert changed > 5


def test_lemmas_that_are_no_scripts_are_left_alone():
    heads = (HeadConfig(TagSet("lemma", ("go", "be"))),)
    labeler = mixed_labeler(dataclasses.replace(PAIRED, heads=heads, together=None))
    assert labeler.decisions == [Decision()]
    assert [set(one.tags["lemma"].labels) <= {"go", "be"} for one in labeler(some_documents(3))]


FEATS = HeadConfig(TagSet("feats", ("_", "a", "b")), temperature=1.7)
FOLLOWING = (TagPairs("upos", "feats", (("NOUN", "_"), ("NOUN", "a"), ("VERB", "b"), ("X", "_"))),)


@torch.no_grad()
def test_a_layer_follows_the_tags_of_another_that_stay_as_they_are():
    config = dataclasses.replace(PAIRED, heads=(*PAIRED.heads, FEATS))
    labeler, alone, changed = (
        mixed_labeler(dataclasses.replace(config, following=FOLLOWING)),
        mixed_labeler(config),
        0,
    )
    allowed = set(FOLLOWING[0].pairs)
    documents = [document for document in some_documents() if len(document)]
    only = list(labeler(documents, layers=["feats"]))
    for document, one in zip(documents, only, strict=True):
        (found,), (apart,) = labeler([document]), alone([document])
        assert [found.tags[name] for name in ("upos", "xpos")] == [
            apart.tags[name] for name in ("upos", "xpos")
        ]
        assert one.tags["feats"].labels == found.tags["feats"].labels
        states = labeler.module.hidden(
            labeler.words([document.words]), torch.tensor([len(document)])
        )[0]
        chances = (labeler.module.heads[3].output(states) / FEATS.temperature).softmax(-1).tolist()
        for upos, row, feats, score in zip(
            found.tags["upos"].labels,
            chances,
            found.tags["feats"].labels,
            found.tags["feats"].scores,
            strict=True,
        ):
            odds = {
                tag: row[number]
                for number, tag in enumerate(FEATS.tag_set.tags)
                if (upos, tag) in allowed
            }
            assert feats == max(odds, key=odds.__getitem__)
            assert score == pytest.approx(odds[feats], abs=1e-5)
        changed += found.tags["feats"] != apart.tags["feats"]
        row = labeler.inference.open_row()
        row.read(document.words)
        opened = row.tags(len(document), labeler.decisions, is_last=True)[3]
        assert (
            tuple(FEATS.tag_set.tags[number] for number in opened.ids) == found.tags["feats"].labels
        )
    assert changed > 10


def test_a_tag_that_leads_and_goes_with_none_leaves_every_tag():
    pairs = (TagPairs("upos", "feats", (("NOUN", "a"),)),)
    config = dataclasses.replace(PAIRED, heads=(*PAIRED.heads, FEATS))
    labeler = mixed_labeler(dataclasses.replace(config, following=pairs))
    alone = mixed_labeler(config)
    for found, apart in zip(labeler(some_documents()), alone(some_documents()), strict=True):
        for upos, feats, before in zip(
            *(
                one.tags[name].labels
                for one, name in ((found, "upos"), (found, "feats"), (apart, "feats"))
            ),
            strict=True,
        ):
            assert feats == ("a" if upos == "NOUN" else before)
