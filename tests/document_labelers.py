"""Labelers of documents with random weights, documents for them, and what one document gives by
itself.
"""

import dataclasses
import random
from functools import cache

import torch

from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Document
from seqlabel.models.fine_tuning import document_options, fine_tune
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.categories import Pooled
from seqlabel.nn.network_configs import (
    LanguageModelConfig,
    PointerConfig,
    Recurrence,
    WordModelConfig,
)
from seqlabel.text.hashing import hash_ngrams
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import Precision
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle
from tests.labelers import strengthen, tiny_encoder

LABELS = ("good", "bad", "neither")
VOCABULARY = Vocabulary(["xxunk", *(f"word{number}" for number in range(20))])
WORDS = [*(f"word{number}" for number in range(30)), "naïve", "数", "😀", ","]
TWO_WAY = WordModelConfig(words=len(VOCABULARY), buckets=64, embedding=8, hidden=6, cutoffs=(4,))
ONE_WAY = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
ENCODERS = {
    "two ways": TWO_WAY,
    "two ways of LSTMs": dataclasses.replace(
        TWO_WAY, recurrence=Recurrence.LSTM, layers=2, dropout=0.3
    ),
    "one way": ONE_WAY,
    "one way that copies": dataclasses.replace(ONE_WAY, pointer=PointerConfig(width=3, window=4)),
}


def head(*, layer="category", temperature=1.0, **options):
    """The numbers of a head of documents."""
    return HeadConfig(Categories(layer, LABELS), Pooled(**options), temperature=temperature)


def shake(module, seed=0):
    """Weights large enough that words far away are felt."""
    torch.manual_seed(seed)
    strengthen(module, 0.4)


def document_labeler(
    name="two ways",
    *,
    seed=0,
    layer="category",
    temperature=1.0,
    language="en",
    dropout=0.0,
    **options,
):
    """A labeler in evaluation mode, whose votes, if there are any, say something."""
    torch.manual_seed(seed)
    one = head(layer=layer, temperature=temperature, **{"buckets": 500, "bptt": 7, **options})
    config = LabelerConfig(ENCODERS[name], (one,), hidden=0, language=language, dropout=dropout)
    labeler = Labeler(config, VOCABULARY, arithmetic=Arithmetic.FLOAT32)
    shake(labeler.module.encoder, seed)
    network = labeler.module.tag_heads[0]
    with torch.no_grad():
        network.output.layers[-1].weight.mul_(4)
    if one.kind.buckets:
        votes = network.weights
        votes["votes"].copy_(torch.randn_like(votes["votes"]))
        votes["bias"].copy_(torch.randn_like(votes["bias"]))
        votes["share"].fill_(1.0)
    labeler.module.eval()
    return labeler


def some_rows(count=12, *, seed=0, longest=30):
    chance = random.Random(seed)
    return [chance.choices(WORDS, k=chance.randint(1, longest)) for _ in range(count)]


def some_documents(count=40, *, seed=0, layer="category", longest=30):
    chance = random.Random(seed)
    rows = some_rows(count, seed=seed, longest=longest)
    return [
        Document.from_words(row).with_categories(layer, {chance.choice(LABELS): 1.0})
        for row in rows
    ]


def scores_of(documents, layer="category"):
    return [[document.categories[layer][label] for label in LABELS] for document in documents]


def label_of(document, layer="category"):
    """The number of a document's label."""
    return LABELS.index(max(document.categories[layer], key=document.categories[layer].get))


def slow_pooled(encoder, inputs):
    """The last, largest and mean state of each way over one document (1, time), read in one
    piece.
    """
    vectors = encoder.embedder(inputs)
    ways = []
    for way, row in zip(encoder.ways, (vectors, vectors.flip(1)), strict=False):
        states = way(row)[0][0]
        ways += [states[-1], states.amax(dim=0), states.mean(dim=0)]
    return torch.cat(ways)


@torch.no_grad()
def slow_logits(labeler, words):
    """One document by itself, its votes counted by hand."""
    network = labeler.module.tag_heads[0]
    logits = network.output(slow_pooled(labeler.module.encoder, labeler.words([words])))
    if not network.kind.buckets:
        return logits
    ids = hash_ngrams(words, network.kind.buckets)
    votes = network.weights
    added = sum(votes["votes"][int(id_)] for id_ in ids) / len(ids) ** 0.5
    return logits + votes["share"] * (added + votes["bias"])


def language_model(name):
    """A language model whose encoder labelers of documents begin with."""
    model = tiny_encoder(ENCODERS[name], VOCABULARY)
    shake(model.module, seed=5)
    return model


OPTIONS = dataclasses.replace(
    document_options(6, device="cpu"),
    schedule=OneCycle(max_lr=0.02, pct_start=0.2),
    precision=Precision.FLOAT32,
    lr_scales={},
    average=0.5,
)
SIGNS = {"good": "word1", "bad": "word2", "neither": "word3"}


def told_by_a_word(count, *, seed=0, labels=LABELS):
    """Documents that one word tells apart, wherever it stands."""
    chance, documents = random.Random(seed), []
    for _ in range(count):
        label = chance.choice(labels)
        words = chance.choices(WORDS[4:], k=chance.randint(3, 12))
        words.insert(chance.randint(0, len(words)), SIGNS[label])
        documents.append(Document.from_words(words).with_categories("category", {label: 1.0}))
    return documents


TRAIN, DEV = told_by_a_word(120), told_by_a_word(40, seed=1)


def fresh(name="two ways", **options):
    """A labeler that has learnt nothing."""
    torch.manual_seed(0)
    config = LabelerConfig(ENCODERS[name], (head(**{"buckets": 1 << 12, **options}),), hidden=0)
    return Labeler(config, VOCABULARY)


def tune(labeler, train=TRAIN, dev=DEV, *, options=OPTIONS, **choices):
    """Fine-tune a labeler with small numbers."""
    return fine_tune(
        labeler, train, dev, options=options, words=100, display=Display.SILENT, **choices
    )


@cache
def tuned(name="two ways"):
    """A labeler that was fine-tuned on what is above, for tests that change nothing in it, and the
    reports.
    """
    labeler = fresh(name)
    return labeler, tune(labeler)


def accuracy(labeler, documents):
    """The share of documents whose label is found."""
    found = labeler([Document.from_words(document.words) for document in documents])
    right = [label_of(one) == label_of(other) for one, other in zip(found, documents, strict=True)]
    return sum(right) / len(right)
