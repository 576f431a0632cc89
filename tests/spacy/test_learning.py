"""Other heads and labels on a trained model: weights of shared labels stay, in any order; training
is elsewhere.
"""

from types import SimpleNamespace

import pytest
import spacy
import torch

from seqlabel.documents.categories import Categories
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.categories import Pooled
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.spacy.learning import start_labeler
from tests.spacy_models import tiny_labeler


def shaken(model):
    """The model with values everywhere, zeros included, that no fresh one has."""
    torch.manual_seed(7)
    with torch.no_grad():
        for tensor in model.module.state_dict().values():
            tensor.copy_(torch.randn_like(tensor))
    return model


def expected_scores(new, old, before, after):
    """By pairs of labels that both have: what `after` must hold, read from `before` one number at a
    time.
    """
    for label in set(new) & set(old):
        yield after[new.index(label)], before[old.index(label)]


@pytest.mark.parametrize("kind", [Softmax(), CRF()])
@pytest.mark.parametrize("tags", [("C", "A"), ("B", "C", "A"), ("D", "C", "B", "A")])
def test_a_head_keeps_shared_tags_in_any_order_and_size(kind, tags):
    old = shaken(tiny_labeler((HeadConfig(TagSet("x", ("A", "B", "C")), kind),)))
    new = Labeler.on(old, [HeadConfig(TagSet("x", tags), kind)])
    before, after = old.module.state_dict(), new.module.state_dict()
    for name in [name for name in before if "heads" not in name] + [
        "heads.0.output.weight",
        "heads.0.output.bias",
    ]:
        if "heads" not in name:
            assert torch.equal(after[name], before[name])
            continue
        for found, wanted in expected_scores(tags, "ABC", before[name], after[name]):
            assert torch.equal(found, wanted)
    if kind is CRF():
        for one in set(tags) & set("ABC"):
            for name in ("heads.0.crf.start", "heads.0.crf.end"):
                assert after[name][tags.index(one)] == before[name]["ABC".index(one)]
            for other in set(tags) & set("ABC"):
                found = after["heads.0.crf.transitions"][tags.index(one), tags.index(other)]
                assert (
                    found == before["heads.0.crf.transitions"]["ABC".index(one), "ABC".index(other)]
                )


def test_a_head_of_another_kind_or_layer_is_fresh():
    old = shaken(tiny_labeler((HeadConfig(TagSet("x", ("A", "B"))),)))
    for head in (HeadConfig(TagSet("x", ("A", "B")), CRF()), HeadConfig(TagSet("y", ("A", "B")))):
        new = Labeler.on(old, [head])
        assert not torch.equal(new.module.heads[0].output.weight, old.module.heads[0].output.weight)
        assert torch.equal(
            new.module.second.state_dict().popitem()[1], old.module.second.state_dict().popitem()[1]
        )


def test_a_head_of_documents_has_measured_docs_with_words_before_it_learns():
    nlp = spacy.blank("en")
    docs = [nlp(text) for text in ("one two three", "", "two", "three four five one")]
    model = SimpleNamespace(attrs={"encoder": None})
    head = HeadConfig(Categories("category", ("a", "b")), Pooled(buckets=0))
    torch.manual_seed(0)
    labeler = start_labeler(model, head, lambda: docs)
    layer = labeler.module.tag_heads[0].output
    assert layer.mean.any()
    torch.manual_seed(0)
    other = start_labeler(model, head, lambda: [doc for doc in docs if len(doc)])
    assert torch.equal(layer.mean, other.module.tag_heads[0].output.mean)
    torch.manual_seed(0)
    assert not start_labeler(model, head, lambda: [nlp("")]).module.tag_heads[0].output.mean.any()
