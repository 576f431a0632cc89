"""Steps on tables with gradients of few rows, beside AdamW with whole gradients."""

import copy

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from seqlabel.nn.embedders import HashedEmbedder, WordInputs
from seqlabel.training import tables
from seqlabel.training.tables import (
    clip_gradients,
    gradients_of_rows,
    load_optimizer,
    optimizer_tensors,
    step_tables,
)

WORDS, BUCKETS, WIDTH = 11, 23, 4


def inputs(seed):
    """Six words of a batch, of which two have the same row and some the same features."""
    draw = torch.Generator().manual_seed(seed)
    features = torch.randint(BUCKETS, (18,), generator=draw)
    words = torch.randint(WORDS, (6,), generator=draw)
    words[5] = words[0]
    return WordInputs(
        features, torch.arange(0, 18, 3), words, torch.randint(6, (2, 5), generator=draw)
    )


def model():
    torch.manual_seed(0)
    return nn.Sequential(HashedEmbedder(WORDS, BUCKETS, WIDTH), nn.Linear(WIDTH, 1))


def optimizer_of(network):
    groups = [
        {"params": list(network[0].parameters())},
        {"params": list(network[1].parameters()), "lr": 0.1},
    ]
    return AdamW(groups, lr=0.03, betas=(0.8, 0.95), weight_decay=0.1, fused=True)


def two_trainings():
    """A network and an optimizer of its own, twice the same."""
    network = model()
    other = copy.deepcopy(network)
    return network, optimizer_of(network), other, optimizer_of(other)


def stored_and_loaded(optimizer, network):
    """An optimizer of a network that went through a file."""
    stored = optimizer.state_dict()
    tensors = {name: one.clone() for name, one in optimizer_tensors(stored["state"]).items()}
    loaded = optimizer_of(network)
    load_optimizer(loaded, tensors, stored["param_groups"])
    return loaded


def step_by_rows(network, optimizer, seed, most=None):
    with gradients_of_rows(network):
        loss = network(inputs(seed)).square().sum()
    loss.backward()
    assert network[0].table.weight.grad.is_sparse
    clip_gradients(network, most)
    step_tables(optimizer)
    optimizer.step()
    optimizer.zero_grad()


def step_whole(network, optimizer, seed, most=None):
    network(inputs(seed)).square().sum().backward()
    if most is not None:
        nn.utils.clip_grad_norm_(network.parameters(), most)
    clip_gradients(network, None)
    step_tables(optimizer)
    optimizer.step()
    optimizer.zero_grad()


def whole_state(optimizer):
    """The state of each parameter, with the moments of all rows of tables."""
    state = optimizer.state_dict()["state"]
    for values in state.values():
        if "row_moments" in values:
            values["exp_avg"], values["exp_avg_sq"] = values.pop("row_moments").dense()
    return state


def assert_same(network, optimizer, other, expected):
    """Compare weights and the whole state of two optimizers, one of which went through a file."""
    loaded = stored_and_loaded(optimizer, copy.deepcopy(network))
    state, wanted_state = whole_state(loaded), whole_state(expected)
    assert state.keys() == wanted_state.keys()
    for number, values in wanted_state.items():
        assert state[number].keys() == values.keys()
        for name, value in values.items():
            torch.testing.assert_close(state[number][name], value)
    for found, wanted in zip(network.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("most", [None, 0.01])
@pytest.mark.parametrize("rows", [3, 4, 64])
def test_steps_are_those_of_whole_gradients(monkeypatch, rows, most):
    monkeypatch.setattr(tables, "_ROWS", rows)
    network, optimizer, other, expected = two_trainings()
    for seed in range(4):
        step_by_rows(network, optimizer, seed, most)
        step_whole(other, expected, seed, most)
    assert_same(network, optimizer, other, expected)


@pytest.mark.parametrize("rows", [3, 64])
def test_steps_go_on_after_other_steps_and_after_a_file(monkeypatch, rows):
    monkeypatch.setattr(tables, "_ROWS", rows)
    network, optimizer, other, expected = two_trainings()
    for seed in range(2):
        step_by_rows(network, optimizer, seed)
        step_whole(other, expected, seed)
    optimizer = stored_and_loaded(optimizer, network)
    for seed in range(2, 6):
        step = step_whole if seed == 4 else step_by_rows
        step(network, optimizer, seed)
        step_whole(other, expected, seed)
    assert_same(network, optimizer, other, expected)


def test_a_training_continued_from_a_file_ends_with_the_same_bits(monkeypatch):
    monkeypatch.setattr(tables, "_ROWS", 4)
    network = model()
    optimizer = optimizer_of(network)
    step_by_rows(network, optimizer, 0)
    moments = next(
        values["row_moments"] for values in optimizer.state.values() if "row_moments" in values
    )
    # A row whose gradients were all 0 keeps its place.
    for _, mean, square in moments.parts():
        mean[0], square[0] = 0, 0
        break
    continued = copy.deepcopy(network)
    other = stored_and_loaded(optimizer, continued)
    for seed in range(1, 5):
        step_by_rows(network, optimizer, seed)
        step_by_rows(continued, other, seed)
    for found, wanted in zip(continued.parameters(), network.parameters(), strict=True):
        assert torch.equal(found, wanted)


def test_moments_are_kept_of_the_rows_that_were_read():
    network = model()
    optimizer = optimizer_of(network)
    step_by_rows(network, optimizer, 0)
    tensors = optimizer_tensors(optimizer.state_dict()["state"])
    words = inputs(0).words.unique()
    number = [id(one) for one in network.parameters()].index(id(network[0].table.weight))
    assert sorted(tensors[f"{number}/rows"].tolist()) == words.tolist()
    assert tensors[f"{number}/exp_avg/0"].shape == (len(words), WIDTH)


def test_other_passes_have_whole_gradients():
    network = model()
    with pytest.raises(ValueError, match="stop"), gradients_of_rows(network):
        raise ValueError("stop")
    network(inputs(0)).sum().backward()
    assert not network[0].table.weight.grad.is_sparse
    assert not network[0].buckets.weight.grad.is_sparse


def test_a_table_that_is_read_in_another_way_too_has_a_whole_gradient():
    network = model()
    with gradients_of_rows(network):
        (network(inputs(0)).sum() + network[0].table.weight.sum()).backward()
    table = network[0].table.weight
    before = table.detach().clone()
    clip_gradients(network, None)
    step_tables(optimizer_of(network))
    assert not table.grad.is_sparse
    assert torch.equal(table, before)
