"""A long sequence of word ids as batches for a language model, each joining the one before; no text is read in here.

The tokens are cut into `batch_size` rows that are read side by side, `bptt` (back-propagation through time) words a
batch, so that a row's state after one batch is its state before the next. `LanguageModelStream` is for training: every
batch is full. `EvaluationStream` is for measuring: every token is predicted once.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.errors import DataError, OptionError
from seqlabel.nn.embedders import WordInputs
from seqlabel.text.corpora import TokenSequence
from seqlabel.text.hashing import RaggedIds

IGNORED = -100
"""The target of a place that is not to be predicted; torch's losses leave it out by default."""


@dataclass(frozen=True)
class LanguageModelBatch:
    """Ids to read and ids to predict, of dtype int64.

    Args:
        inputs: The ids to read (batch, time).
        targets: The ids to predict (batch, time): `targets[:, t]` is the word after `inputs[:, t]`, or `IGNORED` where
            none is to be predicted.
    """

    inputs: Tensor
    targets: Tensor

    def to(self, device: torch.device) -> "LanguageModelBatch":
        """Move the batch to a device.

        Args:
            device: The device.

        Returns:
            The same batch there.
        """
        if self.inputs.device == device:
            return self
        return LanguageModelBatch(self.inputs.to(device, non_blocking=True), self.targets.to(device, non_blocking=True))

    def share(self, first: int, step: int) -> "LanguageModelBatch | None":
        """Take one process's share of the rows.

        Args:
            first: The number of the first row, from 0.
            step: The distance between rows.

        Returns:
            The rows `first`, `first + step`, … as a batch; None where there are none.
        """
        if first >= len(self.inputs):
            return None
        return LanguageModelBatch(self.inputs[first::step], self.targets[first::step])


class LanguageModelStream:
    """Full batches of (batch_size, bptt) words over a whole corpus, each joining the one before.

    Row `i` starts at token `i * n // batch_size`. There are `ceil(n / (batch_size * bptt))` batches, so rows read on
    into the next row's part, and the last row wraps to the start of the corpus.

    Args:
        tokens: The ids of the corpus's words.
        batch_size: The number of rows, at least 1.
        bptt: The number of words of a row in each batch, at least 1.

    Raises:
        OptionError: `batch_size` or `bptt` is below 1.
        DataError: The corpus is shorter than one batch.
    """

    def __init__(self, tokens: TokenSequence, *, batch_size: int, bptt: int) -> None:
        _check_sizes(tokens, batch_size, bptt, needed=batch_size * bptt)
        self.tokens = tokens
        self.batch_size = batch_size
        self.bptt = bptt

    def __len__(self) -> int:
        return math.ceil(len(self.tokens) / (self.batch_size * self.bptt))

    def __iter__(self) -> Iterator[LanguageModelBatch]:
        return self.batches()

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[LanguageModelBatch]:
        """Give the batches of an epoch; every epoch reads the corpus in the same order.

        Args:
            epoch: Not used.
            start: The number of the first batch, from 0.

        Yields:
            The batches from number `start` on.
        """
        starts = np.array(_row_starts(len(self.tokens), self.batch_size))
        for number in range(start, len(self)):
            ids = torch.from_numpy(self.tokens.read_rows(starts + number * self.bptt, self.bptt + 1))
            yield LanguageModelBatch(inputs=ids[:, :-1].contiguous(), targets=ids[:, 1:].contiguous())


class EvaluationStream:
    """Batches of (batch_size, at most bptt) words over a corpus, in which every token but the first is a target once.

    Rows start where `LanguageModelStream`'s do and end where the next row begins; nothing wraps. The last batch is
    shorter, and a row that is over has `IGNORED` targets.

    Args:
        tokens: The ids of the corpus's words.
        batch_size: The number of rows, at least 1.
        bptt: The highest number of words of a row in a batch, at least 1.

    Raises:
        OptionError: `batch_size` or `bptt` is below 1.
        DataError: The corpus has fewer words than rows, or a single word.
    """

    def __init__(self, tokens: TokenSequence, *, batch_size: int, bptt: int) -> None:
        _check_sizes(tokens, batch_size, bptt, needed=batch_size)
        self.tokens = tokens
        self.batch_size = batch_size
        self.bptt = bptt
        starts = _row_starts(len(tokens), batch_size)
        # Row i predicts the first word of row i + 1, whose own row cannot predict it; the corpus has no word after it.
        self._parts = list(zip(starts, [*starts[1:], len(tokens) - 1], strict=True))

    def __len__(self) -> int:
        return math.ceil(max(stop - start for start, stop in self._parts) / self.bptt)

    def __iter__(self) -> Iterator[LanguageModelBatch]:
        return self.batches()

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[LanguageModelBatch]:
        """Give the batches of an epoch; every epoch reads the corpus in the same order.

        Args:
            epoch: Not used.
            start: The number of the first batch, from 0.

        Yields:
            The batches from number `start` on.
        """
        longest = max(stop - first for first, stop in self._parts)
        for number in range(start, len(self)):
            offset = number * self.bptt
            width = min(self.bptt, longest - offset)
            inputs = np.zeros((self.batch_size, width), dtype=np.int64)
            targets = np.full((self.batch_size, width), IGNORED, dtype=np.int64)
            for row, (first, stop) in enumerate(self._parts):
                words = min(width, stop - first - offset)
                if words > 0:
                    ids = self.tokens.read(first + offset, first + offset + words + 1)
                    inputs[row, :words] = ids[:-1]
                    targets[row, :words] = ids[1:]
            yield LanguageModelBatch(inputs=torch.from_numpy(inputs), targets=torch.from_numpy(targets))


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
        """Read the ids in `[start, stop)`, counted from the end.

        Args:
            start: The place of the first id.
            stop: The end of the ids.

        Returns:
            The ids, shape (stop - start,).
        """
        return self.tokens.read(len(self) - stop, len(self) - start)[::-1]

    def read_rows(self, starts: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
        """Read ids from several places on; after the last token the first one follows.

        Args:
            starts: The place of the first id in each row, counted from the end (rows,).
            count: The number of ids in a row.

        Returns:
            The ids, shape (rows, count).
        """
        # A row that begins at `start` and is read backwards is, read forwards, the one that ends there.
        return self.tokens.read_rows((-starts - count) % len(self), count)[:, ::-1].copy()


@dataclass(frozen=True)
class TwoWayBatch:
    """Rows of a text, then as many rows of the text backwards.

    Args:
        words: The words that are read (2 · batch, time); where the text is read in pieces, the ids of pieces.
        targets: The ids to predict (2 · batch, time), `IGNORED` where none is.
    """

    words: WordInputs | Tensor
    targets: Tensor

    def to(self, device: torch.device) -> "TwoWayBatch":
        """Move the batch to a device.

        Args:
            device: The device.

        Returns:
            The same batch there.
        """
        return TwoWayBatch(self.words.to(device), self.targets.to(device, non_blocking=True))

    def share(self, first: int, step: int) -> "TwoWayBatch | None":
        """Take one process's share of the rows of each way.

        Args:
            first: The number of the first row, from 0.
            step: The distance between rows.

        Returns:
            The rows `first`, `first + step`, … of each way as a batch; None where there are none.
        """
        rows = torch.arange(len(self.targets)).view(2, -1)[:, first::step].flatten()
        if not len(rows):
            return None
        if isinstance(self.words, Tensor):
            return TwoWayBatch(self.words[rows], self.targets[rows])
        return TwoWayBatch(replace(self.words, positions=self.words.positions[rows]), self.targets[rows])


class TwoWayStream:
    """A text read both ways at once, as words with features; each way's batches join.

    Args:
        tokens: The text as ids that index `features`.
        features: The features of each word.
        predicted: The number of words that are predicted; ids from `predicted` on are too rare and are targets of
            `unknown`.
        batch_size: The number of rows of each way.
        bptt: The number of words of a row in each batch.
        unknown: The id of the unknown word.
        make: The stream of each way: `LanguageModelStream` or `EvaluationStream`.

    Raises:
        OptionError: `batch_size` or `bptt` is below 1.
        DataError: The text is too short for the stream.
    """

    def __init__(
        self,
        tokens: TokenSequence,
        features: RaggedIds,
        *,
        predicted: int,
        batch_size: int,
        bptt: int,
        unknown: int = 0,
        make: type[LanguageModelStream] | type[EvaluationStream] = LanguageModelStream,
    ) -> None:
        self.features = features
        self.predicted = predicted
        self.unknown = unknown
        self._ways = [make(way, batch_size=batch_size, bptt=bptt) for way in (tokens, ReversedTokens(tokens))]

    def __len__(self) -> int:
        return len(self._ways[0])

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[TwoWayBatch]:
        """Give the batches of an epoch; every epoch reads the text in the same order.

        Args:
            epoch: Not used.
            start: The number of the first batch, from 0.

        Yields:
            The batches from number `start` on.
        """
        for forward, backward in zip(*(way.batches(epoch, start) for way in self._ways), strict=True):
            ids = torch.cat([forward.inputs, backward.inputs]).numpy()
            targets = torch.cat([forward.targets, backward.targets])
            yield TwoWayBatch(
                words=word_inputs(ids, self.features, rows=self.predicted, unknown=self.unknown),
                targets=targets.masked_fill(targets >= self.predicted, self.unknown),
            )


class PieceTokens:
    """A sequence of word ids read as the sequence of those words' pieces.

    Where pieces stand is known for every `_WORDS_A_MARK`th word only, so that memory is small beside the text; words
    are counted once, at the beginning.

    Args:
        tokens: The word ids.
        pieces: The pieces of every word id.
    """

    def __init__(self, tokens: TokenSequence, pieces: RaggedIds) -> None:
        self._tokens = tokens
        self._pieces = pieces
        counts = np.diff(pieces.offsets)
        starts = range(0, len(tokens), _WORDS_A_MARK)
        sums = [counts[tokens.read(start, min(start + _WORDS_A_MARK, len(tokens)))].sum() for start in starts]
        self._marks = np.cumsum([0, *sums])

    def __len__(self) -> int:
        return int(self._marks[-1])

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        """Read the ids of the pieces in `[start, stop)`.

        Args:
            start: The place of the first piece.
            stop: The end of the pieces.

        Returns:
            The ids, shape (stop - start,).
        """
        if start == stop:
            return np.zeros(0, dtype=np.int64)
        first = int(np.searchsorted(self._marks, start, side="right")) - 1
        last = int(np.searchsorted(self._marks, stop, side="left"))
        words = self._tokens.read(first * _WORDS_A_MARK, min(last * _WORDS_A_MARK, len(self._tokens)))
        ids = self._pieces.take(words).ids[start - self._marks[first] : stop - self._marks[first]]
        return ids.astype(np.int64)

    def read_rows(self, starts: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
        """Read the ids of pieces from several places on; after the last piece the first one follows.

        Args:
            starts: The place of the first piece in each row (rows,).
            count: The number of pieces in a row.

        Returns:
            The ids, shape (rows, count).
        """
        rows = []
        for start in (starts % len(self)).tolist():
            row = self.read(start, min(start + count, len(self)))
            while len(row) < count:
                row = np.concatenate([row, self.read(0, min(count - len(row), len(self)))])
            rows.append(row)
        return np.stack(rows)


_WORDS_A_MARK = 256


class TwoWayPieceStream:
    """A text read both ways at once in pieces of words, each of which is predicted; each way's batches join.

    Backwards a word's last piece comes first. Losses are means over pieces; to compare with other models, divide the
    nats of all pieces by the number of words.

    Args:
        tokens: The text's words as ids.
        pieces: The pieces of every word id.
        batch_size: The number of rows of each way.
        bptt: The number of pieces of a row in each batch.
        make: The stream of each way: `LanguageModelStream` or `EvaluationStream`.

    Raises:
        OptionError: `batch_size` or `bptt` is below 1.
        DataError: The text is too short for the stream.
    """

    def __init__(
        self,
        tokens: TokenSequence,
        pieces: RaggedIds,
        *,
        batch_size: int,
        bptt: int,
        make: type[LanguageModelStream] | type[EvaluationStream] = LanguageModelStream,
    ) -> None:
        text = PieceTokens(tokens, pieces)
        self._ways = [make(way, batch_size=batch_size, bptt=bptt) for way in (text, ReversedTokens(text))]

    def __len__(self) -> int:
        return len(self._ways[0])

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[TwoWayBatch]:
        """Give the batches of an epoch; every epoch reads the text in the same order.

        Args:
            epoch: Not used.
            start: The number of the first batch, from 0.

        Yields:
            The batches from number `start` on.
        """
        for forward, backward in zip(*(way.batches(epoch, start) for way in self._ways), strict=True):
            yield TwoWayBatch(
                words=torch.cat([forward.inputs, backward.inputs]),
                targets=torch.cat([forward.targets, backward.targets]),
            )


def word_inputs(ids: npt.NDArray[np.int64], features: RaggedIds, *, rows: int, unknown: int) -> WordInputs:
    """Make a model's inputs of words that are given as ids.

    Args:
        ids: The words as ids (batch, time) into `features`.
        features: The features of each word.
        rows: The number of words with a row of their own in the table; ids from `rows` on have none.
        unknown: The row of words without one of their own.

    Returns:
        The inputs (batch, time), with each different word once.
    """
    distinct, positions = np.unique(ids, return_inverse=True)
    chosen = features.take(distinct)
    return WordInputs(
        features=torch.from_numpy(chosen.ids),
        offsets=torch.from_numpy(chosen.offsets[:-1].astype(np.int32)),
        words=torch.from_numpy(np.where(distinct < rows, distinct, unknown)),
        positions=torch.from_numpy(positions.reshape(ids.shape)),
    )


def _row_starts(tokens: int, batch_size: int) -> list[int]:
    return [row * tokens // batch_size for row in range(batch_size)]


def _check_sizes(tokens: TokenSequence, batch_size: int, bptt: int, *, needed: int) -> None:
    if batch_size < 1:
        raise OptionError(f"batch_size: found {batch_size}; it is a number of rows, at least 1")
    if bptt < 1:
        raise OptionError(f"bptt: found {bptt}; it is a number of words, at least 1")
    if len(tokens) < max(needed, 2):
        raise DataError(
            f"found a corpus of {len(tokens):,} tokens, too short: {batch_size} rows with bptt {bptt} need at least "
            f"{max(needed, 2):,}; give more text, or a smaller batch_size or bptt"
        )
