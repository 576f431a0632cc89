"""Labelers of two sizes with random weights, rows of words for them, and what their networks make
of these.
"""

import dataclasses
import random

import pytest
import torch

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.engine import Arithmetic, EngineKind
from seqlabel.models.tagging.packed import PackedReader
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.text.vocabulary import Vocabulary
from tests.engines import weights_of
from tests.labelers import random_labeler

VOCABULARY = Vocabulary(["xxunk", *(f"word{number}" for number in range(20))])
WORDS = [*(f"word{number}" for number in range(40)), "naïve", "数", "B2B", "😀", ","]
SMALL = WordModelConfig(words=len(VOCABULARY), buckets=64, embedding=8, hidden=6, cutoffs=(4,))
WIDE = dataclasses.replace(SMALL, embedding=128, hidden=64)
HEADS = (
    HeadConfig(TagSet("pos", ("N", "V", "X"))),
    HeadConfig(TagSet("ner", ("A", "B"), Scheme.BIOES), CRF(), temperature=1.5),
)
# Widths that fill the registers of a processor, and such as do not.
SIZES = {"wide": (WIDE, 64), "narrow": (SMALL, 5)}
every_size = pytest.mark.parametrize("size", SIZES)


def sized_labeler(size="narrow", *, seed=0, **changes):
    """A labeler of tags and spans of one of the sizes."""
    config, hidden = SIZES[size]
    config = LabelerConfig(dataclasses.replace(config, **changes), HEADS, hidden=hidden)
    scale = 0.4 if size == "narrow" else 0.1
    return random_labeler(config, VOCABULARY, seed=seed, scale=scale)


def some_rows(count=60, *, seed=0, longest=30):
    chance = random.Random(seed)
    return [chance.choices(WORDS, k=chance.randint(1, longest)) for _ in range(count)]


def reader_of(labeler, arithmetic=Arithmetic.FLOAT32):
    """What gives the states of rows: the compiled steps, which are in integers, or torch's."""
    if arithmetic is Arithmetic.INT8:
        engine = weights_of(labeler).engine(arithmetic)
        assert engine.kind is EngineKind.COMPILED
        return lambda rows: torch.from_numpy(engine.states(rows, str))
    reader = PackedReader.of(labeler.module, labeler.words)
    assert reader is not None
    return reader


@torch.no_grad()
def padded_states(labeler, rows):
    """What the module itself gives the words of all rows, row after row."""
    lengths = torch.tensor([len(row) for row in rows])
    hidden = labeler.module.hidden(labeler.words(rows), lengths)
    return torch.cat(
        [states[:length] for states, length in zip(hidden, lengths.tolist(), strict=True)]
    )


def split(states, rows):
    return states.split([len(row) for row in rows])


def save_model(folder, *, size="wide", compact=True):
    labeler = sized_labeler(size)
    labeler.save(folder, compact=compact)
    return labeler
