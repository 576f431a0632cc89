"""Recall against precision as predictions are kept by their probability; numbers only, nothing is drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from seqlabel.errors import DataError


@dataclass(frozen=True)
class Point:
    """Precision and recall of the predictions whose probability is at least `threshold`."""

    threshold: float
    precision: float
    recall: float


def recall_curve(confidences: ArrayLike, correct: ArrayLike, gold: int, *, points: int = 100) -> list[Point]:
    """Follow precision and recall from the surest prediction to all of them.

    Args:
        confidences: The probability of each prediction, shape (items,).
        correct: Whether each prediction is right, shape (items,).
        gold: How many items gold has; at least as many as are right.
        points: The highest number of points; they are spread evenly over the ranks.

    Returns:
        The points, recall rising; none where nothing was predicted or gold has nothing.

    Raises:
        DataError: More predictions are right than gold has.

    Example:
        >>> [(one.precision, one.recall) for one in recall_curve([0.9, 0.5], [True, False], 2)]
        [(1.0, 0.5), (0.5, 0.5)]
    """
    values, hits = np.asarray(confidences, dtype=np.float64), np.asarray(correct, dtype=bool)
    if hits.sum() > gold:
        raise DataError(f"Found {hits.sum()} right predictions of {gold} gold items. Give all gold items.")
    if not len(values) or not gold:
        return []
    order = np.argsort(-values, kind="stable")
    values, right = values[order], np.cumsum(hits[order])
    # Predictions of one probability are kept or left out together.
    last = np.flatnonzero(np.append(values[1:] != values[:-1], True))
    if len(last) > points:
        last = last[np.unique(np.linspace(0, len(last) - 1, points).round().astype(int))]
    return [Point(float(values[at]), float(right[at] / (at + 1)), float(right[at] / gold)) for at in last]
