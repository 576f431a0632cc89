"""What a labeler is made of, and what its heads say: frozen and checked; networks of these numbers are in `tagging`."""

import math
from dataclasses import dataclass
from enum import StrEnum

from seqlabel.choices import choose
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.nn.configs import EncoderConfig, check_rate
from seqlabel.text.tokenisers import Words


class HeadKind(StrEnum):
    """How a head chooses tags."""

    SOFTMAX = "softmax"
    """Each word's by itself."""
    CRF = "crf"
    """A row's together, and only such as the tag scheme allows (`seqlabel.nn.crf`)."""


@dataclass(frozen=True)
class HeadConfig:
    """A head: what it may say, how it chooses, how its training weighs labels, and how its scores are read.

    `class_weights`, one for each tag, and `label_smoothing` are for softmax heads only. Scores are divided by
    `temperature` before they become probabilities (Guo et al. 2017). `threshold_offset`, in nats, is subtracted from
    the score of `O` before the tags of spans are chosen: with a higher one more spans are found, and more of them are
    wrong. `recalls` are pairs of a recall of words in spans and the threshold offset that reached it on held-out
    documents. Raises `OptionError` for numbers that do not fit.
    """

    tag_set: TagSet
    kind: HeadKind = HeadKind.SOFTMAX
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None
    temperature: float = 1.0
    threshold_offset: float = 0.0
    recalls: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        layer = self.tag_set.layer
        object.__setattr__(self, "kind", choose(HeadKind, f"kind of layer {layer!r}", self.kind))
        if not isinstance(self.threshold_offset, int | float) or not math.isfinite(self.threshold_offset):
            raise OptionError(
                f"threshold_offset of layer {layer!r}: found {self.threshold_offset!r}; it is a number of nats"
            )
        if self.tag_set.scheme is None and (self.threshold_offset or self.recalls):
            raise OptionError(
                f"layer {layer!r}: found threshold_offset or recalls, but its tags have no `O`; leave them out"
            )
        if not isinstance(self.temperature, int | float) or not 0 < self.temperature < math.inf:
            raise OptionError(f"temperature of layer {layer!r}: found {self.temperature!r}; it is a number above 0")
        check_rate(f"label_smoothing of layer {layer!r}", self.label_smoothing)
        weighed = self.class_weights is not None or self.label_smoothing
        if self.kind is HeadKind.CRF and weighed:
            raise OptionError(
                f"layer {layer!r}: found class_weights or label_smoothing with a CRF, whose loss is that of whole "
                f"rows; leave them out, or choose {HeadKind.SOFTMAX}"
            )
        tags = len(self.tag_set.tags)
        if self.class_weights is not None and len(self.class_weights) != tags:
            raise OptionError(f"class_weights: found {len(self.class_weights)} for {tags} tags; give one each")
        wrong = [weight for weight in self.class_weights or () if not 0 <= weight < math.inf]
        if wrong:
            raise OptionError(f"class_weights: found {wrong[0]!r}; each is a number, at least 0")


@dataclass(frozen=True)
class LabelerConfig:
    """What a labeler is made of: its encoder, the width of its second layer, its heads, and the words of plain text."""

    encoder: EncoderConfig
    heads: tuple[HeadConfig, ...]
    hidden: int
    language: str = "en"
    dropout: float = 0.0
    words: Words = Words.SPACY

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", choose(Words, "words", self.words))


def default_head(tag_set: TagSet) -> HeadConfig:
    """Choose a CRF head for spans and a softmax head for tags.

    Args:
        tag_set: What the head may say.

    Returns:
        The head's numbers, all others at their defaults.
    """
    return HeadConfig(tag_set, HeadKind.SOFTMAX if tag_set.scheme is None else HeadKind.CRF)
