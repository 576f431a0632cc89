"""Calibration: reliability of confidences, temperatures and thresholds; numbers only, without
documents.

Shapes: items, labels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqlabel.errors import DataError, OptionError

LOWEST_TEMPERATURE = 0.05
HIGHEST_TEMPERATURE = 20.0

# Probabilities that were computed in float32 may exceed 1 by as much as this.
_ROUNDING = 1e-4

# A single span that is wrong at a probability of 1 must not outweigh all others.
_LEAST_SCORE = 1e-6


@dataclass(frozen=True)
class ReliabilityBin:
    """Items whose confidence is from `low` up to, but not including, `high`; the last bin includes
    1.

    `confidence` is their mean, `accuracy` the share of them that is right; None where `count` is 0.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Reliability:
    """Accuracy and mean confidence in bins of equal width; `error` is the expected calibration
    error.

    That is the mean of |accuracy - confidence| over the bins, weighed by their counts (Guo et al.
    2017, "On Calibration of Modern Neural Networks", equation 3): 0 where confidences can be
    believed, at most 1.
    """

    bins: tuple[ReliabilityBin, ...]
    error: float


def reliability(
    confidences: ArrayLike, correct: Sequence[bool] | NDArray[np.bool_], *, bins: int = 15
) -> Reliability:
    """Compare confidences with whether each prediction is right.

    Args:
        confidences: A probability for each item, shape (items,).
        correct: Whether each item is right, shape (items,).
        bins: The number of bins of equal width.

    Returns:
        Accuracy and mean confidence in each bin, and the expected calibration error.

    Raises:
        DataError: There are no items, another number of flags than confidences, or a confidence
            outside 0 to 1.
        OptionError: There is less than one bin.
    """
    if bins < 1:
        raise OptionError(f"bins: expected a number of at least 1, usually 10 to 20, got {bins}.")
    values, right = _items("confidences", confidences, correct)
    wrong = (values < 0) | (values > 1 + _ROUNDING)
    if wrong.any():
        raise DataError(f"Expected confidences from 0 to 1, got {values[wrong][0]:g}.")
    values = values.clip(max=1.0)
    edges = np.linspace(0, 1, bins + 1)
    bin_numbers = np.searchsorted(edges[1:-1], values, side="right")
    counts = np.bincount(bin_numbers, minlength=bins)
    confidence_sums = np.bincount(bin_numbers, weights=values, minlength=bins)
    right_counts = np.bincount(bin_numbers, weights=right, minlength=bins)

    filled: list[ReliabilityBin] = []
    for number in range(bins):
        low = float(edges[number])
        high = float(edges[number + 1])
        count = int(counts[number])
        if count:
            confidence = float(confidence_sums[number] / count)
            accuracy = float(right_counts[number] / count)
            filled.append(ReliabilityBin(low, high, count, confidence, accuracy))
        else:
            filled.append(ReliabilityBin(low, high, 0, None, None))
    error = np.abs(right_counts - confidence_sums).sum() / len(values)
    return Reliability(tuple(filled), float(error))


def fit_temperature(logits: ArrayLike, gold: ArrayLike) -> float:
    """Find the temperature that makes probabilities fit held-out items (Guo et al. 2017, section
    4.2).

    It is the divisor of the logits with the least negative log-likelihood. It changes no accuracy,
    and is above 1 where the model is overconfident. It is searched from 0.05 to 20; an optimum
    beyond a bound, as where every item is right, gives the bound.

    Args:
        logits: Logits or log-probabilities, shape (items, labels).
        gold: Label ids, shape (items,).

    Returns:
        The temperature.

    Raises:
        DataError: There are no items, or a logit is not finite.
    """
    values = np.asarray(logits, dtype=np.float64)
    ids = np.asarray(gold)
    if not values.size:
        raise DataError("Expected at least one item, got none.")
    if not np.isfinite(values).all():
        raise DataError(
            "Expected finite logits. Where a probability is 0, pass the logarithm of a small "
            "number."
        )
    values = values - values.max(axis=1, keepdims=True)
    gold_logit = values[np.arange(len(ids)), ids].mean()

    # The loss is convex in 1/temperature, so that its slope, expected logit less gold logit,
    # changes sign once.
    low = math.log(LOWEST_TEMPERATURE)
    high = math.log(HIGHEST_TEMPERATURE)
    for _ in range(40):
        middle = (low + high) / 2
        weights = np.exp(values / math.exp(middle))
        expected_logit = ((weights * values).sum(axis=1) / weights.sum(axis=1)).mean()
        if expected_logit > gold_logit:
            # The model is overconfident at this temperature.
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def fit_span_temperature(
    logits: ArrayLike,
    chosen: ArrayLike,
    starts: ArrayLike,
    correct: Sequence[bool] | NDArray[np.bool_],
) -> float:
    """Find the temperature that makes the scores of spans fit how often spans are right.

    The score of a span is the lowest probability of its words. The temperature with the least mean
    cross-entropy between these scores and `correct` is searched from 0.05 to 20, on a grid that is
    refined twice. Fitted to words instead (`fit_temperature`), it would describe the words outside
    spans, which are by far the most.

    Args:
        logits: Logits or log-probabilities of the words of all spans, span after span, shape
            (words, labels).
        chosen: The predicted label of each word, shape (words,).
        starts: Where the words of each span begin, ascending, the first one 0, shape (spans,).
        correct: Whether each span is right, shape (spans,).

    Returns:
        The temperature.

    Raises:
        DataError: There are no spans, a logit is not finite, or there is another number of flags
            than spans.
    """
    values = np.asarray(logits, dtype=np.float64)
    labels = np.asarray(chosen)
    begins, right = _items("starts", starts, correct)
    if not np.isfinite(values).all():
        raise DataError(
            "Expected finite logits. Where a probability is 0, pass the logarithm of a small "
            "number."
        )
    values = values - values.max(axis=1, keepdims=True)
    own = values[np.arange(len(labels)), labels]

    def loss(log_temperature: float) -> float:
        temperature = math.exp(log_temperature)
        totals = np.log(np.exp(values / temperature).sum(axis=1))
        scores = np.exp(np.minimum.reduceat(own / temperature - totals, begins.astype(np.int64)))
        scores = scores.clip(_LEAST_SCORE, 1 - _LEAST_SCORE)
        return float(-np.log(np.where(right, scores, 1 - scores)).mean())

    low = math.log(LOWEST_TEMPERATURE)
    high = math.log(HIGHEST_TEMPERATURE)
    best = low
    for _ in range(3):
        grid = np.linspace(low, high, 61)
        losses = [loss(float(point)) for point in grid]
        best = float(grid[int(np.argmin(losses))])
        step = float(grid[1] - grid[0])
        low = max(best - step, math.log(LOWEST_TEMPERATURE))
        high = min(best + step, math.log(HIGHEST_TEMPERATURE))
    return math.exp(best)


def threshold_for_recall(
    scores: ArrayLike, positive: Sequence[bool] | NDArray[np.bool_], recall: float
) -> float:
    """Find the highest threshold that still finds a share of the positive items, to be applied to
    held-out items.

    Args:
        scores: A score for each item, shape (items,).
        positive: Whether each item is positive, shape (items,).
        recall: The share of positive items with `score >= threshold`, 0 < recall ≤ 1.

    Returns:
        The threshold.

    Raises:
        DataError: There is another number of flags than scores, a score is not finite, or no item
            is positive.
        OptionError: `recall` is out of range.
    """
    if not 0 < recall <= 1:
        raise OptionError(f"recall: expected a share above 0 and at most 1, got {recall}.")
    values, is_positive = _items("scores", scores, positive)
    positive_scores = np.sort(values[is_positive])[::-1]
    if not len(positive_scores):
        raise DataError(f"Expected at least one positive item, got none among {len(values)}.")
    # Recall is compared as a quotient: a product such as 0.7 * 10 may be a little more than 7.
    recalls = np.arange(1, len(positive_scores) + 1) / len(positive_scores)
    first_enough = (recalls >= recall).argmax()
    return float(positive_scores[first_enough])


def _items(
    name: str, numbers: ArrayLike, flags: Sequence[bool] | NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values = np.asarray(numbers, dtype=np.float64)
    marks = np.asarray(flags, dtype=bool)
    if values.ndim != 1 or values.shape != marks.shape:
        raise DataError(
            f"{name}: expected one flag per number, got shapes {values.shape} and {marks.shape}."
        )
    if not len(values):
        raise DataError(f"{name}: expected at least one, got none.")
    if not np.isfinite(values).all():
        raise DataError(
            f"{name}: expected finite numbers, got one that is not. Leave such items out."
        )
    return values, marks
