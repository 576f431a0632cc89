"""Bounds on rates: against exact sums, and draws in which the truth is known."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from seqlabel.errors import OptionError
from seqlabel.scores.risk import control_risk, tail_probability


def test_the_tail_bound_is_above_the_exact_probability_of_coins():
    for texts in (5, 20, 100):
        for bound in (0.02, 0.1, 0.5):
            for count in range(texts + 1):
                exact = binom.cdf(count, texts, bound)
                assert tail_probability(count / texts, texts, bound) >= min(exact, 1.0) - 1e-12
    assert tail_probability(0.0, 45, 0.05) == pytest.approx(0.95**45)


def drawn(random, texts, settings=12):
    """Losses that fall from setting to setting, whose mean is known: a text loses a value if its
    number is above it.
    """
    values = random.integers(1, 4, size=texts)
    hardness = random.random((texts, 3))
    used = np.arange(3)[None, :] < values[:, None]
    levels = np.linspace(0.6, 0.0, settings)
    lost = (hardness[:, :, None] < levels) & used[:, :, None]
    return lost.sum(1) / values[:, None], levels


def test_the_mean_stays_under_the_bound_with_the_confidence_that_was_asked_for():
    random = np.random.default_rng(0)
    broken = []
    for _ in range(400):
        losses, levels = drawn(random, 150)
        chosen = control_risk(losses, bound=0.12, confidence=0.8).chosen
        broken.append(chosen is not None and levels[chosen] > 0.12)
    assert np.mean(broken) <= 0.2


def test_on_average_the_loss_of_a_new_text_stays_under_the_bound():
    random = np.random.default_rng(1)
    risks = []
    for _ in range(600):
        losses, levels = drawn(random, 30, settings=40)
        chosen = control_risk(losses, bound=0.2).chosen
        risks.append(levels[-1 if chosen is None else chosen])
    assert np.mean(risks) <= 0.2
    # And it is not far below.
    assert np.mean(risks) > 0.12


def test_a_loss_that_rises_again_counts_for_the_settings_before_it():
    losses = np.array([[0.5, 0.0, 0.5, 0.0]] * 100)
    found = control_risk(losses, bound=0.1)
    assert (found.chosen, found.means) == (3, (0.5, 0.5, 0.5, 0.0))


@pytest.mark.parametrize(
    ("bound", "confidence"), [(0.05, None), (0.05, 0.9), (0.1, 0.99), (0.02, 0.8)]
)
def test_how_many_texts_are_needed_at_least(bound, confidence):
    def found(texts):
        return control_risk(np.zeros((texts, 1)), bound=bound, confidence=confidence)

    needed = found(1).needed
    assert (found(needed).chosen, found(needed - 1).chosen) == (0, None)


def test_wrong_numbers():
    with pytest.raises(OptionError):
        control_risk(np.zeros((0, 1)), bound=0.1)
    with pytest.raises(OptionError, match="bound:"):
        control_risk(np.zeros((1, 1)), bound=0)
    with pytest.raises(OptionError, match="confidence:"):
        control_risk(np.zeros((1, 1)), bound=0.1, confidence=1)
    assert math.isclose(tail_probability(1.0, 10, 0.5), 1.0)
