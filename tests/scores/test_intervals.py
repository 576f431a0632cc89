"""Intervals: those of draws made one by one, and of shares that are known."""

import numpy as np
import pytest
from scipy.stats import binomtest

from seqlabel.errors import OptionError
from seqlabel.scores.intervals import f_intervals, wilson_interval


def slow_interval(counts, beta, draws, seed):
    """Draw units one by one, and compute F from precision and recall."""
    random = np.random.default_rng(seed)
    scores = []
    for _ in range(draws):
        right, predicted, gold = counts[random.integers(0, len(counts), len(counts))].sum(axis=0)
        precision = right / predicted if predicted else 0.0
        recall = right / gold if gold else 0.0
        below = beta**2 * precision + recall
        scores.append((1 + beta**2) * precision * recall / below if below else 0.0)
    return np.percentile(scores, [2.5, 97.5])


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_they_are_those_of_draws_one_by_one(beta):
    random = np.random.default_rng(1)
    gold, predicted = random.integers(0, 5, (2, 60, 3))
    counts = np.stack(
        [random.integers(0, np.minimum(gold, predicted) + 1), predicted, gold], axis=2
    )
    for label, found in enumerate(f_intervals(counts, beta=beta, draws=4_000)):
        low, high = slow_interval(counts[:, label], beta, 4_000, seed=2)
        assert found.low == pytest.approx(low, abs=0.015)
        assert found.high == pytest.approx(high, abs=0.015)


def test_that_of_a_share_is_the_normal_one():
    right = np.arange(2_000) % 10 > 0
    counts = np.stack([right, np.ones_like(right), np.ones_like(right)], axis=1).astype(np.int64)
    (found,) = f_intervals(counts[:, None], draws=1_500)
    half = 1.96 * (0.9 * 0.1 / 2_000) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.9 - half, 0.9 + half), abs=1e-3)


def test_without_spread_in_the_draws_they_are_those_of_a_rate():
    right, wrong, nothing = f_intervals(np.array([[[2, 2, 2], [0, 2, 4], [0, 0, 0]]] * 15))
    assert right == wilson_interval(30, 30)
    assert right.low == pytest.approx(binomtest(30, 30).proportion_ci(0.95, method="wilson").low)
    assert (wrong.low, wrong.high) == (0, wilson_interval(0, 45).high)
    assert (nothing.low, nothing.high) == (0, 1)
    (alone,) = f_intervals(np.array([[[3, 4, 6]]]))
    assert alone == wilson_interval(3, 5)


@pytest.mark.parametrize(("count", "total"), [(0, 10), (3, 10), (10, 10), (1, 500), (499, 500)])
def test_intervals_are_those_of_scipy(count, total):
    expected = binomtest(count, total).proportion_ci(0.95, method="wilson")
    found = wilson_interval(count, total)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert (wilson_interval(0, 0).low, wilson_interval(0, 0).high) == (0, 1)


def test_counts_of_nothing_are_refused():
    with pytest.raises(OptionError):
        f_intervals(np.zeros((0, 1, 3), dtype=np.int64))
