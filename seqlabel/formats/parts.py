"""Three parts of labelled data, to train on, to choose on and to measure on, read and checked together; no format."""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from typing import Protocol

from seqlabel.choices import choose
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError, SeqlabelError

Source = Path | str
Labels = Mapping[str, Collection[str]]


class ReadPart(Protocol):
    """A reader of one part, such as `read_columns` with its options filled in."""

    def __call__(self, source: Source, /, *, labels: Labels | None, repairs: Repairs) -> Iterable[Document]:
        """Read the documents of a file or split.

        Args:
            source: The file or split.
            labels: The labels that each layer may have; None for any.
            repairs: Counts what was repaired.

        Returns:
            The documents.
        """
        ...


@dataclass(frozen=True)
class Parts:
    """Documents of a training.

    Args:
        train: The documents to train on.
        dev: Those to choose the best epoch on.
        test: Those to measure on.
        layers: The layers whose labels are learnt.
        tag_sets: The labels of `train`, for layers of tags and spans.
        repairs: What was repaired, by source; sources that needed no repair are left out.
    """

    train: list[Document]
    dev: list[Document]
    test: list[Document]
    layers: tuple[str, ...]
    tag_sets: tuple[TagSet, ...] = ()
    repairs: Mapping[Source, Repairs] = field(default_factory=dict)


def read_parts(
    sources: tuple[Source, Source, Source],
    read: ReadPart,
    *,
    layers: Sequence[str],
    scheme: Scheme = Scheme.BIOES,
    labels: Labels | None = None,
) -> Parts:
    """Read three parts of labelled data and check that training can measure its loss on dev.

    Dev may have only labels of training; test may have others, which count as not found.

    Args:
        sources: The files or splits: train, dev, test.
        read: Reads one of them.
        layers: The layers of tags or spans whose labels are learnt; at least one.
        scheme: The tag scheme of layers of spans.
        labels: The labels that train and dev may have, by layer; where it is None, dev may have those of train.

    Returns:
        The parts, with one tag set per layer.

    Raises:
        DataError: A source cannot be read, a layer is missing in train or has too few labels, or dev has a label that
            is not allowed. The message names the source.
        OptionError: The scheme is unknown.
    """
    scheme = choose(Scheme, "scheme", scheme)
    repairs = {source: Repairs() for source in sources}
    train = list(read(sources[0], labels=labels, repairs=repairs[sources[0]]))
    tag_sets = tuple(labels_of(train, layer, sources[0], scheme=scheme) for layer in layers)
    known = labels or {tag_set.layer: tag_set.labels for tag_set in tag_sets}
    dev = list(read(sources[1], labels=known, repairs=repairs[sources[1]]))
    test = list(read(sources[2], labels=None, repairs=repairs[sources[2]]))
    repaired = {source: one for source, one in repairs.items() if one}
    return Parts(train, dev, test, tuple(layers), tag_sets, repaired)


def labels_of(documents: Iterable[Document], layer: str, source: Source, *, scheme: Scheme = Scheme.BIOES) -> TagSet:
    """Return the labels of a layer of training documents, with errors that name where they come from.

    Args:
        documents: The training documents.
        layer: The name of the layer.
        source: The file or split, for messages.
        scheme: The tag scheme of a layer of spans.

    Returns:
        The tag set.

    Raises:
        DataError: No document has the layer, or it has too few labels.
        OptionError: The scheme is unknown.
    """
    scheme = choose(Scheme, "scheme", scheme)
    try:
        return TagSet.of(documents, layer, scheme=scheme)
    except SeqlabelError as error:
        raise DataError(f"{source}: {error}") from error


def cut_parts(documents: Sequence[Document], layer: str, *, seed: int, test: bool = True) -> Parts:
    """Cut documents by chance into parts: a tenth to choose on, a tenth to measure on, the rest to train on.

    Args:
        documents: Documents with the layer.
        layer: The layer whose labels are learnt. A document with a label that the rest lacks is learnt, not chosen on.
        seed: Which documents are drawn.
        test: Whether a part to measure on is cut off.

    Returns:
        The parts.
    """
    shuffled = random.Random(seed).sample(documents, len(documents))
    tenth = len(shuffled) // 10
    measuring = shuffled[:tenth] if test else []
    shuffled = shuffled[len(measuring) :]
    known = {label for one in shuffled[tenth:] for label in labels_in(one, layer) or ()}
    fits = [(labels_in(one, layer) or set()) <= known for one in shuffled[:tenth]]
    dev = list(compress(shuffled, fits))
    train = [*compress(shuffled, (not fit for fit in fits)), *shuffled[tenth:]]
    return Parts(train, dev, measuring, (layer,))


def labels_in(document: Document, layer: str) -> set[str] | None:
    """Return the labels of a document's layer.

    Args:
        document: The document.
        layer: The layer, of tags, spans or categories.

    Returns:
        The labels; None where the document lacks the layer.
    """
    if layer in document.spans:
        return {span.label for span in document.spans[layer].spans}
    if layer in document.tags:
        return {label for label in document.tags[layer].labels if label is not None}
    if layer in document.categories:
        scores = document.categories[layer]
        return {max(scores, key=scores.__getitem__)} if scores else None
    return None
