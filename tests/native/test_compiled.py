"""The compiled steps against NumPy loops and enumeration, at every level of instructions that the
processor has.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from math import erf

import numpy as np
import pytest

from seqlabel.native import compiled
from seqlabel.native.compiled import (
    INPUTS,
    LARGEST,
    LEVEL,
    ZERO,
    Embedder,
    Level,
    Linear,
    Matrix,
    Table,
    Way,
)

pytestmark = pytest.mark.skipif(
    LEVEL is Level.MISSING, reason="the extension was not compiled here"
)
LEVELS = [level for level in Level if Level.MISSING < level <= LEVEL]
every_level = pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)


def quantized(matrix):
    """The weights of a matrix (out, in), rebuilt from its blocks."""
    blocks = matrix.blocks.transpose(0, 2, 1, 3)
    rows = blocks.reshape(blocks.shape[0] * blocks.shape[1], -1)
    return rows[: len(matrix.scale)].astype(np.int64)


def product(matrix, rows, level):
    """The sums (rows, outputs) of states as bytes (rows, inputs), before they are scaled."""
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % INPUTS)), constant_values=ZERO)
    out = np.empty((len(rows), len(matrix.offset)), np.int32)
    compiled._steps.product(matrix.blocks, matrix.offset, padded, padded.shape[1], out, level)
    return out[:, : len(matrix.scale)]


@every_level
@pytest.mark.parametrize(
    ("rows", "inputs", "outputs"),
    [
        *((rows, 12, 20) for rows in range(1, 10)),
        (1, 4, 16),
        (3, 7, 5),
        (8, 64, 48),
        (21, 256, 100),
        (13, 512, 769),
    ],
)
def test_sums_are_those_of_whole_numbers_bit_by_bit(rows, inputs, outputs, level):
    chance = np.random.default_rng(rows)
    matrix = Matrix.of(chance.normal(size=(outputs, inputs)).astype(np.float32))
    states = chance.integers(0, 256, size=(rows, inputs), dtype=np.uint8)
    states[0] = chance.choice([0, 255])
    weights = quantized(matrix)
    expected = (states.astype(np.int64) - ZERO) @ weights[:, :inputs].T
    np.testing.assert_array_equal(product(matrix, states, level), expected)


def test_weights_begin_a_line_of_the_cache():
    matrix = Matrix.of(np.ones((20, 12), np.float32))
    assert matrix.blocks.ctypes.data % 64 == 0
    np.testing.assert_array_equal(quantized(matrix)[:, :12], 127)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def one_way(way, gates, below, state):
    """A plain loop over one row's words: gates (words, 3 · width), states below as bytes or None →
    floats and bytes.
    """
    width = len(way.candidate_bias)
    inner_weights = quantized(way.inner)[:, :width]
    states = []
    for word, sums in enumerate(gates.astype(np.float64)):
        gate = sums.copy()
        if below is not None:
            weights = quantized(way.below)[:, : below.shape[1]]
            gate += (below[word].astype(np.int64) - ZERO) @ weights.T * way.below.scale
        inner = np.rint(state).astype(np.int64) @ inner_weights.T * way.inner.scale
        reset, update = (
            sigmoid(gate[part] + inner[part]) for part in (slice(width), slice(width, 2 * width))
        )
        sums = gate[2 * width :] + reset * (way.candidate_bias + inner[2 * width :])
        state = LARGEST * (1 - update) * (2 * sigmoid(sums) - 1) + update * state
        states.append(state)
    return np.array(states), state


def layer(chance, width, below):
    """A random layer: its two ways and a table of gates with 50 rows."""

    def normal(*shape):
        return chance.normal(size=shape).astype(np.float32)

    ways = []
    for _ in range(2):
        inner, bias = Matrix.of(normal(3 * width, width)), normal(width)
        ways.append(Way(inner, bias, Matrix.of(normal(3 * width, below)) if below else None))
    gates = normal(50, 2, 3 * width)
    return tuple(ways), (gates.view(np.uint32) >> 16).astype(np.uint16)


def as_floats(table):
    return (table.astype(np.uint32) << 16).view(np.float32)


LENGTHS = np.array([5, 1, 40, 17, 2, 33, 8, 8, 1, 16, 21])


@every_level
@pytest.mark.parametrize("below", [0, 10, 24])
@pytest.mark.parametrize("width", [5, 16, 40])
def test_a_layer_does_what_a_plain_loop_does(width, below, level):
    chance = np.random.default_rng(width + below)
    ways, table = layer(chance, width, below)
    words = int(LENGTHS.sum())
    places = chance.integers(0, 50, size=words)
    under = chance.integers(1, 256, size=(words, below), dtype=np.uint8) if below else None
    carried = (LARGEST * chance.uniform(-1, 1, size=(2, len(LENGTHS), width))).astype(np.float32)
    states = carried.copy()
    common = {"table": table, "places": places, "lengths": LENGTHS, "below": under, "level": level}
    found = compiled.run_layer(ways, **common, numbers=np.float32, states=states)
    as_bytes = compiled.run_layer(ways, **common, numbers=np.uint8, states=carried.copy())
    assert np.abs(as_bytes.astype(float) - ZERO - LARGEST * found).max() <= 0.5 + 1e-3
    begin = 0
    for row, length in enumerate(LENGTHS):
        inside = np.arange(begin, begin + length)
        begin += length
        for number, order in enumerate((inside, inside[::-1])):
            gates = as_floats(table)[places[order], number]
            expected, last = one_way(
                ways[number], gates, None if under is None else under[order], carried[number, row]
            )
            half = found[order][:, number * width : (number + 1) * width]
            # A state that lies between two bytes may be rounded to either, so a few may differ by
            # more.
            assert np.median(np.abs(half - expected / LARGEST)) < 1e-5
            assert np.abs(half - expected / LARGEST).max() < 0.1
            assert np.abs(states[number, row] - last).max() < 0.1 * LARGEST


@every_level
def test_what_a_row_gives_does_not_depend_on_its_neighbours(level):
    chance = np.random.default_rng(0)
    ways, table = layer(chance, 32, 0)
    places = chance.integers(0, 50, size=int(LENGTHS.sum()))
    run = partial(compiled.run_layer, ways, table=table, numbers=np.float32, level=level)
    together = run(places=places, lengths=LENGTHS)
    for end, length in zip(LENGTHS.cumsum(), LENGTHS, strict=True):
        inside = slice(end - length, end)
        alone = run(places=places[inside], lengths=np.array([length]))
        np.testing.assert_array_equal(alone, together[inside])
    none = np.zeros(0, np.int64)
    assert run(places=none, lengths=none).shape == (0, 64)


def test_a_direction_is_written_beside_what_is_there():
    chance = np.random.default_rng(3)
    ways, table = layer(chance, 12, 0)
    run = partial(compiled.run_layer, table=table, places=np.arange(9), numbers=np.uint8)
    room = np.full((9, 24), 7, np.uint8)
    assert run((None, ways[1]), out=room) is room
    assert (room[:, :12] == 7).all()
    np.testing.assert_array_equal(room[:, 12:], run(ways)[:, 12:])
    with pytest.raises(ValueError, match="out"):
        run((None, ways[1]), out=room[:8])
    with pytest.raises(ValueError, match="out"):
        run((None, ways[1]), out=room.astype(np.float32))


def test_threads_get_what_one_gets():
    chance = np.random.default_rng(2)
    ways, table = layer(chance, 24, 0)
    places = chance.integers(0, 50, size=int(LENGTHS.sum()))

    def run(_):
        return compiled.run_layer(
            ways, table=table, places=places, lengths=LENGTHS, numbers=np.uint8
        )

    expected = run(0)
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(found, expected) for found in pool.map(run, range(80)))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("places", np.array([50])),
        ("places", np.array([-1])),
        ("lengths", np.array([2])),
        ("lengths", np.array([0, 1])),
        ("table", np.zeros((50, 2, 47), np.uint16)),
        ("below", np.zeros((1, 8), np.uint8)),
        ("states", np.zeros((2, 1, 15), np.float32)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name, array):
    ways, table = layer(np.random.default_rng(0), 16, 0)
    fitting = {"table": table, "places": np.array([3]), "lengths": np.array([1])}
    with pytest.raises(ValueError, match=name):
        compiled.run_layer(ways, numbers=np.uint8, **{**fitting, name: array})


def test_a_row_of_which_nothing_allowed_is_left_is_named():
    scores = {"transitions": np.full((2, 2), -np.inf), "start": np.zeros(2), "end": np.zeros(2)}
    _, lost = compiled.marginals(np.zeros((4, 2), np.float32), np.array([1, 2, 1]), **scores)
    assert lost == [1]


def test_of_equal_sequences_the_one_with_lower_tags_is_chosen():
    scores = {"transitions": np.zeros((3, 3)), "start": np.zeros(3), "end": np.zeros(3)}
    best = compiled.viterbi(np.zeros((4, 3), np.float32), np.array([4]), **scores)
    assert best.tolist() == [0, 0, 0, 0]


def embedding(chance, width, *, in_bytes):
    """An embedder of 40 words and 60 features, and a plain function with the same weights."""

    def drawn(*shape):
        return chance.normal(size=shape).astype(np.float32)

    numbers = chance.integers(-127, 128, size=(100, width), dtype=np.int8)
    scales = chance.uniform(0.001, 0.01, size=100).astype(np.float32)
    rows = numbers * scales[:, None]
    norm, up = (drawn(width), drawn(width)), (drawn(2 * width, width), drawn(2 * width))
    down = drawn(width, 2 * width), drawn(width)

    def plain(word, features):
        mean = rows[40:][features].astype(np.float64).mean(axis=0) if len(features) else 0
        vector = rows[word] + mean
        vector = (vector - vector.mean()) / np.sqrt(vector.var() + 1e-5) * norm[0] + norm[1]
        inner = up[0] @ vector + up[1]
        gelu = inner * 0.5 * (1 + np.array([erf(x / 2**0.5) for x in inner]))
        return vector + down[0] @ gelu + down[1]

    parts = (slice(40), slice(40, 100))
    tables = [
        Table(numbers[part], scales[part]) if in_bytes else Table(rows[part]) for part in parts
    ]
    return Embedder(*tables, norm=norm, up=up, down=down), plain


@every_level
@pytest.mark.parametrize(("width", "outputs"), [(8, (12, 30)), (128, (96, 64))])
@pytest.mark.parametrize("in_bytes", [True, False])
def test_what_words_add_to_gates_is_that_of_their_vectors(level, width, outputs, in_bytes):
    chance = np.random.default_rng(width)
    embedder, plain = embedding(chance, width, in_bytes=in_bytes)
    weights = [chance.normal(size=(size, width)).astype(np.float32) for size in outputs]
    biases = [chance.normal(size=size).astype(np.float32) for size in outputs]
    layers = [Linear.of(*parts) for parts in zip(weights, biases, strict=True)]
    counts = np.array([3, 1, 0, 20, 5, 5, 5, 5, 5, 5, 2])
    features = chance.integers(0, 60, size=counts.sum()).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    words = chance.integers(0, 40, size=len(counts))
    found = embedder.gates(features, offsets, words, layers, level=level)
    vectors = np.array(
        [plain(word, features[a:b]) for word, (a, b) in zip(words, pairwise(offsets), strict=True)]
    )
    for gates, weight, bias in zip(found, weights, biases, strict=True):
        expected = vectors @ weight.T + bias
        # Eight bits of a number are kept.
        apart = np.abs(as_floats(gates)[:, : len(bias)] - expected)
        assert (apart < 0.005 * np.abs(expected) + 1e-3 * width**0.5).all()
    for number in range(len(words)):
        one = slice(offsets[number], offsets[number + 1])
        alone = embedder.gates(
            features[one],
            offsets[number : number + 2] - offsets[number],
            words[number : number + 1],
            layers,
            level=level,
        )
        for gates, every in zip(alone, found, strict=True):
            np.testing.assert_array_equal(gates[0], every[number])


@pytest.mark.parametrize(
    ("feature", "offsets", "word", "named"),
    [(60, [0, 1], 0, "features:"), (5, [0, 1], 40, "words:"), (5, [0], 0, "offsets:")],
)
def test_words_that_the_tables_lack_are_refused(feature, offsets, word, named):
    embedder, _ = embedding(np.random.default_rng(0), 16, in_bytes=True)
    with pytest.raises(ValueError, match=named):
        embedder.gates(np.array([feature], np.int32), np.array(offsets), np.array([word]), [])


@every_level
@pytest.mark.parametrize(("inputs", "outputs"), [(5, 3), (64, 59), (256, 128)])
def test_a_linear_map_is_that_of_numpy_and_of_each_row(level, inputs, outputs):
    chance = np.random.default_rng(outputs)
    weights, bias = (
        chance.normal(size=shape).astype(np.float32) for shape in ((outputs, inputs), outputs)
    )
    rows, layer = chance.normal(size=(11, inputs)).astype(np.float32), Linear.of(weights, bias)
    found = layer(rows, level=level)
    np.testing.assert_allclose(found, rows @ weights.T + bias, atol=1e-4)
    for number, row in enumerate(rows):
        np.testing.assert_array_equal(layer(row[None], level=level)[0], found[number])
    with pytest.raises(ValueError, match="rows"):
        layer(rows[:, 1:])


@every_level
@pytest.mark.parametrize("count", range(1, 10))
def test_weights_that_16_bits_hold_give_the_same_to_the_bit(level, count):
    chance = np.random.default_rng(count)
    weights = chance.normal(size=(40, 24)).astype(np.float16)
    # The smallest and the largest numbers, and zeros of both signs.
    weights[0, :6] = [2**-24, -(2**-24), 2**-14, 65504, -0.0, 0.0]
    layer = Linear.of(weights.astype(np.float32), chance.normal(size=40).astype(np.float32))
    assert layer.weights.dtype == np.float16
    rows = chance.normal(size=(count, 24)).astype(np.float32)
    wide = replace(layer, weights=layer.weights.astype(np.float32))
    np.testing.assert_array_equal(layer(rows, level=level), wide(rows, level=level))
    for more in (np.float32(0.1), np.float32(1e5)):
        assert Linear.of(np.full((2, 3), more), layer.bias[:2]).weights.dtype == np.float32


@every_level
@pytest.mark.parametrize(
    ("temperature", "offset"), [(1.0, 0.0), (1.7, 0.0), (0.8, 2.5), (1.0, -1.0)]
)
def test_the_best_of_a_softmax_is_numpys(level, temperature, offset):
    chance = np.random.default_rng(1)
    weights, bias = (chance.normal(size=shape).astype(np.float32) for shape in ((19, 24), 19))
    states = chance.normal(size=(23, 24)).astype(np.float32)
    scores = (states @ weights.T + bias).astype(np.float64) / temperature
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    scores[:, 0] -= offset
    best = scores.argmax(axis=1)
    ids, found = compiled.best_of_softmax(
        states, Linear.of(weights, bias), temperature=temperature, offset=offset, level=level
    )
    assert ids.tolist() == best.tolist()
    np.testing.assert_allclose(found, chances[np.arange(23), best], atol=1e-5)
    assert len(set(ids.tolist())) > 5


@every_level
@pytest.mark.parametrize("shape", [(33, 24), (64, 64), (50, 100), (17, 256)])
def test_the_best_of_scores_in_8_bits_is_that_of_exact_scores(level, shape):
    """Also where many scores are nearly the best, and for rows of nothing and of large numbers."""
    chance = np.random.default_rng(2)
    tags, width = shape
    weights = chance.normal(size=shape).astype(np.float32)
    # Tags that differ from each other by less than a step of 8 bits.
    weights[1::2] = weights[:-1:2][: len(weights[1::2])] + 1e-3 * chance.normal(
        size=weights[1::2].shape
    )
    bias = chance.normal(size=tags).astype(np.float32)
    states = chance.uniform(-1, 1, size=(37, width)).astype(np.float32)
    states[3], states[4] = 0, 100 * states[4]
    layer = replace(Linear.of(weights, bias), quick=compiled.Quick.of(weights))
    ids, found = compiled.best_of_softmax(states, layer, temperature=1.3, level=level)
    scores = (states.astype(np.float64) @ weights.T.astype(np.float64) + bias) / 1.3
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    assert ids.tolist() == scores.argmax(axis=1).tolist()
    np.testing.assert_allclose(found, chances[np.arange(37), ids], atol=2e-3)
    alone = [
        compiled.best_of_softmax(row[None], layer, temperature=1.3, level=level) for row in states
    ]
    assert [float(score[0]) for _, score in alone] == found.tolist()
    # An offset asks for exact scores.
    moved, _ = compiled.best_of_softmax(states, layer, temperature=1.3, offset=2.0, level=level)
    scores[:, 0] -= 2.0
    assert moved.tolist() == scores.argmax(axis=1).tolist()


def test_the_environment_bounds_the_instructions():
    lowest = LEVELS[0]
    program = "from seqlabel.native.compiled import LEVEL; print(int(LEVEL))"
    environment = {**os.environ, "SEQLABEL_INSTRUCTIONS": lowest.name.lower()}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert int(done.stdout) == lowest


def test_an_extension_compiled_from_another_source_is_refused():
    program = """
import sys, types
sys.modules["seqlabel.native._steps"] = types.ModuleType("_steps")
import seqlabel.native.compiled
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ImportError: " in done.stderr


LACKING = """
import resource
import numpy as np
from seqlabel.native import _steps, compiled
words, long = 1_000_000, "a" * 50_000_000
scores, out = (np.zeros((words, 50), np.float32) for _ in range(2))
shares = np.zeros(words, np.float32)
lengths, places, tags = np.array([words]), np.zeros(words, np.int64), np.zeros(50, np.float32)
square, line = np.ones((50, 50)), np.ones(50)
calls = [
    lambda: _steps.marginals(scores, lengths, 50, square, square, line, line, out),
    lambda: _steps.viterbi(scores, lengths, 50, np.zeros((50, 50), np.float32), tags, tags, places),
    lambda: _steps.trees(scores, np.array([7_000]), 1.0, places, shares),
    lambda: _steps.features([long], ["a"], np.zeros(1, np.uint32), 3, 5, 64),
]
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000, -1))
for call in calls:
    try:
        call()
    except MemoryError:
        print("lacking")
best = compiled.viterbi(scores[:3], np.array([3]), transitions=square, start=tags, end=tags)
print(best.tolist())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="bounds the memory of a process")
def test_memory_that_is_lacking_is_an_error_after_which_python_goes_on():
    command = [sys.executable, "-c", LACKING]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "lacking\n" * 4 + "[0, 0, 0]\n"
