"""The labels of a layer of categories, one per document, and documents ↔ ids; how they are scored
is in `heads`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import Unit
from seqlabel.documents.schemes import Scheme
from seqlabel.errors import DataError, OptionError, check_strings, check_type
from seqlabel.io.markup import counted


@dataclass(frozen=True)
class Categories:
    """The categories of a layer, of which each document has one.

    Args:
        layer: The name of the layer.
        categories: The categories, at least 2.

    Raises:
        OptionError: A category is empty or repeated, or there are fewer than two.

    Example:
        >>> Categories("topic", ("farm", "town")).labels
        ('farm', 'town')
    """

    layer: str
    categories: tuple[str, ...]

    def __post_init__(self) -> None:
        check_type("layer", self.layer, str, "a name")
        check_strings("categories", self.categories, "categories")
        object.__setattr__(self, "categories", tuple(self.categories))
        different = len(set(self.categories))
        if len(self.categories) < 2 or different < len(self.categories):
            raise OptionError(
                f"Layer {self.layer!r}: expected at least 2 categories, each once, got "
                f"{len(self.categories)}, {different} of them different."
            )
        if not self.layer.strip():
            raise OptionError(f"layer: expected a name, got {self.layer!r}. Name the layer.")
        if not all(category.strip() for category in self.categories):
            raise OptionError(
                f"Layer {self.layer!r}: expected names of categories, got an empty one."
            )

    def __repr__(self) -> str:
        return f"Categories({self.layer!r}, {counted(self.categories, 'categories')})"

    @classmethod
    def of(cls, documents: Iterable[Document], layer: str) -> "Categories":
        """Collect the categories of a layer of some documents.

        Args:
            documents: The documents; those without the layer are passed over.
            layer: The name of the layer of categories.

        Returns:
            The categories in sorted order.

        Raises:
            DataError: No document has the layer.
            OptionError: There are too few categories.
        """
        categories = set[str]()
        for document in documents:
            scores = document.categories.get(layer)
            if scores:
                categories.add(best_category(scores))
        if not categories:
            raise DataError(
                f"Expected documents with the layer {layer!r} of categories, got none. Add the "
                "layer."
            )
        return cls(layer, tuple(sorted(categories)))

    @property
    def labels(self) -> tuple[str, ...]:
        """The categories."""
        return self.categories

    @property
    def tags(self) -> tuple[str, ...]:
        """The categories, which a head scores."""
        return self.categories

    @property
    def scheme(self) -> Scheme | None:
        """None: no spans are written as tags."""
        return None

    @property
    def unit(self) -> Unit:
        """Whole documents."""
        return Unit.DOCUMENT

    def encode(self, document: Document) -> npt.NDArray[np.int64] | None:
        """Encode the category of a document: the one with the highest score.

        Args:
            document: The document.

        Returns:
            The id, shape (1,); None where the document lacks the layer.

        Raises:
            DataError: The category is not of this set.
        """
        scores = document.categories.get(self.layer)
        if not scores:
            return None
        category = best_category(scores)
        if category not in self.categories:
            raise DataError(
                f"Expected one of the {len(self.categories)} labels that the layer "
                f"{self.layer!r} has in training, got "
                f"{category!r}. Correct it, or add it to the training documents."
            )
        return np.array([self.categories.index(category)], dtype=np.int64)

    def decode(self, ids: Sequence[int], scores: Sequence[float]) -> Mapping[str, float]:
        """Make a layer of the probabilities of all categories.

        Args:
            ids: The id of the most likely one, which is not read.
            scores: The probability of each category.

        Returns:
            The probabilities by category.
        """
        return dict(zip(self.categories, scores, strict=True))


def best_category(scores: Mapping[str, float]) -> str:
    """Choose the category with the highest score.

    Args:
        scores: The score of each category, at least one; of equal ones the first is chosen.

    Returns:
        The category.
    """
    return max(scores, key=scores.__getitem__)
