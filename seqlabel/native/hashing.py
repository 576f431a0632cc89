"""The features of words by the compiled steps; what they are is in `text.hashing`."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from seqlabel.native import compiled
from seqlabel.text.features import shorten
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
    return RaggedIds(
        *compiled.features(list(words), lowered, _kinds(), sizes=(2, 4), buckets=hasher.buckets)
    )


@cache
def _kinds() -> npt.NDArray[np.uint32]:
    """What `shape` returns for each code of the basic plane; a call for each takes 40 ms, which
    every start would.
    """
    codes = np.arange(1 << 16, dtype=np.uint32)
    characters = codes.view("U1")
    kinds = codes.copy()
    kinds[np.char.isalpha(characters)] = ord("x")
    kinds[np.char.isupper(characters)] = ord("X")
    kinds[np.char.isdigit(characters)] = ord("d")
    return kinds
