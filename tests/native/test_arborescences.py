"""The best tree with one root, against all trees of sentences of up to six words."""

from functools import cache
from itertools import product

import numpy as np
import pytest

from seqlabel.documents.trees import is_forest
from seqlabel.native.arborescences import arcs_of, best_tree


@cache
def every_tree(words):
    """All trees of so many words, (trees, words); head 0 is the root."""
    found = []
    for heads in product(range(words + 1), repeat=words):
        own = [word if head == 0 else head - 1 for word, head in enumerate(heads)]
        if heads.count(0) == 1 and all(head != word + 1 for word, head in enumerate(heads)) and is_forest(own):
            found.append(heads)
    return np.array(found)


@pytest.mark.parametrize("words", range(1, 7))
def test_no_tree_is_better(words):
    trees = every_tree(words)
    # By Cayley's formula.
    assert len(trees) == words ** (words - 1)
    random = np.random.default_rng(words)
    for _ in range(60):
        # Small whole numbers: ties and cycles are frequent.
        scores = random.integers(-3, 4, (words, words + 1)).astype(np.float32)
        found = best_tree(scores)
        assert found in trees.tolist()
        totals = scores[np.arange(words), trees].sum(axis=1)
        assert scores[np.arange(words), found].sum() == totals.max()


def test_a_word_is_never_its_own_head_whatever_its_score():
    assert best_tree(np.array([[0.0, 1e6, 1.0], [0.0, 0.0, 1e6]], np.float32)) == [2, 0]


def test_a_long_sentence_has_one_root_and_no_cycle():
    scores = np.random.default_rng(0).normal(size=(120, 121)).astype(np.float32)
    found = best_tree(scores)
    assert found.count(0) == 1
    assert is_forest([word if head == 0 else head - 1 for word, head in enumerate(found)])


def test_distances_lead_to_heads():
    assert arcs_of([2, 0, 2, 1]).tolist() == [1, 0, -1, -3]
