"""Dropout that keeps one mask for all time steps of a row, pooling by pieces, and evaluation that
leaves no trace.
"""

import pytest
import torch
from torch import nn

from seqlabel.errors import OptionError
from seqlabel.nn.layers import StatePool, VariationalDropout, evaluating
from seqlabel.nn.network_configs import check_rate


def test_the_mask_is_the_same_at_every_step_and_differs_between_rows():
    dropped = VariationalDropout(0.5)(torch.ones(8, 5, 64))
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert not torch.equal(dropped[0], dropped[1])
    assert set(dropped.unique().tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_and_the_mean_are_kept(rate):
    dropped = VariationalDropout(rate)(torch.ones(100, 2, 400))
    places = 100 * 400
    deviation = (rate * (1 - rate) / places) ** 0.5
    assert abs(float((dropped == 0).float().mean()) - rate) < 5 * deviation
    assert abs(float(dropped.mean()) - 1) < 5 * deviation / (1 - rate)


def test_nothing_is_dropped_in_evaluation_or_at_rate_zero():
    values = torch.randn(2, 3, 4)
    assert torch.equal(VariationalDropout(0.9).eval()(values), values)
    assert torch.equal(VariationalDropout(0.0)(values), values)


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan")])
def test_a_rate_outside_is_refused(rate):
    with pytest.raises(OptionError, match="dropout: "):
        VariationalDropout(rate)
    with pytest.raises(OptionError, match="other: "):
        check_rate("other", rate)


LENGTHS = [7, 1, 4, 6]


def pool_of(states, sizes):
    pool = StatePool(torch.tensor(LENGTHS))
    for piece in states.split(sizes, dim=1):
        pool.add(piece)
    return pool.pooled()


def slow_pool(states):
    """Each row by itself: its last word's state, the largest of each number, and the mean."""
    rows = []
    for row, length in zip(states, LENGTHS, strict=True):
        words = row[:length]
        largest = torch.stack([max(column) for column in words.unbind(1)])
        rows.append(torch.cat([words[-1], largest, sum(words) / length]))
    return torch.stack(rows)


@pytest.mark.parametrize("sizes", [[7], [1] * 7, [4, 3], [2, 2, 3], [6, 1], [5, 4]], ids=str)
@pytest.mark.parametrize("padding", [0.0, 1e4, -1e4])
def test_states_are_pooled_row_by_row_however_they_are_cut(sizes, padding):
    # Below zero, so that padding of zeros would be the largest.
    states = torch.randn(4, sum(sizes), 5) - 3
    states[torch.arange(sum(sizes)) >= torch.tensor(LENGTHS)[:, None]] = padding
    found = pool_of(states, sizes)
    assert found.shape == (4, 15)
    torch.testing.assert_close(found, slow_pool(states))


def test_short_numbers_are_added_up_in_long_ones():
    states = torch.full((1, 3000, 1), 1.0, dtype=torch.bfloat16)
    pool = StatePool(torch.tensor([3000]))
    pool.add(states)
    assert pool.pooled().dtype == torch.float32
    assert pool.pooled().tolist() == [[1.0, 1.0, 1.0]]


def some_parts(modes):
    """Three parts in two wholes, in order: the whole, its first part, its inner whole, and that
    one's two parts.
    """
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(2)))
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    return model


def modes_of(model):
    return [module.training for module in model.modules()]


MODES = [
    [True] * 5,
    [False] * 5,
    [True, False, True, True, False],
    [False, True, False, True, True],
]


@pytest.mark.parametrize("modes", MODES)
def test_evaluating_puts_each_part_back_in_its_own_mode(modes):
    model = some_parts(modes)
    with evaluating(model):
        assert modes_of(model) == [False] * 5
    assert modes_of(model) == modes


@pytest.mark.parametrize("modes", MODES)
@pytest.mark.parametrize("failure", [KeyError, KeyboardInterrupt, GeneratorExit])
def test_evaluating_puts_them_back_after_an_error_too(modes, failure):
    model = some_parts(modes)
    with pytest.raises(failure), evaluating(model):
        raise failure
    assert modes_of(model) == modes


def test_evaluating_restores_a_part_that_two_wholes_share():
    shared = nn.Dropout(0.5).eval()
    model = nn.ModuleList([nn.Sequential(shared), nn.Sequential(shared)]).train()
    shared.eval()
    with evaluating(model):
        pass
    assert not shared.training
    assert model.training
