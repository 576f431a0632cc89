"""How far a score could be off by chance, from counts in parts of the data drawn anew (bootstrap); no documents here.

Shapes: units (documents or parts of them), labels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqlabel.errors import OptionError

_MOST_AT_ONCE = 20_000_000
"""Numbers that are held at once."""


@dataclass(frozen=True)
class Interval:
    """The bounds between which a score lies with a given confidence."""

    low: float
    high: float


def f_intervals(counts: NDArray[np.int64], *, beta: float = 1.0, draws: int = 1_000, seed: int = 0) -> list[Interval]:
    """Estimate the 95 % interval of F-beta for each label by drawing units anew (Efron 1979, percentiles).

    Args:
        counts: How many predictions are right, how many there are, and how many gold has, shape (units, labels, 3).
        beta: How many times as much as precision recall weighs.
        draws: The number of draws.
        seed: The seed of the draws.

    Returns:
        An interval for each label; one unit alone gives one without width.

    Raises:
        OptionError: There are no units.

    Example:
        >>> f_intervals(np.array([[[1, 1, 1]], [[0, 1, 1]]]), draws=200)
        [Interval(low=0.0, high=1.0)]
    """
    if not len(counts):
        raise OptionError("counts: Found no units. Give the counts of at least one document.")
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
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]
