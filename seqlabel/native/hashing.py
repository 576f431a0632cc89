"""The features of words by the compiled steps; what they are, and how NumPy computes them, is in `text.hashing`."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from seqlabel.errors import DataError
from seqlabel.native import compiled
from seqlabel.text.hashing import RaggedIds, WordHasher, shape_classes, shorten


def hash_words(words: Sequence[str], hasher: WordHasher) -> RaggedIds:
    """Hash words to the features that a `WordHasher` gives them, bit by bit; few take a fourth of the time.

    Where there are no compiled steps the hasher itself hashes them.

    Args:
        words: The words.
        hasher: The feature hasher.

    Returns:
        Their features.

    Raises:
        DataError: For an empty word.
    """
    if compiled.LEVEL is compiled.Level.MISSING:
        return hasher(words)
    if "" in words:
        raise DataError("Found an empty word. A word has at least one character.")
    lowered = [shorten(word).lower() for word in words]
    sizes = hasher.min_n, hasher.max_n
    return RaggedIds(*compiled.features(list(words), lowered, _kinds(), sizes=sizes, buckets=hasher.buckets))


@cache
def _kinds() -> npt.NDArray[np.uint32]:
    return shape_classes().astype(np.uint32)
