"""UAS, LAS and CLAS counted by hand, and their intervals."""

import pytest

from seqlabel.documents.document import Document
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError
from seqlabel.scores.trees import MEASURES, score_trees, tree_intervals

RELATIONS = ("det", "nsubj:pass", "root", "punct", None)


def document(heads, relations=RELATIONS):
    return Document.from_words(["w"] * len(heads), trees={"tree": Trees(heads, relations)})


GOLD = document((1, 2, 2, 2, 2))
FOUND = document((1, 2, 2, 1, 2), ("case", "nsubj", "root", "punct", "obj"))


def test_arcs_are_counted():
    score = score_trees([(GOLD, FOUND)], "tree")
    assert (score.words, score.content_words) == (5, 3)
    assert score.uas == pytest.approx(4 / 5)
    # The root, and the word whose relation is not known.
    assert score.las == pytest.approx(2 / 5)
    assert score.las_universal == pytest.approx(3 / 5)
    assert score.clas == pytest.approx(3 / 3)


def test_words_without_a_gold_head_are_not_counted():
    partial = document((None, 2, 2, None, None), (None, "nsubj", "root", None, None))
    assert score_trees([(partial, FOUND)], "tree").words == 2


def test_intervals_hold_the_scores():
    worse = document((2, 2, 2, 2, 3), RELATIONS)
    pairs = [(GOLD, FOUND), (GOLD, worse), (GOLD, GOLD)] * 4
    score = score_trees(pairs, "tree")
    for name, interval in tree_intervals(pairs, "tree").items():
        assert interval.low <= getattr(score, name) <= interval.high
    assert tuple(tree_intervals(pairs, "tree")) == MEASURES


def test_documents_have_to_fit():
    for pair in ((GOLD, Document.from_words(["w"] * 5)), (document((0,), ("root",)), GOLD)):
        with pytest.raises(DataError):
            score_trees([pair], "tree")
    unknown = document((None,) * 5)
    with pytest.raises(DataError):
        score_trees([(unknown, FOUND)], "tree")
