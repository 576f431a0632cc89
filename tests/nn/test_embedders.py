"""Ids to vectors, looked up one by one, and words to vectors from their features, added up one by
one.
"""

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn import functional

from seqlabel.batches.two_ways import word_inputs
from seqlabel.errors import OptionError
from seqlabel.nn.embedders import HashedEmbedder, PieceInputs, TableEmbedder
from seqlabel.text.hashing import WordHasher


def test_every_id_gets_its_row_of_the_table():
    embedder = TableEmbedder(7, 3).eval()
    ids = torch.tensor([[0, 6, 6], [5, 1, 2]])
    vectors = embedder(ids)
    assert vectors.shape == (2, 3, embedder.width)
    for row in range(2):
        for time in range(3):
            assert torch.equal(vectors[row, time], embedder.table.weight[ids[row, time]])


def test_the_table_starts_small():
    weight = TableEmbedder(200, 50).table.weight.detach()
    assert float(weight.abs().max()) <= 0.1
    assert float(weight.abs().max()) > 0.09
    assert abs(float(weight.mean())) < 0.005


ROWS, BUCKETS, WIDTH, UNKNOWN = 5, 101, 16, 1
# Of these, the first five are frequent enough for a row of their own.
WORDS = ["the", "of", "one", "two", "three", "walking", "Walking", "2001", "naïve", "数", "x" * 200]
FEATURES = WordHasher(BUCKETS)(WORDS)


def hashed(**choices):
    torch.manual_seed(0)
    return HashedEmbedder(ROWS, BUCKETS, WIDTH, unknown=UNKNOWN, **choices)


def inputs_of(ids):
    return word_inputs(np.array(ids), FEATURES, rows=ROWS, unknown=UNKNOWN)


@torch.no_grad()
def slow_vector(embedder, word, *, row):
    """The vector of one word with a row of the table: the row and the mean of the features,
    normalised, and more.
    """
    features = FEATURES.ids[FEATURES.offsets[word] : FEATURES.offsets[word + 1]].tolist()
    total = sum(embedder.buckets.weight[feature] for feature in features)
    vector = embedder.table.weight[row] + total / len(features)
    vector = (vector - vector.mean()) / (vector.var(correction=0) + embedder.norm.eps).sqrt()
    inner = functional.gelu(embedder.up.weight @ vector + embedder.up.bias)
    return vector + embedder.down.weight @ inner + embedder.down.bias


def own_row(word):
    return word if word < ROWS else UNKNOWN


def test_every_word_gets_its_row_and_its_features():
    embedder = hashed(word_dropout=0.5, dropout=0.5).eval()
    ids = [[0, 10, 4, 4, 6], [7, 8, 9, 0, 5]]
    vectors = embedder(inputs_of(ids))
    assert vectors.shape == (2, 5, embedder.width)
    for row in range(2):
        for time in range(5):
            word = ids[row][time]
            expected = slow_vector(embedder, word, row=own_row(word))
            torch.testing.assert_close(vectors[row, time], expected, rtol=1e-4, atol=1e-5)


def test_in_training_a_row_is_replaced_by_that_of_unknown_words_as_often_as_asked():
    embedder = hashed(word_dropout=0.3).train()
    inputs, replaced, rounds = inputs_of([[0, 2, 3, 4, 7]]), 0, 200
    own = [slow_vector(embedder, word, row=own_row(word)) for word in (0, 2, 3, 4, 7)]
    unknown = [slow_vector(embedder, word, row=UNKNOWN) for word in (0, 2, 3, 4, 7)]
    for _ in range(rounds):
        for vector, itself, stranger in zip(
            embedder(inputs)[0].detach(), own, unknown, strict=True
        ):
            is_own, is_unknown = (
                torch.allclose(vector, one, rtol=1e-3, atol=1e-4) for one in (itself, stranger)
            )
            assert is_own or is_unknown
            replaced += not is_own
    # The fifth word has no row of its own and so nothing to lose.
    share, count = 0.3, 4 * rounds
    assert abs(replaced / count - share) < 5 * (share * (1 - share) / count) ** 0.5


def test_a_word_is_embedded_once_a_batch_in_training_too():
    embedder = hashed(word_dropout=0.5).train()
    for _ in range(5):
        vectors = embedder(inputs_of([[2, 3, 2, 2], [3, 2, 3, 7]]))
        assert torch.equal(vectors[0, 0].expand(3, -1), vectors[[0, 0, 1], [2, 3, 1]])
        assert torch.equal(vectors[0, 1].expand(2, -1), vectors[1, [0, 2]])


def test_only_the_words_of_the_batch_learn():
    embedder = hashed()
    (embedder(inputs_of([[2, 7]])) * torch.randn(1, 2, WIDTH)).sum().backward()
    assert embedder.table.weight.grad.any(dim=1).nonzero().flatten().tolist() == [UNKNOWN, 2]
    used = {*FEATURES.take(np.array([2, 7])).ids.tolist()}
    assert {*embedder.buckets.weight.grad.any(dim=1).nonzero().flatten().tolist()} == used


def test_the_tables_of_a_hashed_embedder_start_small():
    torch.manual_seed(0)
    embedder = HashedEmbedder(1000, 5000, 64)
    for table in (embedder.table.weight, embedder.buckets.weight):
        assert float(table.std().detach()) == pytest.approx(0.05, rel=0.02)
        assert abs(float(table.mean().detach())) < 0.001


@pytest.mark.parametrize("name", ["word_dropout", "dropout"])
@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_a_bad_rate_of_a_hashed_embedder_is_refused(name, rate):
    with pytest.raises(OptionError, match=f"{name}: "):
        hashed(**{name: rate})


# The words of two rows, by their numbers of pieces.
COUNTS = [[2, 1, 3], [1, 1]]
PIECES = PieceInputs(
    ids=torch.tensor([[5, 6, 1, 2, 3, 4], [9, 8, 0, 0, 0, 0]]),
    lengths=torch.tensor([6, 2]),
    owners=torch.tensor([[0, 0, 1, 2, 2, 2], [0, 1, 3, 3, 3, 3]]),
    first=torch.tensor([[0, 2, 3], [0, 1, 0]]),
    last=torch.tensor([[1, 2, 5], [0, 1, 0]]),
)


def test_a_words_vector_is_the_mean_of_its_pieces_and_padding_is_zero():
    vectors = torch.randn(2, 6, 4, requires_grad=True)
    found = PIECES.word_vectors(vectors)
    assert found.shape == (2, 3, 4)
    for row, counts in enumerate(COUNTS):
        for place, pieces in enumerate(vectors[row, : sum(counts)].split(counts)):
            torch.testing.assert_close(found[row, place], pieces.mean(dim=0))
    assert not found[1, 2].any()
    found.sum().backward()
    assert not vectors.grad[1, 2:].any()


def test_a_words_states_are_those_after_its_whole_each_way():
    read = torch.randn(2, 6, 10)
    found = PIECES.word_states(read)
    assert found.shape == (2, 3, 10)
    for row, counts in enumerate(COUNTS):
        for place, pieces in enumerate(read[row, : sum(counts)].split(counts)):
            assert torch.equal(found[row, place], torch.cat([pieces[-1, :5], pieces[0, 5:]]))


def test_inputs_that_are_where_they_should_be_are_not_copied():
    inputs = inputs_of([[0, 1]])
    stayed = vars(inputs.to(torch.device("cpu")))
    assert all(stayed[name] is part for name, part in vars(inputs).items())
    assert all(
        part.device.type == "meta" for part in vars(inputs.to(torch.device("meta"))).values()
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        inputs.words = inputs.positions
