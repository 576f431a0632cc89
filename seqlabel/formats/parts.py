"""Three parts of labelled data, to train on, to choose on and to measure on, read and checked together; no format."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    """Documents to train on, to choose on and to measure on, the labels of training, and the repairs by source."""

    train: list[Document]
    dev: list[Document]
    test: list[Document]
    tag_sets: tuple[TagSet, ...]
    repairs: Mapping[Source, Repairs]


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
        The parts, with one tag set per layer. Sources that needed no repair are not in `repairs`.

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
    return Parts(train, dev, test, tag_sets, {source: one for source, one in repairs.items() if one})


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
