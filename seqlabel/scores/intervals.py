"""Confidence intervals: of F by bootstrap over units of the data, and of a rate by Wilson's
formula; no documents here.

Shapes: units (documents or parts of them), labels.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from seqlabel.errors import OptionError

_MOST_AT_ONCE = 20_000_000
"""The most numbers that are held in memory at once."""
_NO_SPREAD = 1e-9
"""A width that is only rounding."""


@dataclass(frozen=True)
class Interval:
    """The bounds between which a score lies with a given confidence."""

    low: float
    high: float


def wilson_interval(count: float, total: float, *, confidence: float = 0.95) -> Interval:
    """Estimate between which bounds a rate lies (Wilson 1927); it has a width even where nothing
    was counted.

    Args:
        count: How often the event was seen.
        total: How often it could have been.
        confidence: The share of such intervals that hold the rate.

    Returns:
        The bounds; 0 and 1 where `total` is 0.

    Example:
        >>> wilson_interval(0, 100).high < 0.04
        True
    """
    if not total:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = count / total
    factor = z * z / total
    middle = (share + factor / 2) / (1 + factor)
    reach = math.sqrt(share * (1 - share) * factor + factor * factor / 4) / (1 + factor)
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach))


def f_intervals(
    counts: NDArray[np.int64], *, beta: float = 1.0, draws: int = 1_000, seed: int = 0
) -> list[Interval]:
    """Estimate the 95 % interval of F-beta for each label by drawing units again (Efron 1979,
    percentiles).

    Where all draws have the same score, as where everything is right, they say nothing about
    chance, and the interval is Wilson's for a rate in as many cases.

    Args:
        counts: How many predictions are right, how many there are, and how many gold has, shape
            (units, labels, 3).
        beta: How many times as much as precision recall weighs.
        draws: The number of draws.
        seed: The seed of the draws.

    Returns:
        An interval for each label; from 0 to 1 where a label is neither predicted nor in gold.

    Raises:
        OptionError: There are no units.

    Example:
        >>> f_intervals(np.array([[[1, 1, 1]], [[0, 1, 1]]]), draws=200)
        [Interval(low=0.0, high=1.0)]
    """
    if not len(counts):
        raise OptionError("counts: expected the counts of at least one unit, got none.")
    units, labels, _ = counts.shape
    random = np.random.default_rng(seed)
    flat = counts.reshape(units, -1).astype(np.float64)
    group = max(_MOST_AT_ONCE // max(units, labels * 3), 1)
    sums = [
        random.multinomial(units, np.full(units, 1 / units), size=min(group, draws - done)) @ flat
        for done in range(0, draws, group)
    ]
    right, predicted, gold = np.moveaxis(np.concatenate(sums).reshape(draws, labels, 3), 2, 0)
    weight = beta * beta
    # F is (1 + b²) right / (predicted + b² gold), and 0 where there is neither.
    scores = (1 + weight) * right / np.maximum(predicted + weight * gold, 1e-12)
    low, high = np.percentile(scores, [2.5, 97.5], axis=0)
    # F is a rate: right ones among the mean of predicted and gold ones, weighted as in F.
    right_of_all, predicted_of_all, gold_of_all = counts.sum(axis=0, dtype=np.float64).T
    cases = (predicted_of_all + weight * gold_of_all) / (1 + weight)
    intervals = []
    for label in range(labels):
        if high[label] - low[label] < _NO_SPREAD:
            intervals.append(wilson_interval(float(right_of_all[label]), float(cases[label])))
        else:
            intervals.append(Interval(float(low[label]), float(high[label])))
    return intervals
