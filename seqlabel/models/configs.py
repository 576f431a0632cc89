"""The numbers of a labeler and of its heads, frozen and checked; networks of these numbers are in `tagging`."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from seqlabel.documents.document import Document
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError, choose
from seqlabel.nn.configs import EncoderConfig, Partner, check_rate
from seqlabel.text.tokenisers import Words


class HeadKind(StrEnum):
    """How a head chooses tags."""

    SOFTMAX = "softmax"
    """Each word's by itself."""
    CRF = "crf"
    """A row's together, and only such as the tag scheme allows (`seqlabel.nn.crf`)."""


MOST_CRF_TAGS = 4_096
"""Their pairs take 64 MB, and as much again for each of the optimizer's numbers."""


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
                f"threshold_offset of layer {layer!r}: Found {self.threshold_offset!r}. Give a number of nats."
            )
        if self.tag_set.scheme is None and (self.threshold_offset or self.recalls):
            raise OptionError(
                f"Layer {layer!r}: Found threshold_offset or recalls, but its tags have no `O`. Leave them out."
            )
        if not isinstance(self.temperature, int | float) or not 0 < self.temperature < math.inf:
            raise OptionError(f"temperature of layer {layer!r}: Found {self.temperature!r}. Give a number above 0.")
        check_rate(f"label_smoothing of layer {layer!r}", self.label_smoothing)
        weighed = self.class_weights is not None or self.label_smoothing
        if self.kind is HeadKind.CRF and weighed:
            raise OptionError(
                f"Layer {layer!r}: Found class_weights or label_smoothing with a CRF, whose loss is that of whole "
                f"rows. Leave them out, or choose {HeadKind.SOFTMAX}."
            )
        tags = len(self.tag_set.tags)
        if self.kind is HeadKind.CRF and tags > MOST_CRF_TAGS:
            raise OptionError(
                f"Layer {layer!r}: Found {tags:,} tags with a CRF, which has a score for each pair of tags. "
                f"Give at most {MOST_CRF_TAGS:,}, or choose {HeadKind.SOFTMAX}."
            )
        if self.class_weights is not None and len(self.class_weights) != tags:
            raise OptionError(f"class_weights: Found {len(self.class_weights)} for {tags} tags. Give one each.")
        wrong = [weight for weight in self.class_weights or () if not 0 <= weight < math.inf]
        if wrong:
            raise OptionError(f"class_weights: Found {wrong[0]!r}. Give each a number, at least 0.")


@dataclass(frozen=True)
class TagPairs:
    """The pairs of tags of two layers that a word may get: a plural noun is not a verb.

    Args:
        first: A layer of tags.
        second: Another layer of tags.
        pairs: A tag of the first and a tag of the second layer each.
    """

    first: str
    second: str
    pairs: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"TagPairs({self.first!r}, {self.second!r}, {len(self.pairs):,} pairs)"

    @classmethod
    def of(cls, documents: Iterable[Document], first: str, second: str) -> "TagPairs":
        """Collect the pairs that words of documents have.

        Args:
            documents: Documents; those without both layers are passed over.
            first: The name of a layer of tags.
            second: The name of another layer of tags.

        Returns:
            The pairs, sorted.
        """
        found = set[tuple[str, str]]()
        for document in documents:
            if first in document.tags and second in document.tags:
                labels = zip(document.tags[first].labels, document.tags[second].labels, strict=True)
                found.update((one, two) for one, two in labels if one is not None and two is not None)
        return cls(first, second, tuple(sorted(found)))

    def with_labels(self, heads: Iterable[HeadConfig], layer: str, labels: Sequence[str]) -> "TagPairs":
        """Add new labels of a layer, each with every tag of the other layer: which it goes with is not known yet.

        Args:
            heads: The heads, those of both layers among them.
            layer: The layer of the labels.
            labels: The labels.

        Returns:
            The pairs; those that are there where the layer is another.
        """
        if layer not in (self.first, self.second):
            return self
        tags = {head.tag_set.layer: head.tag_set.tags for head in heads}
        own, other = labels, tags[self.second if layer == self.first else self.first]
        added = [(one, two) if layer == self.first else (two, one) for one in own for two in other]
        return replace(self, pairs=(*self.pairs, *added))


@dataclass(frozen=True)
class LabelerConfig:
    """The numbers of a labeler: its encoder, the width of its second layer, its heads, and the words of plain text.

    `together` are the pairs of tags that two layers may give a word; None where each layer is chosen by itself. In each
    of `following` the second layer gets only tags that go with those of the first, which stay as they are: features
    follow parts of speech.
    """

    encoder: EncoderConfig
    heads: tuple[HeadConfig, ...]
    hidden: int
    language: str = "en"
    dropout: float = 0.0
    words: Words = Words.SPACY
    together: TagPairs | None = None
    following: tuple[TagPairs, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", choose(Words, "words", self.words))
        taken = () if self.together is None else (self.together.first, self.together.second)
        for pairs in (*((self.together,) if self.together else ()), *self.following):
            partners_of(self.heads, pairs)
        second = [*taken, *(pairs.second for pairs in self.following)]
        leading = {pairs.first for pairs in self.following} - set(taken)
        if len(set(second)) < len(second) or leading & set(second):
            raise OptionError("following: Found a layer that two others lead, or that is led and leads. Give others.")

    @property
    def partners(self) -> Mapping[int, Partner]:
        """The partner of each head that does not choose its tags alone, by the head's number."""
        layers = [head.tag_set.layer for head in self.heads]
        found = {} if self.together is None else dict(partners_of(self.heads, self.together))
        for pairs in self.following:
            number = layers.index(pairs.second)
            found[number] = replace(partners_of(self.heads, pairs)[number], leads=True)
        return found


def default_head(tag_set: TagSet) -> HeadConfig:
    """Choose a CRF head for spans and a softmax head for tags.

    Args:
        tag_set: What the head may say.

    Returns:
        The head's numbers, all others at their defaults.
    """
    return HeadConfig(tag_set, HeadKind.SOFTMAX if tag_set.scheme is None else HeadKind.CRF)


def can_be_paired(head: HeadConfig) -> bool:
    """Say whether a head may choose its tags together with another one.

    Args:
        head: The head's numbers.

    Returns:
        Whether it is a softmax head of a layer of tags.
    """
    return head.tag_set.scheme is None and head.kind is HeadKind.SOFTMAX


@lru_cache(maxsize=16)
def partners_of(heads: tuple[HeadConfig, ...], together: TagPairs) -> Mapping[int, Partner]:
    """Find the heads that choose their tags together.

    Args:
        heads: The heads.
        together: The pairs of tags of two of them.

    Returns:
        The partner of each of the two heads, by the head's number.

    Raises:
        OptionError: A layer or tag is missing, or a layer is not one of tags with a softmax head.
    """
    layers = [head.tag_set.layer for head in heads]
    for layer in (together.first, together.second):
        if layer not in layers:
            raise OptionError(f"together: Found the layer {layer!r}. Give two of {', '.join(layers)}.")
        if not can_be_paired(heads[layers.index(layer)]):
            raise OptionError(f"together: The layer {layer!r} is not one of tags with a softmax head. Give two such.")
    first, second = layers.index(together.first), layers.index(together.second)
    if first == second or not together.pairs:
        raise OptionError("together: Found one layer twice, or no pairs. Give pairs of tags of two layers.")
    rows, columns = heads[first].tag_set.tags, heads[second].tag_set.tags
    for one, two in together.pairs:
        if one not in rows or two not in columns:
            raise OptionError(f"together: Found the pair {(one, two)!r}. Give a tag of each of the two layers.")
    pairs = set(together.pairs)
    allowed = tuple(tuple((one, two) in pairs for two in columns) for one in rows)
    back = tuple(zip(*allowed, strict=True))
    return {first: Partner(second, allowed), second: Partner(first, back)}
