"""Probabilities and best sequences of a linear-chain random field, by the compiled steps or by
NumPy in log space.

Shapes: words (of all rows together, row after row), rows, time, tags.
"""

from collections.abc import Callable, Sequence
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
            emissions,
            sizes,
            transitions=self.transitions.astype(np.float64),
            start=self.start,
            end=self.end,
        )
        ends = np.cumsum(sizes)
        for row in lost:
            # The share of every allowed sequence is too small for 64 bits.
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
            return compiled.viterbi(
                emissions, sizes, transitions=self.transitions, start=self.start, end=self.end
            )
        found: Integers = self._through(emissions, lengths, np.max).argmax(axis=1)
        return found

    def _in_log_space(self, emissions: Floats, lengths: Sequence[int]) -> Floats:
        scores = self._through(emissions, lengths, _log_sum)
        return np.exp(scores - _log_sum(scores, axis=1)[:, None]).astype(np.float32)

    def _through(
        self, emissions: Floats, lengths: Sequence[int], join: Callable[..., Doubles]
    ) -> Doubles:
        """For each tag of each word, join the scores of all sequences that go through it, (words,
        tags).
        """
        ends = np.array(lengths, dtype=np.int64) - 1
        inside = np.arange(ends.max(initial=0) + 1) <= ends[:, None]
        scores = np.zeros((*inside.shape, emissions.shape[1]))
        scores[inside] = emissions
        ahead = np.empty_like(scores)
        backward = np.empty_like(scores)
        ahead[:, 0] = self.start + scores[:, 0]
        backward[:, -1] = self.end
        for time in range(1, scores.shape[1]):
            ahead[:, time] = (
                join(ahead[:, time - 1, :, None] + self.transitions, axis=1) + scores[:, time]
            )
        for time in range(scores.shape[1] - 2, -1, -1):
            following = scores[:, time + 1] + backward[:, time + 1]
            ways = join(self.transitions + following[:, None], axis=2)
            backward[:, time] = np.where((ends == time)[:, None], self.end, ways)
        return ahead[inside] + backward[inside]


def _log_sum(values: Doubles, *, axis: int) -> Doubles:
    highest = values.max(axis=axis, keepdims=True)
    # Of forbidden ways alone it is minus infinity, which cannot be taken off.
    highest[~np.isfinite(highest)] = 0.0
    with np.errstate(divide="ignore"):
        found: Doubles = np.log(np.exp(values - highest).sum(axis=axis)) + highest.squeeze(axis)
    return found
