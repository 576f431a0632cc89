"""Labelers that learn a sample as users would have them learn it, with as many passes as suit the
sample, and text without labels.
"""

from collections.abc import Sequence
from dataclasses import replace

from seqlabel import (
    Display,
    Document,
    Labeler,
    TagSet,
    WordLanguageModel,
    fine_tune,
    self_train,
)
from seqlabel.documents.tag_sets import count_spans, scheme_for
from seqlabel.models.fine_tuning import first_options


def learnt(
    encoder: str | WordLanguageModel,
    sample: Sequence[Document],
    tags: TagSet,
    seed: int,
    *,
    language: str = "en",
    epochs: int | None = None,
) -> Labeler:
    """A labeler of some tags on an encoder that learnt from the sample alone, in as many passes as
    fit its size; spans have the scheme that suits the sample.
    """
    tags = suited(tags, sample)
    labeler = Labeler.on(encoder, [tags], language=language, seed=seed)
    options = first_options(labeler, len(sample), epochs=epochs, seed=seed)
    fine_tune(labeler, sample, options=options, display=Display.SILENT)
    return labeler


def self_taught(
    encoder: str | WordLanguageModel,
    sample: Sequence[Document],
    unlabelled: Sequence[Document],
    tags: TagSet,
    seed: int,
    *,
    teachers: int,
    threshold_offset: float = 0.0,
) -> Labeler:
    """A labeler that learnt from the sample and from what teachers, which learnt from it too, give
    text without labels.

    The threshold offset is added to the one that teachers of few spans have in `self_train`.
    """
    tags = suited(tags, sample)
    student = Labeler.on(encoder, [tags], seed=seed)
    committee = []
    for number in range(1, teachers + 1):
        teacher = Labeler.on(encoder, [tags], seed=seed + 100 * number)
        if threshold_offset:
            teacher.set_threshold_offset(tags.layer, threshold_offset)
        committee.append(teacher)
    self_train(student, committee, sample, unlabelled, display=Display.SILENT)
    return student


def suited(tags: TagSet, sample: Sequence[Document]) -> TagSet:
    """A tag set whose spans have the scheme that suits the sample."""
    if tags.scheme is None:
        return tags
    spans = sum(count_spans(document, tags.layer) for document in sample)
    return replace(tags, scheme=scheme_for(spans))
