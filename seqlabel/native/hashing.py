"""The features of words by the compiled steps; what they are, and how NumPy computes them, is in `text.hashing`."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from seqlabel.errors import DataError
from seqlabel.native import compiled
from seqlabel.text.hashing import RaggedIds, WordHasher, shape_classes, shorten


class CompiledHasher:
    """Hashes words to the features that a `WordHasher` gives them, bit by bit; it takes a tenth of the time for few.

    Args:
        hasher: The feature hasher.
    """

    def __init__(self, hasher: WordHasher) -> None:
        self._hasher = hasher

    def __call__(self, words: Sequence[str]) -> RaggedIds:
        """Hash words.

        Args:
            words: The words.

        Returns:
            Their features.

        Raises:
            DataError: For an empty word.
        """
        if "" in words:
            raise DataError("Found an empty word. A word has at least one character.")
        lowered = [shorten(word).lower() for word in words]
        sizes = self._hasher.min_n, self._hasher.max_n
        return RaggedIds(*compiled.features(list(words), lowered, _kinds(), sizes=sizes, buckets=self._hasher.buckets))


@cache
def _kinds() -> npt.NDArray[np.uint32]:
    return shape_classes().astype(np.uint32)
