"""The lesson's six models: shapes, what each remembers, and that the loop is the three words."""

import pytest
import torch
from torch import nn

from seqlabel.lesson.ladder import (
    LADDER,
    EveryWord,
    KeptState,
    Loop,
    SkippingGRU,
    ThreeWords,
    TorchRNN,
    TwoLayerGRU,
)
from seqlabel.nn.states import State

WORDS, WIDTH = 11, 8
MODELS = [ThreeWords, Loop, EveryWord, KeptState, TorchRNN, TwoLayerGRU, SkippingGRU]
LAST_WORD_ONLY = (ThreeWords, Loop)


def tiny_step(kind, *, training=False):
    """A model whose normalisation has seen something, so that it does something in evaluation."""
    torch.manual_seed(0)
    model = kind(WORDS, WIDTH)
    norm = model.norm.norm
    nn.init.normal_(norm.running_mean)
    nn.init.uniform_(norm.running_var, 0.5, 2.0)
    return model.train(training)


def ids(rows=4, time=3):
    return torch.randint(WORDS, (rows, time), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind", MODELS)
def test_shapes(kind, training):
    logits, state = tiny_step(kind, training=training)(ids())
    assert logits.shape == (4, 1 if kind in LAST_WORD_ONLY else 3, WORDS)
    expected = {KeptState: (4, WIDTH), TorchRNN: (1, 4, WIDTH), TwoLayerGRU: (2, 4, WIDTH)}
    expected[SkippingGRU] = expected[TwoLayerGRU]
    assert (None if state is None else tuple(state.shape)) == expected.get(kind)


@pytest.mark.parametrize("kind", MODELS)
def test_every_parameter_learns(kind):
    model = tiny_step(kind, training=True)
    model(ids(rows=16))[0].log_softmax(dim=-1)[..., 2].sum().backward()
    assert [name for name, parameter in model.named_parameters() if not parameter.grad.any()] == []


@pytest.mark.parametrize("training", [False, True])
def test_the_loop_is_the_three_words_but_for_the_first_word(training):
    """The lesson's first model has no hidden-to-hidden arrow before the first word, its loop has;
    else they agree.
    """
    three, loop = tiny_step(ThreeWords, training=training), tiny_step(Loop, training=training)
    loop.load_state_dict(three.state_dict())
    x = ids(rows=16)
    assert not torch.allclose(three(x)[0], loop(x)[0])
    # With the identity as hidden-to-hidden layer the extra arrow changes nothing.
    nn.init.eye_(three.h_h.weight)
    nn.init.zeros_(three.h_h.bias)
    loop.load_state_dict(three.state_dict())
    torch.testing.assert_close(three(x)[0], loop(x)[0])
    torch.testing.assert_close(three.state_dict(), loop.state_dict())


@torch.no_grad()
def slow_kept_state(model, x, h):
    """Logits after every word, by matrix and vector, word by word."""
    norm, logits = model.norm.norm, []
    for word in x.tolist():
        h = (model.h_h.weight @ (h + model.i_h.weight[word]) + model.h_h.bias).clamp(min=0)
        normal = (h - norm.running_mean) / (
            norm.running_var + norm.eps
        ).sqrt() * norm.weight + norm.bias
        logits.append(model.h_o.weight @ normal + model.h_o.bias)
    return torch.stack(logits), h


def test_every_word_and_kept_state_written_out():
    every, kept = tiny_step(EveryWord), tiny_step(KeptState)
    kept.load_state_dict(every.state_dict())
    (row,) = ids(rows=1, time=6)
    logits, h = slow_kept_state(kept, row, torch.zeros(WIDTH))
    torch.testing.assert_close(every(row[None])[0][0], logits)
    torch.testing.assert_close(kept(row[None])[0][0], logits)
    torch.testing.assert_close(kept(row[None])[1][0], h)
    again, _ = slow_kept_state(kept, row, h)
    torch.testing.assert_close(kept(row[None], h[None])[0][0], again)


@pytest.mark.parametrize("kind", [KeptState, TorchRNN, TwoLayerGRU])
@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_whole_is_its_two_halves_with_the_state_passed(kind, cut):
    model, x = tiny_step(kind), ids(time=6)
    whole, last = model(x)
    first, state = model(x[:, :cut])
    second, state = model(x[:, cut:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(state, last)
    assert not torch.allclose(model(x[:, cut:])[0], second)


@pytest.mark.parametrize("kind", [ThreeWords, Loop, EveryWord])
def test_the_first_three_forget_with_the_batch(kind):
    model, x = tiny_step(kind), ids()
    state: State = torch.randn(4, WIDTH)
    logits, after = model(x, state)
    assert after is None
    assert torch.equal(logits, model(x)[0])


def test_the_steps_are_the_six_in_order_and_can_run():
    assert [step.build for step in LADDER] == MODELS[:6]
    assert [step.name[:2] for step in LADDER] == [f"{number} " for number in range(1, 7)]
    for step in LADDER:
        logits, _ = step.build(WORDS, WIDTH)(ids(time=step.bptt))
        assert logits.shape == (4, 1 if step.build in LAST_WORD_ONLY else step.bptt, WORDS)
        assert step.published is None or 0 < step.published < step.reference
        assert step.reference < 1
        assert 0 < step.pct_start < 1
