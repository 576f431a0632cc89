"""Tags of two layers that go together, against every pair of tags tried with every word."""

import dataclasses
import math

import torch

from tests.models.labelers import LABELS, PAIRED, TOGETHER, build, some_documents


def likeliest_pairs(labeler, document, pairs):
    """By trying every pair with every word: the pairs, and the probability of each tag by itself."""
    words, lengths = labeler.words([document.words]), torch.tensor([len(document)])
    states = labeler.module.hidden(words, lengths)[0]
    chances = [
        (labeler.module.heads[number].output(states) / head.temperature).softmax(-1).tolist()
        for number, head in enumerate(labeler.config.heads)
    ][1:]
    for rows in zip(*chances, strict=True):
        odds = {(one, two): (rows[0][LABELS.index(one)], rows[1][("1", "2").index(two)]) for one, two in pairs}
        pair = max(odds, key=lambda pair: math.prod(odds[pair]))
        yield pair, odds[pair]


@torch.no_grad()
def test_two_layers_get_the_likeliest_pair_that_goes_together():
    labeler, changed = build(PAIRED), 0
    alone = build(dataclasses.replace(PAIRED, together=None))
    for document in some_documents():
        (found,), (apart,) = labeler([document]), alone([document])
        assert found.spans == apart.spans
        pairs = list(zip(found.tags["upos"].labels, found.tags["xpos"].labels, strict=True))
        scores = list(zip(found.tags["upos"].scores, found.tags["xpos"].scores, strict=True))
        changed += pairs != list(zip(apart.tags["upos"].labels, apart.tags["xpos"].labels, strict=True))
        if len(document):
            expected = list(likeliest_pairs(labeler, document, TOGETHER.pairs))
            assert pairs == [pair for pair, _ in expected]
            torch.testing.assert_close(torch.tensor(scores), torch.tensor([odds for _, odds in expected]))
    assert changed > 10


def test_a_layer_asked_alone_and_a_row_without_an_end_give_the_same_pairs():
    labeler = build(PAIRED)
    documents = [document for document in some_documents() if len(document)]
    texts = [document.words for document in documents]
    every = labeler.inference.tags(texts, labeler.decisions)
    for number in (1, 2):
        (alone,) = labeler.inference.tags(texts, labeler.decisions, heads=[number])
        assert all((one.ids == other.ids).all() for one, other in zip(every[number], alone, strict=True))
    for number, words in enumerate(texts):
        row = labeler.inference.open_row()
        row.read(words)
        found = row.tags(len(words), labeler.decisions, is_last=True)
        assert all((one.ids == layer[number].ids).all() for one, layer in zip(found, every, strict=True))
