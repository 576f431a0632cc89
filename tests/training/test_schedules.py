"""One cycle against its formula, written out step by step."""

import math

import pytest
import torch

from seqlabel.errors import OptionError
from seqlabel.training.schedules import OneCycle


def slow_cycle(steps, *, start, top, end, pct_start, linear):
    """A value that goes from `start` to `top` in the first `pct_start` of the steps, then to `end`."""
    peak = pct_start * steps - 1
    values = []
    for step in range(steps):
        rising = step <= peak
        share = step / peak if rising else (step - peak) / (steps - 1 - peak)
        low, high = (start, top) if rising else (top, end)
        values.append(low + (high - low) * (share if linear else (1 - math.cos(math.pi * share)) / 2))
    return values


@pytest.mark.parametrize("anneal_strategy", ["cos", "linear"])
@pytest.mark.parametrize(("steps", "pct_start"), [(100, 0.3), (57, 0.3), (40, 0.1), (12, 0.5)])
def test_the_formula(anneal_strategy, steps, pct_start):
    rates, momenta = OneCycle(0.02, pct_start=pct_start, anneal_strategy=anneal_strategy).preview(steps)
    numbers = {"pct_start": pct_start, "linear": anneal_strategy == "linear"}
    assert rates == pytest.approx(slow_cycle(steps, start=0.02 / 25, top=0.02, end=0.02 / 1e5, **numbers))
    assert momenta == pytest.approx(slow_cycle(steps, start=0.95, top=0.85, end=0.95, **numbers))


def test_the_lessons_endpoints():
    rates, momenta = OneCycle(max_lr=1e-2).preview(100)
    assert len(rates) == len(momenta) == 100
    assert rates[0] == pytest.approx(1e-2 / 25)
    assert max(rates) == pytest.approx(1e-2)
    assert rates.index(max(rates)) == momenta.index(min(momenta)) == 29
    assert rates[-1] == pytest.approx(1e-2 / 100_000)
    assert (momenta[0], min(momenta), momenta[-1]) == pytest.approx((0.95, 0.85, 0.95))


def test_other_numbers_are_kept():
    rates, momenta = OneCycle(
        1.0, pct_start=0.5, base_momentum=0.5, max_momentum=0.9, div_factor=10.0, final_div_factor=100.0
    ).preview(20)
    assert (rates[0], max(rates), rates[-1]) == pytest.approx((0.1, 1.0, 0.001))
    assert (momenta[0], min(momenta), momenta[-1]) == pytest.approx((0.9, 0.5, 0.9))


def test_three_phases_come_down_as_they_went_up():
    rates, _ = OneCycle(1.0, three_phase=True).preview(100)
    assert rates[:59] == pytest.approx(rates[58::-1])
    assert rates[-1] < rates[58]


def test_groups_scale_the_rate():
    parameters = [torch.nn.Parameter(torch.zeros(())) for _ in range(2)]
    groups = [{"params": parameters[:1], "lr_scale": 0.1}, {"params": parameters[1:]}]
    optimizer = torch.optim.AdamW(groups)
    scheduler = OneCycle(1.0).scheduler(optimizer, 30)
    for _ in range(29):
        optimizer.step()
        scheduler.step()
        slow, fast = (group["lr"] for group in optimizer.param_groups)
        assert slow == pytest.approx(0.1 * fast)


@pytest.mark.parametrize(("steps", "pct_start"), [(10, 0.1), (4, 0.25), (2, 0.5), (1, 0.3), (2, 0.3), (3, 0.3)])
def test_a_training_of_a_few_steps_has_a_rate(steps, pct_start):
    rates, _ = OneCycle(1.0, pct_start=pct_start).preview(steps)
    assert len(rates) == steps
    assert all(0 < rate <= 1 for rate in rates)


def test_an_unknown_strategy_is_refused():
    with pytest.raises(OptionError, match="anneal_strategy: Found 'cosine'"):
        OneCycle(anneal_strategy="cosine").preview(10)
