"""The learning-rate finder against a plain loop and on curves whose steepest place is known."""

import copy
import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from seqlabel.batches.language import LanguageModelStream
from seqlabel.errors import OptionError, SeqlabelError
from seqlabel.nn.network_configs import LanguageModelConfig
from seqlabel.nn.networks import build_language_model
from seqlabel.nn.states import detach_state
from seqlabel.text.corpora import TokenArray
from seqlabel.training.loop import TrainingOptions
from seqlabel.training.objectives import Step, next_word
from seqlabel.training.rate_finder import find_learning_rate

WORDS = 7
TRAIN = LanguageModelStream(TokenArray([place % WORDS for place in range(300)]), batch_size=4, bptt=5)
OPTIONS = TrainingOptions(device="cpu", weight_decay=0.1)
COUNTED = torch.tensor(1)


class Model(nn.Module):
    """A language model with dropout, beside a normalisation whose buffers change in training."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.inner = build_language_model(LanguageModelConfig(vocabulary=WORDS, embedding=8, hidden=8, dropout=0.3))
        self.norm = nn.BatchNorm1d(WORDS)

    def forward(self, ids, state):
        logits, state = self.inner(ids, state)
        return self.norm(logits.transpose(1, 2)).transpose(1, 2), state


def plain(dropout=0.0):
    torch.manual_seed(0)
    return build_language_model(LanguageModelConfig(vocabulary=WORDS, embedding=8, hidden=8, dropout=dropout))


def scripted(losses):
    """An objective whose losses are those given, whatever the model does."""
    remaining = iter(losses)

    def objective(model, batch, state):
        nothing = sum(parameter.sum() for parameter in model.parameters()) * 0
        return Step((nothing + next(remaining)) * COUNTED.view(1), COUNTED.view(1), correct=None, state=None)

    return objective


def geometric(low, high, steps):
    return [low * (high / low) ** (number / (steps - 1)) for number in range(steps)]


def smoothed(losses, around):
    """Each loss averaged with as many neighbours on both sides, at most `around`, one by one."""
    means = []
    for place in range(len(losses)):
        reach = around
        while place - reach < 0 or place + reach >= len(losses):
            reach -= 1
        neighbours = [losses[other] for other in range(place - reach, place + reach + 1)]
        means.append(sum(neighbours) / len(neighbours))
    return means


def test_a_plain_loop_does_the_same():
    expected, losses, state = plain(), [], None
    rates = geometric(1e-4, 0.5, 25)
    optimizer = torch.optim.AdamW(
        expected.parameters(), betas=(OPTIONS.schedule.max_momentum, 0.99), eps=1e-5, weight_decay=0.1
    )
    batches = [*TRAIN, *TRAIN]
    assert len(TRAIN) < len(rates) < len(batches)
    for rate, batch in zip(rates, batches, strict=False):
        optimizer.param_groups[0]["lr"] = rate
        logits, state = expected(batch.inputs, detach_state(state))
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    found = find_learning_rate(plain(), TRAIN, options=OPTIONS, min_lr=1e-4, max_lr=0.5, steps=25)
    assert found.rates == pytest.approx(rates)
    assert found.losses == pytest.approx(smoothed(losses, 1), rel=1e-3)


def as_it_is(model):
    """Everything of a model and of the process that a search may not change."""
    return {
        "weights": {name: tensor.clone() for name, tensor in model.state_dict().items()},
        "modes": {name: module.training for name, module in model.named_modules()},
        "gradients": {name: parameter.grad for name, parameter in model.named_parameters()},
        "frozen": [name for name, parameter in model.named_parameters() if not parameter.requires_grad],
        "random": {"torch": torch.get_rng_state()},
    }


def assert_unchanged(before, after):
    for part in ("weights", "random"):
        assert before[part].keys() == after[part].keys()
        assert [name for name in before[part] if not torch.equal(before[part][name], after[part][name])] == []
    assert before["modes"] == after["modes"]
    assert before["frozen"] == after["frozen"]


@pytest.mark.parametrize("train", [True, False])
def test_weights_buffers_random_state_and_mode_come_back(train):
    model = Model().train(train)
    before = as_it_is(model)
    trained, changed = [], []

    def watching(model, batch, state):
        trained.append(all(module.training for module in model.modules()))
        changed.append(not torch.equal(model.state_dict()["norm.running_mean"], before["weights"]["norm.running_mean"]))
        return next_word(model, batch, state)

    find_learning_rate(model, TRAIN, options=OPTIONS, objective=watching, max_lr=0.1, steps=12)
    assert all(trained)
    assert changed == [False] + [True] * 11
    assert_unchanged(before, as_it_is(model))
    assert [name for name, parameter in model.named_parameters() if parameter.grad is not None] == []


@pytest.mark.parametrize("failure", [KeyError, KeyboardInterrupt])
def test_they_come_back_after_an_error_too(failure):
    model = Model().eval()
    before, count = as_it_is(model), 0

    def failing(model, batch, state):
        nonlocal count
        count += 1
        if count == 5:
            raise failure
        return next_word(model, batch, state)

    with pytest.raises(failure):
        find_learning_rate(model, TRAIN, options=OPTIONS, objective=failing)
    assert_unchanged(before, as_it_is(model))


def test_a_frozen_part_stays_as_it_is_throughout():
    model = Model()
    model.inner.encoder.embedder.table.weight.requires_grad_(False)
    before, seen = copy.deepcopy(model.inner.encoder.embedder.table.weight), []

    def watching(model, batch, state):
        seen.append(torch.equal(model.inner.encoder.embedder.table.weight, before))
        return next_word(model, batch, state)

    find_learning_rate(model, TRAIN, options=OPTIONS, objective=watching, max_lr=0.1, steps=12)
    assert seen == [True] * 12


def test_discriminative_rates_are_tried_in_proportion():
    """A part whose rate is scaled to nothing does not move, as it would not in the training that is to come."""
    model = plain()
    options = TrainingOptions(device="cpu", lr_scales={"encoder": 0.0})
    before, seen = copy.deepcopy(model.encoder.state_dict()), []

    def watching(model, batch, state):
        seen.append(all(torch.equal(tensor, before[name]) for name, tensor in model.encoder.state_dict().items()))
        return next_word(model, batch, state)

    find_learning_rate(model, TRAIN, options=options, objective=watching, max_lr=0.1, steps=12)
    assert seen == [True] * 12


def test_a_search_twice_finds_the_same():
    torch.manual_seed(5)
    model = Model()
    first = find_learning_rate(model, TRAIN, options=OPTIONS, max_lr=0.1, steps=20)
    assert find_learning_rate(model, TRAIN, options=OPTIONS, max_lr=0.1, steps=20) == first


def test_a_real_search_suggests_a_rate_at_which_the_loss_falls():
    found = find_learning_rate(plain(), TRAIN, options=OPTIONS, min_lr=1e-5, max_lr=1.0, steps=60)
    place = found.rates.index(max(rate for rate in found.rates if rate <= found.suggestion))
    assert found.losses[place] < found.losses[0] - 0.1
    assert 1e-3 < found.suggestion < found.rates[found.losses.index(min(found.losses))]


def fall(rates, middle, width=0.15):
    """A loss that falls from 3 to 1 around a rate, in a sigmoid of the rate's logarithm."""
    return [1 + 2 / (1 + math.exp(math.log10(rate / middle) / width)) for rate in rates]


@pytest.mark.parametrize("middle", [1e-4, 1e-3, 1e-2, 0.1])
@pytest.mark.parametrize("steps", [50, 100, 400])
def test_the_suggestion_is_where_the_loss_falls_fastest(middle, steps):
    rates = geometric(1e-6, 10.0, steps)
    found = find_learning_rate(plain(), TRAIN, options=OPTIONS, steps=steps, objective=scripted(fall(rates, middle)))
    assert found.rates == pytest.approx(rates)
    drops = [after - before for before, after in pairwise(found.losses)]
    steepest = rates[drops.index(min(drops))]
    window = (10.0 / 1e-6) ** 0.1
    assert steepest / window < found.suggestion < steepest * window
    # The average lags behind by some ten steps.
    lag = (rates[1] / rates[0]) ** 10
    assert middle / 2 < found.suggestion < 2 * middle * lag


CURVES = {
    "falls to the end": [3.0 - 0.02 * step for step in range(100)],
    "rises from the start": [1.0 + 0.02 * step for step in range(100)],
    "is flat": [2.0] * 100,
    "jumps in the end": [2.0] * 98 + [3.0, 1.0],
    "explodes at once": [1.0] + [1000.0] * 99,
    "explodes at the tenth": [2.0 - 0.1 * step for step in range(10)] + [1000.0] * 90,
}


@pytest.mark.parametrize("name", CURVES)
def test_the_suggestion_is_among_the_rates(name):
    found = find_learning_rate(plain(), TRAIN, options=OPTIONS, objective=scripted(CURVES[name]))
    assert len(found.rates) == len(found.losses) >= 1
    assert found.rates[0] == 1e-6
    assert 1e-6 <= found.suggestion <= found.rates[-1] <= 10.0 * (1 + 1e-9)


def test_the_suggestion_is_before_the_lowest_loss():
    rates = geometric(1e-6, 10.0, 100)
    losses = [loss + (3 * (place - 80) / 20 if place > 80 else 0) for place, loss in enumerate(fall(rates, 1e-3))]
    found = find_learning_rate(plain(), TRAIN, options=OPTIONS, objective=scripted(losses))
    assert found.suggestion < found.rates[found.losses.index(min(found.losses))]


@pytest.mark.parametrize("loss", [1000.0, math.inf, math.nan])
@pytest.mark.parametrize("place", [1, 30])
def test_it_stops_when_the_loss_explodes(loss, place):
    losses = [2.0] * place + [loss] * 100
    found = find_learning_rate(plain(), TRAIN, options=OPTIONS, objective=scripted(losses))
    assert found.losses == pytest.approx([2.0] * place)
    assert found.rates == pytest.approx(geometric(1e-6, 10.0, 100)[:place])


def test_four_times_the_best_is_too_much_and_less_is_not():
    losses = [1.0 * 1.01**step for step in range(200)]
    found = find_learning_rate(plain(), TRAIN, options=OPTIONS, steps=200, objective=scripted(losses))
    too_much = next(place for place, loss in enumerate(losses) if loss > 4 * losses[0])
    assert found.losses == pytest.approx(smoothed(losses[:too_much], 8))


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_from_the_first_batch_on_is_one_clear_error(loss):
    with pytest.raises(SeqlabelError, match="loss"):
        find_learning_rate(plain(), TRAIN, options=OPTIONS, objective=scripted([loss] * 100))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1e-3, 1), (1, 1), (2, 1), (1e-3, float("nan"))])
def test_rates_that_do_not_rise_are_refused(low, high):
    with pytest.raises(OptionError, match=f"min_lr, max_lr: Found {low} and {high}"):
        find_learning_rate(plain(), TRAIN, options=OPTIONS, min_lr=low, max_lr=high)


@pytest.mark.parametrize("steps", [9, 0, -1])
def test_too_few_steps_are_refused(steps):
    with pytest.raises(OptionError, match=f"steps: Found {steps}"):
        find_learning_rate(plain(), TRAIN, options=OPTIONS, steps=steps)


def test_an_unknown_device_is_refused():
    with pytest.raises(OptionError, match="device: Found 'tpu'"):
        find_learning_rate(plain(), TRAIN, options=TrainingOptions(device="tpu"))
