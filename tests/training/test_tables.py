"""Steps on tables with gradients of few rows, beside AdamW with whole gradients."""

import copy

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from seqlabel.nn.embedders import HashedEmbedder, WordInputs
from seqlabel.training import tables
from seqlabel.training.tables import clip_gradients, gradients_of_rows, step_tables

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


@pytest.mark.parametrize("most", [None, 0.01])
@pytest.mark.parametrize("rows", [3, 4, 64])
def test_steps_are_those_of_whole_gradients(monkeypatch, rows, most):
    monkeypatch.setattr(tables, "_ROWS", rows)
    network = model()
    other = copy.deepcopy(network)
    optimizer, expected = optimizer_of(network), optimizer_of(other)
    for seed in range(4):
        with gradients_of_rows(network):
            loss = network(inputs(seed)).square().sum()
        loss.backward()
        assert network[0].table.weight.grad.is_sparse
        clip_gradients(network, most)
        step_tables(optimizer)
        optimizer.step()
        optimizer.zero_grad()
        other(inputs(seed)).square().sum().backward()
        if most is not None:
            nn.utils.clip_grad_norm_(other.parameters(), most)
        expected.step()
        expected.zero_grad()
    for found, wanted in zip(network.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(found, wanted)
        for name, value in expected.state[wanted].items():
            torch.testing.assert_close(optimizer.state[found][name], value)
    assert [one.keys() for one in optimizer.state_dict()["state"].values()] == [
        one.keys() for one in expected.state_dict()["state"].values()
    ]


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
