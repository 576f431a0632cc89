"""The fast way through a tagging model against the model itself: the same states, whatever is read
beside a row.
"""

import random

import pytest
import torch

from seqlabel.documents.document import Document
from seqlabel.models.model_configs import LabelerConfig
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.tagging.packed import PackedReader, PackedRows
from seqlabel.native.compiled import LEVEL, Level
from seqlabel.nn.network_configs import LanguageModelConfig, Recurrence
from tests.models.sized_labelers import (
    HEADS,
    VOCABULARY,
    WORDS,
    every_size,
    padded_states,
    reader_of,
    sized_labeler,
    some_rows,
    split,
)


@every_size
@pytest.mark.parametrize(
    "rows", [[["word1"]], [["数", "word1", "数"]], some_rows(), some_rows(700, longest=3)]
)
def test_states_are_those_of_the_model(size, rows):
    labeler = sized_labeler(size)
    found = reader_of(labeler)(rows)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, padded_states(labeler, rows), rtol=0, atol=1e-5)


@pytest.mark.skipif(LEVEL is Level.MISSING, reason="has no compiled steps")
@every_size
def test_integers_give_nearly_the_same_states(size):
    labeler, rows = sized_labeler(size), some_rows()
    found, expected = reader_of(labeler, Arithmetic.INT8)(rows), padded_states(labeler, rows)
    assert found.dtype == torch.float32
    # A state is exact to 1 in 254, as is each weight beside the largest of its row.
    assert float((found - expected).abs().max()) < 0.15
    assert float((found - expected).square().mean().sqrt()) < 0.02
    assert not torch.equal(found, expected)


ARITHMETICS = (
    [Arithmetic.FLOAT32] if LEVEL is Level.MISSING else [Arithmetic.FLOAT32, Arithmetic.INT8]
)


def batches_of(rows, *, size, seed):
    """The numbers of the rows in random batches; in each, a row also comes twice."""
    order = random.Random(seed).sample(range(len(rows)), len(rows))
    for start in range(0, len(rows), size):
        some = order[start : start + size]
        yield some if size == 1 else [*some, some[0]]


@every_size
@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("known", [True, False], ids=["words known", "words new"])
def test_a_rows_states_do_not_depend_by_a_bit_on_what_is_read_beside_it(size, arithmetic, known):
    """Whether the words were met before, in another batch, or are met in this one."""
    labeler, rows = sized_labeler(size), [["word1"], ["😀"], *some_rows()]
    reader = reader_of(labeler, arithmetic)
    expected = split(reader(rows), rows)
    differing = []
    for count in (1, 3, 8, 33):
        for batch in batches_of(rows, size=count, seed=count):
            some = [rows[number] for number in batch]
            found = split((reader if known else reader_of(labeler, arithmetic))(some), some)
            differing += [
                (count, number)
                for number, states in zip(batch, found, strict=True)
                if not torch.equal(states, expected[number])
            ]
    assert differing == []


@pytest.mark.parametrize(
    "change",
    [
        {"recurrence": Recurrence.LSTM},
        {"recurrence": Recurrence.RNN},
        {"layers": 2},
        {"layers": 2, "dropout": 0.1},
    ],
    ids=str,
)
def test_a_model_of_another_kind_has_no_fast_way(change):
    labeler = sized_labeler(**change)
    assert PackedReader.of(labeler.module, labeler.words) is None
    assert [
        len(document.tags["pos"].labels) for document in labeler([Document.from_words(WORDS)])
    ] == [len(WORDS)]


def test_a_model_over_a_table_of_words_or_on_another_device_has_no_fast_way():
    one_way = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
    labeler = Labeler(LabelerConfig(one_way, HEADS, hidden=5), VOCABULARY)
    assert PackedReader.of(labeler.module, labeler.words) is None
    labeler = sized_labeler()
    labeler.module.to("meta")
    assert PackedReader.of(labeler.module, labeler.words) is None


@pytest.mark.parametrize(
    "lengths",
    [
        [1],
        [5],
        [1, 1, 1],
        [3, 3],
        [2, 5, 1, 5, 3],
        [7, 1, 1, 6],
        list(range(1, 12)),
        [9, 8, 2, 2, 1],
    ],
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
