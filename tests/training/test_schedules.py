"""One cycle against its formula, written out step by step."""

import math

import pytest
import torch

from seqlabel.training.schedules import OneCycle


def slow_cycle(steps, *, start, top, end, pct_start):
    """A value that goes from `start` to `top` in the first `pct_start` of the steps, then to
    `end`.
    """
    peak = pct_start * steps - 1
    values = []
    for step in range(steps):
        rising = step <= peak
        share = step / peak if rising else (step - peak) / (steps - 1 - peak)
        low, high = (start, top) if rising else (top, end)
        values.append(low + (high - low) * (1 - math.cos(math.pi * share)) / 2)
    return values


def preview(schedule, steps):
    """The rates and the momenta of all steps."""
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(()))])
    scheduler = schedule.scheduler(optimizer, steps)
    rates, momenta = [], []
    for step in range(steps):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        momenta.append(float(optimizer.param_groups[0]["betas"][0]))
        optimizer.step()
        if step + 1 < steps:
            scheduler.step()
    return rates, momenta


@pytest.mark.parametrize(("steps", "pct_start"), [(100, 0.3), (57, 0.3), (40, 0.1), (12, 0.5)])
def test_the_formula(steps, pct_start):
    rates, momenta = preview(OneCycle(0.02, pct_start=pct_start), steps)
    assert rates == pytest.approx(
        slow_cycle(steps, start=0.02 / 25, top=0.02, end=0.02 / 1e5, pct_start=pct_start)
    )
    assert momenta == pytest.approx(
        slow_cycle(steps, start=0.95, top=0.85, end=0.95, pct_start=pct_start)
    )


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


@pytest.mark.parametrize(
    ("steps", "pct_start"), [(10, 0.1), (4, 0.25), (2, 0.5), (1, 0.3), (2, 0.3), (3, 0.3)]
)
def test_a_training_of_a_few_steps_has_a_rate(steps, pct_start):
    rates, _ = preview(OneCycle(1.0, pct_start=pct_start), steps)
    assert len(rates) == steps
    assert all(0 < rate <= 1 for rate in rates)
