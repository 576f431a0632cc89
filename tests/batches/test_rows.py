"""Rows of words as inputs of a model: each word has its own features, id or pieces, whatever is
next to it.
"""

import random
from itertools import chain

import pytest
import torch

from seqlabel.batches.rows import EncodedRows, IdEncoder, PieceEncoder, WordEncoder
from seqlabel.text.hashing import WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["xxunk", "one", "two", "数"])
ENCODER = WordEncoder(VOCABULARY, WordHasher(101))


@pytest.mark.parametrize(
    "rows",
    [
        [["one"]],
        [["one", "two", "one"], ["three"], ["two", "数", "three", "one", "one"]],
        [["é"] * 3, ["é"]],
    ],
)
def test_every_word_has_its_own_features_and_row(rows):
    found = ENCODER(rows)
    assert found.positions.shape == (len(rows), max(map(len, rows)))
    ends = [*found.offsets[1:].tolist(), len(found.features)]
    for number, words in enumerate(rows):
        for place, word in enumerate(words):
            position = int(found.positions[number, place])
            features = found.features[found.offsets[position] : ends[position]]
            assert features.tolist() == ENCODER.hasher([word]).ids.tolist()
            assert int(found.words[position]) == VOCABULARY.id(word)


def test_a_different_word_is_featurised_once_and_padding_is_the_first():
    rows = [["one", "two", "one"], ["three"], ["two", "one"]]
    found = ENCODER(rows)
    assert found.positions.tolist() == [[0, 1, 0], [2, 0, 0], [1, 0, 0]]
    assert found.words.tolist() == [1, 2, 0]
    assert found.offsets.tolist() == ENCODER.hasher(["one", "two", "three"]).offsets[:-1].tolist()
    assert (found.positions.dtype, found.words.dtype) == (torch.int64, torch.int64)
    assert found.features.dtype == found.offsets.dtype == torch.int32


def test_ids_are_those_of_the_vocabulary_with_unknown_words_in_the_padding():
    found = IdEncoder(VOCABULARY)([["one", "数"], ["three", "one", "two"], ["two"]])
    assert found.dtype == torch.int64
    assert found.tolist() == [[1, 3, 0], [0, 1, 2], [2, 0, 0]]
    moved = Vocabulary(["one", "xxunk"])
    assert IdEncoder(moved)([["one"], ["two", "one"]]).tolist() == [[0, 1], [1, 0]]


PIECES = Pieces.train({"one": 9, "two": 7, "twosome": 3, "lonesome": 2}, size=270)


@pytest.mark.parametrize(
    "rows",
    [
        [["one"]],
        [["twosome"] * 3],
        [["one", "two", "数"], ["lonesomes"], ["xxbos", "a", "b", "two", "一二三"]],
    ],
)
def test_every_word_has_its_own_pieces_and_its_place_among_them(rows):
    found = PieceEncoder(PIECES)(rows)
    time = max(map(len, rows))
    assert found.first.shape == found.last.shape == (len(rows), time)
    assert found.ids.shape == found.owners.shape == (len(rows), int(found.lengths.max()))
    for number, words in enumerate(rows):
        cut = [PIECES.encode([word]).ids.tolist() for word in words]
        length = sum(map(len, cut))
        assert int(found.lengths[number]) == length
        assert found.ids[number].tolist() == [*chain(*cut)] + [0] * (found.ids.shape[1] - length)
        for place, ids in enumerate(cut):
            first, last = int(found.first[number, place]), int(found.last[number, place])
            assert found.ids[number, first : last + 1].tolist() == ids
            assert found.owners[number, first : last + 1].tolist() == [place] * len(ids)
        assert set(found.owners[number, length:].tolist()) <= {time}
        assert (
            found.first[number, len(words) :].tolist() == found.last[number, len(words) :].tolist()
        )
        assert not found.first[number, len(words) :].any()
    assert {part.dtype for part in vars(found).values()} == {torch.int64}


def parts_of(inputs):
    return [inputs] if isinstance(inputs, torch.Tensor) else list(vars(inputs).values())


@pytest.mark.parametrize(
    "encoder",
    [ENCODER, IdEncoder(VOCABULARY), PieceEncoder(PIECES)],
    ids=lambda one: type(one).__name__,
)
def test_rows_that_were_encoded_once_are_what_the_encoder_makes_of_them(encoder):
    chance = random.Random(0)
    words = ["one", "two", "three", "twosome", "数"]
    rows = [chance.choices(words, k=chance.randint(1, 9)) for _ in range(20)]
    encoded = EncodedRows(rows, encoder)
    assert (len(encoded), encoded.lengths.tolist()) == (20, list(map(len, rows)))
    for _ in range(10):
        chosen = chance.sample(range(20), k=chance.randint(1, 8))
        found, expected = encoded.inputs(chosen), encoder([rows[number] for number in chosen])
        for one, other in zip(parts_of(found), parts_of(expected), strict=True):
            assert (one.dtype, one.tolist()) == (other.dtype, other.tolist())


def test_words_are_encoded_once_for_all_epochs():
    asked = []

    class Counting(WordEncoder):
        def table(self, words):
            asked.append(list(words))
            return super().table(words)

    encoded = EncodedRows([["one", "two"], ["two", "three"]], Counting(VOCABULARY, WordHasher(101)))
    for _ in range(3):
        encoded.inputs([1, 0])
    assert asked == [["one", "two", "three"]]
