"""How well private values are masked, in characters and whatever their type, so that any two tools can be compared.

White space, commas and full stops are not counted: where the rest of a value is masked they tell nothing. Shares are
between 0 and 1; nothing is masked here.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from seqlabel.documents.spans import CharacterSpan
from seqlabel.scores.intervals import Interval
from seqlabel.scores.metrics import score_counts

_TELLS_NOTHING = frozenset(",.")


@dataclass(frozen=True)
class Masked:
    """What was found in one text.

    Args:
        right: Private characters that were found.
        wrong: Characters that were found and are not private.
        missed: Private characters that were not found.
        values: The type of each private value, and whether all its characters were found.
        touched: Whether anything was found.
    """

    right: int
    wrong: int
    missed: int
    values: tuple[tuple[str, bool], ...]
    touched: bool


def compare_masked(
    text: str,
    gold: Sequence[CharacterSpan],
    found: Sequence[tuple[int, int]],
    *,
    optional: Sequence[CharacterSpan] = (),
) -> Masked:
    """Compare the private values of a text with what was found in it.

    Args:
        text: The text.
        gold: Its private values.
        found: The first character of each place that was found, and the one after its last; they may overlap.
        optional: What may be private or not, and counts neither way.

    Returns:
        The counts.

    Example:
        >>> compare_masked("Ann Moss called", [CharacterSpan(0, 8, "PERSON")], [(0, 3)])
        Masked(right=3, wrong=0, missed=4, values=(('PERSON', False),), touched=True)
    """

    def characters(start: int, end: int) -> set[int]:
        return {place for place in range(start, end) if not (text[place].isspace() or text[place] in _TELLS_NOTHING)}

    private = set().union(*(characters(span.start, span.end) for span in gold))
    covered = set().union(*(characters(start, end) for start, end in found))
    covered -= set().union(*(characters(span.start, span.end) for span in optional)) - private
    return Masked(
        right=len(private & covered),
        wrong=len(covered - private),
        missed=len(private - covered),
        values=tuple((span.label, characters(span.start, span.end) <= covered) for span in gold),
        touched=bool(covered),
    )


def masked_figures(texts: Sequence[Masked]) -> dict[str, float]:
    """Return the figures of some texts.

    Args:
        texts: What was found in each.

    Returns:
        `precision`, `recall`, `f1` and `f2` of characters, `wholly_masked`, the share of values of which all characters
        were found, and `clean_touched`, the share of texts without private values in which anything was found.
    """
    right = sum(one.right for one in texts)
    wrong = sum(one.wrong for one in texts)
    missed = sum(one.missed for one in texts)
    f1, f2 = (score_counts(right, right + wrong, right + missed, beta) for beta in (1.0, 2.0))
    masked = [whole for one in texts for _, whole in one.values]
    clean = [one.touched for one in texts if not one.values]

    return {
        "precision": f1.precision,
        "recall": f1.recall,
        "f1": f1.f,
        "f2": f2.f,
        "wholly_masked": sum(masked) / max(len(masked), 1),
        "clean_touched": sum(clean) / max(len(clean), 1),
    }


def masked_intervals(texts: Sequence[Masked], *, draws: int = 1_000, seed: int = 0) -> dict[str, Interval]:
    """Estimate the middle 95 % of each figure over draws of texts with replacement (Efron 1979, percentiles).

    Args:
        texts: What was found in each text.
        draws: The number of draws.
        seed: The seed of the draws.

    Returns:
        An interval for each of `masked_figures`.
    """
    chance = random.Random(seed)
    drawn = [masked_figures(chance.choices(texts, k=len(texts))) for _ in range(draws)]
    low, high = int(0.025 * draws), min(int(0.975 * draws), draws - 1)
    ordered = {key: sorted(one[key] for one in drawn) for key in drawn[0]}
    return {key: Interval(numbers[low], numbers[high]) for key, numbers in ordered.items()}


def masked_types(texts: Sequence[Masked]) -> dict[str, tuple[int, float]]:
    """Return how many values of each type there are, and which share of them is wholly masked.

    Args:
        texts: What was found in each text.

    Returns:
        Both by type, in alphabetical order.
    """
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for one in texts:
        for label, whole in one.values:
            groups[label].append(whole)
    return {label: (len(group), sum(group) / len(group)) for label, group in sorted(groups.items())}
