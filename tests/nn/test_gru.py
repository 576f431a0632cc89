"""GRUs side by side against torch's own, one by one."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.gru import GRUWeights, step_through

BATCH, TIME, READ, WIDTH = 3, 7, 5, 4


def layers(ways, dtype=torch.float64):
    torch.manual_seed(0)
    return [nn.GRU(READ, WIDTH, batch_first=True, dtype=dtype) for _ in range(ways)]


def stepped(grus, vectors, initial=None):
    weights = [GRUWeights(*gru.all_weights[0]) for gru in grus]
    gates = [
        functional.linear(read, one.read, one.read_bias)
        for read, one in zip(vectors, weights, strict=True)
    ]
    return step_through(gates, weights, initial)


@pytest.mark.parametrize("ways", [1, 2, 3])
@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("time", [1, TIME])
def test_states_and_gradients_are_those_of_torch(ways, begun, time):
    grus = layers(ways)
    vectors = [
        torch.randn(BATCH, time, READ, dtype=torch.float64, requires_grad=True) for _ in range(ways)
    ]
    initial = (
        torch.randn(ways, BATCH, WIDTH, dtype=torch.float64, requires_grad=True) if begun else None
    )
    states = stepped(grus, vectors, initial)
    starts = [None if initial is None else initial[way][None] for way in range(ways)]
    expected = torch.stack(
        [gru(read, start)[0] for gru, read, start in zip(grus, vectors, starts, strict=True)]
    )
    torch.testing.assert_close(states, expected)
    wanted = torch.randn_like(states)
    leaves = [
        *vectors,
        *([] if initial is None else [initial]),
        *(one for gru in grus for one in gru.parameters()),
    ]
    found = torch.autograd.grad((states * wanted).sum(), leaves)
    torch.testing.assert_close(found, torch.autograd.grad((expected * wanted).sum(), leaves))


def test_under_autocast_products_are_rounded_and_states_are_not():
    grus = layers(2, torch.float32)
    vectors = [torch.randn(BATCH, TIME, READ) for _ in range(2)]
    exact = stepped(grus, vectors)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = stepped(grus, vectors)
    assert rounded.dtype == torch.float32
    torch.testing.assert_close(rounded, exact, atol=0.03, rtol=0)
    assert not torch.equal(rounded, exact)
    names = [
        f"{number}.{name}" for number, gru in enumerate(grus) for name, _ in gru.named_parameters()
    ]
    parameters = [parameter for gru in grus for parameter in gru.parameters()]
    weights = torch.randn(exact.shape)
    expected = torch.autograd.grad((exact * weights).sum(), parameters)
    found = torch.autograd.grad((rounded * weights).sum(), parameters, retain_graph=True)
    for name, one, other in zip(names, found, expected, strict=True):
        distance = (one - other).norm() / other.norm()
        assert distance < 0.02, name

    rounded.sum().backward()
    assert all(
        one.grad is not None and one.grad.dtype == torch.float32
        for gru in grus
        for one in gru.parameters()
    )


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_an_encoder_in_training_reads_as_without_gradients(dropout):
    torch.manual_seed(0)
    encoder = RecurrentEncoder(READ, WIDTH, layers=2, dropout=dropout).double().eval()
    vectors = torch.randn(BATCH, TIME, READ, dtype=torch.float64)
    hidden, state = encoder(vectors[:, :3])
    hidden, state = encoder(vectors[:, 3:], state)
    with torch.no_grad():
        expected, expected_state = encoder(vectors)
    torch.testing.assert_close(hidden, expected[:, 3:])
    torch.testing.assert_close(state, expected_state)
