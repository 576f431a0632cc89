"""The best tree with one root, against all trees of sentences of up to six words."""

from functools import cache
from itertools import product

import numpy as np
import pytest

from seqlabel.documents.trees import is_forest
from seqlabel.native import arborescences, compiled
from seqlabel.native.arborescences import best_tree, best_trees
from seqlabel.native.compiled import LEVEL, Level


@cache
def every_tree(words):
    """All trees of a number of words, (trees, words); head 0 is the root."""
    found = []
    for heads in product(range(words + 1), repeat=words):
        own = [word if head == 0 else head - 1 for word, head in enumerate(heads)]
        has_loop = any(head == word + 1 for word, head in enumerate(heads))
        if heads.count(0) == 1 and not has_loop and is_forest(own):
            found.append(heads)
    return np.array(found)


@pytest.mark.parametrize("words", range(1, 7))
def test_no_tree_is_better(words):
    trees = every_tree(words)
    # By Cayley's formula.
    assert len(trees) == words ** (words - 1)
    random = np.random.default_rng(words)
    for _ in range(90):
        # Small whole numbers: ties and cycles are frequent.
        scores = random.integers(-3, 4, (words, words + 1)).astype(np.float32)
        found = best_tree(scores)
        assert found in trees.tolist()
        totals = scores[np.arange(words), trees].sum(axis=1)
        assert scores[np.arange(words), found].sum() == totals.max()
    longer = best_tree(random.normal(size=(120, 121)).astype(np.float32))
    assert longer.count(0) == 1
    assert is_forest([word if head == 0 else head - 1 for word, head in enumerate(longer)])


def test_a_word_is_never_its_own_head_whatever_its_score():
    assert best_tree(np.array([[0.0, 1e6, 1.0], [0.0, 0.0, 1e6]], np.float32)) == [2, 0]


def small_scores(sentences, seed):
    """Arcs of sentences in small whole numbers: ties, several roots and cycles inside of cycles are
    frequent.
    """
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 25, sentences)
    return [random.integers(-3, 4, (words, words + 1)).astype(np.float32) for words in lengths]


def joined(tables):
    return np.concatenate([table.reshape(-1) for table in tables])


@pytest.mark.skipif(LEVEL is Level.MISSING, reason="the extension was not compiled here")
def test_compiled_steps_choose_the_same_among_equal_trees():
    tables = small_scores(600, 0)
    heads, _ = compiled.best_trees(joined(tables), np.array([len(table) for table in tables]))
    expected = [head for table in tables for head in best_tree(table)]
    assert heads.tolist() == expected


@pytest.mark.parametrize("level", [LEVEL, Level.MISSING])
def test_distances_lead_to_heads_and_probabilities_are_those_of_a_softmax(level, monkeypatch):
    monkeypatch.setattr(arborescences, "LEVEL", level)
    tables = small_scores(20, 1)
    distances, shares = best_trees(
        joined(tables), [len(table) for table in tables], temperature=1.5
    )
    first = 0
    for table in tables:
        words = np.arange(len(table))
        tree = np.array(best_tree(table))
        inside = slice(first, first + len(table))
        is_root = distances[inside] == 0
        assert is_root.tolist() == (tree == 0).tolist()
        assert (words + distances[inside])[~is_root].tolist() == (tree[~is_root] - 1).tolist()
        powers = np.exp(table / 1.5)
        np.testing.assert_allclose(
            shares[inside], (powers[words, tree] / powers.sum(axis=1)), rtol=1e-5
        )
        first += len(table)


@pytest.mark.skipif(LEVEL is Level.MISSING, reason="the extension was not compiled here")
@pytest.mark.parametrize("lengths", [[2, 1], [3], [2, 0]])
def test_scores_that_do_not_fit_the_lengths_are_refused(lengths):
    with pytest.raises(ValueError, match="arcs"):
        compiled.best_trees(np.zeros(6 if 0 in lengths else 7, np.float32), np.array(lengths))
