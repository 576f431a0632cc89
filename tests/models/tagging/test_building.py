"""Networks of labelers: on a language model's encoder, with the numbers of their configs, and with
more labels.
"""

import dataclasses
import random

import pytest
import torch

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.model_configs import HeadConfig, head_config
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from tests.labelers import (
    HEADS,
    LANGUAGE_MODELS,
    UPOS,
    VOCABULARY,
    WORDS,
    every_language_model,
    language_model,
    mixed_labeler,
    perturbed,
)
from tests.weights import same_weights, weights_of


def test_fresh_weights_are_those_of_the_seed_and_leave_torchs_random_numbers_alone():
    below, before = language_model(next(iter(LANGUAGE_MODELS))), torch.get_rng_state()
    first, again, other = (
        Labeler.on(below, [UPOS], hidden=5, seed=seed).module for seed in (0, 0, 1)
    )
    assert torch.equal(before, torch.get_rng_state())
    assert same_weights(first, again)
    assert not same_weights(first.heads[0].output, other.heads[0].output)
    drawn = Labeler.on(below, [UPOS], hidden=5, seed=None).module
    assert not torch.equal(before, torch.get_rng_state())
    assert not same_weights(first.heads[0].output, drawn.heads[0].output)


@every_language_model
def test_new_heads_go_on_a_copy_of_a_language_models_encoder(name):
    below = language_model(name)
    before = weights_of(below.module)
    labeler = Labeler.on(below, [UPOS, HEADS[1].tag_set], hidden=5)
    labeler.module.eval()
    words, lengths = labeler.words([["the", "cat", "Oslo"]]), torch.tensor([3])
    read, vectors = labeler.module.encoder(words, lengths, dropout=labeler.module.dropout)
    encoder = below.module.encoder
    torch.testing.assert_close(vectors, encoder.embedder(words))
    ahead = encoder.forward_encoder(vectors)[0]
    if isinstance(below, WordLanguageModel):
        backward = encoder.backward_encoder(vectors.flip(1))[0].flip(1)
        torch.testing.assert_close(read, torch.cat([ahead, backward], dim=-1))
    else:
        torch.testing.assert_close(read, ahead)
    # Training the labeler leaves the language model alone.
    with torch.no_grad():
        for parameter in labeler.module.parameters():
            parameter.zero_()
    assert same_weights(below.module, before)
    assert (labeler.vocabulary, labeler.config.language) == (VOCABULARY, "en")


@pytest.mark.parametrize("way", ["itself", "path", "text"])
def test_new_heads_go_on_copies_of_a_labelers_layers(tmp_path, way):
    below = perturbed(mixed_labeler(seed=5))
    below.save(tmp_path)
    before = weights_of(below.module)
    topics = TagSet("topic", ("farm", "town", "sea"))
    labeler = Labeler.on(
        {"itself": below, "path": tmp_path, "text": str(tmp_path)}[way], [topics], seed=1
    )
    assert labeler.tag_sets == [topics]
    assert labeler.vocabulary == below.vocabulary
    assert not labeler.trained
    weights = labeler.module.state_dict()
    shared = [name for name in before if name.startswith(("encoder.", "second."))]
    assert shared
    assert all(torch.equal(weights[name], before[name]) for name in shared)
    # Training the labeler leaves the one below alone.
    with torch.no_grad():
        for parameter in labeler.module.parameters():
            parameter.zero_()
    assert same_weights(below.module, before)


def test_a_labelers_layer_keeps_its_width():
    below = mixed_labeler()
    assert Labeler.on(below, [UPOS]).config.hidden == below.config.hidden
    with pytest.raises(OptionError, match="hidden"):
        Labeler.on(below, [UPOS], hidden=below.config.hidden + 1)


def test_a_tag_set_takes_the_scheme_of_the_labelers_layer():
    below = perturbed(mixed_labeler())
    own = HEADS[1].tag_set
    in_bio = dataclasses.replace(own, scheme=Scheme.BIO)

    labeler = Labeler.on(below, [in_bio])
    assert labeler.tag_sets == [own]
    # The head knows all that the labeler's knew.
    texts = ["the cat sat on Oslo", "B2B mat"]
    documents = zip(labeler(texts), below(texts), strict=True)
    assert all(new.spans["ner"].spans == old.spans["ner"].spans for new, old in documents)

    # Numbers of one's own are kept.
    assert Labeler.on(below, [HeadConfig(in_bio)]).tag_sets == [in_bio]


def test_spans_get_a_crf_and_tags_a_softmax_unless_asked_otherwise():
    spans = HEADS[1].tag_set
    given = HeadConfig(TagSet("a", ("A",), Scheme.IO), Softmax(), temperature=3.0)
    labeler = Labeler.on(language_model("one way, gru"), [UPOS, spans, given], hidden=5)
    assert [head.kind for head in labeler.config.heads] == [Softmax(), CRF(), Softmax()]
    assert [head.kind for head in labeler.module.heads] == [Softmax(), CRF(), Softmax()]
    assert labeler.config.heads[2] is given
    assert labeler.tag_sets == [UPOS, spans, given.tag_set]
    assert head_config(spans) == HeadConfig(spans, CRF())


@pytest.mark.parametrize("layer", ["upos", "ner", "xpos", "chunks"])
@pytest.mark.parametrize("seed", range(3))
def test_new_labels_change_nothing_before_they_are_trained(layer, seed):
    labeler = mixed_labeler(seed=seed)
    texts = [" ".join(random.Random(seed).choices(WORDS, k=30)) for _ in range(5)]
    extended = labeler.with_labels(["new", "newer"], layer=layer)
    for before, after in zip(labeler(texts), extended(texts), strict=True):
        for name, tags in before.tags.items():
            assert after.tags[name].labels == tags.labels
        for name, spans in before.spans.items():
            assert after.spans[name].spans == spans.spans
    heads = {head.tag_set.layer: head for head in extended.config.heads}
    assert heads[layer].tag_set.labels[-2:] == ("new", "newer")
    assert len(labeler.config.heads[0].tag_set.labels) == 3
