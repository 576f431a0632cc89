"""A long sequence of word ids as batches for a language model, each joining the one before; no text
is read in here.

The tokens are cut into `batch_size` rows that are read side by side, `bptt` (back-propagation
through time) words a batch, so that a row's state after one batch is its state before the next.
`LanguageModelStream` is for training: every batch is full. `EvaluationStream` is for measuring:
every token is predicted once.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from seqlabel.errors import DataError, OptionError, check_number
from seqlabel.nn.moving import moved
from seqlabel.text.corpora import TokenSequence, read_rows

IGNORED = -100
"""The target of a place that is not to be predicted; torch's losses leave it out by default."""


@dataclass(frozen=True)
class LanguageModelBatch:
    """Ids to read and ids to predict, of dtype int64.

    Args:
        inputs: The ids to read (batch, time).
        targets: The ids to predict (batch, time): `targets[:, t]` is the word after `inputs[:, t]`,
            or `IGNORED` where none is to be predicted.
    """

    inputs: Tensor
    targets: Tensor

    def to(self, device: torch.device) -> "LanguageModelBatch":
        """Move the batch to a device; see `Batch`."""
        return LanguageModelBatch(moved(self.inputs, device), moved(self.targets, device))


class LanguageModelStream:
    """Full batches of (batch_size, bptt) words over a whole corpus, each joining the one before.

    Row `i` starts at token `i * n // batch_size`. There are `ceil(n / (batch_size * bptt))`
    batches, so rows read on into the next row's part, and the last row wraps to the start of the
    corpus.

    Args:
        tokens: The ids of the corpus's words.
        batch_size: The number of rows, at least 1.
        bptt: The number of words of a row in each batch, at least 1.

    Raises:
        OptionError: `batch_size` or `bptt` is below 1.
        DataError: The corpus is shorter than one batch.
    """

    _full = True
    """Whether every batch has bptt words of each row, so that the corpus must have as many."""

    def __init__(self, tokens: TokenSequence, *, batch_size: int, bptt: int) -> None:
        _check_sizes(tokens, batch_size, bptt, full=self._full)
        self.tokens = tokens
        self.batch_size = batch_size
        self.bptt = bptt
        self._starts = [row * len(tokens) // batch_size for row in range(batch_size)]

    def __repr__(self) -> str:
        shape = f"{self.batch_size} × {self.bptt}"
        return (
            f"{type(self).__name__}({len(self):,} batches of {shape} from "
            f"{len(self.tokens):,} words)"
        )

    def __len__(self) -> int:
        return math.ceil(len(self.tokens) / (self.batch_size * self.bptt))

    def __iter__(self) -> Iterator[LanguageModelBatch]:
        return self.batches()

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[LanguageModelBatch]:
        """Give the batches of an epoch; every epoch reads the corpus in the same order; see
        `BatchSource`.
        """
        starts = np.array(self._starts)
        for number in range(start, len(self)):
            ids = torch.from_numpy(
                read_rows(self.tokens, starts + number * self.bptt, self.bptt + 1)
            )
            yield LanguageModelBatch(
                inputs=ids[:, :-1].contiguous(), targets=ids[:, 1:].contiguous()
            )


class EvaluationStream(LanguageModelStream):
    """Batches of (batch_size, at most bptt) words over a corpus, in which every token but the first
    is a target once.

    Rows start where `LanguageModelStream`'s do and end where the next row begins; nothing wraps.
    The last batch is shorter, and a row that is over has `IGNORED` targets.

    Args:
        tokens: The ids of the corpus's words.
        batch_size: The number of rows, at least 1.
        bptt: The highest number of words of a row in a batch, at least 1.

    Raises:
        OptionError: `batch_size` or `bptt` is below 1.
        DataError: The corpus has fewer words than rows, or a single word.
    """

    _full = False

    @property
    def _parts(self) -> list[tuple[int, int]]:
        """The first token of each row, and the one after the last that it reads."""
        # Row i predicts the first word of row i + 1, whose own row cannot predict it; the corpus
        # has no word after it.
        return list(zip(self._starts, [*self._starts[1:], len(self.tokens) - 1], strict=True))

    def __len__(self) -> int:
        return math.ceil(max(stop - start for start, stop in self._parts) / self.bptt)

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[LanguageModelBatch]:
        """Give the batches of an epoch; every epoch reads the corpus in the same order; see
        `BatchSource`.
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
            yield LanguageModelBatch(
                inputs=torch.from_numpy(inputs), targets=torch.from_numpy(targets)
            )


def _check_sizes(tokens: TokenSequence, batch_size: int, bptt: int, *, full: bool) -> None:
    check_number("batch_size", batch_size, "a number of rows", whole=True)
    check_number("bptt", bptt, "a number of words", whole=True)
    if batch_size < 1:
        raise OptionError(f"batch_size: expected a number of rows, at least 1, got {batch_size}.")
    if bptt < 1:
        raise OptionError(f"bptt: expected a number of words, at least 1, got {bptt}.")
    needed = batch_size * (bptt if full else 1)
    if len(tokens) < max(needed, 2):
        raise DataError(
            f"Expected a corpus of at least {max(needed, 2):,} tokens for {batch_size} rows with "
            f"bptt {bptt}, got {len(tokens):,}. Pass more text, or a smaller batch_size or bptt."
        )
