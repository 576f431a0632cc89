"""Other heads and labels on a trained model: weights of shared labels stay, in any order; training is elsewhere."""

from dataclasses import replace

import pytest
import spacy
import torch

from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.classifier import Classifier
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.model_configs import HeadConfig
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.spacy.learning import measure_states, with_head, with_label
from seqlabel.spacy.running import documents_of
from tests.spacy_models import tiny_labeler


def shaken(model):
    """The model with values everywhere, zeros included, that no fresh one has."""
    torch.manual_seed(7)
    with torch.no_grad():
        for tensor in model.module.state_dict().values():
            tensor.copy_(torch.randn_like(tensor))
    return model


def expected_scores(new, old, before, after):
    """By pairs of labels that both have: what `after` must hold, read from `before` one number at a time."""
    for label in set(new) & set(old):
        yield after[new.index(label)], before[old.index(label)]


@pytest.mark.parametrize("kind", [Softmax(), CRF()])
@pytest.mark.parametrize("tags", [("C", "A"), ("B", "C", "A"), ("D", "C", "B", "A")])
def test_a_head_keeps_shared_tags_in_any_order_and_size(kind, tags):
    old = shaken(tiny_labeler((HeadConfig(TagSet("x", ("A", "B", "C")), kind),)))
    new = with_head(old, HeadConfig(TagSet("x", tags), kind))
    before, after = old.module.state_dict(), new.module.state_dict()
    for name in [name for name in before if "heads" not in name] + ["heads.0.output.weight", "heads.0.output.bias"]:
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
                assert found == before["heads.0.crf.transitions"]["ABC".index(one), "ABC".index(other)]


def test_a_head_of_another_kind_or_layer_is_fresh():
    old = shaken(tiny_labeler((HeadConfig(TagSet("x", ("A", "B"))),)))
    for head in (HeadConfig(TagSet("x", ("A", "B")), CRF()), HeadConfig(TagSet("y", ("A", "B")))):
        new = with_head(old, head)
        assert not torch.equal(new.module.heads[0].output.weight, old.module.heads[0].output.weight)
        assert torch.equal(new.module.second.state_dict().popitem()[1], old.module.second.state_dict().popitem()[1])


@pytest.mark.parametrize("buckets", [0, 16])
def test_a_classifier_keeps_its_labels(buckets):
    below = tiny_labeler()
    old = Classifier.on(WordLanguageModel(below.config.encoder, below.vocabulary), ("a", "b"), buckets=buckets)
    assert (old.module.votes is None) is (not buckets)
    shaken(old)
    new = with_label(old, "c")
    assert new.config == replace(old.config, labels=("a", "b", "c"))
    before, after = old.module.state_dict(), new.module.state_dict()
    assert before.keys() == after.keys()
    for name, tensor in after.items():
        if name in ("head.layers.4.weight", "head.layers.4.bias", "votes.bias"):
            pairs = expected_scores("abc", "ab", before[name], tensor)
        elif name == "votes.weights":
            pairs = expected_scores("abc", "ab", before[name].T, tensor.T)
        else:
            pairs = [(tensor, before[name])]
        for found, wanted in pairs:
            assert torch.equal(found, wanted), name


def test_a_classifier_measures_docs_with_words_before_it_learns():
    labeler = tiny_labeler()
    below = WordLanguageModel(labeler.config.encoder, labeler.vocabulary)
    nlp = spacy.blank("en")
    docs = [nlp(text) for text in ("one two three", "", "two", "three four five one")]
    one, other = (Classifier.on(below, ("a", "b")) for _ in range(2))
    measure_states(one, docs)
    other.standardise(document for document in documents_of(docs) if len(document))
    assert one.module.head.mean.any()
    assert torch.equal(one.module.head.mean, other.module.head.mean)
    measure_states(other, [nlp("")])
    assert torch.equal(one.module.head.mean, other.module.head.mean)
