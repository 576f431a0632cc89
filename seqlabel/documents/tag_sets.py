"""The tags that a head may give words: a layer, its labels, and tag ids ↔ documents; how they are
scored is in `heads`.

A tag set without a scheme labels every word by itself (parts of speech); with one it labels spans
(entities), which the scheme writes as one tag per word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from seqlabel.documents.document import (
    SENTENCE,
    Document,
    Spans,
    Tags,
    paragraph_starts,
    sentence_starts,
)
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.schemes import (
    ENDS,
    OUTSIDE,
    Scheme,
    spans_to_tags,
    split_tag,
    tag_names,
    tags_to_spans,
)
from seqlabel.errors import DataError, OptionError, check_strings, check_type, choose
from seqlabel.io.markup import counted

MISSING = -100
"""The id of a word whose tag is not known; torch's losses leave it out by default."""

_FIRST = ("B-", "S-", "U-")
"""The beginnings of tags that begin a span."""

FEW_SPANS = 100
"""The number of labelled spans below which BIO is learnt better than BIOES.

BIOES has four tags per label, and each has too few examples then (docs/trials.md).
"""


@dataclass(frozen=True)
class TagSet:
    """The labels of a layer of documents. Raises `OptionError` for labels that are empty, repeated,
    or too few, and for an unknown scheme.
    """

    layer: str
    labels: tuple[str, ...]
    scheme: Scheme | None = None

    def __repr__(self) -> str:
        # Treebanks have dozens of tags, and a config prints its tag sets.
        scheme = "" if self.scheme is None else f", {self.scheme}"
        return f"TagSet({self.layer!r}{scheme}, {counted(self.labels, 'labels')})"

    def __post_init__(self) -> None:
        check_type("layer", self.layer, str, "a name")
        check_strings("labels", self.labels, "labels")
        if self.scheme is not None:
            object.__setattr__(
                self, "scheme", choose(Scheme, f"scheme of layer {self.layer!r}", self.scheme)
            )
        fewest = 2 if self.scheme is None else 1
        different = len(set(self.labels))
        if len(self.labels) < fewest or different < len(self.labels):
            raise OptionError(
                f"Layer {self.layer!r}: expected at least {fewest} labels, each once, got "
                f"{len(self.labels)}, {different} of them different."
            )
        if not self.layer.strip():
            raise OptionError(f"layer: expected a name, got {self.layer!r}. Name the layer.")
        if not all(label.strip() for label in self.labels):
            raise OptionError(f"Layer {self.layer!r}: expected names of labels, got an empty one.")

    @classmethod
    def of(
        cls, documents: Iterable[Document], layer: str, *, scheme: Scheme | None = None
    ) -> "TagSet":
        """Collect the labels of a layer of some documents.

        Where a layer has spans in some documents and tags in others, the tags are those of
        documents in which some words are not known.

        Args:
            documents: The documents; those without the layer are passed over.
            layer: The name of the layer, of tags or of spans.
            scheme: The tag scheme, if any document has spans; None for the one that suits the
                number of spans (`scheme_for`).

        Returns:
            A tag set with the labels in sorted order; without a scheme where the layer has tags
            only.

        Raises:
            DataError: No document has the layer.
            OptionError: The layer has too few labels.
        """
        tags: set[str] = set()
        labels: set[str] = set()
        kinds = set()
        spans = 0
        for document in documents:
            spans += count_spans(document, layer)
            if layer in document.tags:
                kinds.add("tags")
                tags.update(label for label in document.tags[layer].labels if label is not None)
            if layer in document.spans:
                kinds.add("spans")
                labels.update(span.label for span in document.spans[layer].spans)
        if not kinds:
            raise DataError(
                f"Expected documents with the layer {layer!r}, got none. Add the layer."
            )
        if "spans" not in kinds:
            return cls(layer, tuple(sorted(tags)))
        labels.update(split_tag(tag)[1] for tag in tags if tag != OUTSIDE)
        return cls(layer, tuple(sorted(labels)), scheme or scheme_for(spans))

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The tags whose numbers are the ids: the labels, or the tags that the scheme makes of
        them, `O` first.
        """
        return self.labels if self.scheme is None else tuple(tag_names(self.labels, self.scheme))

    @property
    def unit(self) -> Unit:
        """Words in rows that may be cut anywhere."""
        return Unit.WORD

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {tag: number for number, tag in enumerate(self.tags)}

    def encode(self, document: Document) -> npt.NDArray[np.int64] | None:
        """Encode the tags of a document as ids.

        Instead of spans, a document in which some words are not known has a layer of tags, in BIO
        or in the set's scheme.

        Args:
            document: The document.

        Returns:
            Ids, shape (words,), `MISSING` where a tag is not known; None where the document lacks
            the layer.

        Raises:
            DataError: A label is not of this set, or spans overlap.
        """
        tags: Sequence[str | None]
        if self.scheme is not None and self.layer in document.spans:
            tags = spans_to_tags(document.spans[self.layer].spans, len(document), self.scheme)
        elif self.layer in document.tags:
            tags = document.tags[self.layer].labels
            if self.scheme in ENDS:
                tags = with_ends(tags, self.scheme)
        else:
            return None
        try:
            ids = [MISSING if tag is None else self._ids[tag] for tag in tags]
        except KeyError as error:
            raise DataError(
                f"Expected a tag of the {len(self.labels)} labels that the layer {self.layer!r} "
                "has in training, got "
                f"{error.args[0]!r}. Correct it, or add it to the training documents."
            ) from None
        return np.array(ids, dtype=np.int64)

    def decode(self, ids: Sequence[int], scores: Sequence[float]) -> Tags | Spans:
        """Make a layer of ids.

        Args:
            ids: The id of each word's tag.
            scores: Their probabilities.

        Returns:
            The layer; the score of a span is the lowest of its words.
        """
        if self.scheme is not None and not any(ids):
            # The first tag is outside of all spans.
            return Spans(())
        names = self.tags
        tags = [names[number] for number in ids]
        if self.scheme is None:
            return Tags(tuple(tags), tuple(scores))
        spans = tags_to_spans(tags, self.scheme).spans
        span_scores = [min(scores[span.start : span.end]) for span in spans]
        return Spans(spans, tuple(span_scores))


def annotate(
    document: Document,
    tag_sets: Sequence[LabelSet],
    predictions: Iterable[tuple[Sequence[int], Sequence[float]]],
) -> Document:
    """Add layers to a document, from ids and their probabilities.

    The layer `sentence` also sets the document's `sentences`: the first word and the word after a
    blank line always begin one. A layer of trees sets them where they are not known. A document
    that is known to be one sentence stays one. A span is cut at a blank line.

    Args:
        document: The document.
        tag_sets: The labels of each layer.
        predictions: For each layer the id of each word's label, and its probability; for a layer of
            categories the id of the most likely one, and the probabilities of all.

    Returns:
        A new document. The score of a span is the lowest of its words.
    """
    tags = dict(document.tags)
    spans = dict(document.spans)
    trees = dict(document.trees)
    categories = dict(document.categories)
    sentences = document.sentences
    paragraphs = paragraph_starts(document.text, document.offsets)
    for label_set, (ids, scores) in zip(tag_sets, predictions, strict=True):
        layer = label_set.decode(ids, scores)
        if isinstance(layer, Tags):
            tags[label_set.layer] = layer
            if label_set.layer == SENTENCE and document.sentences != (0,):
                sentences = sentence_starts(document.text, document.offsets, layer.labels)
        elif isinstance(layer, Spans):
            spans[label_set.layer] = layer.cut(paragraphs)
        elif isinstance(layer, Mapping):
            categories[label_set.layer] = layer
        else:
            trees[label_set.layer] = layer
            if isinstance(label_set, RelationSet) and not sentences:
                sentences = label_set.starts(ids)
    return document.with_layers(
        tags=tags, spans=spans, trees=trees, categories=categories, sentences=sentences
    )


def with_ends(tags: Sequence[str | None], scheme: Scheme) -> list[str | None]:
    """Write BIO tags in a scheme that marks the ends of spans.

    A word before one that is not known may end its span or not, so its tag is not known either.

    Args:
        tags: BIO tags, None where they are not known; tags that mark ends already are returned as
            they are.
        scheme: BIOES or BILOU.

    Returns:
        The tags, None where they are not known.
    """
    last_letter, single_letter = ENDS[scheme]
    parts = [None if tag is None else split_tag(tag) for tag in tags]
    if any(part is not None and part[0] in (last_letter, single_letter) for part in parts):
        return list(tags)

    written: list[str | None] = []
    for tag, part, next_part in zip(tags, parts, [*parts[1:], (OUTSIDE, "")], strict=True):
        if part is None or part[0] == OUTSIDE:
            written.append(tag)
            continue
        prefix, label = part
        if next_part is None:
            written.append(None)
        elif next_part == ("I", label):
            written.append(tag)
        elif prefix == "B":
            written.append(f"{single_letter}-{label}")
        else:
            written.append(f"{last_letter}-{label}")
    return written


def count_spans(document: Document, layer: str) -> int:
    """Count the labelled spans of a layer.

    Args:
        document: A document; where some of its words are not known, its spans are tags.
        layer: The name of the layer.

    Returns:
        The number of spans, 0 where the document lacks the layer.
    """
    if layer in document.spans:
        return len(document.spans[layer].spans)
    if layer not in document.tags:
        return 0
    return sum(tag is not None and tag[:2] in _FIRST for tag in document.tags[layer].labels)


def scheme_for(spans: int) -> Scheme:
    """Choose the tag scheme in which a layer of spans is learnt best.

    Args:
        spans: The number of labelled spans in the training documents.

    Returns:
        BIO below `FEW_SPANS`, else BIOES.

    Example:
        >>> scheme_for(80).value, scheme_for(9_000).value
        ('BIO', 'BIOES')
    """
    return Scheme.BIO if spans < FEW_SPANS else Scheme.BIOES
