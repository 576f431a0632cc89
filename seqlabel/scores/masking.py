"""How well private values are masked, in characters and whatever their type, so that any two tools
can be compared.

White space, commas and full stops are not counted: they reveal nothing where the rest of a value is
masked. Shares are between 0 and 1; nothing is masked here.
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
        found: The first character of each place that was found, and the one after its last; they
            may overlap.
        optional: What may be private or not, and counts neither way.

    Returns:
        The counts.

    Example:
        >>> compare_masked("Ann Moss called", [CharacterSpan(0, 8, "PERSON")], [(0, 3)])
        Masked(right=3, wrong=0, missed=4, values=(('PERSON', False),), touched=True)
    """

    def characters(start: int, end: int) -> set[int]:
        return {
            index
            for index in range(start, end)
            if not (text[index].isspace() or text[index] in _TELLS_NOTHING)
        }

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
        `precision`, `recall`, `f1` and `f2` of characters, `wholly_masked`, the share of values of
        which all characters were found, and `clean_touched`, the share of texts without private
        values in which anything was found.
    """
    right = sum(text.right for text in texts)
    wrong = sum(text.wrong for text in texts)
    missed = sum(text.missed for text in texts)
    f1 = score_counts(right, right + wrong, right + missed, 1.0)
    f2 = score_counts(right, right + wrong, right + missed, 2.0)

    values_are_masked: list[bool] = []
    clean_are_touched: list[bool] = []
    for text in texts:
        values_are_masked += [is_masked for _, is_masked in text.values]
        if not text.values:
            clean_are_touched.append(text.touched)
    return {
        "precision": f1.precision,
        "recall": f1.recall,
        "f1": f1.f,
        "f2": f2.f,
        "wholly_masked": sum(values_are_masked) / max(len(values_are_masked), 1),
        "clean_touched": sum(clean_are_touched) / max(len(clean_are_touched), 1),
    }


def masked_intervals(
    texts: Sequence[Masked], *, draws: int = 1_000, seed: int = 0
) -> dict[str, Interval]:
    """Estimate the middle 95 % of each figure over draws of texts with replacement (Efron 1979,
    percentiles).

    Args:
        texts: What was found in each text.
        draws: The number of draws.
        seed: The seed of the draws.

    Returns:
        An interval for each of `masked_figures`.
    """
    chance = random.Random(seed)
    drawn = [masked_figures(chance.choices(texts, k=len(texts))) for _ in range(draws)]
    low = int(0.025 * draws)
    high = min(int(0.975 * draws), draws - 1)
    intervals: dict[str, Interval] = {}
    for name in drawn[0]:
        values = sorted(figures[name] for figures in drawn)
        intervals[name] = Interval(values[low], values[high])
    return intervals


def masked_types(texts: Sequence[Masked]) -> dict[str, tuple[int, float]]:
    """Return the number of values of each type, and the share of them that is wholly masked.

    Args:
        texts: What was found in each text.

    Returns:
        Both by type, in alphabetical order.
    """
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for text in texts:
        for label, is_masked in text.values:
            groups[label].append(is_masked)
    return {label: (len(group), sum(group) / len(group)) for label, group in sorted(groups.items())}
