"""The numbers of a labeler and of its heads, frozen and checked; networks of these numbers are in
`tagging`.
"""

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from functools import cache, lru_cache
from itertools import product
from typing import Annotated, Any

import numpy as np
from pydantic import (
    Discriminator,
    PlainSerializer,
    PlainValidator,
    Tag,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)

from seqlabel.batches.windows import RowEnd
from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError, choose, did_you_mean, expected_by
from seqlabel.native.span_reader import SpanReaderConfig
from seqlabel.nn.heads.biaffine import Biaffine
from seqlabel.nn.heads.categories import Pooled
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.head import Head, unit_of
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import EncoderConfig, Partner, check_rate
from seqlabel.nn.own import find_named, import_path
from seqlabel.text.tokenizers import Words

_adapter = cache(TypeAdapter)
_SHIPPED: Mapping[str, type[Head]] = {kind.name: kind for kind in (Softmax, CRF, Biaffine, Pooled)}


def _read_kind(value: object, info: ValidationInfo) -> Any:
    """The head of a JSON object: its name or import path, and its options."""
    options = dict(value) if isinstance(value, Mapping) else {}
    kind = find_named(options.pop("name", None), _SHIPPED, info, "heads")
    try:
        return _adapter(kind).validate_json(json.dumps(options), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        cause = first.get("ctx", {}).get("error")
        raise OptionError(
            str(cause or f"{'.'.join(map(str, first['loc']))}: expected {expected_by(first)}")
        ) from error


def _write_kind(kind: Any) -> dict[str, Any]:
    name = kind.name if type(kind) in _SHIPPED.values() else import_path(type(kind))
    return {"name": name, **asdict(kind)}


def _set_tag(value: object) -> str:
    """Name the label set that a JSON object or a label set is."""
    for name, kind in (("relations", RelationSet), ("categories", Categories)):
        if name in value if isinstance(value, Mapping) else isinstance(value, kind):
            return f"<{name}>"
    return "<tags>"


AnyLabelSet = Annotated[
    Annotated[TagSet, Tag("<tags>")]
    | Annotated[RelationSet, Tag("<relations>")]
    | Annotated[Categories, Tag("<categories>")],
    Discriminator(_set_tag),
]
"""The labels of a head, whose kind follows from their fields."""


@dataclass(frozen=True)
class HeadConfig:
    """A head: its tags, how it learns and chooses them, and how its scores are read.

    Scores are divided by `temperature` before they become probabilities (Guo et al. 2017).
    `threshold_offset`, in nats, is subtracted from the score of `O` before the tags of spans are
    chosen: with a higher one more spans are found, and more of them are wrong.

    Args:
        tag_set: The tags, the relations of trees, or the categories of documents.
        kind: `Softmax`, `CRF`, `Biaffine` for trees, `Pooled` for documents, or a head of your own
            (`docs/heads.md`), with its options.

    Raises:
        OptionError: Numbers do not fit.
    """

    tag_set: AnyLabelSet
    kind: Annotated[Head, PlainValidator(_read_kind), PlainSerializer(_write_kind)] = field(
        default_factory=Softmax
    )
    temperature: float = 1.0
    threshold_offset: float = 0.0

    def __post_init__(self) -> None:
        layer = self.tag_set.layer
        if isinstance(self.kind, str) or not is_dataclass(self.kind) or isinstance(self.kind, type):
            raise OptionError(
                f"kind of layer {layer!r}: expected a head, Softmax(), CRF(), or one of your own "
                f"that is an object of a dataclass, got {self.kind!r}."
            )
        if unit_of(self.kind) is not self.tag_set.unit:
            raise OptionError(
                f"kind of layer {layer!r}: expected a head of a {self.tag_set.unit}, got "
                f"{self.kind.name!r}, one of a {unit_of(self.kind)}. Use Biaffine() for a "
                "RelationSet, Pooled() for Categories, and Softmax() or CRF() for a TagSet."
            )
        if not isinstance(self.threshold_offset, int | float) or not math.isfinite(
            self.threshold_offset
        ):
            raise OptionError(
                f"threshold_offset of layer {layer!r}: expected a number of nats, got "
                f"{self.threshold_offset!r}."
            )
        if self.tag_set.scheme is None and self.threshold_offset:
            raise OptionError(
                f"threshold_offset of layer {layer!r}: expected none, as no tag is `O`, got "
                "one. Leave it out."
            )
        if not isinstance(self.temperature, int | float) or not 0 < self.temperature < math.inf:
            raise OptionError(
                f"temperature of layer {layer!r}: expected a number above 0, got "
                f"{self.temperature!r}."
            )
        try:
            self.kind.shapes(len(self.tag_set.tags))
        except OptionError as error:
            raise OptionError(f"Layer {layer!r}: {error}") from None


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
        pairs = set[tuple[str, str]]()
        for document in documents:
            if first in document.tags and second in document.tags:
                labels = zip(document.tags[first].labels, document.tags[second].labels, strict=True)
                pairs.update(
                    (first, two) for first, two in labels if first is not None and two is not None
                )
        return cls(first, second, tuple(sorted(pairs)))

    def within(self, layers: Collection[str]) -> bool:
        """Return whether both layers are among some.

        Args:
            layers: The layers.

        Returns:
            Whether they are.
        """
        return self.first in layers and self.second in layers

    def with_labels(
        self, heads: Iterable[HeadConfig], layer: str, labels: Sequence[str]
    ) -> "TagPairs":
        """Add new labels of a layer, each with every tag of the other layer: which it goes with is
        not known yet.

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
        if layer == self.first:
            added = [*product(labels, tags[self.second])]
        else:
            added = [(first, label) for label, first in product(labels, tags[self.first])]
        return replace(self, pairs=(*self.pairs, *added))


@dataclass(frozen=True)
class LabelerConfig:
    """The numbers of a labeler: its encoder, the width of its second layer, its heads, and the
    words of plain text.

    `hidden` is the width of the second layer in each direction, which heads of words and sentences
    read; 0 where all heads are those of documents, which read the encoder.

    `together` are the pairs of tags that two layers may give a word; None where each layer is
    chosen by itself. In each of `following` the second layer gets only tags that go with those of
    the first, which stay as they are: features follow parts of speech. `reader` are the numbers of
    the second reader of a layer of spans, whose weights are in their own file; None where there is
    none. `rows` says what ends a row of words, which is read by itself.
    """

    encoder: EncoderConfig
    heads: tuple[HeadConfig, ...]
    hidden: int
    language: str = "en"
    dropout: float = 0.0
    words: Words = Words.SPACY
    together: TagPairs | None = None
    following: tuple[TagPairs, ...] = ()
    reader: SpanReaderConfig | None = None
    rows: RowEnd = RowEnd.TEXT

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", choose(Words, "words", self.words))
        object.__setattr__(self, "rows", choose(RowEnd, "rows", self.rows))
        check_rate("dropout", self.dropout)
        layers = self.layers
        if not layers or len(set(layers)) < len(layers):
            raise OptionError(
                f"heads: expected at least one head, each with its own layer, got layers {layers}."
            )
        if self.hidden < 1 and self.reads_words:
            raise OptionError(
                f"hidden: expected a width of at least 1 below heads of words, got {self.hidden}."
            )
        if self.reader is not None and self.head(self.reader.layer).tag_set.scheme is None:
            raise OptionError(
                f"reader: the layer {self.reader.layer!r} has no spans. Name a layer of spans."
            )
        all_pairs = [*self.following]
        paired: list[str] = []
        if self.together is not None:
            all_pairs.insert(0, self.together)
            paired = [self.together.first, self.together.second]
        for pairs in all_pairs:
            partners_of(self.heads, pairs)
        second = [*paired, *(pairs.second for pairs in self.following)]
        leading = {pairs.first for pairs in self.following} - set(paired)
        if len(set(second)) < len(second) or leading & set(second):
            raise OptionError(
                "following: expected a layer once, got one that two others lead, or that is led "
                "and leads."
            )

    @property
    def partners(self) -> Mapping[int, Partner]:
        """The partner of each head that does not choose its tags alone, by the head's number."""
        partners = {} if self.together is None else dict(partners_of(self.heads, self.together))
        for pairs in self.following:
            number = self.layers.index(pairs.second)
            partners[number] = replace(partners_of(self.heads, pairs)[number], leads=True)
        return partners

    @property
    def reads_words(self) -> bool:
        """Whether some head labels words or sentences, and not whole documents."""
        return any(head.tag_set.unit is not Unit.DOCUMENT for head in self.heads)

    @property
    def layers(self) -> list[str]:
        """The layers that the heads write, in their order."""
        return [head.tag_set.layer for head in self.heads]

    def head(self, layer: str) -> HeadConfig:
        """Find the head of a layer.

        Args:
            layer: The name of the layer.

        Returns:
            The head.

        Raises:
            OptionError: No head writes the layer.
        """
        if layer not in self.layers:
            near = did_you_mean(layer, self.layers)
            raise OptionError(
                f"layer: expected one of {', '.join(self.layers)}, got {layer!r}. {near}".rstrip()
            )
        return self.heads[self.layers.index(layer)]

    def with_head(self, layer: str, **changes: Any) -> "LabelerConfig":
        """Change the numbers of a layer's head.

        Args:
            layer: The name of the layer.
            **changes: Fields of `HeadConfig`.

        Returns:
            The config with the other head.

        Raises:
            OptionError: No head writes the layer, or the numbers do not fit.
        """
        changed = self.head(layer)
        heads = (replace(head, **changes) if head is changed else head for head in self.heads)
        return replace(self, heads=tuple(heads))

    def keeping(self, layers: Sequence[str]) -> "LabelerConfig":
        """Leave out the heads of other layers.

        Args:
            layers: The layers whose heads are kept, in their order.

        Returns:
            The config with these heads.

        Raises:
            OptionError: No head writes a layer, or none is named.
        """
        if not layers:
            raise OptionError(f"layers: expected some of {', '.join(self.layers)}, got none.")
        heads = tuple(map(self.head, layers))
        together = (
            self.together if self.together is not None and self.together.within(layers) else None
        )
        following = tuple(pairs for pairs in self.following if pairs.within(layers))
        reader = self.reader if self.reader is not None and self.reader.layer in layers else None
        kept = replace(self, heads=heads, together=together, following=following, reader=reader)
        return kept if kept.reads_words else replace(kept, hidden=0)

    def with_labels(self, labels: Sequence[str], layer: str | None) -> "LabelerConfig":
        """Add labels to a layer.

        Args:
            labels: The new labels, none of which the layer has.
            layer: The layer; None where there is one only.

        Returns:
            The config with the longer tag set.

        Raises:
            OptionError: No head writes the layer or there are several, or a label is empty,
                repeated or there already.
        """
        layers = self.layers
        if isinstance(labels, str):
            raise OptionError(
                f"labels: expected a list of labels, got {labels!r}. Pass [{labels!r}]."
            )
        if layer is None and len(layers) > 1:
            raise OptionError(
                f"layer: this labeler has several, {', '.join(layers)}. Say which gets the labels."
            )
        before = self.heads[0] if layer is None else self.head(layer)
        own = before.tag_set.layer
        if isinstance(before.tag_set, RelationSet):
            raise OptionError(
                f"layer: expected a layer of tags, spans or categories, got {own!r}, one of trees, "
                "to which no relations can be added. Train a new labeler with all relations."
            )
        known = [label for label in labels if label in before.tag_set.labels]
        if known:
            raise OptionError(
                f"labels: expected new labels, got {known[0]!r}, which the layer {own!r} has. "
                "Leave it out."
            )
        both = (*before.tag_set.labels, *labels)
        tag_set: TagSet | Categories
        if isinstance(before.tag_set, Categories):
            tag_set = replace(before.tag_set, categories=both)
        else:
            tag_set = replace(before.tag_set, labels=both)
        kind = before.kind
        weights = getattr(kind, "class_weights", None)
        if weights is not None:
            kind = replace(
                kind, class_weights=(*weights, *[1.0] * (len(tag_set.tags) - len(weights)))
            )  # type: ignore[type-var]
        after = replace(before, tag_set=tag_set, kind=kind)
        heads = tuple(after if head is before else head for head in self.heads)
        together = self.together and self.together.with_labels(heads, own, labels)
        following = tuple(pairs.with_labels(heads, own, labels) for pairs in self.following)
        return replace(self, heads=heads, together=together, following=following)


def head_config(head: LabelSet | HeadConfig) -> HeadConfig:
    """Choose a CRF head for spans, a softmax head for tags, a biaffine one for trees, and a pooled
    one for categories.

    Args:
        head: The labels of the head, or the head's numbers.

    Returns:
        The head's numbers, where tags are given all others at their defaults.

    Raises:
        OptionError: For anything else, such as a label.
    """
    if isinstance(head, HeadConfig):
        return head
    if isinstance(head, RelationSet):
        return HeadConfig(head, Biaffine())
    if isinstance(head, Categories):
        return HeadConfig(head, Pooled())
    if not isinstance(head, TagSet):
        shown = repr(head) if isinstance(head, str) else type(head).__name__
        raise OptionError(
            "heads: expected label sets such as TagSet('ner', ('LOC', 'PER'), 'BIOES'), got "
            f"{shown}. Pass one for each layer, with a scheme for spans and without one for a "
            "label per word; Categories('topic', …) label documents."
        )
    return HeadConfig(head, Softmax() if head.scheme is None else CRF())


def can_be_paired(head: HeadConfig) -> bool:
    """Return whether a head may choose its tags together with another one.

    Args:
        head: The head's numbers.

    Returns:
        Whether it is of a layer of tags, each of which it chooses by itself.
    """
    return head.tag_set.unit is Unit.WORD and head.tag_set.scheme is None and not head.kind.joint


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
            raise OptionError(
                f"together: expected two of {', '.join(layers)}, got the layer {layer!r}."
            )
        if not can_be_paired(heads[layers.index(layer)]):
            raise OptionError(
                f"together: expected two layers of tags with a softmax head, got {layer!r}."
            )
    first = layers.index(together.first)
    second = layers.index(together.second)
    if first == second or not together.pairs:
        raise OptionError(
            "together: expected pairs of tags of two layers, got one layer twice, or no pairs."
        )
    rows = heads[first].tag_set.tags
    columns = heads[second].tag_set.tags
    for pair in together.pairs:
        if pair[0] not in rows or pair[1] not in columns:
            raise OptionError(
                f"together: expected a tag of each of the two layers, got the pair {pair!r}."
            )

    allowed = np.zeros((len(rows), len(columns)), dtype=bool)
    for row, column in together.pairs:
        allowed[rows.index(row), columns.index(column)] = True
    return {first: Partner(second, allowed), second: Partner(first, allowed.T)}
