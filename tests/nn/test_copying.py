"""Pointer and cache against a loop over the history, word by word, in plain Python."""

import math

import pytest
import torch
from torch.nn import functional

from seqlabel.errors import OptionError
from seqlabel.nn.copying import ContinuousCache, PointerMixture, check_window

WORDS, WIDTH = 7, 4


def make_pointer(window):
    pointer = PointerMixture(WIDTH, width=3, window=window)
    with torch.no_grad():
        for parameter in pointer.parameters():
            parameter.copy_(torch.randn_like(parameter))
        pointer.log_sharpness.fill_(1.5)
    return pointer


def make_cache(window):
    return ContinuousCache(window=window, sharpness=3.0, weight=0.4)


COPIERS = pytest.mark.parametrize("make", [make_pointer, make_cache], ids=["pointer", "cache"])
WINDOWS = pytest.mark.parametrize("window", [1, 5, 100])


def some_history(rows=2, time=12):
    """Hidden states, logits and inputs."""
    return (
        torch.randn(rows, time, WIDTH),
        2 * torch.randn(rows, time, WORDS),
        torch.randint(WORDS, (rows, time)),
    )


def softmax(scores):
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    return [power / sum(powers) for power in powers]


def cosine(one, other):
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return product / math.sqrt(sum(a * a for a in one)) / math.sqrt(sum(b * b for b in other))


def similarity_and_share(copier, now, then):
    """How alike two states are, and the share of the probability that is copied in the first."""
    if isinstance(copier, ContinuousCache):
        return copier.sharpness * cosine(now.tolist(), then.tolist()), copier.weight
    query, key = copier.query(now).tolist(), copier.key(then).tolist()
    share = 1 / (1 + math.exp(-float(copier.gate(now))))
    return math.exp(float(copier.log_sharpness)) * cosine(query, key), share


@torch.no_grad()
def slow_probabilities(copier, hidden, logits, inputs):
    """The whole history at once: at each place, the last `window` words, each with the state before
    it.
    """
    rows = []
    for states, scores, words in zip(hidden, logits, inputs.tolist(), strict=True):
        places = []
        for now in range(len(words)):
            probabilities = softmax(scores[now].tolist())
            past = [place for place in range(1, now + 1) if place > now - copier.window]
            if past:
                found = [
                    similarity_and_share(copier, states[now], states[place - 1]) for place in past
                ]
                attention = softmax([similarity for similarity, _ in found])
                share = found[0][1]
                probabilities = [(1 - share) * probability for probability in probabilities]
                for place, weight in zip(past, attention, strict=True):
                    probabilities[words[place]] += share * weight
            places.append(probabilities)
        rows.append(places)
    return torch.tensor(rows)


def in_pieces(copier, hidden, logits, inputs, sizes):
    memory, outputs, start = None, [], 0
    for size in sizes:
        part = slice(start, start + size)
        output, memory = copier(hidden[:, part], logits[:, part], inputs[:, part], memory)
        outputs.append(output)
        start += size
    assert start == inputs.shape[1]
    return torch.cat(outputs, dim=1), memory


@COPIERS
@WINDOWS
@pytest.mark.parametrize("sizes", [[12], [6, 6], [1, 3, 2, 5, 1], [1] * 12], ids=str)
def test_the_loop_over_the_history(make, window, sizes):
    copier, history = make(window), some_history()
    found, _ = in_pieces(copier, *history, sizes)
    torch.testing.assert_close(
        found.exp(), slow_probabilities(copier, *history), rtol=1e-4, atol=1e-6
    )


@COPIERS
@WINDOWS
@pytest.mark.parametrize("sizes", [[5, 7], [1, 1, 10], [4, 4, 4]], ids=str)
def test_the_memory_is_the_end_of_what_was_read(make, window, sizes):
    hidden, logits, inputs = some_history()
    _, memory = in_pieces(make(window), hidden, logits, inputs, sizes)
    # The first word of all has no state before it, so it is in no pair.
    pairs = min(window, 11)
    assert torch.equal(memory.words, inputs[:, 12 - pairs :])
    assert torch.equal(memory.states, hidden[:, 12 - pairs - 1 :])


@COPIERS
@pytest.mark.parametrize("scale", [0.0, 1e-4, 1.0, 1e3])
def test_gradients_are_finite(make, scale):
    copier = make(5)
    hidden, logits, inputs = some_history()
    hidden, logits = (scale * hidden).requires_grad_(), (scale * logits).requires_grad_()
    _, memory = copier(hidden[:, :4], logits[:, :4], inputs[:, :4], None)
    found, _ = copier(hidden[:, 4:], logits[:, 4:], inputs[:, 4:], memory)
    functional.nll_loss(found.flatten(0, 1), inputs[:, 4:].flatten()).backward()
    for tensor in (hidden, logits, *copier.parameters()):
        assert tensor.grad.isfinite().all()


@pytest.mark.parametrize("gate", [-1e4, -90.0, 90.0, 1e4])
def test_a_gate_that_is_shut_or_wide_open_keeps_everything_finite(gate):
    pointer = make_pointer(5)
    with torch.no_grad():
        pointer.gate.weight.zero_()
        pointer.gate.bias.fill_(gate)
    hidden, logits, inputs = some_history()
    found, _ = pointer(hidden, logits, inputs, None)
    assert found.isfinite().all()
    torch.testing.assert_close(found.exp().sum(dim=-1), torch.ones(2, 12))
    if gate < 0:
        torch.testing.assert_close(found, logits.log_softmax(dim=-1))
    found.mean().backward()
    assert all(parameter.grad.isfinite().all() for parameter in pointer.parameters())


def test_every_parameter_of_the_pointer_learns():
    pointer = make_pointer(5)
    hidden, logits, inputs = some_history()
    found, _ = pointer(hidden, logits, inputs, None)
    found[0, -1, inputs[0, -2]].backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in pointer.parameters())


@COPIERS
def test_bfloat16_in_float32_probabilities_out(make):
    hidden, logits, inputs = some_history()
    copier = make(5).bfloat16()
    found, memory = copier(hidden.bfloat16(), logits.bfloat16(), inputs, None)
    assert found.dtype == torch.float32
    assert memory.states.dtype == torch.bfloat16
    torch.testing.assert_close(found.exp().sum(dim=-1), torch.ones(2, 12))


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: make_pointer(0), "window"),
        (lambda: make_cache(-1), "window"),
        (lambda: check_window(0), "window"),
        (lambda: ContinuousCache(window=5, sharpness=1.0, weight=0), "weight"),
        (lambda: ContinuousCache(window=5, sharpness=1.0, weight=1), "weight"),
        (lambda: ContinuousCache(window=5, sharpness=1.0, weight=-0.5), "weight"),
    ],
)
def test_numbers_outside_are_refused_by_name(call, named):
    with pytest.raises(OptionError, match=f"{named}: "):
        call()


def test_looking_back_tells_attention_and_gate_of_the_mixture():
    hidden, logits, inputs = some_history()
    pointer = make_pointer(5)
    attention, gate = pointer.look_back(hidden, inputs)
    copied = torch.zeros_like(logits)
    for time in range(1, inputs.shape[1]):
        for past in range(time):
            copied[torch.arange(len(inputs)), time, inputs[:, past + 1]] += attention[:, time, past]
    gate[:, 0] = 0
    mixture = gate[..., None] * copied + (1 - gate[..., None]) * logits.softmax(dim=-1)
    torch.testing.assert_close(pointer(hidden, logits, inputs, None)[0].exp(), mixture)
    torch.testing.assert_close(attention[:, 1:].sum(dim=-1), torch.ones(2, 11))
    assert (attention[:, 1:].triu(diagonal=1) == 0).all()
