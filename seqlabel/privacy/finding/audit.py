"""Misses and alarms of a finder on the user's own labelled and clean texts; bounds are worked out
in `scores`.

Values count, not words: a value of which one letter or digit stays is leaked. No result holds text.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.finding.long_texts import FoundSpan, find_in_texts
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.scores.intervals import Interval, wilson_interval

SENSITIVITIES = tuple(number / 2 for number in range(-6, 15))
"""Those that are tried."""
_TOGETHER = 256
"""Texts that are read together."""
Shown = Iterable[list[FoundSpan]]
"""What was found in each text, passed on while it is shown how far the texts are."""


@dataclass(frozen=True)
class Labeled:
    """A text and the private values in it. The repr holds no text.

    Args:
        text: The text.
        values: The values that are private, in any order.
    """

    text: str = field(repr=False)
    values: tuple[CharacterSpan, ...]


@dataclass(frozen=True)
class Rate:
    """How often something was seen.

    Args:
        count: How often.
        total: Of how many.
    """

    count: int
    total: int

    @property
    def share(self) -> float:
        """The share, 0 where the total is 0."""
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the share (Wilson)."""
        return wilson_interval(self.count, self.total)


@dataclass(frozen=True)
class Audit:
    """Leaks and false alarms of a finder.

    Args:
        texts: The number of texts.
        leaked: Values of which a letter or digit was not found, by their label.
        missed: Values of which nothing was found, by their label.
        over: Letters and digits that are not private and were found, of all that are not private.
        alarms: Findings that touch no value, by the label they were given.
        losses: The share of leaked values of each text that has values, shape (texts with values).
    """

    texts: int
    leaked: dict[str, Rate]
    missed: dict[str, Rate]
    over: Rate
    alarms: dict[str, int]
    losses: NDArray[np.float64]

    @property
    def leak(self) -> Rate:
        """Leaked values of all labels."""
        count = sum(rate.count for rate in self.leaked.values())
        total = sum(rate.total for rate in self.leaked.values())
        return Rate(count, total)


def audit(
    finder: PrivateFinder,
    labeled: Iterable[Labeled],
    *,
    shown: Callable[[Iterator[list[FoundSpan]]], Shown] = iter,
) -> Audit:
    """Compare what a finder finds with the values that people labelled; labels need not agree.

    Args:
        finder: What finds private data.
        labeled: Texts with all their private values.
        shown: Shows how far the texts are: it takes an iterator with an item for each, and passes
            the items on.

    Returns:
        The counts.

    Raises:
        DataError: There is no text, or no value in any.
    """
    known = list(labeled)
    if not any(example.values for example in known):
        raise DataError(
            f"Expected texts with private values, got {len(known)} texts without any. Label at "
            "least one value."
        )

    totals = Counter[str]()
    leaked = Counter[str]()
    missed = Counter[str]()
    alarms = Counter[str]()
    over = clear = 0
    losses: list[float] = []

    for example, findings in zip(
        known, shown(_found(finder, [example.text for example in known])), strict=True
    ):
        spans = [span for span, _, _ in findings]
        covered = _mask(example.text, spans)
        private = _mask(example.text, example.values)
        counted = np.array([character.isalnum() for character in example.text], dtype=bool)
        over += int((covered & counted & ~private).sum())
        clear += int((counted & ~private).sum())
        here = 0
        for value in example.values:
            characters = slice(value.start, value.end)
            # Of a value of punctuation alone, every character counts.
            letters = (
                counted[characters]
                if counted[characters].any()
                else np.ones(value.end - value.start, dtype=bool)
            )
            open_ = letters & ~covered[characters]
            totals[value.label] += 1
            leaked[value.label] += bool(open_.any())
            missed[value.label] += not (letters & covered[characters]).any()
            here += bool(open_.any())
        if example.values:
            losses.append(here / len(example.values))
        alarms.update(span.label for span in spans if not private[span.start : span.end].any())

    leaked_rates = {label: Rate(leaked[label], totals[label]) for label in sorted(totals)}
    missed_rates = {label: Rate(missed[label], totals[label]) for label in sorted(totals)}
    return Audit(
        len(known),
        leaked_rates,
        missed_rates,
        Rate(over, clear),
        dict(alarms.most_common()),
        np.array(losses),
    )


def losses_by_sensitivity(
    settings: PrivacySettings,
    labeled: Sequence[Labeled],
    sensitivities: Sequence[float] = SENSITIVITIES,
) -> Iterator[NDArray[np.float64]]:
    """Measure the share of leaked values of each text under rising sensitivities.

    Args:
        settings: All other settings.
        labeled: Texts with all their private values.
        sensitivities: Those to try, in rising order.

    Yields:
        The losses under each, shape (texts with values).
    """
    labeler = Labeler.load(settings.model)
    for sensitivity in sensitivities:
        finder = PrivateFinder(labeler, settings=replace(settings, sensitivity=sensitivity))
        yield audit(finder, labeled).losses


@dataclass(frozen=True)
class Alarms:
    """Findings in texts that hold nothing private.

    Args:
        words: The number of words of the texts, as the finder cuts them.
        by_label: The number of findings by their label, most frequent first.
    """

    words: int
    by_label: dict[str, int]

    @property
    def count(self) -> int:
        """All findings."""
        return sum(self.by_label.values())

    @property
    def rate(self) -> float:
        """Findings in 1,000 words."""
        return 1_000 * self.count / self.words


def count_alarms(
    finder: PrivateFinder,
    texts: Sequence[str],
    *,
    shown: Callable[[Iterator[list[FoundSpan]]], Shown] = iter,
) -> Alarms:
    """Count what a finder finds in texts that hold nothing private.

    Args:
        finder: What finds private data.
        texts: The texts.
        shown: Shows how far the texts are, as in `audit`.

    Returns:
        The counts.

    Raises:
        DataError: The texts have no word.
    """
    words = sum(len(finder.labeler.tokenize(text)) for text in texts)
    if not words:
        raise DataError(
            "expected clean texts with words, got none. Pass texts of the kind that the "
            "settings are for."
        )
    by_label = Counter[str]()
    for findings in shown(_found(finder, texts)):
        by_label.update(span.label for span, _, _ in findings)
    return Alarms(words, dict(by_label.most_common()))


def sensitivity_for_alarms(
    settings: PrivacySettings,
    texts: Sequence[str],
    most: float,
    sensitivities: Sequence[float] = SENSITIVITIES,
    *,
    shown: Callable[[Iterator[float]], Iterator[float]] = iter,
) -> float | None:
    """Find the highest sensitivity that keeps an alarm budget.

    Args:
        settings: All other settings.
        texts: Texts that hold nothing private.
        most: The highest number of findings in 1,000 words.
        sensitivities: Those to try, in rising order. A higher one finds all that a lower one finds,
            so that those above the first one over the budget are not tried.
        shown: Shows how many sensitivities were tried: takes them and gives them back.

    Returns:
        The sensitivity, None where the lowest one is over the budget too, as where rules alone find
        more.

    Raises:
        DataError: The texts have no word.
    """
    labeler = Labeler.load(settings.model)
    best = None
    for sensitivity in shown(iter(sensitivities)):
        finder = PrivateFinder(labeler, settings=replace(settings, sensitivity=sensitivity))
        if count_alarms(finder, texts).rate > most:
            break
        best = sensitivity
    return best


def _found(finder: PrivateFinder, texts: Sequence[str]) -> Iterator[list[FoundSpan]]:
    """What is found in each text, as soon as the texts that are read with it are."""
    for start in range(0, len(texts), _TOGETHER):
        yield from find_in_texts(finder, texts[start : start + _TOGETHER])


def _mask(text: str, spans: Iterable[CharacterSpan]) -> NDArray[np.bool_]:
    mask = np.zeros(len(text), dtype=bool)
    for span in spans:
        mask[span.start : span.end] = True
    return mask
