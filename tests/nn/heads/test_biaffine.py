"""The head of trees: its loss word by word, sentences that do not see each other, decoding with and
without torch.
"""

import math

import numpy as np
import pytest
import torch
from torch import nn

from seqlabel.documents.document import Document, concatenate
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.trees import Trees, is_forest, unpack_arcs
from seqlabel.errors import OptionError
from seqlabel.native.compiled import Linear
from seqlabel.nn.heads import biaffine
from seqlabel.nn.heads.biaffine import Biaffine
from seqlabel.nn.heads.head import CompiledHead, Rows
from seqlabel.nn.network_configs import Decision
from seqlabel.nn.networks import TagHead

SET = RelationSet("tree", ("det", "nsubj", "root", "obj"))
KIND = Biaffine(arcs=5, relations=4)


@pytest.fixture
def head():
    torch.manual_seed(0)
    found = TagHead(KIND, SET, 6)
    for parameter in found.parameters():
        nn.init.normal_(parameter)
    return found.eval()


def document(heads, relations):
    words = ["w"] * len(heads)
    return Document.from_words(words, trees={"tree": Trees(heads, relations)}, sentences=(0,))


def naive_arc(head, states, word, other):
    """The score of a word's head, -1 for the root."""

    def vector(place, first):
        return nn.functional.leaky_relu(head.output(states[place])[first : first + KIND.arcs], 0.1)

    dependent = vector(word, 0)
    if other < 0:
        return dependent @ head.weights["root"] / math.sqrt(KIND.arcs)
    asked = dependent @ head.weights["arc"] / KIND.arcs + head.weights["prior"] / math.sqrt(
        KIND.arcs
    )
    return asked @ vector(other, KIND.arcs)


def naive_relation(head, states, word, other):
    start = 2 * KIND.arcs
    dependent = head.output(states[word])[start : start + KIND.relations]
    both = nn.functional.leaky_relu(
        dependent + head.output(states[other])[start + KIND.relations :], 0.1
    )
    return head.weights["relation"] @ both + head.weights["bias"]


def test_the_loss_is_the_sum_over_known_words_of_their_head_and_relation(head):
    sentences = [
        document((1, 1, 1), ("det", "root", None)),
        document((None, 2, 2, 1), (None, "nsubj", "root", "obj")),
    ]
    ids = SET.encode(concatenate(sentences, separator=" "))
    states = torch.randn(7, 6)
    expected = torch.tensor(0.0)
    for first, one in zip((0, 3), sentences, strict=True):
        tree = one.trees["tree"]
        for word, (chosen, relation) in enumerate(zip(tree.heads, tree.relations, strict=True)):
            if chosen is None:
                continue
            others = [-1, *(place for place in range(len(one)) if place != word)]
            scores = torch.stack([naive_arc(head, states[first:], word, other) for other in others])
            wanted = others.index(-1 if chosen == word else chosen)
            expected = expected - scores.log_softmax(0)[wanted].detach()
            if chosen != word and relation is not None:
                logits = naive_relation(head, states[first:], word, chosen)
                expected = expected - logits.log_softmax(0)[SET.relations.index(relation)].detach()
    # In a row with padding, beside another row.
    gold = torch.full((2, 9), -100)
    gold[0, :7] = torch.from_numpy(ids)
    padded = torch.randn(2, 9, 6)
    padded[0, :7] = states
    loss = head.loss(padded, gold, torch.tensor([7, 9])).detach()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)


def test_a_head_outside_of_the_row_gives_no_loss(head):
    ids = SET.encode(document((2, 2, 2), ("det", "nsubj", "root")))[:2]
    assert (
        head.loss(torch.randn(1, 2, 6), torch.from_numpy(ids)[None], torch.tensor([2])).item() == 0
    )


def test_trees_are_trees_and_do_not_depend_on_other_sentences(head):
    states = torch.randn(12, 6)
    lengths = [5, 1, 6]
    together = head.decode(states, Rows(lengths), Decision())
    arcs = unpack_arcs(together.tags, len(SET.relations))
    assert np.flatnonzero(arcs.begins).tolist() == [0, 5, 6]
    start = 0
    for length in lengths:
        alone = head.decode(states[start : start + length], Rows([length]), Decision())
        assert alone.tags.tolist() == together.tags[start : start + length].tolist()
        assert np.allclose(alone.scores, together.scores[start : start + length])
        heads = SET.decode(alone.tags.tolist(), alone.scores.tolist()).heads
        roots = [word for word, chosen in enumerate(heads) if chosen == word]
        assert len(roots) == 1
        assert is_forest(heads)
        relations = arcs.relations[start : start + length]
        assert [number == SET.relations.index("root") for number in relations] == [
            w in roots for w in range(length)
        ]
        start += length


def test_the_score_is_the_chance_of_the_head_and_of_the_relation(head):
    states = torch.randn(4, 6)
    temperature = 1.7
    found = head.decode(states, Rows([4]), Decision(temperature=temperature))
    tree = SET.decode(found.tags.tolist(), found.scores.tolist())
    for word, chosen in enumerate(tree.heads):
        others = [-1, *(place for place in range(4) if place != word)]
        scores = (
            torch.stack([naive_arc(head, states, word, other) for other in others]) / temperature
        )
        chance = scores.detach().softmax(0)[others.index(-1 if chosen == word else chosen)]
        if chosen != word:
            logits = naive_relation(head, states, word, chosen).detach() / temperature
            # Only a root has the relation of roots.
            logits[SET.relations.index("root")] = -1e4
            assert SET.relations[int(logits.argmax())] == tree.relations[word]
            chance = chance * logits.softmax(0).max()
        assert tree.scores[word] == pytest.approx(float(chance), rel=1e-3)
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(4))


def test_the_compiled_steps_find_the_same_trees(head):
    assert isinstance(KIND, CompiledHead)
    states = torch.randn(9, 6)
    weights = {name: weight.detach().numpy() for name, weight in head.weights.items()}
    layer = Linear.of(head.output.weight.detach().numpy(), head.output.bias.detach().numpy())
    tags, scores = KIND.best(states.numpy(), layer, Rows([4, 5]), Decision(), SET, weights)
    expected = head.decode(states, Rows([4, 5]), Decision())
    assert tags.tolist() == expected.tags.tolist()
    assert np.allclose(scores, expected.scores, rtol=1e-3)


def test_a_sentence_that_is_too_long_is_cut_into_trees(head, monkeypatch):
    monkeypatch.setattr(biaffine, "MOST_WORDS", 4)
    found = head.decode(torch.randn(9, 6), Rows([9]), Decision())
    assert np.flatnonzero(unpack_arcs(found.tags, len(SET.relations)).begins).tolist() == [0, 4, 8]


def test_widths_are_checked_and_there_is_no_export():
    with pytest.raises(OptionError, match="arcs"):
        Biaffine(arcs=0)
    with pytest.raises(OptionError, match="keep"):
        KIND.exported(SET, {})
