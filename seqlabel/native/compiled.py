"""The compiled steps as functions of NumPy arrays, and whether they are there; what to do without them is elsewhere.

`steps.cpp` is compiled when the package is installed where a C++ compiler is present. Where none was, `LEVEL` is
`Level.MISSING`, and callers take their steps in torch.

Shapes: words (of all rows together, row after row), rows, width, tags.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, overload

import numpy as np
import numpy.typing as npt

try:
    from seqlabel.native import _steps
except ImportError:
    _steps = None  # type: ignore[assignment]

BLOCK, INPUTS = 16, 4
"""Weights lie in blocks of 16 outputs times 4 inputs, as the processor's instructions take them."""
LARGEST = 127
"""A number between -1 and 1 is stored as 127 times itself, rounded."""
ZERO = 128
"""The byte that stands for 0: states are stored as unsigned bytes, 128 above what they are."""

Bytes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


class Level(IntEnum):
    """Which instructions multiply 8-bit integers; all give the same sums."""

    MISSING = -1
    """The extension was not compiled."""
    PORTABLE = 0
    AVX2 = 1
    VNNI = 2
    """AVX-512 VNNI."""


LEVEL = Level.MISSING if _steps is None else Level(_steps.level())
"""The best instructions of this processor."""


@dataclass(frozen=True)
class Matrix:
    """8-bit weights of one direction as the compiled steps take them.

    `blocks` are the weights (out / 16, in / 4, 16, 4), padded with zeros; `offset` (out,) is what the 128 of every
    input adds to an output; `scale` (out,) is what sums are multiplied by.
    """

    blocks: Bytes
    offset: npt.NDArray[np.int32]
    scale: Floats

    @classmethod
    def of(cls, weights: Floats) -> "Matrix":
        """Quantise weights (out, in), each row by its largest magnitude (Jacob et al. 2018).

        Args:
            weights: The weights, (out, in).

        Returns:
            The weights in blocks; `scale` also undoes the 127 of the states that they are multiplied with.
        """
        largest = np.maximum(np.abs(weights).max(axis=1, initial=0.0), np.float32(1e-30))
        rounded = np.rint(weights * (np.float32(LARGEST) / largest)[:, None]).astype(np.int8)
        outputs, inputs = rounded.shape
        padded = np.zeros((-(-outputs // BLOCK) * BLOCK, -(-inputs // INPUTS) * INPUTS), dtype=np.int8)
        padded[:outputs, :inputs] = rounded
        blocks = padded.reshape(len(padded) // BLOCK, BLOCK, -1, INPUTS).transpose(0, 2, 1, 3)
        offset = ZERO * padded.astype(np.int32).sum(axis=1, dtype=np.int32)
        scale = (largest / np.float32(LARGEST**2)).astype(np.float32)
        return cls(np.ascontiguousarray(blocks), offset, scale)


def product(matrix: Matrix, rows: npt.NDArray[np.uint8], *, level: Level | None = None) -> npt.NDArray[np.int32]:
    """Multiply states with weights, exactly.

    Args:
        matrix: The weights, of some outputs and inputs.
        rows: States as bytes, (rows, inputs).
        level: The instructions to use, at most those of the processor; the best if None.

    Returns:
        Sums (rows, outputs), before they are scaled.
    """
    rows = _padded(rows)
    if rows.shape[1] != matrix.blocks.shape[1] * INPUTS:
        raise ValueError(f"rows: found {rows.shape}; the weights take {matrix.blocks.shape[1] * INPUTS} inputs")
    out = np.empty((len(rows), len(matrix.offset)), np.int32)
    _steps.product(matrix.blocks, matrix.offset, rows, rows.shape[1], out, Level.MISSING if level is None else level)
    return out[:, : len(matrix.scale)]


@dataclass(frozen=True)
class Way:
    """One direction of a GRU layer: products with its own state and with the layer below, and the candidate's bias.

    The rows of the matrices are those of torch: reset, update and candidate, each `width`; the candidate's are doubled,
    since tanh(x) is 2 · sigmoid(2x) - 1. `candidate_bias` (width,) is the inner bias of the candidate, doubled too.
    """

    inner: Matrix
    candidate_bias: Floats
    below: Matrix | None = None

    def parts(self) -> tuple[object, ...]:
        """Return the arrays in the order in which the extension takes them.

        Returns:
            Blocks, offset and scale of `inner`, the candidate's bias, then blocks, offset and scale of `below`, each
            None where there is no layer below.
        """
        below = (None, None, None) if self.below is None else (self.below.blocks, self.below.offset, self.below.scale)
        return (self.inner.blocks, self.inner.offset, self.inner.scale, self.candidate_bias, *below)


@overload
def run_layer(
    ways: tuple[Way | None, Way | None],
    *,
    table: npt.NDArray[np.uint16],
    places: Integers,
    lengths: Integers,
    width: int,
    below: npt.NDArray[np.uint8] | None = None,
    exact: Literal[False] = False,
    states: Floats | None = None,
    level: Level | None = None,
) -> npt.NDArray[np.uint8]: ...


@overload
def run_layer(
    ways: tuple[Way | None, Way | None],
    *,
    table: npt.NDArray[np.uint16],
    places: Integers,
    lengths: Integers,
    width: int,
    below: npt.NDArray[np.uint8] | None = None,
    exact: Literal[True],
    states: Floats | None = None,
    level: Level | None = None,
) -> Floats: ...


def run_layer(
    ways: tuple[Way | None, Way | None],
    *,
    table: npt.NDArray[np.uint16],
    places: Integers,
    lengths: Integers,
    width: int,
    below: npt.NDArray[np.uint8] | None = None,
    exact: bool = False,
    states: Floats | None = None,
    level: Level | None = None,
) -> npt.NDArray[np.uint8] | Floats:
    """Run both directions of a GRU layer over rows of words.

    What a row gives depends on that row alone, not on what it is run with.

    Args:
        ways: The forward and the backward direction; None leaves one out, and its half of the result is not written.
        table: What words add to the gates, (table rows, 2, 3 · width), the bits of bfloat16.
        places: The table's row of each word, (words,).
        lengths: How many words each row has, (rows,), at least 1.
        width: The width of a direction's state.
        below: The states of the layer below as bytes, (words, its width), if there is one.
        exact: Return states in float32 instead of bytes.
        states: 127 times the state of each row, (2, rows, width), before its first word; replaced by the last one.
        level: The instructions to use, at most those of the processor; the best if None.

    Returns:
        States (words, 2 · width), the forward ones first: 127 times each, rounded, plus 128, as bytes, or as they are
        in float32 if `exact`.

    Raises:
        ValueError: The arrays do not fit together.
    """
    words = len(places)
    if table.shape[1:] != (2, 3 * width) or table.dtype != np.uint16:
        raise ValueError(f"table: found {table.dtype} {table.shape}; it is uint16 (rows, 2, {3 * width})")
    if lengths.size and (lengths.min() < 1 or lengths.sum() != words):
        raise ValueError(f"lengths: found a sum of {lengths.sum()} for {words} words, each at least 1")
    if words and not 0 <= places.min() <= places.max() < len(table):
        raise ValueError(f"places: found {places.min()} to {places.max()} in a table of {len(table)} rows")
    for way in ways:
        if way is not None and (way.below is None) != (below is None):
            raise ValueError("below: a layer has states below it if, and only if, its weights have a part for them")
    if below is not None:
        below = _padded(below)
        inputs = {way.below.blocks.shape[1] * INPUTS for way in ways if way is not None and way.below is not None}
        if len(below) != words or inputs != {below.shape[1]}:
            raise ValueError(f"below: found {below.shape}; the weights take {words} times {inputs}")
    if states is not None and (states.shape != (2, len(lengths), width) or states.dtype != np.float32):
        raise ValueError(f"states: found {states.dtype} {states.shape}; it is float32 (2, {len(lengths)}, {width})")
    shape = words, 2 * width
    out = np.empty(shape, np.float32) if exact else np.empty(shape, np.uint8)
    begins = np.cumsum(lengths) - lengths
    forward, backward = (None if way is None else way.parts() for way in ways)
    _steps.layer(
        np.ascontiguousarray(table),
        np.ascontiguousarray(places, dtype=np.int64),
        np.ascontiguousarray(begins, dtype=np.int64),
        np.ascontiguousarray(lengths, dtype=np.int64),
        below,
        forward,
        backward,
        width,
        out,
        exact,
        states,
        Level.MISSING if level is None else level,
    )
    return out


def _padded(below: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    missing = -below.shape[1] % INPUTS
    if missing:
        below = np.pad(below, ((0, 0), (0, missing)), constant_values=ZERO)
    return np.ascontiguousarray(below)


def marginals(
    emissions: Floats, lengths: Integers, *, transitions: npt.NDArray[np.float64], start: Floats, end: Floats
) -> tuple[Floats, Sequence[int]]:
    """Compute each tag's probability at each word, by scaled forward-backward in 64 bits (Rabiner 1989).

    Args:
        emissions: Scores (words, tags).
        lengths: How many words each row has, (rows,), at least 1.
        transitions: Scores of a tag (second) after a tag (first), (tags, tags); forbidden ones are minus infinity.
        start: Scores of the first tag of a row, (tags,).
        end: Scores of the last tag of a row, (tags,).

    Returns:
        Probabilities (words, tags), and the rows whose sums vanished, since every allowed sequence is too much worse
        than a forbidden one; those are to be computed in log space.
    """
    out = np.empty(emissions.shape, np.float32)
    steps = np.ascontiguousarray(np.exp(transitions, dtype=np.float64))
    lost: list[int] = _steps.marginals(
        np.ascontiguousarray(emissions, dtype=np.float32),
        np.ascontiguousarray(lengths, dtype=np.int64),
        emissions.shape[1],
        steps,
        np.ascontiguousarray(steps.T),
        np.exp(start, dtype=np.float64),
        np.exp(end, dtype=np.float64),
        out,
    )
    return out, lost


def viterbi(emissions: Floats, lengths: Integers, *, transitions: Floats, start: Floats, end: Floats) -> Integers:
    """Find the best-scoring tags of each row (Viterbi 1967); of equal ones, those with the lower numbers.

    Args:
        emissions: Scores (words, tags).
        lengths: How many words each row has, (rows,), at least 1.
        transitions: Scores of a tag (second) after a tag (first), (tags, tags); forbidden ones are minus infinity.
        start: Scores of the first tag of a row, (tags,).
        end: Scores of the last tag of a row, (tags,).

    Returns:
        The tags, (words,).
    """
    out = np.empty(len(emissions), np.int64)
    _steps.viterbi(
        np.ascontiguousarray(emissions, dtype=np.float32),
        np.ascontiguousarray(lengths, dtype=np.int64),
        emissions.shape[1],
        np.ascontiguousarray(transitions.T, dtype=np.float32),
        np.ascontiguousarray(start, dtype=np.float32),
        np.ascontiguousarray(end, dtype=np.float32),
        out,
    )
    return out
