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
"""A span's words, the word before, the word after, near words, and the row."""
AROUND, MOST_WORDS = 30, 1280
"""Words on both sides within which sure spans are near; words from which a stream halves its
counts.
"""
STREAM_SHARE = 0.4
"""Share of the least probability below which a stream drops a span."""

Span = tuple[int, int, str]


class Seen:
    """What was read before the next words: of a text that begins, nothing."""

    def __init__(self) -> None:
        self.tail: Any = ()
        self.total: Any = 0.0
        self.counts: dict[str, float] = {}
        self.words = 0.0
        self.spans = 0.0
        # The ends of the last sure spans, counted from the next word, and the span that may go on.
        self.sure: list[int] = []
        self.open: tuple[str, float] | None = None


class Judge:
    """A second reader; `about` is the part `reader` of `labels.json`."""

    def __init__(self, about: dict[str, Any]) -> None:
        self.layer = about["layer"]
        self._least = about["least"]
        self._leasts = about["leasts"]
        self._labels = about["labels"]
        self._near = about["near"]
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
        seen: Seen,
        count: int,
    ) -> list[float]:
        """Give each word of a span the probability that the span is right.

        Args:
            states: States (words, width) of the next words.
            tags: The tag of each word.
            spans: The spans of the tags.
            chances: The probability of each word's tag.
            seen: What was read before, which then holds the first `count` words too.
            count: How many words leave the look-ahead; of a whole row, all.

        Returns:
            The probabilities of the first `count` words; those outside spans are as they were.
        """
        own = states.astype(np.float64)
        read = np.concatenate([seen.tail, own]) if len(seen.tail) else own
        shift = len(seen.tail)
        total = seen.total + own.sum(axis=0)
        least = [min(chances[start:end]) for start, end, _ in spans]
        is_sure = [chance >= self._sure for chance in least]
        goes_on = (
            bool(spans)
            and seen.open is not None
            and spans[0][0] == 0
            and spans[0][2] == seen.open[0]
        )
        carried = goes_on and tags[0][0] not in "BSU"
        words = seen.words + len(states)
        likely = []
        for number, (start, end, label) in enumerate(spans):
            others = [spans[n] for n in range(len(spans)) if is_sure[n] and n != number]
            near = sum(first < end + AROUND and last > start - AROUND for first, last, _ in others)
            near += sum(sure_end > start - AROUND for sure_end in seen.sure)
            labels = [other[2] for other in others]
            counts = [seen.counts.get(name, 0.0) + labels.count(name) for name in self._labels]
            mean = sum(chances[start:end]) / (end - start)
            units = self._units(read, start + shift, end + shift, total / words)
            numbers = _numbers(
                least[number], mean, end - start, words, near, seen.spans + len(spans)
            )
            likely.append(self._probability(units, label, counts, numbers))
        if carried and seen.open is not None:
            likely[0] = seen.open[1]
        judged = list(chances[:count])
        for (start, end, _), probability in zip(spans, likely, strict=True):
            judged[start:end] = [probability] * (min(end, count) - min(start, count))

        ends = [(span, sure) for span, sure in zip(spans, is_sure, strict=True) if span[0] < count][
            carried:
        ]
        for (_, _, label), sure in ends:
            seen.counts[label] = seen.counts.get(label, 0.0) + sure
        seen.spans += len(ends)
        seen.total = seen.total + own[:count].sum(axis=0)
        seen.words += count
        sure_ends = [*seen.sure, *(span[1] for span, sure in ends if sure)]
        seen.sure = [sure_end - count for sure_end in sure_ends if sure_end - count > -AROUND]
        seen.tail = read[: shift + count][-self._near :].copy()
        going = [number for number, (start, end, _) in enumerate(spans) if start < count <= end]
        seen.open = (spans[going[-1]][2], likely[going[-1]]) if going else None
        if seen.words > MOST_WORDS:
            seen.counts = {label: number / 2 for label, number in seen.counts.items()}
            seen.total = seen.total / 2
            seen.spans = seen.spans / 2
            seen.words = seen.words / 2
        return judged

    def dropped(
        self,
        tags: Sequence[str],
        spans: Sequence[Span],
        judged: Sequence[float],
        *,
        in_stream: bool = False,
    ) -> list[str]:
        """Give the tags of a text without the spans whose probability is too low; a stream drops
        fewer.
        """
        share = STREAM_SHARE if in_stream else 1.0
        result = list(tags)
        for start, end, label in spans:
            if min(judged[start:end]) < self._leasts.get(label, self._least) * share:
                result[start:end] = ["O"] * (end - start)
        return result

    def _units(self, read: Any, start: int, end: int, whole: Any) -> Any:
        """What the words in and around a span add to the hidden units, (hidden,); `whole` is the
        mean of the text.
        """
        nothing = np.zeros(read.shape[1])
        near = read[max(start - self._near, 0) : end + self._near]
        before = read[start - 1] if start else nothing
        after = read[end] if end < len(read) else nothing
        views = np.stack([read[start:end].mean(axis=0), before, after, near.mean(axis=0), whole])
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
    least: float, mean: float, size: int, words: float, near: int, spans: float
) -> list[float]:
    odds = _log_odds(least)
    counted = [np.log(size), np.log(words) / 5, np.log1p(near), np.log1p(spans)]
    return [odds / 3, _log_odds(mean) / 3, *counted, odds**2 / 10, float(words == 1)]


def _log_odds(share: float) -> float:
    inside = min(max(share, 1e-4), 1 - 1e-4)
    return float(np.log(inside / (1 - inside)))
