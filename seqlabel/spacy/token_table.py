"""Attributes of the tokens of a batch of Docs as one table, read and written by one call per Doc;
nothing is labelled.

spaCy takes as long for a call as for twenty tokens, and NumPy as for a thousand numbers: one table
per batch costs a fraction of one per Doc and layer.

Shapes: tokens (of all Docs, one Doc after another), columns.
"""

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

Keys = npt.NDArray[np.uint64]
"""Values of attributes as spaCy holds them: hashes of strings, or small numbers."""


class TokenTable:
    """The tokens of some Docs, side by side.

    Args:
        docs: The Docs.
        read: The numbers of the attributes in `spacy.attrs` whose present values are asked for.
    """

    def __init__(self, docs: Sequence[Doc], read: Sequence[int] = ()) -> None:
        self.docs = docs
        self.lengths = np.array([len(doc) for doc in docs], dtype=np.int64)
        self.begins = np.cumsum(self.lengths) - self.lengths
        """Where each Doc begins, (docs,)."""
        self.tokens = int(self.lengths.sum())
        self._columns: dict[int, Keys] = {}
        self._scores: dict[Hashable, npt.NDArray[np.float32]] = {}
        self._before: dict[int, Keys] = {}
        if read:
            # spaCy's own type of what it reads is thinc's.
            attributes: Any = list(dict.fromkeys(read))
            parts: list[Any] = [
                doc.to_array(attributes).reshape(len(doc), len(attributes)) for doc in docs
            ]
            table = np.concatenate(parts) if parts else np.zeros((0, len(attributes)), np.uint64)
            self._before = {
                attribute: table[:, number] for number, attribute in enumerate(attributes)
            }

    def before(self, attribute: int) -> Keys:
        """Return the values that an attribute had when the table was made.

        Args:
            attribute: One of those that were asked for.

        Returns:
            The values, (tokens,).
        """
        return self._before[attribute]

    @property
    def slices(self) -> list[slice]:
        """Where the tokens of each Doc are."""
        ends = [*self.begins.tolist(), self.tokens]
        return [slice(begin, end) for begin, end in pairwise(ends)]

    def put(self, attribute: int, values: Keys) -> None:
        """Take values to write.

        Args:
            attribute: The attribute's number in `spacy.attrs`.
            values: The values, (tokens,).
        """
        self._columns[attribute] = values

    def put_scores(self, key: Hashable, scores: npt.NDArray[np.float32]) -> None:
        """Take one number per token to write.

        Args:
            key: The key of `Doc.user_data` under which each Doc gets its own.
            scores: The numbers, (tokens,).
        """
        self._scores[key] = scores

    def write(self) -> None:
        """Write all that was put into the table to the Docs."""
        attributes = list(self._columns)
        values = np.stack(list(self._columns.values())) if attributes else None
        keys = list(self._scores)
        scores = np.stack(list(self._scores.values())) if keys else None
        for doc, inside in zip(self.docs, self.slices, strict=True):
            untyped: Any = doc
            if values is not None and inside.start < inside.stop:
                untyped.from_array(attributes, values[:, inside].T)
            if scores is not None:
                # A copy: a Doc that is kept must not keep the whole batch.
                untyped.user_data.update(zip(keys, scores[:, inside].copy(), strict=True))
