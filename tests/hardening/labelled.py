"""Labelers whose products torch shares out among threads, and texts that are long enough for that."""

import dataclasses

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.labeler import HeadConfig, HeadKind
from seqlabel.privacy.finder import LAYER
from tests.spacy_models import ENCODER, HEADS, some_texts, tiny_labeler

WIDE_ENCODER = dataclasses.replace(ENCODER, embedding=256)
PII = HeadConfig(TagSet(LAYER, ("A", "B"), Scheme.BIOES), HeadKind.CRF)


def wide_labeler():
    """A labeler with parts of speech, spans, and other tags."""
    return tiny_labeler(encoder=WIDE_ENCODER)


def wide_finder_labeler():
    """A labeler of private data."""
    return tiny_labeler((HEADS[0], PII), encoder=WIDE_ENCODER)


def long_texts():
    """Four texts of several hundred words."""
    return [" ".join(some_texts(60, seed=seed, longest=20)) for seed in range(4)]
