"""Averaged weights against a plain loop over numbers, and swaps that leave everything where it
was.
"""

import copy

import pytest
import torch

from seqlabel.errors import OptionError
from seqlabel.nn.network_configs import LanguageModelConfig
from seqlabel.nn.networks import build_language_model
from seqlabel.training.averaging import WeightAverage
from tests.weights import same_weights


def build():
    """A model with tied weights and with a parameter that is not trained."""
    torch.manual_seed(0)
    model = build_language_model(LanguageModelConfig(vocabulary=5, embedding=4, hidden=4))
    model.head.output.bias.requires_grad_(False)
    return model


def weights(model):
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


@torch.no_grad()
def shake(model):
    """A step of a training that goes anywhere."""
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.add_(torch.randn_like(parameter))


@pytest.mark.parametrize("decay", [0.01, 0.5, 0.9, 0.999])
def test_a_plain_loop_does_the_same(decay):
    model = build()
    average = WeightAverage(model, decay)
    expected = {name: tensor.double() for name, tensor in weights(model).items()}
    for update in range(1, 41):
        shake(model)
        average.update()
        kept = min(decay, (1 + update) / (10 + update))
        for name, parameter in model.named_parameters():
            expected[name] = kept * expected[name] + (1 - kept) * parameter.detach().double()
        assert average.updates == update
    found = {name: tensor.double() for name, tensor in average.tensors().items()}
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_a_swap_exchanges_and_a_second_one_does_nothing():
    model = build()
    average = WeightAverage(model, 0.5)
    shake(model)
    average.update()
    trained = weights(model)
    averaged = {name: tensor.clone() for name, tensor in average.tensors().items()}
    average.swap()
    assert average.in_model
    assert same_weights(weights(model), averaged)
    assert same_weights(average.tensors(), trained)
    average.swap()
    assert not average.in_model
    assert same_weights(weights(model), trained)
    assert same_weights(average.tensors(), averaged)
    assert model.head.output.weight is model.encoder.embedder.table.weight


@pytest.mark.parametrize("inside_before", [False, True])
def test_applied_means_the_averages_inside_and_all_as_before_afterwards(inside_before):
    model = build()
    average = WeightAverage(model, 0.5)
    shake(model)
    average.update()
    averaged = {name: tensor.clone() for name, tensor in average.tensors().items()}
    if inside_before:
        average.swap()
    before = weights(model)
    with average.applied():
        assert average.in_model
        assert same_weights(weights(model), averaged)
        with average.applied():
            assert same_weights(weights(model), averaged)
        assert average.in_model
    assert average.in_model == inside_before
    assert same_weights(weights(model), before)
    with pytest.raises(KeyError), average.applied():
        raise KeyError
    assert same_weights(weights(model), before)


def test_resuming_is_going_on():
    model = build()
    average = WeightAverage(model, 0.8)
    for _ in range(3):
        shake(model)
        average.update()
    average.swap()
    other = copy.deepcopy(model)
    resumed = WeightAverage(other, 0.8)
    resumed.resume(average.tensors(), updates=average.updates)
    assert resumed.in_model
    for one, inside in ((average, model), (resumed, other)):
        one.swap()
        torch.manual_seed(5)
        for _ in range(3):
            shake(inside)
            one.update()
    assert same_weights(weights(model), weights(other))
    assert same_weights(average.tensors(), resumed.tensors())


@pytest.mark.parametrize("decay", [0, 1, -0.5, 1.5, float("nan")])
def test_a_decay_that_keeps_all_or_nothing_is_refused(decay):
    with pytest.raises(OptionError, match="average"):
        WeightAverage(build(), decay)
