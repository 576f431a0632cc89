"""Probabilities and best sequences of a linear-chain random field, by the compiled steps or by NumPy in log space.

Shapes: words (of all rows together, row after row), rows, time, tags.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqlabel.native import compiled
from seqlabel.native.compiled import LEVEL, Floats, Integers, Level

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Chain:
    """The scores of a random field over tags; minus infinity is what is forbidden.

    Args:
        transitions: Scores of a tag (second) after a tag (first), (tags, tags).
        start: Scores of the first tag of a row, (tags,).
        end: Scores of the last tag of a row, (tags,).
    """

    transitions: Floats
    start: Floats
    end: Floats

    def marginals(self, emissions: Floats, lengths: Sequence[int]) -> Floats:
        """Compute the probability of each tag of each word.

        Args:
            emissions: Scores (words, tags).
            lengths: The number of words of each row, at least 1.

        Returns:
            The probabilities (words, tags).
        """
        if LEVEL is Level.MISSING:
            return self._in_log_space(emissions, lengths)
        sizes = np.array(lengths, dtype=np.int64)
        found, lost = compiled.marginals(
            emissions, sizes, transitions=self.transitions.astype(np.float64), start=self.start, end=self.end
        )
        ends = np.cumsum(sizes)
        for row in lost:
            # Every allowed sequence is so much worse than a forbidden one that even 64 bits do not hold its share.
            inside = slice(ends[row] - sizes[row], ends[row])
            found[inside] = self._in_log_space(emissions[inside], [int(sizes[row])])
        return found

    def best(self, emissions: Floats, lengths: Sequence[int]) -> Integers:
        """Find the best-scoring sequence of each row (Viterbi 1967).

        Args:
            emissions: Scores (words, tags).
            lengths: The number of words of each row, at least 1.

        Returns:
            The tags, (words,).
        """
        if LEVEL is not Level.MISSING:
            sizes = np.array(lengths, dtype=np.int64)
            return compiled.viterbi(emissions, sizes, transitions=self.transitions, start=self.start, end=self.end)
        scores, inside, last = _padded(emissions, lengths)
        transitions, start, end = self.transitions, self.start, self.end
        state, before = start + scores[:, 0], []
        for time in range(1, scores.shape[1]):
            ways = state[:, :, None] + transitions
            before.append(ways.argmax(axis=1))
            # A row that has ended keeps its last state.
            state = np.where(inside[:, time, None], ways.max(axis=1) + scores[:, time], state)
        tags = np.empty(inside.shape, np.int64)
        rows = np.arange(len(tags))
        tag = (state + end).argmax(axis=1)
        for time in range(scores.shape[1] - 1, -1, -1):
            tags[:, time] = tag
            if time:
                tag = np.where(time <= last, before[time - 1][rows, tag], tag)
        return tags[inside]

    def _in_log_space(self, emissions: Floats, lengths: Sequence[int]) -> Floats:
        scores, inside, last = _padded(emissions, lengths)
        transitions, start, end = self.transitions, self.start, self.end
        ahead, backward = np.empty_like(scores), np.empty_like(scores)
        ahead[:, 0], backward[:, -1] = start + scores[:, 0], end
        for time in range(1, scores.shape[1]):
            ahead[:, time] = _log_sum(ahead[:, time - 1, :, None] + transitions, axis=1) + scores[:, time]
        for time in range(scores.shape[1] - 2, -1, -1):
            following = scores[:, time + 1] + backward[:, time + 1]
            ways = _log_sum(transitions + following[:, None], axis=2)
            backward[:, time] = np.where((last == time)[:, None], end, ways)
        both = ahead[inside] + backward[inside]
        return np.exp(both - _log_sum(both, axis=1)[:, None]).astype(np.float32)


def _padded(emissions: Floats, lengths: Sequence[int]) -> tuple[Doubles, npt.NDArray[np.bool_], Integers]:
    """The scores (rows, time, tags), which places are words (rows, time), and the last word of each row (rows,)."""
    sizes = np.array(lengths, dtype=np.int64)
    inside = np.arange(sizes.max(initial=1)) < sizes[:, None]
    scores = np.zeros((*inside.shape, emissions.shape[1]))
    scores[inside] = emissions
    return scores, inside, sizes - 1


def _log_sum(values: Doubles, *, axis: int) -> Doubles:
    highest = values.max(axis=axis, keepdims=True)
    # Of forbidden ways alone it is minus infinity, which cannot be taken off.
    highest[~np.isfinite(highest)] = 0.0
    with np.errstate(divide="ignore"):
        found: Doubles = np.log(np.exp(values - highest).sum(axis=axis)) + highest.squeeze(axis)
    return found
