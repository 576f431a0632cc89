"""Rows of words to the inputs of a model: words with features, or ids of a vocabulary; no labels.

Shapes: batch, time.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.nn.embedders import WordInputs
from seqlabel.text.hashing import RaggedIds, WordHasher
from seqlabel.text.vocabulary import UNKNOWN, Vocabulary

REMEMBERED_WORDS = 100_000
"""How many different words' features `RememberingHasher` keeps; about 20 MB."""


class RememberingHasher:
    """Hashes each different word once, up to a number of words, since the words of a training come again and again.

    Args:
        hasher: What gives a word its features.
        limit: How many words to remember; further ones are hashed anew each time.
    """

    def __init__(self, hasher: WordHasher, limit: int = REMEMBERED_WORDS) -> None:
        self._hasher = hasher
        self._limit = limit
        self._known: dict[str, npt.NDArray[np.int32]] = {}

    def __call__(self, words: Sequence[str]) -> RaggedIds:
        """Give the features of words, as the hasher does.

        Args:
            words: The words.

        Returns:
            The ids of each word's features.
        """
        if not words:
            return self._hasher(words)
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        hashed = self._hasher(new)
        fresh = {word: hashed.ids[hashed.offsets[n] : hashed.offsets[n + 1]] for n, word in enumerate(new)}
        # Copies, since a view would keep the features of all words that were hashed with it.
        self._known |= {word: fresh[word].copy() for word in new[: self._limit - len(self._known)]}
        ids = [self._known[word] if word in self._known else fresh[word] for word in words]
        offsets = np.cumsum([0, *map(len, ids)])
        return RaggedIds(np.concatenate(ids), offsets)


class WordEncoder:
    """Words → `WordInputs`: the rows of frequent words and hashed features, each different word featurised once.

    Args:
        vocabulary: The frequent words, which have vectors of their own.
        hasher: What gives a word its features.
    """

    def __init__(self, vocabulary: Vocabulary, hasher: WordHasher | RememberingHasher) -> None:
        self.vocabulary = vocabulary
        self.hasher = hasher

    def __call__(self, rows: Sequence[Sequence[str]]) -> WordInputs:
        """Encode rows of words.

        Args:
            rows: The words of each row; no row is empty.

        Returns:
            Their inputs (batch, time), padded on the right with the first word.
        """
        places: dict[str, int] = {}
        positions = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        for number, words in enumerate(rows):
            positions[number, : len(words)] = [places.setdefault(word, len(places)) for word in words]
        distinct = list(places)
        features = self.hasher(distinct)
        return WordInputs(
            features=torch.from_numpy(features.ids),
            offsets=torch.from_numpy(features.offsets[:-1].astype(np.int32)),
            words=torch.from_numpy(self.vocabulary.encode(distinct)),
            positions=torch.from_numpy(positions),
        )


class IdEncoder:
    """Words → ids of a vocabulary, for models over a table of words; unknown ones become `xxunk`.

    Args:
        vocabulary: The words of the table.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def __call__(self, rows: Sequence[Sequence[str]]) -> Tensor:
        """Encode rows of words.

        Args:
            rows: The words of each row.

        Returns:
            Their ids (batch, time), padded on the right with the unknown word.
        """
        ids = np.full((len(rows), max(map(len, rows))), self.vocabulary.id(UNKNOWN), dtype=np.int64)
        for number, words in enumerate(rows):
            ids[number, : len(words)] = self.vocabulary.encode(words)
        return torch.from_numpy(ids)


RowEncoder = WordEncoder | IdEncoder


def remembering(encoder: RowEncoder) -> RowEncoder:
    """Make an encoder that hashes each word once, for batches that are made again each epoch.

    Args:
        encoder: The encoder.

    Returns:
        An encoder with the same results.
    """
    if isinstance(encoder, WordEncoder) and isinstance(encoder.hasher, WordHasher):
        return WordEncoder(encoder.vocabulary, RememberingHasher(encoder.hasher))
    return encoder
