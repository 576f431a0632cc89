"""Recall curves: every point is what keeping the predictions from its threshold on gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlabel.errors import DataError
from seqlabel.scores.curves import recall_curve

ITEMS = st.lists(st.tuples(st.sampled_from([0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), max_size=30)


@given(ITEMS, st.integers(0, 5), st.integers(1, 6))
def test_every_point_is_that_of_its_threshold(items, missed, points):
    gold = sum(right for _, right in items) + missed
    found = recall_curve([score for score, _ in items], [right for _, right in items], gold, points=points)
    assert len(found) <= points
    assert bool(found) == bool(items and gold)
    for point in found:
        kept = [right for score, right in items if score >= point.threshold]
        assert point.precision == pytest.approx(sum(kept) / len(kept))
        assert point.recall == pytest.approx(sum(kept) / gold)
    if found and points > 1:
        assert found[-1].recall == pytest.approx(sum(right for _, right in items) / gold)
    assert [point.recall for point in found] == sorted(point.recall for point in found)


def test_more_right_ones_than_gold_are_refused():
    with pytest.raises(DataError, match="2 right predictions of 1"):
        recall_curve([0.5, 0.6], [True, True], 1)
