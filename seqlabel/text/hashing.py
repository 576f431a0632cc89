"""Words and runs of words → hashed features, computed for many at once; what they become is learned elsewhere.

A word's features are its shape and its lower-cased character n-grams, borders included, so that prefixes and suffixes
are among them. Each is hashed to a bucket (Weinberger et al. 2009; n-grams as in Bojanowski et al. 2017), so that there
are no unknown words. The whole word is not a feature: frequent words have rows in a table of their own, which can be
dropped in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from seqlabel.errors import DataError, OptionError

MAX_CHARACTERS = 64
"""A longer word is hashed by its first and last 32 characters; its exact length is a feature of its shape."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_BASE = np.uint64(0x100000001B3)
_POWERS = np.cumprod(np.concatenate([[np.uint64(1)], np.full(2 * MAX_CHARACTERS, _BASE)]), dtype=np.uint64)
_WORD, _SHAPE = 101, 103


@dataclass(frozen=True)
class RaggedIds:
    """Feature ids of some words, one after another.

    Word `i` has `ids[offsets[i]:offsets[i + 1]]`. `ids` int32 (features,), `offsets` int64 (words + 1,).
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
        starts, lengths = self.offsets[words], self.offsets[words + 1] - self.offsets[words]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return RaggedIds(self.ids[places], offsets)


@dataclass(frozen=True)
class WordHasher:
    """Hashes words to `buckets` feature ids, with n-grams of `min_n` to `max_n` characters.

    Raises `OptionError` unless 1 ≤ min_n ≤ max_n and buckets ≥ 2.
    """

    buckets: int
    min_n: int = 2
    max_n: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.min_n <= self.max_n:
            raise OptionError(f"min_n, max_n: Found {self.min_n} and {self.max_n}. Allowed are 1 ≤ min_n ≤ max_n.")
        if self.buckets < 2:
            raise OptionError(f"buckets: Found {self.buckets}. At least 2 are needed.")

    def __call__(self, words: Sequence[str]) -> RaggedIds:
        """The features of words. Raises `DataError` for an empty word."""
        if "" in words:
            raise DataError("Found an empty word. A word has at least one character.")
        if not words:
            return RaggedIds(np.zeros(0, dtype=np.int32), np.zeros(1, dtype=np.int64))
        forms = [shorten(word) for word in words]
        lowered = [form.lower() for form in forms]
        codes, owners = _codes(forms)
        # Word borders are characters of their own; private-use codes, which no text has.
        bordered, bordered_owners = _codes([f"\ue000{word}\ue001" for word in lowered])
        hashes = [_shape_hashes(codes, owners, words)]
        of_word = [np.arange(len(words))]
        for n in range(self.min_n, self.max_n + 1):
            grams, gram_owners = _ngrams(bordered, bordered_owners, n)
            hashes.append(grams)
            of_word.append(gram_owners)
        every, words_of = np.concatenate(hashes), np.concatenate(of_word)
        order = np.argsort(words_of, kind="stable")
        offsets = np.concatenate([[0], np.cumsum(np.bincount(words_of, minlength=len(words)))])
        ids = (_scramble(every[order]) % np.uint64(self.buckets)).astype(np.int32)
        return RaggedIds(ids, offsets.astype(np.int64))


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
    if "" in words:
        raise DataError("Found an empty word. A word has at least one character.")
    if not words:
        return np.zeros(0, dtype=np.int64)
    places: dict[str, int] = {}
    sequence = np.array([places.setdefault(word, len(places)) for word in words])
    single = _whole_hashes(*_codes([shorten(word) for word in places]), _WORD)[sequence]
    hashes, run = [single], single
    for length in range(1, min(order, len(words))):
        run = run[:-1] * _MULTIPLIER + single[length:]
        hashes.append(run)
    ids: npt.NDArray[np.int64] = np.unique(_scramble(np.concatenate(hashes)) % np.uint64(buckets)).astype(np.int64)
    return ids


def shorten(word: str) -> str:
    """Shorten a long word to the characters that are hashed.

    Args:
        word: The word.

    Returns:
        Its first and last characters, or all of a word of at most `MAX_CHARACTERS`.
    """
    if len(word) <= MAX_CHARACTERS:
        return word
    return word[: MAX_CHARACTERS // 2] + word[-MAX_CHARACTERS // 2 :]


def _codes(words: Sequence[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The code points of all words, one after another, and the word that each belongs to."""
    text = "".join(words)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    return codes, np.repeat(np.arange(len(words)), lengths)


def _starts(owners: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]]))


def _whole_hashes(codes: npt.NDArray[np.uint64], owners: npt.NDArray[np.int64], kind: int) -> npt.NDArray[np.uint64]:
    """A polynomial hash of each word's codes, modulo 2^64."""
    starts = _starts(owners)
    places = np.arange(len(codes)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(codes)]])))
    sums: npt.NDArray[np.uint64] = np.add.reduceat((codes + np.uint64(1)) * _POWERS[places], starts)
    return sums * _BASE + np.uint64(kind)


def _shape_hashes(
    codes: npt.NDArray[np.uint64], owners: npt.NDArray[np.int64], words: Sequence[str]
) -> npt.NDArray[np.uint64]:
    """A hash of each word's shape: X, x, d for upper case, lower case and digits, at most two of a kind in a row."""
    table = shape_classes()
    classes = np.where(codes < len(table), table[np.minimum(codes, len(table) - 1)], codes)
    same = np.concatenate([[False], (classes[1:] == classes[:-1]) & (owners[1:] == owners[:-1])])
    third = same & np.concatenate([[False], same[:-1]])
    hashes = _whole_hashes(classes[~third], owners[~third], _SHAPE)
    long = np.fromiter((len(word) if len(word) > MAX_CHARACTERS else 0 for word in words), np.uint64, len(words))
    return hashes + long * _MULTIPLIER


@cache
def shape_classes() -> npt.NDArray[np.uint64]:
    """Return what each code of the basic plane is in a word's shape.

    Returns:
        The code of X, x or d for a capital, another letter or a digit, and the code itself for anything else, (65536,).
    """
    table = np.arange(1 << 16, dtype=np.uint64)
    for code in range(1 << 16):
        character = chr(code)
        if character.isdigit():
            table[code] = ord("d")
        elif character.isupper():
            table[code] = ord("X")
        elif character.isalpha():
            table[code] = ord("x")
    return table


def _ngrams(
    codes: npt.NDArray[np.uint64], owners: npt.NDArray[np.int64], n: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Hashes of the runs of `n` codes that lie within one word, and the word of each."""
    if len(codes) < n:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    last = len(codes) - n + 1
    hashes = np.full(last, n, dtype=np.uint64)
    for place in range(n):
        hashes = hashes * _BASE + codes[place : place + last]
    within = owners[:last] == owners[n - 1 :]
    return hashes[within], owners[:last][within]


def _scramble(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread the bits, so that the remainder by any number of buckets is even (the finaliser of MurmurHash3)."""
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return hashes ^ (hashes >> np.uint64(33))
