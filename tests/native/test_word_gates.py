"""Gates of words: those that were computed, bounded tables, other threads' tables left alone, and
memory given back.
"""

import os
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from seqlabel.native.word_gates import WordGates
from seqlabel.nn.embedders import HashedEmbedder
from tests.models.sized_labelers import WORDS, reader_of, sized_labeler

WIDTHS = (2, 3)
ROW = sum(6 * width for width in WIDTHS) * 4


def computed(words):
    """Numbers that tell every word, layer and place apart."""
    return [
        np.array(
            [np.full((2, 3 * width), float(word)) + np.arange(3 * width) / 100 for word in words],
            np.float32,
        )
        for width in WIDTHS
    ]


def assert_right(tables, places, words):
    for table, expected in zip(tables, computed(words), strict=True):
        np.testing.assert_array_equal(table[places], expected)


def test_a_key_is_spelt_only_when_it_is_new():
    spelt = []
    gates = WordGates(computed, WIDTHS, np.float32)
    for _ in range(2):
        tables, places = gates.look_up([7, 8], lambda key: spelt.append(key) or str(key))
        assert_right(tables, places, ["7", "8"])
    assert spelt == [7, 8]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_writes_into_tables_of_its_own():
    gates = WordGates(computed, WIDTHS, np.float32)
    tables, places = gates.look_up(["1"])
    child = os.fork()
    if not child:
        for table in tables:
            table[:] = -1
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert_right(tables, places, ["1"])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_tables_that_are_replaced_give_their_memory_back():
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def zeros(words):
        return [np.zeros((len(words), 2, 3 * width), np.float32) for width in (1_000, 1_000)]

    size = 16 << 20
    gates = WordGates(zeros, (1_000, 1_000), np.float32, size=size)
    kept, before = [], resident()
    for number in range(4_000):
        gates.look_up([str(number)])
        # Small objects between large ones, by which malloc's heap would not shrink.
        kept.append(str(number) * 10)
    assert resident() - before < 1.5 * size


def some_gates(capacity=1 << 16):
    """A labeler, and tables of at most so many words."""
    labeler = sized_labeler()
    # Three gates, two ways, two layers.
    size = capacity * 3 * 2 * (6 + 5) * 4
    return labeler, WordGates(reader_of(labeler).words._compute, (6, 5), np.float32, size=size)


def expected_gates(labeler, words):
    """What the model's own matrices and biases make of the vectors of words, for both ways of each
    layer.
    """
    inputs = labeler.words([words])
    vectors = labeler.module.encoder.embedder.distinct(inputs)[inputs.positions[0]]
    for layer in (labeler.module.encoder, labeler.module.second):
        both = []
        for way in (layer.forward_encoder, layer.backward_encoder):
            gru = way.stacks[0]
            width = gru.hidden_size
            gates = vectors @ gru.weight_ih_l0[:, -vectors.shape[1] :].T + gru.bias_ih_l0
            gates[:, : 2 * width] += gru.bias_hh_l0[: 2 * width]
            gates[:, 2 * width :] *= 2  # for the sigmoid that stands for a tanh
            both.append(gates)
        yield torch.stack(both, dim=1)


def assert_gates_right(labeler, gates, words):
    tables, rows = gates.look_up(words)
    assert rows.shape == (len(words),)
    for table, expected in zip(tables, expected_gates(labeler, words), strict=True):
        assert table.dtype == np.float32
        np.testing.assert_allclose(table[rows], expected.numpy(), rtol=0, atol=1e-5)


@torch.inference_mode()
def test_each_word_has_the_gates_of_its_vector_and_is_computed_once(monkeypatch):
    labeler, gates = some_gates()
    seen, distinct = [], HashedEmbedder.distinct

    def counting(self, inputs):
        seen.append(int((inputs.offsets < len(inputs.features)).sum()))  # padding has no features
        return distinct(self, inputs)

    words = ["word1", "数", "word1", "naïve"]
    assert_gates_right(labeler, gates, words)
    monkeypatch.setattr(HashedEmbedder, "distinct", counting)
    gates.look_up([*words, "word2", "word2"])
    gates.look_up(words)
    assert seen == [1]


@torch.inference_mode()
@pytest.mark.parametrize("count", [1, 4095, 4096, 4097, 9000])
def test_many_words_at_once_have_their_own_vectors(count):
    assert_gates_right(*some_gates(), [f"form{number}" for number in range(count)])


@torch.inference_mode()
def test_a_full_table_is_begun_again_and_stays_right_and_small():
    labeler, gates = some_gates(capacity=50)
    chance = random.Random(0)
    (first, *_), rows = gates.look_up(["word1"])
    kept, begun = first[rows].copy(), 0
    for _ in range(100):
        before = gates._places
        words = [f"form{chance.randrange(500)}" for _ in range(chance.randint(1, 50))]
        assert_gates_right(labeler, gates, words)
        begun += gates._places is not before
        assert len(gates._places) <= 50
        assert len(gates._tables[0]) <= 1024
    assert begun > 10
    # What was handed out stays as it was.
    np.testing.assert_array_equal(first[rows], kept)


@torch.inference_mode()
def test_a_table_grows_with_its_words_but_not_beyond():
    labeler, gates = some_gates(capacity=3000)
    for start in range(0, 14_000, 700):
        words = [f"form{number}" for number in range(start, start + 700)]
        assert_gates_right(labeler, gates, words)
        assert len(gates._places) <= 3000
        assert len(gates._tables[0]) <= 2 * 3000


@torch.inference_mode()
def test_one_text_with_more_words_than_the_table_holds_is_right_too():
    labeler, gates = some_gates(capacity=10)
    for words in (["word1"], [f"form{number}" for number in range(3000)], ["word1", "数"], WORDS):
        assert_gates_right(labeler, gates, words)
    gates.look_up(["another"])
    assert len(gates._places) <= 10


def test_eight_threads_share_a_table_that_is_begun_again_many_times():
    labeler, gates = some_gates(capacity=60)

    @torch.inference_mode()
    def work(seed):
        chance = random.Random(seed)
        for _ in range(60):
            assert_gates_right(labeler, gates, [f"form{chance.randrange(200)}" for _ in range(20)])
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
