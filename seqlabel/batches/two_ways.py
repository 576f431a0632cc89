"""A long sequence of word ids as batches for a pair of language models, which read it forwards and
backwards.

Streams in one direction are in `language`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.batches.language import EvaluationStream, LanguageModelStream
from seqlabel.batches.rows import inputs_of
from seqlabel.nn.embedders import WordInputs
from seqlabel.nn.moving import moved
from seqlabel.text.corpora import TokenSequence
from seqlabel.text.hashing import RaggedIds

_WORDS_A_MARK = 256


@dataclass(frozen=True)
class ReversedTokens:
    """A sequence of word ids read from its end to its start.

    Args:
        tokens: The sequence.
    """

    tokens: TokenSequence

    def __len__(self) -> int:
        return len(self.tokens)

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        """Read the ids in `[start, stop)`, counted from the end; see `TokenSequence`."""
        return self.tokens.read(len(self) - stop, len(self) - start)[::-1]


@dataclass(frozen=True)
class TwoWayBatch:
    """Rows of a text, then as many rows of the text backwards.

    Args:
        words: The words that are read (2 · batch, time); where the text is read in pieces, the ids
            of pieces.
        targets: The ids to predict (2 · batch, time), `IGNORED` where none is.
    """

    words: WordInputs | Tensor
    targets: Tensor

    def to(self, device: torch.device) -> "TwoWayBatch":
        """Move the words to a device; targets stay, as the losses look for them on the CPU. See
        `Batch`.
        """
        words = (
            moved(self.words, device) if isinstance(self.words, Tensor) else self.words.to(device)
        )
        return TwoWayBatch(words, self.targets)


def word_inputs(
    ids: npt.NDArray[np.int64], features: RaggedIds, *, rows: int, unknown: int
) -> WordInputs:
    """Make a model's inputs of words that are given as ids.

    Args:
        ids: The words as ids (batch, time) into `features`.
        features: The features of each word.
        rows: The number of words with a row of their own in the table; ids from `rows` on have
            none.
        unknown: The row of words without one of their own.

    Returns:
        The inputs (batch, time), with each different word once.
    """
    # As `np.unique` does by sorting, which takes longer.
    is_read = np.zeros(len(features), dtype=bool)
    is_read[ids] = True
    distinct = np.flatnonzero(is_read)
    place_of = np.empty(len(features), dtype=np.int64)
    place_of[distinct] = np.arange(len(distinct))
    words = np.where(distinct < rows, distinct, unknown)
    return inputs_of(features.take(distinct), words, place_of[ids])


@dataclass(frozen=True)
class FeaturedWords:
    """Words with features, the frequent of which are predicted: what ids and targets become in a
    `TwoWayStream`.

    Args:
        features: The features of each word.
        predicted: The number of words that are predicted; ids from `predicted` on are too rare and
            are targets of `unknown`.
        unknown: The id of the unknown word.
    """

    features: RaggedIds
    predicted: int
    unknown: int = 0

    def batch(self, ids: Tensor, targets: Tensor) -> TwoWayBatch:
        """Make a batch of words with features.

        Args:
            ids: The words as ids that index `features`, (2 · batch, time).
            targets: The ids to predict (2 · batch, time), `IGNORED` where none is.

        Returns:
            The batch.
        """
        return TwoWayBatch(
            word_inputs(ids.numpy(), self.features, rows=self.predicted, unknown=self.unknown),
            targets.masked_fill(targets >= self.predicted, self.unknown),
        )


class TwoWayStream:
    """A text read both ways at once, as words with features or as ids; each way's batches join.

    Ids are read and predicted as they are: those of pieces come from `PieceTokens`, and backwards a
    word's last piece comes first. Losses are then means over pieces; to compare with other models,
    divide the nats of all pieces by the number of words.

    Args:
        tokens: The ids of the text.
        words: Turns ids into words with features; None to read and predict the ids as they are.
        batch_size: The number of rows of each way.
        bptt: The number of ids of a row in each batch.
        make: The stream of each way: `LanguageModelStream` or `EvaluationStream`.

    Raises:
        OptionError: `batch_size` or `bptt` is below 1.
        DataError: The text is too short for the stream.
    """

    def __init__(
        self,
        tokens: TokenSequence,
        words: FeaturedWords | None = None,
        *,
        batch_size: int,
        bptt: int,
        make: type[LanguageModelStream] | type[EvaluationStream] = LanguageModelStream,
    ) -> None:
        self._batch = TwoWayBatch if words is None else words.batch
        self._ways = [
            make(way, batch_size=batch_size, bptt=bptt) for way in (tokens, ReversedTokens(tokens))
        ]

    def __repr__(self) -> str:
        return f"TwoWayStream({self._ways[0]!r}, and backward)"

    def __len__(self) -> int:
        return len(self._ways[0])

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[TwoWayBatch]:
        """Give the batches of an epoch; every epoch reads the text in the same order; see
        `BatchSource`.
        """
        for forward, backward in zip(
            *(way.batches(epoch, start) for way in self._ways), strict=True
        ):
            yield self._batch(
                torch.cat([forward.inputs, backward.inputs]),
                torch.cat([forward.targets, backward.targets]),
            )


class PieceTokens:
    """A sequence of word ids read as the sequence of those words' pieces.

    The position of pieces is kept for one word in `_WORDS_A_MARK` only, so that memory is small
    compared with the text; words are counted once, at the beginning.

    Args:
        tokens: The word ids.
        pieces: The pieces of every word id.
    """

    def __init__(self, tokens: TokenSequence, pieces: RaggedIds) -> None:
        self._tokens = tokens
        self._pieces = pieces
        counts = np.diff(pieces.offsets)
        starts = range(0, len(tokens), _WORDS_A_MARK)
        sums = [
            counts[tokens.read(start, min(start + _WORDS_A_MARK, len(tokens)))].sum()
            for start in starts
        ]
        self._marks = np.cumsum([0, *sums])

    def __len__(self) -> int:
        return int(self._marks[-1])

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        """Read the ids of the pieces in `[start, stop)`; see `TokenSequence`."""
        if start == stop:
            return np.zeros(0, dtype=np.int64)
        first = int(np.searchsorted(self._marks, start, side="right")) - 1
        last = int(np.searchsorted(self._marks, stop, side="left"))
        words = self._tokens.read(
            first * _WORDS_A_MARK, min(last * _WORDS_A_MARK, len(self._tokens))
        )
        ids = self._pieces.take(words).ids[start - self._marks[first] : stop - self._marks[first]]
        return ids.astype(np.int64)
