"""Two-way GRU layers for the compiled steps against torch's own GRU, in 8 bits and so nearly the
same.
"""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from seqlabel.native.compiled import LARGEST, LEVEL, ZERO, Level, run_layer
from seqlabel.native.layers import CompiledLayer, GRUArrays

pytestmark = pytest.mark.skipif(
    LEVEL is Level.MISSING, reason="the extension was not compiled here"
)
WORD_WIDTH = 7
LENGTHS = [5, 1, 23, 8]


def grus(width, below, seed):
    """The forward and the backward GRU of torch, over states of a layer below and the words'
    vectors.
    """
    torch.manual_seed(seed)
    return [nn.GRU(below + WORD_WIDTH, width, batch_first=True) for _ in range(2)]


def layer_of(ways):
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    arrays = [GRUArrays(*(getattr(gru, name).detach().numpy() for name in names)) for gru in ways]
    return CompiledLayer.of(arrays, WORD_WIDTH)


def table_of(layer, vectors):
    """What words add to the gates, as bits of bfloat16."""
    gates = np.ascontiguousarray(layer.words(vectors)).reshape(len(vectors), 2, 3 * layer.width)
    return (gates.view(np.uint32) >> 16).astype(np.uint16)


@torch.no_grad()
def expected(ways, rows):
    """The states of each row's words, row after row: forward, then backward, which begins at the
    row's end.
    """
    ahead, back = ways
    states = [
        torch.cat([ahead(row[None])[0][0], back(row.flip(0)[None])[0][0].flip(0)], dim=-1)
        for row in rows
    ]
    return torch.cat(states).numpy()


def some(width, below, *, seed=0):
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(30, WORD_WIDTH)).astype(np.float32)
    places = chance.integers(0, 30, size=sum(LENGTHS))
    under = chance.integers(1, 255, size=(sum(LENGTHS), below), dtype=np.uint8)
    inputs = np.concatenate([(under.astype(np.float32) - ZERO) / LARGEST, vectors[places]], axis=1)
    return vectors, places, under, torch.from_numpy(inputs).split(LENGTHS)


@pytest.mark.parametrize(
    ("width", "below"), [(5, 0), (16, 0), (40, 0), (5, 12), (16, 10), (40, 80)]
)
def test_a_layer_gives_torchs_states_of_words_and_of_states_below(width, below):
    ways = grus(width, below, seed=width)
    layer, (vectors, places, under, rows) = layer_of(ways), some(width, below)
    run = partial(
        run_layer,
        layer.ways,
        table=table_of(layer, vectors),
        places=places,
        below=under if below else None,
        lengths=LENGTHS,
    )
    wanted = expected(ways, rows)
    as_bytes = (run(numbers=np.uint8).astype(np.float32) - ZERO) / LARGEST
    for found in (as_bytes, run(numbers=np.float32)):
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() < 0.15
        assert np.sqrt(np.square(found - wanted).mean()) < 0.02


def test_one_way_alone_goes_on_from_the_state_before():
    ways = grus(16, 0, seed=1)
    layer, (vectors, places, _, _) = layer_of(ways), some(16, 0)
    table, places = table_of(layer, vectors), places[:20]
    (ahead, back), read = layer.ways, partial(run_layer, table=table, numbers=np.uint8)
    whole = read(layer.ways, places=places)
    states = np.zeros((2, 1, 16), np.float32)
    halves = [read((ahead, None), places=part, states=states) for part in (places[:7], places[7:])]
    np.testing.assert_array_equal(np.concatenate(halves)[:, :16], whole[:, :16])
    np.testing.assert_array_equal(read((None, back), places=places)[:, 16:], whole[:, 16:])


def test_the_candidate_is_doubled_for_a_sigmoid_in_place_of_a_tanh():
    chance = np.random.default_rng(0)
    sizes = ((9, 4), (9, 3), (9,), (9,))
    arrays = GRUArrays(*(chance.normal(size=size).astype(np.float32) for size in sizes))
    doubled = arrays.doubled()
    for name in ("inputs", "states", "input_bias", "state_bias"):
        before, after = getattr(arrays, name), getattr(doubled, name)
        np.testing.assert_array_equal(after[:6], before[:6])
        np.testing.assert_array_equal(after[6:], 2 * before[6:])
