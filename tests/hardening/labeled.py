"""Labelers whose products torch shares out among threads, and texts that are long enough for
that.
"""

import dataclasses
import random

from spacy.tokens import Doc

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.crf import CRF
from seqlabel.privacy.finding.finder import LAYER
from tests.spacy_models import ENCODER, HEADS, WORDS, some_texts, tiny_labeler

WIDE_ENCODER = dataclasses.replace(ENCODER, embedding=256)
PII = HeadConfig(TagSet(LAYER, ("A", "B"), Scheme.BIOES), CRF())


def wide_labeler():
    """A labeler with parts of speech, spans, and other tags."""
    return tiny_labeler(encoder=WIDE_ENCODER)


def wide_finder_labeler():
    """A labeler of private data."""
    return tiny_labeler((HEADS[0], PII), encoder=WIDE_ENCODER)


def long_texts():
    """Four texts of several hundred words."""
    return [" ".join(some_texts(60, seed=seed, longest=20)) for seed in range(4)]


def numbered_texts(count, *, seed=0):
    """Short texts, each with a word of its own, so that no table can hold all words."""
    chance = random.Random(seed)
    for number in range(count):
        yield " ".join([*chance.choices(WORDS, k=chance.randint(1, 12)), f"w{number}"])


def described(document):
    """What a labelled document or Doc says, as text that processes can send and compare."""
    if isinstance(document, Doc):
        return repr(
            [(token.text, token.pos_, token.ent_type_, token.ent_iob_) for token in document]
        )
    tags = {layer: found.labels for layer, found in document.tags.items()}
    spans = {layer: found.spans for layer, found in document.spans.items()}
    return repr((document.text, document.words, tags, spans))


def label_with_folder(folder, texts):
    """Load a labeler and label, in a process of its own."""
    return [described(document) for document in Labeler.load(folder)(texts)]


def label_with(labeler, texts):
    """Label with the labeler that came along, in a process of its own."""
    return [described(document) for document in labeler(texts)]
