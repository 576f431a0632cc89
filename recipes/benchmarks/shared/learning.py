"""A labeler that learns a sample as a reader would have it learn, with as many passes as suit the sample."""

from collections.abc import Sequence

from seqlabel import Display, Document, Labeler, TagSet, WordLanguageModel, fine_tune, tagging_options
from seqlabel.models.fine_tuning import has_read_much, tagging_epochs


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
    options = tagging_options(tagging_epochs(len(sample)), pretrained=has_read_much(labeler), seed=seed)
    fine_tune(labeler, sample, options=options, display=Display.SILENT)
    return labeler
