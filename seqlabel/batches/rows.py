"""Rows of words to the inputs of a model: words with features, ids of a vocabulary, or pieces; no labels.

Shapes: batch, time.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.native.hashing import hash_words
from seqlabel.nn.embedders import PieceInputs, WordInputs
from seqlabel.text.hashing import RaggedIds, WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import UNKNOWN, Vocabulary


class WordEncoder:
    """Words → `WordInputs`: the rows of frequent words and hashed features, each different word featurised once.

    Args:
        vocabulary: The frequent words, which have vectors of their own.
        hasher: The feature hasher.
    """

    def __init__(self, vocabulary: Vocabulary, hasher: WordHasher) -> None:
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
        return inputs_of(hash_words(distinct, self.hasher), self.vocabulary.encode(distinct), positions)


def inputs_of(features: RaggedIds, words: npt.NDArray[np.int64], positions: npt.NDArray[np.int64]) -> WordInputs:
    """Make a model's inputs of distinct words.

    Args:
        features: The features of each distinct word.
        words: Its row in the table of words (words,).
        positions: Which distinct word stands at each place of the rows (batch, time).

    Returns:
        The inputs.
    """
    offsets = features.offsets[:-1].astype(np.int32)
    return WordInputs(*map(torch.from_numpy, (features.ids, offsets, words, positions)))


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


class PieceEncoder:
    """Words → `PieceInputs`, for models that read pieces.

    Args:
        pieces: What cuts a word into pieces.
    """

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces

    def __call__(self, rows: Sequence[Sequence[str]]) -> PieceInputs:
        """Encode rows of words.

        Args:
            rows: The words of each row; no row is empty.

        Returns:
            Their inputs, padded on the right with piece 0 and with words of that piece.
        """
        cut = self.pieces.encode(list(chain.from_iterable(rows)))
        counts = np.diff(cut.offsets)
        bounds = np.cumsum([0, *map(len, rows)])
        time = int(np.diff(bounds).max())
        row = np.repeat(np.arange(len(rows)), np.diff(bounds))
        word = np.arange(bounds[-1]) - bounds[row]
        # Where each row's pieces begin among all pieces.
        begins = cut.offsets[bounds[:-1]]
        first, last = (np.zeros((len(rows), time), dtype=np.int64) for _ in range(2))
        first[row, word] = cut.offsets[:-1] - begins[row]
        last[row, word] = cut.offsets[1:] - begins[row] - 1
        lengths = np.diff(cut.offsets[bounds])
        ids = np.zeros((len(rows), lengths.max()), dtype=np.int64)
        owners = np.full_like(ids, time)
        piece = np.repeat(row, counts), np.arange(len(cut.ids)) - np.repeat(begins[row], counts)
        ids[piece] = cut.ids
        owners[piece] = np.repeat(word, counts)
        return PieceInputs(*map(torch.from_numpy, (ids, lengths, owners, first, last)))


RowEncoder = WordEncoder | IdEncoder | PieceEncoder
