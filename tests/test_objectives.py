"""The objective of the next word against a sum over places in plain Python."""

import math

import pytest
import torch
from torch import nn

from seqlabel.objectives import next_word
from seqlabel.streams import IGNORED, LanguageModelBatch

WORDS = 5


class Scores(nn.Module):
    """Gives learned logits, whatever it reads, and hands on the state plus one."""

    def __init__(self, rows, predicted):
        super().__init__()
        self.logits = nn.Parameter(torch.randn(rows, predicted, WORDS, generator=torch.Generator().manual_seed(0)))

    def forward(self, inputs, state):
        return self.logits, state + 1


def batch(rows=3, time=4, ignored=()):
    chance = torch.Generator().manual_seed(1)
    targets = torch.randint(WORDS, (rows, time), generator=chance)
    for place in ignored:
        targets[place] = IGNORED
    return LanguageModelBatch(inputs=torch.zeros(rows, time, dtype=torch.int64), targets=targets)


def slow_next_word(logits, targets):
    """Mean loss, number of predictions, number of right ones, over the last words that have logits."""
    losses, correct = [], 0
    for scores, row in zip(logits.tolist(), targets.tolist(), strict=True):
        for place, target in zip(scores, row[len(row) - len(scores) :], strict=True):
            if target != IGNORED:
                losses.append(math.log(sum(math.exp(score) for score in place)) - place[target])
                correct += place.index(max(place)) == target
    return sum(losses) / len(losses), len(losses), correct


@pytest.mark.parametrize("predicted", [4, 3, 1])
@pytest.mark.parametrize("ignored", [[], [(0, 3), (1, 2), (2, 0)], [(0, slice(None))]], ids=["none", "some", "a row"])
def test_the_sum_over_places(predicted, ignored):
    model, one = Scores(3, predicted).eval(), batch(ignored=ignored)
    step = next_word(model, one, torch.tensor(6))
    loss, count, correct = slow_next_word(model.logits, one.targets)
    assert float(step.loss.detach()) == pytest.approx(loss, rel=1e-5)
    assert int(step.count) == count
    assert int(step.correct) == correct
    assert int(step.state) == 7


def test_right_answers_are_counted():
    model, one = Scores(3, 4).eval(), batch(ignored=[(1, 1)])
    with torch.no_grad():
        model.logits.zero_().scatter_(2, one.targets.clamp_min(0)[..., None], 9.0)
    assert int(next_word(model, one, torch.tensor(0)).correct) == 11


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
