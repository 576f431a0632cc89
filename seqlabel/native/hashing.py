"""The features of words by the compiled steps; what they are is in `text.hashing`."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from seqlabel.native import compiled
from seqlabel.text.features import shape, shorten
from seqlabel.text.hashing import RaggedIds, WordHasher, check_words


def hash_words(words: Sequence[str], hasher: WordHasher) -> RaggedIds:
    """Hash words to the features that a `WordHasher` gives them, bit by bit.

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
    check_words(words)
    lowered = [shorten(word).lower() for word in words]
    return RaggedIds(*compiled.features(list(words), lowered, _kinds(), sizes=(2, 4), buckets=hasher.buckets))


@cache
def _kinds() -> npt.NDArray[np.uint32]:
    return np.array([shape(chr(code)) for code in range(1 << 16)], dtype=np.uint32)
