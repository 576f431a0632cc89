"""Rows side by side against a loop that lays them so."""

import pytest
import torch

from seqlabel.nn.packing import PackedRows


@pytest.mark.parametrize(
    "lengths",
    [[1], [5], [1, 1, 1], [3, 3], [2, 5, 1, 5, 3], [7, 1, 1, 6], list(range(1, 12)), [9, 8, 2, 2, 1]],
    ids=str,
)
def test_rows_lie_side_by_side_as_a_loop_would_lay_them(lengths):
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    starts = [sum(lengths[:row]) for row in range(len(lengths))]
    places, backward, counts = [], [], []
    for step in range(max(lengths)):
        rows = [row for row in order if lengths[row] > step]
        counts.append(len(rows))
        places += [(row, step) for row in rows]
        backward += [(row, lengths[row] - 1 - step) for row in rows]
    packed = PackedRows(lengths)
    assert packed.source.tolist() == [starts[row] + step for row, step in places]
    assert packed.mirrored.tolist() == [places.index(place) for place in backward]
    assert packed.counts == counts


def test_to_mirror_twice_is_to_do_nothing():
    packed = PackedRows([3, 9, 1, 1, 4, 9])
    words = len(packed.source)
    assert torch.equal(packed.mirrored[packed.mirrored], torch.arange(words))
    assert torch.equal(packed.source.sort().values, torch.arange(words))
