"""Tiny models with random weights for all tests: encoders, and labelers of tags, of spans and of
both.

Labelers of documents are in `tests.document_labelers`, labelers of two sizes in
`tests.models.sized_labelers`, texts and pipelines for spaCy in `tests.spacy_models`.
"""

import dataclasses
import random

import pytest
import torch

from seqlabel.documents.document import Document
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.models.model_configs import HeadConfig, LabelerConfig, TagPairs
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import (
    LanguageModelConfig,
    PieceModelConfig,
    PointerConfig,
    Recurrence,
    WordModelConfig,
)
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary

LABELS = ("NOUN", "VERB", "X")
UPOS = TagSet("upos", LABELS)
VOCABULARY = Vocabulary(["xxunk", "xxpad", "the", "cat", "sat", ",", "数", "on", "mat", "."])
ENCODER = WordModelConfig(words=len(VOCABULARY), buckets=64, embedding=8, hidden=6, cutoffs=(4,))
ONE_WAY = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
PIECES = Pieces.train({"the": 9, "cat": 5, "sat": 5, "mat": 4, "on": 3}, size=262)
OF_PIECES = PieceModelConfig(pieces=len(PIECES), embedding=8, hidden=7, cutoffs=(100,))
# Of every kind of head, on tags and on spans.
HEADS = (
    HeadConfig(UPOS, Softmax(label_smoothing=0.1, class_weights=(1.0, 2.0, 0.5))),
    HeadConfig(TagSet("ner", ("A", "B"), Scheme.BIOES), CRF()),
    HeadConfig(TagSet("xpos", ("1", "2")), CRF(), temperature=0.7),
    HeadConfig(TagSet("chunks", ("NP",), Scheme.BIO), Softmax(), temperature=1.9),
)
CONFIG = LabelerConfig(ENCODER, HEADS, hidden=5)
FILES = ["config.json", "model.safetensors", "vocabulary.json"]
WORDS = ["the", "cat", "sat", "Oslo", "naïve", "数", ",", "mat", "B2B", "😀"]


@torch.no_grad()
def strengthen(module, scale=0.5):
    """Make weights so large that words far away are felt."""
    for parameter in module.parameters():
        parameter.add_(scale * torch.randn_like(parameter))


def tiny_encoder(config=ENCODER, vocabulary=VOCABULARY, *, seed=0, scale=0.0):
    """A language model, or a pair of them, that has read nothing; with a scale, for all that its
    weights show, it has.
    """
    torch.manual_seed(seed)
    kind = LanguageModel if isinstance(config, LanguageModelConfig) else WordLanguageModel
    model = kind(config, vocabulary)
    if scale:
        strengthen(model.module, scale)
    return model


def random_labeler(config, vocabulary, *, seed=0, scale=0.5):
    """A labeler in evaluation mode whose words far away are felt; exact, to compare with."""
    torch.manual_seed(seed)
    labeler = Labeler(config, vocabulary, arithmetic=Arithmetic.FLOAT32)
    strengthen(labeler.module, scale)
    labeler.module.eval()
    return labeler


def mixed_labeler(config=CONFIG, seed=0):
    """A labeler of tags and spans with every kind of head, none of whose labels is rare."""
    words = PIECES if isinstance(config.encoder, PieceModelConfig) else VOCABULARY
    labeler = random_labeler(config, words, seed=seed)
    with torch.no_grad():
        for head in labeler.module.heads:
            head.output.weight.mul_(3)
            head.output.bias.zero_()
    return labeler


def some_documents(count=30, seed=0, longest=12):
    chance = random.Random(seed)
    return [
        Document.from_words(chance.choices(WORDS, k=chance.randint(0, longest)))
        for _ in range(count)
    ]


def layer_of(document):
    return document.tags["upos"]


def assert_same(found, expected):
    """The same words and labels, and scores that differ by no more than rounding does (sums over 61
    words in a CRF).
    """
    found, expected = list(found), list(expected)

    def without_scores(document):
        tags = {name: layer.labels for name, layer in document.tags.items()}
        return (
            document.text,
            document.offsets,
            tags,
            {name: layer.spans for name, layer in document.spans.items()},
        )

    assert list(map(without_scores, found)) == list(map(without_scores, expected))
    for one, other in zip(found, expected, strict=True):
        for name, layer in (*one.tags.items(), *one.spans.items()):
            wanted = (other.tags if name in other.tags else other.spans)[name]
            assert layer.scores == pytest.approx(wanted.scores, abs=1e-4)


LONG = Document.from_words(random.Random(5).choices(WORDS, k=61))


LANGUAGE_MODELS = {
    **{f"two ways, {kind}": dataclasses.replace(ENCODER, recurrence=kind) for kind in Recurrence},
    **{
        f"one way, {kind}": dataclasses.replace(ONE_WAY, recurrence=kind, dropout=0.2)
        for kind in Recurrence
    },
    "a pointer": dataclasses.replace(
        ONE_WAY, embedding=6, tied=True, pointer=PointerConfig(width=3, window=4)
    ),
}
every_language_model = pytest.mark.parametrize("name", LANGUAGE_MODELS)


def language_model(name):
    """A language model in evaluation mode that has read something."""
    return perturbed(tiny_encoder(LANGUAGE_MODELS[name]))


def perturbed(model, seed=0):
    """The same model, changed so that all its weights show."""
    torch.manual_seed(seed)
    strengthen(model.module, 1.0)
    model.module.eval()
    return model


TWO = (
    HeadConfig(UPOS, temperature=1.3),
    HeadConfig(TagSet("xpos", ("1", "2")), Softmax(), temperature=0.7),
)
TOGETHER = TagPairs("upos", "xpos", (("NOUN", "1"), ("VERB", "2"), ("X", "2")))
PAIRED = dataclasses.replace(CONFIG, heads=(HEADS[1], *TWO), together=TOGETHER)
