"""Reliability, temperature and threshold, each checked against a slow version that follows the
definition.
"""

import math
import random

import numpy as np
import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.scores.calibration import (
    HIGHEST_TEMPERATURE,
    LOWEST_TEMPERATURE,
    ReliabilityBin,
    fit_span_temperature,
    fit_temperature,
    reliability,
    threshold_for_recall,
)

every_seed = pytest.mark.parametrize("seed", range(5))


# Reliability


@every_seed
@pytest.mark.parametrize("bins", [1, 7, 15])
def test_the_calibration_error_is_the_weighted_mean_of_the_gaps(seed, bins):
    chance = random.Random(seed)
    pairs = []
    for _ in range(200):
        value = chance.choice([0.0, 1.0, chance.random(), chance.randint(0, bins) / bins])
        pairs.append((value, chance.random() < 0.7))
    found = reliability(*zip(*pairs, strict=True), bins=bins)
    assert sum(one.count for one in found.bins) == 200
    error = 0.0
    for one in found.bins:
        last = one is found.bins[-1]
        inside = [
            pair for pair in pairs if one.low <= pair[0] < one.high or (last and pair[0] == 1)
        ]
        assert one.count == len(inside)
        if inside:
            confidence, accuracy = (sum(part) / len(inside) for part in zip(*inside, strict=True))
            assert (one.confidence, one.accuracy) == pytest.approx((confidence, accuracy))
            error += len(inside) / 200 * abs(confidence - accuracy)
    assert found.error == pytest.approx(error)


def test_bins_are_half_open_and_the_last_includes_one():
    found = reliability([0.0, 0.5, 1.0, 1.0 + 5e-5], [True, True, True, False], bins=4)
    assert [one.count for one in found.bins] == [1, 0, 1, 2]
    assert found.bins[1] == ReliabilityBin(0.25, 0.5, 0, None, None)
    assert found.bins[3] == ReliabilityBin(0.75, 1.0, 2, 1.0, 0.5)
    assert found.error == pytest.approx((1 + 0.5 + 1) / 4)
    exact = reliability([0.75] * 4, [True, True, True, False])
    assert (exact.error, len(exact.bins)) == (0, 15)


# Temperature


def loss(logits, gold, temperature):
    total = 0.0
    for row, label in zip(logits.tolist(), gold.tolist(), strict=True):
        scaled = [value / temperature for value in row]
        top = max(scaled)
        total += top + math.log(sum(math.exp(value - top) for value in scaled)) - scaled[label]
    return total / len(gold)


@every_seed
def test_the_temperature_has_the_least_loss_of_a_grid(seed):
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(60, 4)) * generator.uniform(0.5, 6)
    gold = np.where(generator.random(60) < 0.7, logits.argmax(axis=1), generator.integers(0, 4, 60))
    before = logits.copy()
    found = fit_temperature(logits, gold)
    grid = np.exp(np.linspace(math.log(LOWEST_TEMPERATURE), math.log(HIGHEST_TEMPERATURE), 300))
    best = grid[np.argmin([loss(logits, gold, value) for value in grid])]
    assert LOWEST_TEMPERATURE < found < HIGHEST_TEMPERATURE
    assert found == pytest.approx(best, rel=0.025)
    assert loss(logits, gold, found) <= loss(logits, gold, best)
    # Log-probabilities are logits too, and nothing that was given has changed.
    shifted = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert fit_temperature(shifted, gold) == pytest.approx(found)
    assert (logits == before).all()


def test_a_known_temperature_is_found_again():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(20_000, 5)) * 2
    gold = (logits + generator.gumbel(size=logits.shape)).argmax(axis=1)
    assert fit_temperature(3 * logits, gold) == pytest.approx(3, rel=0.03)
    assert fit_temperature(0.5 * logits, gold) == pytest.approx(0.5, rel=0.03)


def test_a_temperature_beyond_the_bounds_is_the_bound():
    logits = np.array([[2.0, 0.0], [0.0, 2.0]])
    assert fit_temperature(logits, [0, 1]) == pytest.approx(LOWEST_TEMPERATURE)
    assert fit_temperature(logits, [1, 0]) == pytest.approx(HIGHEST_TEMPERATURE)


# Threshold


@every_seed
def test_the_threshold_is_the_highest_that_reaches_the_recall(seed):
    chance = random.Random(seed)
    scores = [chance.randint(0, 20) / 20 for _ in range(40)]
    positive = [True] + [chance.random() < 0.4 for _ in scores[1:]]
    for hundredths in range(1, 101):
        recall = hundredths / 100

        def reached(threshold):
            found = [
                score >= threshold for score, wanted in zip(scores, positive, strict=True) if wanted
            ]
            return sum(found) / len(found)

        threshold = threshold_for_recall(scores, positive, recall)
        assert reached(threshold) >= recall
        assert all(reached(higher) < recall for higher in scores if higher > threshold)
        assert reached(np.nextafter(threshold, 2)) < recall


@pytest.mark.parametrize("count", [3, 7, 10, 49, 100])
def test_no_positive_more_than_needed_is_asked_for(count):
    scores = list(range(count))
    for needed in range(1, count + 1):
        assert threshold_for_recall(scores, [True] * count, needed / count) == count - needed


# Temperatures of spans


@every_seed
def test_no_temperature_fits_spans_better(seed):
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 4, size=60)
    starts = np.cumsum([0, *lengths[:-1]])
    logits = random.normal(size=(lengths.sum(), 5)) * 4
    chosen = logits.argmax(axis=1)
    correct = random.random(60) < 0.7

    def loss(temperature):
        total = 0.0
        for start, length, right in zip(starts, lengths, correct, strict=True):
            chances = []
            for word in range(start, start + length):
                shares = np.exp(logits[word] / temperature)
                chances.append(shares[chosen[word]] / shares.sum())
            total -= math.log(min(chances) if right else 1 - min(chances))
        return total / 60

    found = fit_span_temperature(logits, chosen, starts, correct)
    assert LOWEST_TEMPERATURE < found < HIGHEST_TEMPERATURE
    assert all(loss(found) <= loss(other) + 1e-6 for other in np.geomspace(0.2, 20, 400))


def test_spans_that_are_all_right_take_the_lowest_temperature():
    found = fit_span_temperature([[2.0, 0.0], [0.0, 3.0]], [0, 1], [0, 1], [True, True])
    assert found < 1.01 * LOWEST_TEMPERATURE


NAN = float("nan")


@pytest.mark.parametrize(
    ("call", "error", "named"),
    [
        (lambda: reliability([], []), DataError, "confidences: "),
        (lambda: reliability([0.5, 0.5], [True]), DataError, "confidences: "),
        (lambda: reliability([[0.5]], [[True]]), DataError, "confidences: "),
        (lambda: reliability([NAN], [True]), DataError, "confidences: "),
        (lambda: reliability([0.5, 1.2], [True, True]), DataError, "onfidences"),
        (lambda: reliability([-0.5], [True]), DataError, "onfidences"),
        (lambda: reliability([0.5], [True], bins=0), OptionError, "bins:"),
        (lambda: fit_temperature(np.zeros((0, 2)), np.zeros(0, dtype=int)), DataError, None),
        (lambda: fit_temperature([[1.0, -math.inf]], [0]), DataError, None),
        (lambda: threshold_for_recall([0.5, 0.6], [False, False], 0.9), DataError, None),
        (lambda: threshold_for_recall([0.5], [True, True], 0.9), DataError, "scores:"),
        (lambda: threshold_for_recall([0.5, NAN], [True, False], 0.9), DataError, "scores:"),
        (lambda: threshold_for_recall([0.5], [True], 0), OptionError, "recall:"),
        (lambda: threshold_for_recall([0.5], [True], -0.1), OptionError, "recall:"),
        (lambda: threshold_for_recall([0.5], [True], 1.1), OptionError, "recall:"),
        (lambda: threshold_for_recall([0.5], [True], NAN), OptionError, "recall:"),
        (lambda: fit_span_temperature([[1.0, 0.0]], [0], [], []), DataError, None),
        (lambda: fit_span_temperature([[1.0, 0.0]], [0], [0], [True, False]), DataError, None),
    ],
)
def test_what_cannot_be_calibrated_is_refused(call, error, named):
    with pytest.raises(error, match=named):
        call()
