"""The head that labels documents, from pooled states, and the votes of words beside it."""

import pytest
import torch
from torch.nn import functional

from seqlabel.errors import OptionError
from seqlabel.nn.heads.categories import DocumentHead, WordVotes


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@torch.no_grad()
def test_a_documents_logits_are_those_of_its_pooled_states_alone():
    head = DocumentHead(12, 3, hidden=7).eval()
    _, first, _, _, second = head.layers
    measured = 2 + 3 * torch.randn(50, 12)
    head.standardise(measured)
    pooled = 2 + 3 * torch.randn(4, 12)
    logits = head(pooled)
    assert logits.shape == (4, 3)
    for row, found in zip(pooled, logits, strict=True):
        normal = (row - measured.mean(dim=0)) / measured.std(dim=0, correction=0)
        hidden = [max(float(first.weight[unit] @ normal + first.bias[unit]), 0.0) for unit in range(7)]
        torch.testing.assert_close(found, second.weight @ torch.tensor(hidden) + second.bias, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_a_unit_that_hardly_moves_is_not_made_loud():
    head = DocumentHead(12, 3).eval()
    measured = torch.full((50, 12), 0.5)
    head.standardise(measured)
    assert head.spread.min() > 0.01
    assert torch.equal(head(measured), head.layers(torch.zeros(50, 12)))


def test_a_document_head_drops_in_training_only_and_every_parameter_learns():
    head, pooled = DocumentHead(12, 3), torch.randn(4, 12)
    assert not torch.equal(head(pooled), head(pooled))
    head.eval()
    assert torch.equal(head(pooled), head(pooled))
    functional.cross_entropy(head(pooled), torch.tensor([0, 1, 2, 0])).backward()
    assert all(parameter.grad.any() for parameter in head.parameters())


@pytest.mark.parametrize("rate", [1.0, -0.5])
def test_a_document_heads_dropout_outside_is_refused(rate):
    with pytest.raises(OptionError, match=f"dropout: Found {rate}"):
        DocumentHead(12, 3, dropout=rate)


def some_votes():
    votes = WordVotes(6, 2)
    votes.weights.copy_(torch.randn(6, 2))
    votes.bias.copy_(torch.randn(2))
    return votes


@pytest.mark.parametrize("ids", [[0], [5, 1, 3], [0, 1, 2, 3, 4, 5], []], ids=str)
def test_votes_are_added_up_ngram_by_ngram_and_divided_by_the_root_of_their_number(ids):
    votes = some_votes()
    root = max(len(ids), 1) ** 0.5
    expected = [
        float(votes.bias[label]) + sum(float(votes.weights[id_, label]) for id_ in ids) / root for label in range(2)
    ]
    rows = [torch.tensor(ids, dtype=torch.int64), torch.tensor([2])]
    found = votes(rows)
    assert found.shape == (2, 2)
    torch.testing.assert_close(found[0], torch.tensor(expected))
    torch.testing.assert_close(found[1], votes.weights[2] + votes.bias)


def test_votes_say_nothing_at_first_and_are_saved_but_not_trained():
    votes = WordVotes(6, 2)
    assert not votes([torch.arange(6)]).any()
    assert float(votes.share) == 0
    assert list(votes.parameters()) == []
    assert sorted(votes.state_dict()) == ["bias", "share", "weights"]
