"""The interface of the labels that a head predicts: of words, of trees over sentences, of whole
documents.

The sets themselves are in `tag_sets`, `relation_sets` and `categories`.
"""

from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.trees import Trees

Layer: TypeAlias = Tags | Spans | Trees | Mapping[str, float]
"""A layer of a document; categories are a mapping from each to its probability."""


class Unit(StrEnum):
    """The unit of text that a head has to see whole before it can choose labels. Each label is one
    number.
    """

    WORD = "word"
    """Words in rows that may be cut anywhere: a label for each word."""
    SENTENCE = "sentence"
    """Whole sentences: a label for each word, which depends on the other words."""
    DOCUMENT = "document"
    """Whole documents: one label."""


class LabelSet(Hashable, Protocol):
    """The labels of a layer, and documents ↔ ids. A head reads and writes ids only."""

    @property
    def layer(self) -> str:
        """The name of the layer."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, as documents have them."""
        ...

    @property
    def tags(self) -> tuple[str, ...]:
        """The classes that a head scores: the labels, or the tags that a scheme makes of them."""
        ...

    @property
    def scheme(self) -> Scheme | None:
        """How spans are written as tags; None where there are no spans."""
        ...

    @property
    def unit(self) -> Unit:
        """The unit of text that the head has to see whole."""
        ...

    def encode(self, document: Document) -> npt.NDArray[np.int64] | None:
        """Encode a layer of a document.

        Args:
            document: The document.

        Returns:
            One id for each word, or for the document, negative where it is not known; None where
            the document lacks the layer.

        Raises:
            DataError: A label is not of this set.
        """
        ...

    def decode(self, ids: Sequence[int], scores: Sequence[float]) -> Layer:
        """Make a layer of ids.

        Args:
            ids: One id for each word, not negative; for labels of a document the id of the most
                likely one.
            scores: Their probabilities; for labels of a document those of all labels.

        Returns:
            The layer.
        """
        ...
