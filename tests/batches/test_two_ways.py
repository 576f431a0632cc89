"""Streams of both ways against the text and the text reversed, written out word by word."""

import numpy as np
import pytest
import torch

from seqlabel.batches.language import IGNORED, EvaluationStream, LanguageModelStream
from seqlabel.batches.two_ways import (
    FeaturedWords,
    PieceTokens,
    ReversedTokens,
    TwoWayStream,
    word_inputs,
)
from seqlabel.errors import DataError, OptionError
from seqlabel.text.corpora import TokenArray, TokenFile, read_rows
from seqlabel.text.hashing import RaggedIds, WordHasher


def in_memory(ids, folder):
    return TokenArray(ids)


def on_disk(ids, folder):
    ids.astype("<u2").tofile(folder / "tokens.bin")
    return TokenFile(folder / "tokens.bin", dtype="<u2", tokens=len(ids))


both_kinds = pytest.mark.parametrize("make_tokens", [in_memory, on_disk])


@both_kinds
def test_reversed_tokens_are_the_tokens_reversed(tmp_path, make_tokens):
    ids = np.random.default_rng(0).permutation(23)
    turned, expected = ReversedTokens(make_tokens(ids, tmp_path)), ids.tolist()[::-1]
    assert len(turned) == 23
    for start in range(24):
        for stop in range(start, 24):
            found = turned.read(start, stop)
            assert found.dtype == np.int64
            assert found.tolist() == expected[start:stop]


@both_kinds
@pytest.mark.parametrize("count", [1, 5, 23, 24, 60])
def test_reversed_rows_go_round_after_the_first_token(tmp_path, make_tokens, count):
    ids = np.random.default_rng(0).permutation(23)
    turned, expected = ReversedTokens(make_tokens(ids, tmp_path)), ids.tolist()[::-1]
    starts = [0, 1, 22, 23, 40, 7, 7, 100]
    found = read_rows(turned, np.array(starts), count)
    assert (found.dtype, found.shape) == (np.int64, (8, count))
    assert found.tolist() == [
        [expected[(start + place) % 23] for place in range(count)] for start in starts
    ]
    # What torch takes: no negative stride, nothing that is written back.
    torch.from_numpy(found).zero_()
    assert turned.read(0, 23).tolist() == expected


HASHED = WordHasher(1000)([f"word{number}" for number in range(30)])
PREDICTED, UNKNOWN = 12, 3


def features_of(ragged, number):
    return ragged.ids[ragged.offsets[number] : ragged.offsets[number + 1]].tolist()


def places_of(inputs):
    """For each place, in the shape of the rows: the features and the row of the table that its word
    has.
    """
    offsets = [*inputs.offsets.tolist(), len(inputs.features)]
    words = []
    for number, word in enumerate(inputs.words.tolist()):
        words.append((inputs.features[offsets[number] : offsets[number + 1]].tolist(), word))
    return [[words[place] for place in row] for row in inputs.positions.tolist()]


def slow_places(ids):
    return [
        [(features_of(HASHED, word), word if word < PREDICTED else UNKNOWN) for word in row]
        for row in ids
    ]


@pytest.mark.parametrize(
    "ids",
    [
        [[5]],
        [[7, 7, 7]],
        [[29, 0, 12, 11], [11, 29, 3, 0]],
        np.arange(30).reshape(5, 6)[::-1].tolist(),
    ],
    ids=str,
)
def test_each_place_has_the_features_and_the_row_of_its_word(ids):
    inputs = word_inputs(np.array(ids), HASHED, rows=PREDICTED, unknown=UNKNOWN)
    assert places_of(inputs) == slow_places(ids)
    assert inputs.positions.shape == np.shape(ids)
    # A word is there once, however often it stands in the batch.
    assert len(inputs.words) == len(inputs.offsets) == len({word for row in ids for word in row})
    assert inputs.positions.dtype == inputs.words.dtype == torch.int64
    assert inputs.features.dtype == inputs.offsets.dtype == torch.int32


def test_a_word_without_features_has_none():
    ragged = RaggedIds(np.array([4, 5], dtype=np.int32), np.array([0, 1, 1, 2]))
    inputs = word_inputs(np.array([[2, 1, 0]]), ragged, rows=3, unknown=0)
    assert places_of(inputs) == [[([5], 2), ([], 1), ([4], 0)]]


def two_ways(ids, make=LanguageModelStream, batch_size=3, bptt=5, tokens=None):
    words = FeaturedWords(HASHED, PREDICTED, UNKNOWN)
    tokens = tokens or TokenArray(ids)
    return TwoWayStream(tokens, words, batch_size=batch_size, bptt=bptt, make=make)


@both_kinds
@pytest.mark.parametrize("make", [LanguageModelStream, EvaluationStream])
@pytest.mark.parametrize(
    ("count", "batch_size", "bptt"), [(101, 3, 5), (40, 4, 10), (9, 1, 3), (8, 7, 1)]
)
def test_two_ways_are_the_text_and_the_text_reversed(
    tmp_path, make_tokens, make, count, batch_size, bptt
):
    ids = np.random.default_rng(0).integers(30, size=count)
    stream = two_ways(ids, make, batch_size, bptt, tokens=make_tokens(ids, tmp_path))
    ways = [make(TokenArray(way), batch_size=batch_size, bptt=bptt) for way in (ids, ids[::-1])]
    found = list(stream.batches())
    assert len(found) == len(stream) == len(ways[0])
    for batch, forward, backward in zip(found, *ways, strict=True):
        assert places_of(batch.words) == slow_places(
            [*forward.inputs.tolist(), *backward.inputs.tolist()]
        )
        wanted = [*forward.targets.tolist(), *backward.targets.tolist()]
        assert batch.targets.tolist() == [
            [word if word == IGNORED or word < PREDICTED else UNKNOWN for word in row]
            for row in wanted
        ]


def test_starting_late_gives_the_rest_of_both_ways():
    stream = two_ways(np.arange(101) % 30)
    whole, rest = list(stream.batches()), list(stream.batches(epoch=4, start=5))
    assert len(rest) == len(stream) - 5
    for one, other in zip(whole[5:], rest, strict=True):
        assert places_of(one.words) == places_of(other.words)
        assert torch.equal(one.targets, other.targets)
    # The words of a batch move and its targets stay.
    moved = whole[0].to(torch.device("meta"))
    assert {moved.words.positions.device.type, moved.words.features.device.type} == {"meta"}
    assert moved.targets.device.type == "cpu"


@pytest.mark.parametrize("make", [LanguageModelStream, EvaluationStream])
def test_bad_sizes_of_two_ways_are_refused(make):
    with pytest.raises(OptionError, match="bptt:"):
        two_ways(np.arange(30), make, bptt=0)
    with pytest.raises(DataError):
        two_ways(np.arange(2), make)
    pieces = RaggedIds(np.zeros(2, np.int32), np.arange(3))
    with pytest.raises(DataError):
        TwoWayStream(PieceTokens(TokenArray([0, 1]), pieces), batch_size=4, bptt=9, make=make)


def cut_words(count, seed=0):
    """For each of `count` words one to four pieces."""
    random = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(random.integers(1, 5, size=count))])
    return RaggedIds(random.integers(100, size=offsets[-1]).astype(np.int32), offsets)


CUT = cut_words(30)


def slow_pieces(ids):
    return [piece for word in ids.tolist() for piece in features_of(CUT, word)]


@both_kinds
@pytest.mark.parametrize("count", [2, 255, 256, 257, 1000])
def test_pieces_are_read_as_if_they_lay_there(tmp_path, make_tokens, count):
    ids = np.random.default_rng(count).integers(30, size=count)
    found, expected = PieceTokens(make_tokens(ids, tmp_path), CUT), slow_pieces(ids)
    assert len(found) == len(expected)
    bounds = sorted(
        {0, 1, len(expected) // 2, len(expected) - 1, len(expected), *found._marks.tolist()}
    )
    for start in bounds:
        for stop in (stop for stop in bounds if stop >= start):
            piece = found.read(start, stop)
            assert piece.dtype == np.int64
            assert piece.tolist() == expected[start:stop]
    starts = np.array([0, 1, len(expected) - 1, len(expected), 3 * len(expected) + 1])
    for width in (1, 40, len(expected) + 1, 2 * len(expected)):
        rows = read_rows(found, starts, width)
        assert (rows.dtype, rows.shape) == (np.int64, (5, width))
        wanted = [
            [expected[(start + place) % len(expected)] for place in range(width)]
            for start in starts.tolist()
        ]
        assert rows.tolist() == wanted


@both_kinds
@pytest.mark.parametrize("make", [LanguageModelStream, EvaluationStream])
def test_two_ways_over_pieces_are_those_over_the_text_of_pieces(tmp_path, make_tokens, make):
    ids = np.random.default_rng(0).integers(30, size=300)
    stream = TwoWayStream(
        PieceTokens(make_tokens(ids, tmp_path), CUT), batch_size=4, bptt=9, make=make
    )
    text = np.array(slow_pieces(ids))
    ways = [make(TokenArray(way), batch_size=4, bptt=9) for way in (text, text[::-1])]
    found = list(stream.batches())
    assert len(found) == len(stream) == len(ways[0])
    for batch, *both in zip(found, *ways, strict=True):
        assert torch.equal(batch.words, torch.cat([way.inputs for way in both]))
        assert torch.equal(batch.targets, torch.cat([way.targets for way in both]))
        assert torch.equal(batch.to(torch.device("cpu")).words, batch.words)
    late = list(stream.batches(start=3))
    assert all(torch.equal(a.words, b.words) for a, b in zip(found[3:], late, strict=True))
