"""Judges the spans that a model found with its second reader; the network is run by `run.py`. NumPy
alone.

It does what `seqlabel/native/span_reader.py` does, span by span. Shapes: words, views, hidden,
width.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

VIEWS = 5
"""A span's words, the word before, the word after, near words, and the passage."""

Span = tuple[int, int, str]


class Passed:
    """The last words before the next ones: of a text that begins, none.

    Their states, tags, the probabilities of the tags, and those that the reader gave.
    """

    def __init__(self) -> None:
        self.states: Any = ()
        self.tags: list[str] = []
        self.chances: list[float] = []
        self.judged: list[float] = []


class Judge:
    """A second reader; `about` is the part `reader` of `labels.json`."""

    def __init__(self, about: dict[str, Any]) -> None:
        self.layer = about["layer"]
        self._least = about["least"]
        self._leasts = about["leasts"]
        self._labels = about["labels"]
        self._near = about["near"]
        self._before = about["before"]
        self._after = about["after"]
        self._sure = about["sure"]
        self._weights = {name: np.array(values) for name, values in about["weights"].items()}
        states = np.frombuffer(base64.b64decode(about["states"]), "<f4")
        self._weights["states"] = states.reshape(VIEWS, len(self._weights["bias"]), -1)

    def judge(
        self,
        states: Any,
        tags: Sequence[str],
        spans: Sequence[Span],
        chances: Sequence[float],
        passed: Passed,
        count: int,
    ) -> list[float]:
        """Give each word of a span the probability that the span is right.

        Args:
            states: States (words, width) of the next words.
            tags: The tag of each word.
            spans: The spans of the tags of the words before and the next ones.
            chances: The probability of each word's tag.
            passed: The words before, which then end with the first `count` words.
            count: How many words leave the look-ahead; of a whole row, all.

        Returns:
            The probabilities of the first `count` words; those outside spans are as they were.
        """
        own = states.astype(np.float64)
        read = np.concatenate([passed.states, own]) if len(passed.states) else own
        first = len(passed.tags)
        all_chances = [*passed.chances, *chances]
        least = [min(all_chances[start:end]) for start, end, _ in spans]
        judged = [*passed.judged, *chances[:count]]
        for number, (start, end, label) in enumerate(spans):
            if end <= first or start >= first + count:
                continue
            if start < first:
                probability = judged[first - 1]
            else:
                low = max(start - self._before, 0)
                high = min(end + self._after, len(read))
                inside = [n for n, (a, b, _) in enumerate(spans) if a < high and b > low]
                sure = [spans[n][2] for n in inside if least[n] >= self._sure and n != number]
                mean = sum(all_chances[start:end]) / (end - start)
                probability = self._probability(
                    self._units(read, start, end, read[low:high].mean(axis=0)),
                    label,
                    [sure.count(name) for name in self._labels],
                    _numbers(least[number], mean, end - start, high - low, len(sure), len(inside)),
                )
            places = range(max(start, first), min(end, first + count))
            judged[places.start : places.stop] = [probability] * len(places)

        last = first + count
        begin = max(last - self._before, 0)
        passed.states = read[begin:last].copy()
        passed.tags = [*passed.tags, *tags][begin:last]
        passed.chances = all_chances[begin:last]
        passed.judged = judged[begin:]
        return judged[first:]

    def dropped(
        self,
        tags: Sequence[str],
        spans: Sequence[Span],
        judged: Sequence[float],
    ) -> list[str]:
        """Give the tags of a text without the spans whose probability is too low."""
        result = list(tags)
        for start, end, label in spans:
            if min(judged[start:end]) < self._leasts.get(label, self._least):
                result[start:end] = ["O"] * (end - start)
        return result

    def _units(self, read: Any, start: int, end: int, passage: Any) -> Any:
        """What the words in and around a span add to the hidden units, (hidden,); `passage` is
        the mean of its passage.
        """
        nothing = np.zeros(read.shape[1])
        near = read[max(start - self._near, 0) : end + self._near]
        before = read[start - 1] if start else nothing
        after = read[end] if end < len(read) else nothing
        views = np.stack([read[start:end].mean(axis=0), before, after, near.mean(axis=0), passage])
        return np.einsum("vw,vhw->h", views, self._weights["states"])

    def _probability(
        self, units: Any, label: str, counts: Sequence[float], numbers: Sequence[float]
    ) -> float:
        weights = self._weights
        if label in self._labels:
            units = units + weights["labels"][self._labels.index(label)]
        units = (
            units
            + np.log1p(counts) @ weights["counts"]
            + np.array(numbers) @ weights["numbers"]
            + weights["bias"]
        )
        odds = (
            np.maximum(units, 0) @ weights["out"] + weights["out_bias"][0]
            if "out" in weights
            else units[0]
        )
        return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def _numbers(
    least: float, mean: float, size: int, words: int, sure: int, spans: int
) -> list[float]:
    odds = _log_odds(least)
    counted = [np.log(size), np.log(words) / 5, np.log1p(sure), np.log1p(spans)]
    return [odds / 3, _log_odds(mean) / 3, *counted, odds**2 / 10]


def _log_odds(share: float) -> float:
    inside = min(max(share, 1e-4), 1 - 1e-4)
    return float(np.log(inside / (1 - inside)))
