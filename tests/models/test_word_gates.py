"""Gates of words: those that were computed, bounded tables, other threads' tables left alone, and memory given back."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from seqlabel.models.word_gates import WordGates

WIDTHS = (2, 3)
ROW = sum(6 * width for width in WIDTHS) * 4


def computed(words):
    """Numbers that tell every word, layer and place apart."""
    return [
        np.array([np.full((2, 3 * width), float(word)) + np.arange(3 * width) / 100 for word in words], np.float32)
        for width in WIDTHS
    ]


def assert_right(tables, places, words):
    for table, expected in zip(tables, computed(words), strict=True):
        np.testing.assert_array_equal(table[places], expected)


def test_words_get_their_gates_in_any_order_and_are_computed_once():
    asked = []

    def compute(words):
        asked.extend(words)
        return computed(words)

    gates = WordGates(compute, WIDTHS, np.float32)
    for words in (["3", "1", "3"], ["2", "1"], ["3"]):
        assert_right(*gates.look_up(words), words)
    assert asked == ["3", "1", "2"]


def test_a_key_is_spelt_only_when_it_is_new():
    spelt = []
    gates = WordGates(computed, WIDTHS, np.float32)
    for _ in range(2):
        tables, places = gates.look_up([7, 8], lambda key: spelt.append(key) or str(key))
        assert_right(tables, places, ["7", "8"])
    assert spelt == [7, 8]


def test_full_tables_are_begun_anew_and_those_handed_out_stay():
    gates = WordGates(computed, WIDTHS, np.float32, size=4 * ROW)
    handed = gates.look_up(["1", "2", "3"])
    for first in range(4, 40, 3):
        words = [str(first + more) for more in range(3)]
        assert_right(*gates.look_up(words), words)
    assert_right(*handed, ["1", "2", "3"])


def test_more_words_at_once_than_fit():
    gates = WordGates(computed, WIDTHS, np.float32, size=4 * ROW)
    words = [str(number) for number in range(1_000)]
    assert_right(*gates.look_up(words), words)


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
