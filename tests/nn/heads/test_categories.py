"""The head that labels documents: its votes, its labels, and the same with torch and without."""

import numpy as np
import pytest
import torch

from seqlabel.documents.categories import Categories
from seqlabel.errors import OptionError
from seqlabel.nn.heads.categories import Pooled
from seqlabel.nn.heads.head import CompiledDocumentHead, CompiledHead, Rows
from seqlabel.nn.network_configs import Decision
from seqlabel.nn.networks import TagHead
from seqlabel.text.hashing import hash_ngrams

TOPIC = Categories("topic", ("a", "b", "c"))


def some_head(**options):
    """A head with random weights."""
    torch.manual_seed(0)
    head = TagHead(Pooled(**{"buckets": 64, **options}), TOPIC, 12).eval()
    with torch.no_grad():
        for tensor in head.state_dict().values():
            tensor.copy_(0.5 + torch.rand_like(tensor))
    return head


def arrays_of(head):
    """The weights of the layer and those next to it, without torch."""
    layer = {name: tensor.numpy() for name, tensor in head.output.state_dict().items()}
    return layer, {name: tensor.detach().numpy() for name, tensor in head.weights.items()}


@pytest.mark.parametrize("words", [["one"], ["one", "two", "one", "two"], ["数"] * 5], ids=str)
def test_votes_are_added_up_ngram_by_ngram_and_divided_by_the_root_of_their_number(words):
    head = some_head()
    _, weights = arrays_of(head)
    ids = hash_ngrams(words, 64)
    expected = [
        weights["bias"][label] + sum(weights["votes"][id_, label] for id_ in ids) / len(ids) ** 0.5
        for label in range(3)
    ]
    found = head.kind.votes([words, ["three"]], weights)
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found[0], expected, rtol=1e-5)


def test_votes_say_nothing_at_first_and_are_saved_but_not_trained():
    head = TagHead(Pooled(buckets=6), TOPIC, 12)
    assert {name: tuple(tensor.shape) for name, tensor in head.weights.items()} == {
        "votes": (6, 3),
        "bias": (3,),
        "share": (),
    }
    assert not any(tensor.any() or tensor.requires_grad for tensor in head.weights.values())
    assert {"pooled.votes", "pooled.bias", "pooled.share"} <= head.state_dict().keys()
    assert TagHead(Pooled(buckets=0), TOPIC, 12).weights == {}


@torch.no_grad()
@pytest.mark.parametrize("buckets", [0, 64])
@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_a_document_gets_the_label_of_the_highest_logit(buckets, temperature):
    head = some_head(buckets=buckets)
    words, pooled = [["one", "two"], ["three"]], torch.randn(2, 12)
    found = head.decode(pooled, Rows([2, 1], words=words), Decision(temperature=temperature))
    logits = head.output(pooled).numpy()
    if buckets:
        weights = arrays_of(head)[1]
        logits = logits + weights["share"] * head.kind.votes(words, weights)
    shares = np.exp((logits - logits.max()) / temperature)
    np.testing.assert_allclose(
        found.probabilities, shares / shares.sum(axis=1, keepdims=True), rtol=1e-5
    )
    assert found.tags.tolist() == logits.argmax(axis=1).tolist()


@torch.no_grad()
def test_scores_without_torch_are_those_of_the_layer():
    head = some_head(units=5)
    layer, _ = arrays_of(head)
    assert {name: array.shape for name, array in layer.items()} == head.kind.layer_shapes(12, 3)
    pooled = torch.randn(4, 12)
    np.testing.assert_allclose(
        head.kind.scores(pooled.numpy(), layer), head.output(pooled).numpy(), rtol=1e-4
    )
    assert isinstance(head.kind, CompiledDocumentHead)
    assert not isinstance(head.kind, CompiledHead)


def test_the_loss_is_the_surprise_at_the_labels_that_are_known():
    head, pooled = some_head(), torch.randn(4, 12)
    gold = torch.tensor([2, -1, 0, -100])
    logs = head.output(pooled).log_softmax(dim=1)
    expected = -(logs[0, 2] + logs[2, 0])
    torch.testing.assert_close(head.loss(pooled, gold, torch.ones(4)), expected)


@pytest.mark.parametrize(
    "options",
    [
        {"units": 0},
        {"buckets": -1},
        {"bptt": 0},
        {"gradient_words": 0},
        {"unit_dropout": 1.0},
        {"units": 1.5},
    ],
    ids=str,
)
def test_numbers_outside_are_refused_by_name(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        Pooled(**options)
