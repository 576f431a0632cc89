"""Rows of words to the inputs of a model: words with features, ids of a vocabulary, or pieces; no
labels.

Each different word is encoded once: an encoder's `table` holds distinct words as numbers, and makes
inputs of any rows of them. `EncodedRows` keeps the rows of a training so, from which every epoch
takes other selections.

Shapes: batch, time; words (of all rows, one row after another), distinct (different words).
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.native.hashing import hash_words
from seqlabel.nn.embedders import Inputs, PieceInputs, WordInputs
from seqlabel.text.hashing import RaggedIds, WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import UNKNOWN, Vocabulary

Ints: TypeAlias = npt.NDArray[np.int64]
InputsT = TypeVar("InputsT")


class WordTable:
    """Distinct words with features and rows of a vocabulary.

    Args:
        features: The features of each distinct word.
        rows: Its row in the table of frequent words, (distinct,).
    """

    def __init__(self, features: RaggedIds, rows: Ints) -> None:
        self.features = features
        self.rows = rows

    def __call__(self, words: Ints, lengths: Ints) -> WordInputs:
        """Make inputs of rows.

        Args:
            words: The numbers of the words of all rows, (words,).
            lengths: The number of words of each row, (batch,); none is 0.

        Returns:
            The inputs (batch, time), whose distinct words are in the order of their first
            occurrence; padded on the right with the first word.
        """
        order = np.arange(len(words))
        # Only the entries of these words are written and read. Of several places of a word the
        # first is written last.
        place_of = np.empty(len(self.rows), dtype=np.int64)
        place_of[words[::-1]] = order[::-1]
        distinct = words[place_of[words] == order]
        place_of[distinct] = order[: len(distinct)]
        positions = padded(place_of[words], lengths, 0)
        return inputs_of(self.features.take(distinct), self.rows[distinct], positions)


class WordEncoder:
    """Words → `WordInputs`: the rows of frequent words and hashed features, each different word
    featurised once.

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
        return encoded(rows, self.table)

    def table(self, words: Sequence[str]) -> WordTable:
        """Encode distinct words, of which rows are made later.

        Args:
            words: The words.

        Returns:
            The words by their numbers.
        """
        return WordTable(hash_words(words, self.hasher), self.vocabulary.encode(words))


def inputs_of(features: RaggedIds, words: Ints, positions: Ints) -> WordInputs:
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


class IdTable:
    """Distinct words with ids of a vocabulary.

    Args:
        ids: The id of each distinct word, (distinct,).
        padding: The id of padding.
    """

    def __init__(self, ids: Ints, padding: int) -> None:
        self.ids = ids
        self.padding = padding

    def __call__(self, words: Ints, lengths: Ints) -> Tensor:
        """Make inputs of rows; see `WordTable`."""
        return torch.from_numpy(padded(self.ids[words], lengths, self.padding))


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
        return encoded(rows, self.table)

    def table(self, words: Sequence[str]) -> IdTable:
        """Encode distinct words; see `WordEncoder`."""
        return IdTable(self.vocabulary.encode(words), self.vocabulary.id(UNKNOWN))


class PieceTable:
    """Distinct words cut into pieces.

    Args:
        pieces: The pieces of each distinct word.
    """

    def __init__(self, pieces: RaggedIds) -> None:
        self.pieces = pieces

    def __call__(self, words: Ints, lengths: Ints) -> PieceInputs:
        """Make inputs of rows, padded on the right with piece 0 and with words of that piece; see
        `WordTable`.
        """
        cut = self.pieces.take(words)
        counts = np.diff(cut.offsets)
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        row = np.repeat(np.arange(len(lengths)), lengths)
        # Where each row's pieces begin among all pieces.
        begins = cut.offsets[bounds[:-1]]
        first = padded(cut.offsets[:-1] - begins[row], lengths, 0)
        last = padded(cut.offsets[1:] - begins[row] - 1, lengths, 0)
        in_rows = np.diff(cut.offsets[bounds])
        offsets = np.arange(bounds[-1]) - bounds[row]
        ids = padded(cut.ids.astype(np.int64), in_rows, 0)
        owners = padded(np.repeat(offsets, counts), in_rows, int(lengths.max()))
        return PieceInputs(*map(torch.from_numpy, (ids, in_rows, owners, first, last)))


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
        return encoded(rows, self.table)

    def table(self, words: Sequence[str]) -> PieceTable:
        """Encode distinct words; see `WordEncoder`."""
        return PieceTable(self.pieces.encode(words))


RowEncoder = WordEncoder | IdEncoder | PieceEncoder


class EncodedRows:
    """Rows of words whose distinct words are encoded once, to make inputs of selected rows again
    and again.

    Args:
        rows: The words of each row; no row is empty.
        encoder: Turns words into model inputs.
    """

    def __init__(self, rows: Iterable[Sequence[str]], encoder: RowEncoder) -> None:
        numbers: dict[str, int] = {}
        parts: list[npt.NDArray[np.int32]] = []
        for words in rows:
            known = (numbers.setdefault(word, len(numbers)) for word in words)
            parts.append(np.fromiter(known, dtype=np.int32, count=len(words)))
        self.lengths = np.array([len(part) for part in parts], dtype=np.int64)
        self._words = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
        self._begins = np.cumsum(self.lengths) - self.lengths
        self._table = encoder.table(list(numbers))

    def __len__(self) -> int:
        return len(self.lengths)

    def places(self, rows: Sequence[int]) -> Ints:
        """Find the words of some rows among those of all rows.

        Args:
            rows: The numbers of the rows.

        Returns:
            The places of their words, one row after another, (words,).
        """
        lengths = self.lengths[rows]
        begins = self._begins[rows]
        ends = np.cumsum(lengths)
        offsets: Ints = np.arange(ends[-1]) + np.repeat(begins - (ends - lengths), lengths)
        return offsets

    def inputs(self, rows: Sequence[int]) -> Inputs:
        """Make inputs of some rows.

        Args:
            rows: The numbers of the rows, at least one.

        Returns:
            What the encoder makes of their words.
        """
        return self._table(self._words[self.places(rows)].astype(np.int64), self.lengths[rows])


def padded(values: Ints, lengths: Ints, padding: int) -> Ints:
    """Put values of rows that follow one another into rows of the same length.

    Args:
        values: The values of all rows, (words, …).
        lengths: The number of values of each row, (batch,).
        padding: The value of places after a row's end.

    Returns:
        The rows (batch, time, …).
    """
    inside = np.arange(lengths.max()) < lengths[:, None]
    rows = np.full((*inside.shape, *values.shape[1:]), padding, dtype=values.dtype)
    rows[inside] = values
    return rows


def encoded(
    rows: Sequence[Sequence[str]], table: Callable[[Sequence[str]], Callable[[Ints, Ints], InputsT]]
) -> InputsT:
    """Encode rows of words that are met once.

    Args:
        rows: The words of each row; no row is empty.
        table: Encodes distinct words.

    Returns:
        What the table makes of the rows.
    """
    numbers: dict[str, int] = {}
    words = [numbers.setdefault(word, len(numbers)) for word in chain.from_iterable(rows)]
    lengths = np.array(list(map(len, rows)), dtype=np.int64)
    return table(list(numbers))(np.array(words, dtype=np.int64), lengths)
