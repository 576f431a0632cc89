"""States pooled over documents: as each document alone in one piece, and where the gradient
ends.
"""

import numpy as np
import pytest
import torch

from seqlabel.batches.rows import PieceEncoder
from seqlabel.errors import OptionError
from seqlabel.nn.embedders import TableEmbedder
from seqlabel.nn.encoders import RecurrentEncoder, TextEncoder
from seqlabel.nn.layers import VariationalDropout
from seqlabel.nn.networks import build_two_way_model
from seqlabel.nn.pooling import PooledLayer, pooled_states
from tests.document_labelers import ENCODERS, WORDS, document_labeler, slow_pooled, some_rows
from tests.nn.test_networks import OF_PIECES, PIECE_ROWS, PIECES

every_encoder = pytest.mark.parametrize("name", ENCODERS)


@torch.no_grad()
def test_a_documents_logits_are_those_of_its_pooled_states_alone():
    head = PooledLayer(12, 3, hidden=7).eval()
    _, first, _, _, second = head.layers
    measured = 2 + 3 * torch.randn(50, 12)
    head.standardize(measured)
    pooled = 2 + 3 * torch.randn(4, 12)
    logits = head(pooled)
    assert logits.shape == (4, 3)
    for row, found in zip(pooled, logits, strict=True):
        normal = (row - measured.mean(dim=0)) / measured.std(dim=0, correction=0)
        hidden = [
            max(float(first.weight[unit] @ normal + first.bias[unit]), 0.0) for unit in range(7)
        ]
        torch.testing.assert_close(
            found, second.weight @ torch.tensor(hidden) + second.bias, rtol=1e-4, atol=1e-5
        )


@torch.no_grad()
def test_a_unit_that_hardly_moves_is_not_made_loud():
    head = PooledLayer(12, 3).eval()
    measured = torch.full((50, 12), 0.5)
    head.standardize(measured)
    assert head.spread.min() > 0.01
    assert torch.equal(head(measured), head.layers(torch.zeros(50, 12)))


@pytest.mark.parametrize("rate", [1.0, -0.5])
def test_a_dropout_outside_is_refused(rate):
    with pytest.raises(OptionError, match="dropout: "):
        PooledLayer(12, 3, dropout=rate)


@torch.no_grad()
@every_encoder
@pytest.mark.parametrize("bptt", [1, 4, 29, 30, 100])
def test_states_are_pooled_as_each_document_alone_in_one_piece(name, bptt):
    labeler, rows = document_labeler(name, bptt=bptt), [["word1"], ["数"] * 30, *some_rows()]
    found = labeler.module.pooled(labeler.words(rows), torch.tensor([len(row) for row in rows]))
    assert found.shape == (len(rows), 3 * 6 * len(labeler.module.encoder.ways))
    for row, pooled in zip(rows, found, strict=True):
        torch.testing.assert_close(
            pooled, slow_pooled(labeler.module.encoder, labeler.words([row]))
        )


TIME, PIECE = 20, 4


def one_way_model(*, gradient_words=1024, ways=1):
    """A model over a table, in whose gradient each word of a text of different words has its own
    row.
    """
    torch.manual_seed(0)
    embedder = TableEmbedder(2 * TIME, 8)
    encoder = TextEncoder(embedder, *(RecurrentEncoder(8, 6) for _ in range(ways)))
    return Reader(encoder.eval(), gradient_words)


class Reader:
    """Pools states with an encoder."""

    def __init__(self, encoder, gradient_words):
        self.encoder, self.gradient_words = encoder, gradient_words

    def pooled(self, words, lengths):
        """The pooled states of documents."""
        dropout = VariationalDropout(0.0)
        numbers = {"bptt": PIECE, "gradient_words": self.gradient_words}
        return pooled_states(self.encoder, words, lengths, dropout=dropout, **numbers)


def touched(model, value):
    """The words that the gradient of a number comes to."""
    model.encoder.zero_grad()
    value.backward()
    return model.encoder.embedder.table.weight.grad.any(dim=1).nonzero().flatten().tolist()


def test_the_gradient_of_the_last_state_ends_where_its_piece_begins():
    model = one_way_model()
    pooled = model.pooled(torch.arange(TIME)[None], torch.tensor([TIME]))
    assert touched(model, pooled[0, :6].sum()) == list(range(TIME - PIECE, TIME))


@pytest.mark.parametrize("gradient_words", [4, 8, 11, 19, 20, 1024])
def test_the_gradient_flows_through_the_last_words_that_are_read_only(gradient_words):
    model = one_way_model(gradient_words=gradient_words)
    pooled = model.pooled(torch.arange(TIME)[None], torch.tensor([TIME]))
    # Whole pieces, so that none of the last words is left out.
    kept = min(-(-gradient_words // PIECE) * PIECE, TIME)
    assert touched(model, pooled.sum()) == list(range(TIME - kept, TIME))


def test_each_way_has_its_own_last_words():
    model = one_way_model(gradient_words=8, ways=2)
    pooled = model.pooled(torch.arange(TIME)[None], torch.tensor([TIME]))
    assert touched(model, pooled.sum()) == [*range(8), *range(TIME - 8, TIME)]


def test_where_the_gradient_is_cut_changes_no_value():
    words, lengths = torch.arange(TIME)[None], torch.tensor([TIME])
    found = [one_way_model(gradient_words=number).pooled(words, lengths) for number in (4, 8, 1024)]
    # Pieces with a gradient are read by `nn.gru`, the others by torch: the same sums, rounded in
    # another order.
    for other in found[1:]:
        torch.testing.assert_close(other, found[0], rtol=0, atol=1e-6)


def test_a_short_document_beside_a_long_one_learns_through_its_own_last_words():
    model = one_way_model(gradient_words=8)
    words = torch.stack([torch.arange(TIME), torch.arange(TIME, 2 * TIME)])
    pooled = model.pooled(words, torch.tensor([TIME, 5]))
    assert touched(model, pooled[1].sum()) == list(range(TIME, TIME + 5))


def test_pooling_in_training_drops_and_leaves_the_callers_gradient_mode():
    labeler = document_labeler(dropout=0.5)
    labeler.module.train()
    inputs, lengths = labeler.words([WORDS]), torch.tensor([len(WORDS)])
    one, other = (labeler.module.pooled(inputs, lengths) for _ in range(2))
    assert not torch.equal(one, other)
    assert torch.is_grad_enabled()
    with torch.no_grad():
        assert not labeler.module.pooled(inputs, lengths).requires_grad


@every_encoder
def test_every_parameter_learns_but_the_votes(name):
    labeler, rows = document_labeler(name), some_rows()
    gold = torch.arange(len(rows)) % 3
    labeler.module(
        labeler.words(rows), torch.tensor([len(row) for row in rows]), [gold]
    ).sum().backward()
    learns = [
        name for name, parameter in labeler.module.named_parameters() if parameter.requires_grad
    ]
    assert not any("pooled" in name for name in learns)
    assert all(labeler.module.get_parameter(name).grad.any() for name in learns)


@torch.no_grad()
def test_a_document_in_pieces_of_words_is_pooled_over_its_words():
    encoder = build_two_way_model(OF_PIECES).encoder.eval()
    lengths = torch.tensor([len(row) for row in PIECE_ROWS])
    dropout = VariationalDropout(0.0)
    found = pooled_states(encoder, PieceEncoder(PIECES)(PIECE_ROWS), lengths, dropout=dropout)
    for number, words in enumerate(PIECE_ROWS):
        ids = torch.from_numpy(PIECES.encode(words).ids.astype(np.int64))
        ends = np.cumsum([len(PIECES.encode([word]).ids) for word in words])
        starts = np.concatenate([[0], ends[:-1]])
        vectors = encoder.embedder.table.weight[ids][None]
        expected = []
        ahead, back = encoder.ways
        for states in (
            ahead(vectors)[0][0][ends - 1],
            back(vectors.flip(1))[0][0].flip(0)[starts].flip(0),
        ):
            expected += [states[-1], states.amax(dim=0), states.mean(dim=0)]
        torch.testing.assert_close(found[number], torch.cat(expected))
