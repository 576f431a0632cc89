"""Ids to vectors, looked up one by one."""

import pytest
import torch

from seqlabel.embedders import TableEmbedder
from seqlabel.errors import OptionError


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


def test_dropout_is_one_mask_a_row_and_only_in_training():
    embedder = TableEmbedder(7, 32, dropout=0.5)
    torch.nn.init.ones_(embedder.table.weight)
    ids = torch.randint(7, (4, 6))
    vectors = embedder(ids)
    assert torch.equal(vectors, vectors[:, :1].expand_as(vectors))
    assert set(vectors.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(embedder.eval()(ids), torch.ones(4, 6, 32))


def test_a_bad_dropout_is_refused():
    with pytest.raises(OptionError, match="dropout: found 1"):
        TableEmbedder(7, 3, dropout=1)
