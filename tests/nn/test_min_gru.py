"""minGRU's scan against one step after another, in whatever pieces a text comes."""

import pytest
import torch

from seqlabel.nn.min_gru import MinGRU, scan


def steps(keep, add):
    """The states one after another, in 64 bits."""
    state, after = torch.zeros_like(add[:, 0], dtype=torch.float64), []
    for factor, term in zip(keep.double().unbind(1), add.double().unbind(1), strict=True):
        state = factor * state + term
        after.append(state)
    return torch.stack(after, dim=1)


@pytest.mark.parametrize("time", [*range(1, 18), 1000])
def test_the_scan_is_one_step_after_another(time):
    keep, add = torch.rand(3, time, 5), torch.randn(3, time, 5)
    torch.testing.assert_close(scan(keep, add).double(), steps(keep, add), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("time", [1, 2, 5, 12])
def test_the_scan_has_the_gradient_of_the_steps(time):
    values = [torch.rand(2, time, 3, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    weights = torch.randn(2, time, 3, dtype=torch.float64)
    found = torch.autograd.grad(
        (scan(*values) * weights).sum(), values, allow_unused=True, materialize_grads=True
    )
    expected = torch.autograd.grad((steps(*values) * weights).sum(), values)
    torch.testing.assert_close(found, expected)


def test_gates_that_forget_all_or_nothing_for_ten_thousand_words_keep_every_bit_finite():
    keep = torch.rand(1, 10_000, 4).round()
    add = torch.rand(1, 10_000, 4)
    torch.testing.assert_close(scan(keep, add).double(), steps(keep, add), rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_a_state_is_the_equation_written_out():
    layers = MinGRU(3, 4, 2)
    vectors, state = torch.randn(2, 6, 3), torch.rand(2, 2, 4)
    hidden, after = layers(vectors, state)
    for row in range(2):
        words = list(vectors[row])
        for number, gates in enumerate(layers.gates):
            h = state[number, row]
            for place, word in enumerate(words):
                z, c = (gates.weight @ word + gates.bias).chunk(2)
                z = 1 / (1 + torch.exp(-z))
                h = words[place] = (1 - z) * h + z * torch.tanh(c)
            torch.testing.assert_close(after[number, row], h)
        torch.testing.assert_close(hidden[row], torch.stack(words))
    assert bool((hidden.abs() < 1).all())


def test_words_one_by_one_with_the_state_carried_are_the_whole():
    layers = MinGRU(3, 4, 2)
    vectors = torch.randn(2, 33, 3)
    whole, last = layers(vectors)
    state, parts = None, []
    for place in range(33):
        part, state = layers(vectors[:, place : place + 1], state)
        parts.append(part)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole)
    torch.testing.assert_close(state, last)
    assert not torch.allclose(layers(vectors[:, 20:])[0], whole[:, 20:])


def test_under_autocast_states_keep_the_weights_precision():
    layers, vectors = MinGRU(3, 4), torch.randn(2, 5, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden, after = layers(vectors)
    assert hidden.dtype is after.dtype is torch.float32
    torch.testing.assert_close(hidden, layers(vectors)[0], rtol=0.05, atol=0.05)
