"""A labeler that learns a sample as a reader would have it learn, with as many passes as suit the
sample.
"""

from collections.abc import Sequence
from dataclasses import replace

from seqlabel import Display, Document, Labeler, TagSet, WordLanguageModel, fine_tune
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
    if tags.scheme is not None:
        spans = sum(count_spans(document, tags.layer) for document in sample)
        tags = replace(tags, scheme=scheme_for(spans))
    labeler = Labeler.on(encoder, [tags], language=language, seed=seed)
    options = first_options(labeler, len(sample), epochs=epochs, seed=seed)
    fine_tune(labeler, sample, options=options, display=Display.SILENT)
    return labeler
