"""Trees as layers and as numbers: what is packed comes back, and cycles are seen."""

import numpy as np
import pytest

from seqlabel.documents.trees import (
    UNKNOWN,
    UNKNOWN_FIRST,
    Arcs,
    Trees,
    is_forest,
    pack_arcs,
    sentence_lengths,
    unpack_arcs,
)


@pytest.mark.parametrize("relations", [2, 51])
def test_arcs_come_back_from_their_ids(relations):
    random = np.random.default_rng(0)
    arcs = Arcs(
        random.integers(-5_000, 5_000, 200),
        random.integers(0, relations + 1, 200),
        random.integers(0, 2, 200) == 1,
    )
    ids = pack_arcs(arcs, relations)
    assert (ids >= 0).all()
    for found, wanted in zip(unpack_arcs(ids, relations), arcs, strict=True):
        assert found.tolist() == wanted.tolist()


def test_an_unknown_word_still_says_whether_it_begins_a_sentence():
    assert unpack_arcs(np.array([UNKNOWN, UNKNOWN_FIRST]), 3).begins.tolist() == [False, True]


def test_sentences_end_with_their_row():
    begins = [True, False, True, False, False, True]
    assert sentence_lengths(begins, [4, 2]) == [2, 2, 1, 1]
    assert sentence_lengths([], []) == []


def test_a_part_does_not_know_heads_outside_of_it():
    trees = Trees((1, 1, 1, 2), ("det", "root", "obj", "amod"), (0.1, 0.2, 0.3, 0.4))
    assert trees.part(2, 4) == Trees((None, 0), ("obj", "amod"), (0.3, 0.4))


def test_universal_relations_have_no_subtypes():
    trees = Trees((0, 0, None), ("root", "nsubj:pass", None))
    assert trees.without_subtypes().relations == ("root", "nsubj", None)


def test_cycles_are_found_among_unknown_heads():
    assert is_forest([None, 0, 1])
    assert is_forest([])
    assert not is_forest([3, 0, 1, 2])
    assert not is_forest([0, 2, 1])
