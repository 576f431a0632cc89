"""The objectives of the next word, read one way and both, and of tags, against sums over places in
plain Python.
"""

import math

import numpy as np
import pytest
import torch
from torch import nn

from seqlabel.batches.labeled import LabeledBatch
from seqlabel.batches.language import IGNORED, LanguageModelBatch
from seqlabel.batches.two_ways import TwoWayBatch, word_inputs
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import LanguageModelConfig
from seqlabel.nn.networks import TagHead, build_language_model, build_tagging_model
from seqlabel.nn.states import flatten_state
from seqlabel.text.hashing import WordHasher
from seqlabel.training.objectives import (
    FORGET_RATE,
    backward_only,
    both_ways,
    forward_only,
    gold_labels,
    next_word,
)

WORDS = 5


class Scores(nn.Module):
    """Gives learned logits, whatever it reads, and hands on the state plus one."""

    def __init__(self, rows, predicted):
        super().__init__()
        self.logits = nn.Parameter(
            torch.randn(rows, predicted, WORDS, generator=torch.Generator().manual_seed(0))
        )

    def forward(self, inputs, state):
        return self.logits, state + 1


def batch(rows=3, time=4, ignored=()):
    chance = torch.Generator().manual_seed(1)
    targets = torch.randint(WORDS, (rows, time), generator=chance)
    for place in ignored:
        targets[place] = IGNORED
    return LanguageModelBatch(inputs=torch.zeros(rows, time, dtype=torch.int64), targets=targets)


def slow_next_word(logits, targets):
    """Mean loss, number of predictions, number of right ones, over the last words that have
    logits.
    """
    losses, correct = [], 0
    for scores, row in zip(logits.tolist(), targets.tolist(), strict=True):
        for place, target in zip(scores, row[len(row) - len(scores) :], strict=True):
            if target != IGNORED:
                losses.append(math.log(sum(math.exp(score) for score in place)) - place[target])
                correct += place.index(max(place)) == target
    return sum(losses) / len(losses), len(losses), correct


@pytest.mark.parametrize("predicted", [4, 3, 1])
@pytest.mark.parametrize(
    "ignored", [[], [(0, 3), (1, 2), (2, 0)], [(0, slice(None))]], ids=["none", "some", "a row"]
)
def test_the_sum_over_places(predicted, ignored):
    model, one = Scores(3, predicted).eval(), batch(ignored=ignored)
    step = next_word(model, one, torch.tensor(6))
    loss, count, correct = slow_next_word(model.logits, one.targets)
    assert float(step.loss.detach()) == pytest.approx(loss, rel=1e-5)
    assert int(step.count) == count
    assert int(step.correct) == correct
    assert int(step.state) == 7


def test_nothing_is_counted_as_right_while_training():
    assert next_word(Scores(3, 4).train(), batch(), torch.tensor(0)).correct is None


def test_the_gradient_is_that_of_the_mean_and_none_where_ignored():
    model, one = Scores(3, 4), batch(ignored=[(0, 1), (2, 3)])
    next_word(model, one, torch.tensor(0)).loss.backward()
    wanted = one.targets != IGNORED
    expected = model.logits.detach().softmax(dim=-1)
    expected[wanted] -= nn.functional.one_hot(one.targets[wanted], WORDS)
    expected[~wanted] = 0
    torch.testing.assert_close(model.logits.grad, expected / 10)


def test_a_batch_without_a_target_costs_nothing():
    model, one = Scores(3, 4).eval(), batch(ignored=[(slice(None), slice(None))])
    step = next_word(model, one, torch.tensor(0))
    step.loss.backward()
    assert float(step.loss.detach()) == int(step.count) == int(step.correct) == 0
    assert not model.logits.grad.any()


TYPES = WordHasher(50)([f"word{number}" for number in range(12)])


class Sums(nn.Module):
    """Says that forward costs 3 nats a target and backward 5, and hands on the state plus one."""

    def __init__(self):
        super().__init__()
        self.prices = nn.Parameter(torch.tensor([3.0, 5.0]))

    def forward(self, words, targets, state):
        counts = torch.stack([(way >= 0).sum() for way in targets.chunk(2)])
        return self.prices * counts, state + 1


def two_way_batch(targets):
    targets = torch.tensor(targets)
    ids = np.zeros(targets.shape, dtype=np.int64)
    return TwoWayBatch(word_inputs(ids, TYPES, rows=9, unknown=0), targets)


NO = IGNORED
OUTCOMES = {
    "all": ([[1, 2], [3, 4], [5, 6], [7, 8]], (8, 4.0), (4, 3.0), (4, 5.0)),
    "forward fewer": (
        [[1, NO], [NO, NO], [5, 6], [7, NO]],
        (4, (3 + 3 * 5) / 4),
        (1, 3.0),
        (3, 5.0),
    ),
    "no backward": ([[1, 2], [3, NO], [NO, NO], [NO, NO]], (3, 3.0), (3, 3.0), (0, 0.0)),
    "no forward": ([[NO, NO], [NO, NO], [1, 1], [1, NO]], (3, 5.0), (0, 0.0), (3, 5.0)),
    "none": ([[NO, NO], [NO, NO], [NO, NO], [NO, NO]], (0, 0.0), (0, 0.0), (0, 0.0)),
}


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("train", [True, False])
def test_each_way_is_divided_by_its_own_number_of_targets(name, train):
    targets, *expected = OUTCOMES[name]
    for objective, (count, loss) in zip(
        (both_ways, forward_only, backward_only), expected, strict=True
    ):
        step = objective(Sums().train(train), two_way_batch(targets), torch.tensor(6))
        assert (int(step.count), float(step.loss.detach())) == (count, pytest.approx(loss))
        assert step.correct is None
        assert int(step.state) == 7


def test_the_gradient_of_one_way_leaves_the_other_alone():
    for objective, expected in (
        (both_ways, [1, 1]),
        (forward_only, [2, 0]),
        (backward_only, [0, 2]),
    ):
        model = Sums()
        objective(model, two_way_batch([[1, 2], [3, 4]]), torch.tensor(0)).loss.backward()
        assert (2 * model.prices.grad).tolist() == expected


class Watcher(nn.Module):
    """Two ways whose losses are nothing, which remembers the states it was given."""

    def __init__(self):
        super().__init__()
        self.prices, self.seen = nn.Parameter(torch.ones(2)), []

    def forward(self, words, targets, state):
        self.seen.append(state)
        return self.prices, state


def ways_state(rows, kind):
    """A state of ones for each of two ways: a stack of two layers, or two stacks of pairs as an
    LSTM has them.
    """
    ones = torch.ones(2, rows, 3)
    one_way = (ones,) if kind == "gru" else ((ones, ones.clone()), (ones.clone(), ones.clone()))
    return one_way, one_way


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_in_training_a_row_forgets_all_or_nothing_as_often_as_it_should(kind):
    torch.manual_seed(0)
    rows, model = 4000, Watcher().train()
    both_ways(model, two_way_batch(OUTCOMES["all"][0]), ways_state(rows, kind))
    (state,) = model.seen
    forgotten = []
    for way in state:
        tensors = flatten_state(way)[1]
        assert len(tensors) == {"gru": 1, "lstm": 4}[kind]
        assert set(tensors[0].unique().tolist()) == {0.0, 1.0}
        rows_kept = tensors[0][0, :, 0]
        for tensor in tensors:
            assert torch.equal(tensor, rows_kept[None, :, None].expand_as(tensor))
        share = 1 - float(rows_kept.mean())
        assert abs(share - FORGET_RATE) < 5 * (FORGET_RATE * (1 - FORGET_RATE) / rows) ** 0.5
        forgotten.append(rows_kept)
    assert not torch.equal(*forgotten), "the two ways forget by themselves"


def test_nothing_is_forgotten_in_evaluation_nor_of_what_is_not_there():
    model = Watcher().eval()
    state = ways_state(500, "gru")
    random_state = torch.get_rng_state()
    for objective in (both_ways, forward_only, backward_only):
        objective(model, two_way_batch(OUTCOMES["all"][0]), state)
    assert all(seen is state for seen in model.seen)
    for nothing in (None, (None, None)):
        both_ways(model.train(), two_way_batch(OUTCOMES["all"][0]), nothing)
        assert model.seen[-1] == nothing
    assert torch.equal(torch.get_rng_state(), random_state)


def tagging_model():
    """A softmax head of three tags and a CRF head of two, which may all follow each other."""
    torch.manual_seed(0)
    below = build_language_model(LanguageModelConfig(vocabulary=WORDS, embedding=4, hidden=4))
    model = build_tagging_model(
        below.encoder,
        [
            TagHead(Softmax(), TagSet("a", tuple("abc")), 8),
            TagHead(CRF(), TagSet("b", tuple("ab")), 8),
        ],
        hidden=4,
        dropout=0.0,
    )
    return model.eval()


TAGGED = {
    "both": ([[0, 1, 2], [2, NO, NO]], [[1, 0, 1], [0, NO, NO]]),
    "another row each": ([[0, 1, 2], [NO, NO, NO]], [[NO, NO, NO], [1, NO, NO]]),
    "one head": ([[0, NO, 2], [1, NO, NO]], [[NO, NO, NO], [NO, NO, NO]]),
    "none": ([[NO, NO, NO], [NO, NO, NO]], [[NO, NO, NO], [NO, NO, NO]]),
}


@pytest.mark.parametrize("name", TAGGED)
@pytest.mark.parametrize("train", [True, False])
def test_each_head_is_divided_by_its_own_number_of_tags(name, train):
    model = tagging_model().train(train)
    gold = tuple(torch.tensor(tags) for tags in TAGGED[name])
    ids, lengths = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1])
    step = gold_labels(model, LabeledBatch(ids, lengths, gold), None)
    hidden = model.hidden(ids, lengths)
    expected, count = 0.0, 0
    for head, tags in zip(model.heads, gold, strict=True):
        known = tags != MISSING
        expected += float(head.loss(hidden, tags, lengths).detach()) / max(int(known.sum()), 1)
        count += int(known.sum())
    assert float(step.loss.detach()) == pytest.approx(expected, rel=1e-5)
    assert int(step.count) == count
    # What is right on dev comes with the scores, from the one reading of `evaluate_labeler`.
    assert step.correct is None
    assert step.state is None
