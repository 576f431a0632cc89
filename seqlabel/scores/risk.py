"""The setting that keeps a rate of errors under a bound; intervals of rates are in `intervals`,
nothing is labelled.

Shapes: texts, settings.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqlabel.errors import OptionError


def tail_probability(mean: float, texts: int, bound: float) -> float:
    """Return a p-value for the hypothesis that the true mean loss is above a bound, by Hoeffding
    and Bentkus.

    From Bates et al., "Distribution-Free, Risk-Controlling Prediction Sets" (2021, arXiv
    2101.02703), for losses between 0 and 1.

    Args:
        mean: The mean loss that was measured.
        texts: The number of texts.
        bound: The bound.

    Returns:
        The probability, at most.
    """
    low = min(mean, bound)
    divergence = low * math.log(low / bound) if low else 0.0
    divergence += (1 - low) * math.log((1 - low) / (1 - bound)) if low < 1 else 0.0
    hoeffding = math.exp(-texts * divergence)
    bentkus = math.e * _binomial_cdf(math.ceil(texts * mean - 1e-9), texts, bound)
    return min(1.0, hoeffding, bentkus)


def _binomial_cdf(most: int, draws: int, chance: float) -> float:
    """The probability of at most this number of successes; logarithms keep thousands of draws in
    range.
    """
    log_odds = math.log(chance) - math.log1p(-chance)
    log_ways = 0.0
    terms = [draws * math.log1p(-chance)]
    for count in range(1, min(most, draws) + 1):
        log_ways += math.log(draws - count + 1) - math.log(count)
        terms.append(terms[0] + log_ways + count * log_odds)
    return min(1.0, math.fsum(map(math.exp, terms)))


@dataclass(frozen=True)
class Control:
    """The setting that keeps a risk under a bound.

    Args:
        chosen: The number of the setting, the first one that does; None where none does.
        means: The mean loss of each setting, made monotone.
        needed: How many texts would be enough if nothing were lost in any of them.
    """

    chosen: int | None
    means: tuple[float, ...]
    needed: int


def control_risk(
    losses: NDArray[np.float64], *, bound: float, confidence: float | None = None
) -> Control:
    """Choose the first setting whose risk on new texts of the same kind stays under a bound.

    Without a confidence by conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster
    2022, arXiv 2208.02814): the expected loss of a new text is at most the bound, on average over
    draws of these texts. With a confidence the true mean loss is at most the bound for that share
    of draws (Bates et al. 2021): the stronger statement, which needs more texts.

    Args:
        losses: The loss of each text under each setting, between 0 and 1, shape (texts, settings).
            Settings are in the order from few to many findings; a loss that rises on the way counts
            for all settings before it too.
        bound: The highest mean loss, between 0 and 1.
        confidence: The share of draws, between 0 and 1; None bounds the expectation.

    Returns:
        The choice.

    Raises:
        OptionError: There are no texts, or a number is not between 0 and 1.

    Example:
        >>> control_risk(np.zeros((100, 3)), bound=0.05, confidence=0.9).chosen
        0
        >>> control_risk(np.zeros((10, 3)), bound=0.05, confidence=0.9)
        Control(chosen=None, means=(0.0, 0.0, 0.0), needed=45)
    """
    if not len(losses):
        raise OptionError("losses: expected texts with values that can be missed, got no texts.")
    for name, number in (("bound", bound), ("confidence", confidence)):
        if number is not None and not 0 < number < 1:
            raise OptionError(
                f"{name}: expected a number between 0 and 1, such as 0.05, got {number}."
            )
    texts = len(losses)
    monotone = np.maximum.accumulate(losses[:, ::-1], axis=1)[:, ::-1]
    means = tuple(map(float, monotone.mean(axis=0)))
    if confidence is None:
        kept = [texts / (texts + 1) * mean + 1 / (texts + 1) <= bound + 1e-12 for mean in means]
        needed = math.ceil(1 / bound - 1 - 1e-9)
    else:
        kept = [tail_probability(mean, texts, bound) <= 1 - confidence + 1e-12 for mean in means]
        needed = math.ceil(math.log(1 - confidence) / math.log(1 - bound) - 1e-9)
    return Control(kept.index(True) if True in kept else None, means, needed)
