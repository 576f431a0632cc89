"""Words and runs of words → hashed features; what they become is learned elsewhere.

A word's features are its shape and its lower-cased character n-grams, borders included, so that
prefixes and suffixes are among them. Each is hashed to a bucket (Weinberger et al. 2009; n-grams as
in Bojanowski et al. 2017), so that there are no unknown words. The whole word is not a feature:
frequent words have rows in a table of their own, which can be dropped in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import numpy.typing as npt

from seqlabel.errors import DataError, OptionError
from seqlabel.text.features import MULTIPLIER, features, scrambled, shorten, whole

_WORD = 101


@dataclass(frozen=True)
class RaggedIds:
    """Feature ids of some words, one after another.

    Word `i` has `ids[offsets[i]:offsets[i + 1]]`. `ids` int32 (features,), `offsets` int64 (words +
    1,).
    """

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, words: npt.NDArray[np.int64]) -> "RaggedIds":
        """Select the features of some words.

        Args:
            words: Positions of words, shape (selected,).

        Returns:
            The features of these words, in their order.
        """
        starts = self.offsets[words]
        lengths = self.offsets[words + 1] - self.offsets[words]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        shifts = np.repeat(starts - offsets[:-1], lengths)
        shifts += np.arange(offsets[-1])
        return RaggedIds(self.ids[shifts], offsets)


@dataclass(frozen=True)
class WordHasher:
    """Hashes words to `buckets` feature ids.

    Raises `OptionError` for less than 2 buckets.
    """

    buckets: int

    def __post_init__(self) -> None:
        if self.buckets < 2:
            raise OptionError(f"buckets: expected at least 2, got {self.buckets}.")

    def __call__(self, words: Sequence[str]) -> RaggedIds:
        """The features of words. Raises `DataError` for an empty word."""
        check_words(words)
        ids = [features(word, self.buckets) for word in words]
        offsets = np.cumsum([0, *map(len, ids)], dtype=np.int64)
        return RaggedIds(np.fromiter(chain.from_iterable(ids), np.int32, offsets[-1]), offsets)


def check_words(words: Sequence[str]) -> None:
    """Check that words can be hashed.

    Args:
        words: The words.

    Raises:
        DataError: A word is empty.
    """
    if "" in words:
        raise DataError("Expected words of at least one character, got an empty one.")


def hash_ngrams(words: Sequence[str], buckets: int, *, order: int = 2) -> npt.NDArray[np.int64]:
    """Hash the different runs of words in a text.

    Args:
        words: The words.
        buckets: The number of ids.
        order: The length of the longest runs, in words.

    Returns:
        The ids of runs of 1 to `order` words, sorted, each once, shape (ids,).

    Raises:
        DataError: A word is empty.
    """
    check_words(words)
    single = np.array([_whole_hash(word) for word in words], dtype=np.uint64)
    hashes = [single]
    run = single
    for length in range(1, min(order, len(words))):
        run = run[:-1] * np.uint64(MULTIPLIER) + single[length:]
        hashes.append(run)
    ids: npt.NDArray[np.int64] = np.unique(
        scrambled(np.concatenate(hashes)) % np.uint64(buckets)
    ).astype(np.int64)
    return ids


@lru_cache(1 << 14)
def _whole_hash(word: str) -> int:
    return whole(map(ord, shorten(word)), _WORD) % (1 << 64)
