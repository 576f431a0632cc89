"""The compiled steps as functions of NumPy arrays, if they are there and whole; what to do without
them is elsewhere.

`steps.cpp` is compiled when the package is installed where a C++ compiler is present. Where none
was, `LEVEL` is `Level.MISSING`, and callers take their steps in torch.

Shapes: words (of all rows together, row after row), rows, width, tags.
"""

import os
import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

import seqlabel.native


def extension_file() -> Path | None:
    """Find the extension.

    Returns:
        Its file; None where none was compiled.
    """
    found = PathFinder.find_spec("seqlabel.native._steps", seqlabel.native.__path__)
    return None if found is None or found.origin is None else Path(found.origin)


def check_whole(path: Path) -> None:
    """Check that a shared library in the ELF format of 64 bits reaches as far as its headers say.

    Loading one that was cut off, by a full disk or a broken copy, would end Python with SIGBUS.
    Files of other formats are left to the system, which checks them.

    Args:
        path: The file.

    Raises:
        ImportError: It was cut off.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        header = file.read(64)
        if header[:5] != b"\x7fELF\2" or size < len(header):
            return
        order = "<" if header[5] == 1 else ">"
        segments, sections = struct.unpack_from(f"{order}QQ", header, 32)
        segment_size, segment_count, section_size, section_count = struct.unpack_from(
            f"{order}4H", header, 54
        )
        ends = [segments + segment_size * segment_count, sections + section_size * section_count]
        if max(ends) <= size:
            file.seek(segments)
            for _ in range(segment_count):
                offset, _, _, length = struct.unpack_from(f"{order}4Q", file.read(segment_size), 8)
                ends.append(offset + length)
    if max(ends) > size:
        raise ImportError(f"the file has {size:,} bytes of {max(ends):,}")


_FILE = extension_file()
try:
    if _FILE is not None:
        check_whole(_FILE)
    from seqlabel.native import _steps
except ImportError as error:
    _steps = None  # type: ignore[assignment]
    if _FILE is not None:
        if find_spec("torch") is None:
            _rest = "Without torch no model can run. Install seqlabel-light again."
        else:
            _rest = "Torch computes instead. Install seqlabel-rnn again."
        warnings.warn(f"{_FILE} cannot be loaded: {error}. {_rest}", stacklevel=2)

_VERSION = 6
"""The version of the extension that is called here, `kVersion` in `steps.cpp`."""
if _steps is not None and getattr(_steps, "version", 1) != _VERSION:
    raise ImportError(
        "Expected an extension compiled from this steps.cpp, got one compiled from an earlier one. "
        "Compile it again: python setup.py build_ext --inplace in a checkout, or install "
        "seqlabel-rnn again."
    )

BLOCK, INPUTS = 16, 4
"""Weights lie in blocks of 16 outputs times 4 inputs, as the processor's instructions take them."""
LARGEST = 127
"""A number between -1 and 1 is stored as 127 times itself, rounded."""
ZERO = 128
"""The byte that stands for 0: states are stored as unsigned bytes, 128 above what they are."""

Bits = npt.NDArray[np.uint16]
"""The bits of numbers of 16 bits, bfloat16."""
Bytes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Number = TypeVar("Number", np.uint8, np.float32)


class Level(IntEnum):
    """Which instructions multiply 8-bit integers; all give the same sums."""

    MISSING = -1
    """The extension was not compiled."""
    PORTABLE = 0
    AVX2 = 1
    AVX_VNNI = 2
    """AVX2, and products of bytes in its vectors."""
    VNNI = 3
    """AVX-512 VNNI."""
    AMX = 4
    """AVX-512 VNNI, and tiles of 8-bit integers."""


def _chosen_level() -> Level:
    """The best instructions of this processor, or lesser ones that the environment names."""
    if _steps is None:
        return Level.MISSING
    best = Level(_steps.level())
    name = os.environ.get(LEVEL_VARIABLE)
    if name is None:
        return best
    known = [level.name.lower() for level in Level if level is not Level.MISSING]
    if name not in known:
        raise ImportError(
            f"{LEVEL_VARIABLE}: expected one of {', '.join(known)}, got {name!r}. Set one, or "
            "unset it."
        )
    return min(best, Level[name.upper()])


LEVEL_VARIABLE = "SEQLABEL_INSTRUCTIONS"
"""The environment variable that bounds the instructions: `portable`, `avx2`, `avx_vnni`, `vnni` or
`amx`.
"""
LEVEL = _chosen_level()
"""The instructions that are used where none are asked for."""
FAST = LEVEL > Level.PORTABLE
"""Whether a labeler is faster by these steps than by torch; the portable ones, as on ARM, take five
times as long.
"""


@dataclass(frozen=True)
class Matrix:
    """8-bit weights of one direction as the compiled steps take them.

    `blocks` are the weights (out / 16, in / 4, 16, 4), padded with zeros; `offset` (out,) is what
    the 128 of every input adds to an output; `scale` (out,) is what sums are multiplied by.
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
            The weights in blocks; `scale` also undoes the 127 of the states that they are
            multiplied with.
        """
        largest = np.maximum(np.abs(weights).max(axis=1, initial=0.0), np.float32(1e-30))
        rounded = np.rint(weights * (np.float32(LARGEST) / largest)[:, None]).astype(np.int8)
        outputs, inputs = rounded.shape
        padded = np.zeros(
            (-(-outputs // BLOCK) * BLOCK, -(-inputs // INPUTS) * INPUTS), dtype=np.int8
        )
        padded[:outputs, :inputs] = rounded
        blocks = padded.reshape(len(padded) // BLOCK, BLOCK, -1, INPUTS).transpose(0, 2, 1, 3)
        offset = ZERO * padded.astype(np.int32).sum(axis=1, dtype=np.int32)
        scale = (largest / np.float32(LARGEST**2)).astype(np.float32)
        return cls(_aligned(blocks), offset, scale)


_LINE = 64
"""The bytes of a line of a processor's cache; weights that begin with one are read faster by a
quarter.
"""


def _aligned(array: Bytes) -> Bytes:
    """A contiguous copy whose first byte begins a line of the cache."""
    room = np.empty(array.nbytes + _LINE, np.int8)
    first = -room.ctypes.data % _LINE
    copy = room[first : first + array.nbytes].reshape(array.shape)
    copy[...] = array
    return copy


@dataclass(frozen=True)
class Way:
    """One direction of a GRU layer: products with its own state and with the layer below, and the
    candidate's bias.

    The rows of the matrices are those of torch: reset, update and candidate, each `width`; the
    candidate's are doubled, since tanh(x) is 2 · sigmoid(2x) - 1. `candidate_bias` (width,) is the
    inner bias of the candidate, doubled too.
    """

    inner: Matrix
    candidate_bias: Floats
    below: Matrix | None = None

    def parts(self) -> tuple[object, ...]:
        """Return the arrays in the order in which the extension takes them.

        Returns:
            Blocks, offset and scale of `inner`, the candidate's bias, then blocks, offset and scale
            of `below`, each None where there is no layer below.
        """
        below = (
            (None, None, None)
            if self.below is None
            else (self.below.blocks, self.below.offset, self.below.scale)
        )
        return (self.inner.blocks, self.inner.offset, self.inner.scale, self.candidate_bias, *below)


def run_layer(
    ways: tuple[Way | None, Way | None],
    *,
    table: Bits,
    places: Integers,
    numbers: type[Number],
    lengths: Sequence[int] | None = None,
    below: npt.NDArray[np.uint8] | None = None,
    states: Floats | None = None,
    out: npt.NDArray[Number] | None = None,
    level: Level | None = None,
) -> npt.NDArray[Number]:
    """Run both directions of a GRU layer over rows of words.

    What a row gives depends on that row alone, not on what it is run with.

    Args:
        ways: The forward and the backward direction; None leaves one out, and its half of the
            result is not written.
        table: What words add to the gates, (table rows, 2, 3 · width), the bits of bfloat16.
        places: The table's row of each word, (words,).
        numbers: The type of the result: bytes, `np.uint8`, or `np.float32`.
        lengths: How many words each row has, at least 1; None for one row of all words.
        below: The states of the layer below as bytes, (words, its width), if there is one.
        states: 127 times the state of each row, (2, rows, width), before its first word; replaced
            by the last one.
        out: The array that is written and returned; None for a new one.
        level: The instructions to use, at most those of the processor; the best if None.

    Returns:
        States (words, 2 · width), the forward ones first: as bytes 127 times each, rounded, plus
        128; in float32 as they are.

    Raises:
        ValueError: The arrays do not fit together.
    """
    words = len(places)
    sizes = np.array([words] if lengths is None else lengths, np.int64)
    width = next(len(way.candidate_bias) for way in ways if way is not None)
    if table.shape[1:] != (2, 3 * width) or table.dtype != np.uint16:
        raise ValueError(
            f"table: expected uint16 (rows, 2, {3 * width}), got {table.dtype} {table.shape}."
        )
    for way in ways:
        if way is not None and (way.below is None) != (below is None):
            raise ValueError(
                "below: a layer has states below it if, and only if, its weights have a part "
                "for them"
            )
    if below is not None:
        below = _padded(below)
        inputs = {
            way.below.blocks.shape[1] * INPUTS
            for way in ways
            if way is not None and way.below is not None
        }
        if len(below) != words or inputs != {below.shape[1]}:
            raise ValueError(
                f"below: expected ({words}, {inputs}), as the weights take, got {below.shape}."
            )
    if states is not None and (
        states.shape != (2, len(sizes), width) or states.dtype != np.float32
    ):
        raise ValueError(
            f"states: expected float32 (2, {len(sizes)}, {width}), got {states.dtype} "
            f"{states.shape}."
        )
    if out is None:
        out = np.empty((words, 2 * width), numbers)
    elif out.shape != (words, 2 * width) or out.dtype != numbers:
        raise ValueError(
            f"out: expected {np.dtype(numbers)} {(words, 2 * width)}, got {out.dtype} {out.shape}."
        )
    ahead, back = (None if way is None else way.parts() for way in ways)
    table = np.ascontiguousarray(table)
    places = np.ascontiguousarray(places, np.int64)
    exact = numbers is np.float32
    _steps.layer(
        table, places, sizes, below, ahead, back, width, out, exact, states, _number(level)
    )
    return out


def _padded(below: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    missing = -below.shape[1] % INPUTS
    if missing:
        below = np.pad(below, ((0, 0), (0, missing)), constant_values=ZERO)
    return np.ascontiguousarray(below)


def marginals(
    emissions: Floats,
    lengths: Integers,
    *,
    transitions: npt.NDArray[np.float64],
    start: Floats,
    end: Floats,
) -> tuple[Floats, Sequence[int]]:
    """Compute each tag's probability at each word, by scaled forward-backward in 64 bits (Rabiner
    1989).

    Args:
        emissions: Scores (words, tags).
        lengths: How many words each row has, (rows,), at least 1.
        transitions: Scores of a tag (second) after a tag (first), (tags, tags); forbidden ones are
            minus infinity.
        start: Scores of the first tag of a row, (tags,).
        end: Scores of the last tag of a row, (tags,).

    Returns:
        Probabilities (words, tags), and the rows whose sums vanished, since every allowed sequence
        is too much worse than a forbidden one; those are to be computed in log space.
    """
    out = np.empty(emissions.shape, np.float32)
    steps, begin, stop = (
        np.exp(np.ascontiguousarray(one), dtype=np.float64) for one in (transitions, start, end)
    )
    emissions = np.ascontiguousarray(emissions, np.float32)
    lengths = np.ascontiguousarray(lengths, np.int64)
    back = np.ascontiguousarray(steps.T)
    lost: list[int] = _steps.marginals(
        emissions, lengths, emissions.shape[1], steps, back, begin, stop, out
    )
    return out, lost


def viterbi(
    emissions: Floats, lengths: Integers, *, transitions: Floats, start: Floats, end: Floats
) -> Integers:
    """Find the best-scoring tags of each row (Viterbi 1967); of equal ones, those with the lower
    numbers.

    Args:
        emissions: Scores (words, tags).
        lengths: How many words each row has, (rows,), at least 1.
        transitions: Scores of a tag (second) after a tag (first), (tags, tags); forbidden ones are
            minus infinity.
        start: Scores of the first tag of a row, (tags,).
        end: Scores of the last tag of a row, (tags,).

    Returns:
        The tags, (words,).
    """
    out = np.empty(len(emissions), np.int64)
    before, first, last = (
        np.ascontiguousarray(one, np.float32) for one in (transitions.T, start, end)
    )
    emissions = np.ascontiguousarray(emissions, np.float32)
    lengths = np.ascontiguousarray(lengths, np.int64)
    _steps.viterbi(emissions, lengths, emissions.shape[1], before, first, last, out)
    return out


def best_trees(
    arcs: Floats, lengths: Integers, *, temperature: float = 1.0
) -> tuple[Integers, Floats]:
    """Find the best tree of each sentence; see `seqlabel.native.arborescences.best_trees`.

    Args:
        arcs: The scores (words, 1 + words) of each sentence, one sentence after another in one row
            of numbers.
        lengths: How many words each sentence has, (sentences,), at least 1.
        temperature: The divisor of scores, for probabilities.

    Returns:
        The head of each word in its sentence, 0 for the root and 1 for the first word, (words,),
        and its probability among the heads of that word, (words,).

    Raises:
        ValueError: There are not as many scores as the lengths say.
    """
    expected = int((lengths * (lengths + 1)).sum())
    if arcs.shape != (expected,) or lengths.min(initial=1) < 1:
        raise ValueError(
            f"arcs: expected {expected:,} scores of sentences with words, got {arcs.shape}."
        )
    words = int(lengths.sum())
    heads = np.empty(words, np.int64)
    shares = np.empty(words, np.float32)
    arcs = np.ascontiguousarray(arcs, np.float32)
    _steps.trees(arcs, np.ascontiguousarray(lengths, np.int64), temperature, heads, shares)
    return heads, shares


class Table(NamedTuple):
    """Rows of vectors: float32 (rows, width), or 8-bit integers with the scale of each row,
    (rows,).
    """

    numbers: Floats | Bytes
    scales: Floats | None = None


_FEWEST_QUICK = 32
"""Fewer outputs are scored exactly as fast."""


@dataclass(frozen=True)
class Quick:
    """A linear map in 8 bits, with what bounds its errors, for choosing the best of many outputs.

    `matrix` are its weights in 8 bits, `scale` (padded outputs,) is what sums of rows that were
    divided by their largest magnitude are multiplied by, `weights` (outputs, inputs) are the exact
    ones. `reach` is half the largest sum of an output's magnitudes, `coarse` half the largest step
    of its weights.
    """

    matrix: Matrix
    scale: Floats
    weights: Floats
    reach: float
    coarse: float

    @classmethod
    def of(cls, weights: Floats) -> "Quick":
        """Quantise the weights of a map.

        Args:
            weights: The weights, (outputs, inputs).

        Returns:
            The map in 8 bits.
        """
        matrix = Matrix.of(weights)
        scale = np.zeros(len(matrix.offset), np.float32)
        scale[: len(weights)] = matrix.scale
        steps = matrix.scale * np.float32(LARGEST)
        reach = float(np.abs(weights).sum(axis=1).max(initial=0.0)) / 2
        coarse = float(steps.max(initial=0.0)) / 2
        return cls(matrix, scale, np.ascontiguousarray(weights, np.float32), reach, coarse)

    def parts(self) -> tuple[object, ...]:
        """Return the arrays and numbers in the order in which the extension takes them.

        Returns:
            Blocks, offset, scale, weights, reach and coarseness.
        """
        return (
            self.matrix.blocks,
            self.matrix.offset,
            self.scale,
            self.weights,
            self.reach,
            self.coarse,
        )


@dataclass(frozen=True)
class Linear:
    """A linear map as the compiled steps take it: its outputs padded with zeros to a multiple of
    16.

    `weights` are blocks of 16 outputs, (padded outputs / 16, inputs, 16), in 16 bits where these
    hold them exactly; `bias` (padded outputs,); `outputs` says how many of them count. `quick` is
    the same map in 8 bits, if that pays.
    """

    weights: Floats | npt.NDArray[np.float16]
    bias: Floats
    outputs: int
    quick: Quick | None = None

    @classmethod
    def of(cls, weights: Floats, bias: Floats, *, chooses: bool = False) -> "Linear":
        """Take the weights of a layer of torch.

        Args:
            weights: The weights, (outputs, inputs).
            bias: The bias, (outputs,).
            chooses: Whether only the best output of each row is wanted, which takes fewer exact
                products.

        Returns:
            The map.
        """
        outputs, inputs = weights.shape
        padded = -(-outputs // BLOCK) * BLOCK
        rows = np.zeros((padded, inputs), np.float32)
        more = np.zeros(padded, np.float32)
        rows[:outputs] = weights
        more[:outputs] = bias
        blocks = np.ascontiguousarray(rows.reshape(-1, BLOCK, inputs).transpose(0, 2, 1))
        with np.errstate(over="ignore"):
            halves = blocks.astype(np.float16)
        # Models that ship are stored in 16 bits: half as much memory is read, and the products are
        # the same.
        quick = Quick.of(weights) if chooses and outputs >= _FEWEST_QUICK and FAST else None
        return cls(halves if np.array_equal(halves, blocks) else blocks, more, outputs, quick)

    @property
    def inputs(self) -> int:
        """The number of values that are mapped."""
        inputs: int = self.weights.shape[1]
        return inputs

    def __call__(self, rows: Floats, *, level: Level | None = None) -> Floats:
        """Map rows; what a row gives does not depend, not by a bit, on the others.

        Args:
            rows: The rows, (rows, inputs).
            level: The instructions to use; the best if None.

        Returns:
            The rows' outputs, (rows, outputs).
        """
        self.check(rows)
        out = np.empty((len(rows), len(self.bias)), np.float32)
        _steps.linear(
            np.ascontiguousarray(rows, np.float32), self.weights, self.bias, out, _number(level)
        )
        return out[:, : self.outputs]

    def check(self, rows: Floats) -> None:
        """Check that rows are as wide as the inputs.

        Args:
            rows: The rows, (rows, inputs).

        Raises:
            ValueError: They are not.
        """
        if rows.ndim != 2 or rows.shape[1] != self.inputs:
            raise ValueError(f"rows: expected rows of {self.inputs} inputs, got {rows.shape}.")


def _number(level: Level | None) -> int:
    return LEVEL if level is None else level


class Embedder:
    """Gives words their vectors: a table of frequent words, the mean of hashed features, a residual
    layer.

    The vector is that of `seqlabel.nn.embedders.HashedEmbedder`, whose weights and biases it takes.

    Args:
        own: The rows of frequent words, (words, width).
        buckets: The rows of hashed features, (buckets, width).
        norm: Weight and bias of the layer normalisation, (width,) each.
        up: Weight (hidden, width) and bias of the residual layer's first map.
        down: Weight (width, hidden) and bias of its second one.
    """

    def __init__(
        self,
        own: Table,
        buckets: Table,
        *,
        norm: tuple[Floats, Floats],
        up: tuple[Floats, Floats],
        down: tuple[Floats, Floats],
    ) -> None:
        rise = Linear.of(*up)
        weights = np.zeros((len(down[0]), len(rise.bias)), np.float32)
        weights[:, : rise.outputs] = down[0]
        fall = Linear.of(weights, down[1])
        # In the order in which the extension takes them.
        self._parts = (*own, *buckets, *norm, rise.weights, rise.bias, fall.weights, fall.bias)

    def gates(
        self,
        features: npt.NDArray[np.int32],
        offsets: Integers,
        words: Integers,
        layers: Sequence[Linear],
        *,
        level: Level | None = None,
    ) -> list[Bits]:
        """Compute what words add to the gates of layers.

        Args:
            features: The hashed features of all words, (features,), one word after another.
            offsets: Where each word's features begin, and where the last one's end, (words + 1,).
            words: The row of each word in the table of frequent words, (words,).
            layers: The linear layers from vectors to gates.
            level: The instructions to use; the best if None.

        Returns:
            For each layer the gates (words, padded outputs), the bits of bfloat16.

        Raises:
            ValueError: The arrays do not fit together.
        """
        if len(offsets) != len(words) + 1 or (
            len(words) and (offsets[0] != 0 or offsets[-1] != len(features))
        ):
            raise ValueError(
                "offsets: expected the begin of each word's features and the end of the last "
                f"one's, for {len(words)} words and {len(features)} features, got {len(offsets)}."
            )
        found = [np.empty((len(words), len(layer.bias)), np.uint16) for layer in layers]
        features = np.ascontiguousarray(features, np.int32)
        offsets, words = (np.ascontiguousarray(one, np.int64) for one in (offsets, words))
        outs = tuple(
            (layer.weights, layer.bias, out) for layer, out in zip(layers, found, strict=True)
        )
        _steps.gates(features, offsets, words, *self._parts, outs, _number(level))
        return found


def features(
    words: list[str],
    lowered: list[str],
    kinds: npt.NDArray[np.uint32],
    *,
    sizes: tuple[int, int],
    buckets: int,
) -> tuple[npt.NDArray[np.int32], Integers]:
    """Hash the shapes and n-grams of words.

    Args:
        words: The words.
        lowered: The small letters of each, of its beginning and its end where it is long.
        kinds: For each code of a character, what it is in a shape, (codes,); others are themselves.
        sizes: The lengths of the shortest and of the longest n-grams.
        buckets: The number of ids.

    Returns:
        The ids, (features,), one word after another, and where each word's begin and the last one's
        end, (words + 1,).
    """
    ids, offsets = _steps.features(words, lowered, kinds, *sizes, buckets)
    return np.frombuffer(ids, np.int32).copy(), np.frombuffer(offsets, np.int64)


def best_of_softmax(
    states: Floats,
    head: Linear,
    *,
    temperature: float = 1.0,
    offset: float = 0.0,
    level: Level | None = None,
) -> tuple[Integers, Floats]:
    """Choose the most likely tag of each word.

    Args:
        states: States (words, width).
        head: The linear layer that scores the tags.
        temperature: The divisor of scores.
        offset: Nats then subtracted from the score of the first tag before tags are chosen.
        level: The instructions to use; the best if None.

    Returns:
        The tags, (words,), and their probabilities, (words,), from which nothing is subtracted.
    """
    head.check(states)
    ids = np.empty(len(states), np.int64)
    scores = np.empty(len(states), np.float32)
    states = np.ascontiguousarray(states, np.float32)
    numbers = (temperature, offset)
    # An offset chooses a tag that need not be near the best score.
    quick = None if head.quick is None or offset else head.quick.parts()
    _steps.softmax(
        states, head.weights, head.bias, head.outputs, *numbers, quick, ids, scores, _number(level)
    )
    return ids, scores
