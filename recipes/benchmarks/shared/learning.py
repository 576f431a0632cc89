"""A labeler that learns a sample as a reader would have it learn, with as many passes as suit the sample."""

from collections.abc import Sequence

from seqlabel import Display, Document, Labeler, TagSet, WordLanguageModel, fine_tune
from seqlabel.models.fine_tuning import first_options


def learnt(
    encoder: str | WordLanguageModel,
    sample: Sequence[Document],
    tags: TagSet,
    seed: int,
    *,
    language: str = "en",
) -> Labeler:
    """A labeler of some tags on an encoder that learnt from the sample alone."""
    labeler = Labeler.on(encoder, [tags], language=language, seed=seed)
    fine_tune(labeler, sample, options=first_options(labeler, len(sample), seed=seed), display=Display.SILENT)
    return labeler
