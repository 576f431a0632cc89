"""How many words a batch has, and the learning rate that goes with it, by device; batches are made
in `batches`.

A CPU takes about as long for a word of a small batch as for one of a large batch, and more is
learnt from an epoch of small ones. On a GPU each word of a row is a step of its own, and a step
takes a launch, however many rows it reads (torchrl, pull request 3725: a GRU over 128 rows of 16
words took 0.38 ms, over 128 rows of 64 words 1.07 ms).

The rate grows with the square root of the batch (Malladi et al. 2022, for Adam). `docs/training.md`
has the accuracy of both, measured on a CPU.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class BatchUse(StrEnum):
    """What a batch is for."""

    WORDS = "labels of words"
    DOCUMENTS = "labels of documents"
    MIXED = "labels of documents, next to those of words"
    TEXT = "language models"
    TEACHERS = "probabilities of teachers"
    PIPES = "trainable pipes of spaCy"
    LABELING = "labelling"


@dataclass(frozen=True)
class BatchSize:
    """The words of a batch, and the learning rate as a multiple of that of a CPU's batch."""

    words: int
    rate: float = 1.0


@dataclass(frozen=True)
class WordsByDevice:
    """About how many words a batch has on a CPU, and at most on a GPU."""

    cpu: int
    gpu: int

    def on(self, device: "torch.device") -> int:
        """Return the number of a device.

        Args:
            device: The device; all but a CPU count as GPUs.

        Returns:
            The words of a batch.
        """
        return self.cpu if device.type == "cpu" else self.gpu


BATCH_WORDS = {
    BatchUse.WORDS: WordsByDevice(500, 8_192),
    BatchUse.DOCUMENTS: WordsByDevice(8_000, 16_384),
    BatchUse.MIXED: WordsByDevice(2_000, 8_192),
    BatchUse.TEXT: WordsByDevice(4_096, 16_384),
    BatchUse.TEACHERS: WordsByDevice(1_000, 8_192),
    BatchUse.PIPES: WordsByDevice(1_024, 8_192),
    BatchUse.LABELING: WordsByDevice(4_096, 16_384),
}
"""The one table of words per batch."""

FEWEST_STEPS = 250
"""The steps that a training keeps on a GPU: where batches of the size above would leave fewer, they
are smaller.
"""


def batch_size(
    use: BatchUse,
    device: "torch.device",
    *,
    words: int,
    cpu_words: int | None = None,
    batches_a_step: int = 1,
) -> BatchSize:
    """Choose the size of a training's batches and the rate that goes with it.

    Args:
        use: What the batches teach.
        device: The device of the training.
        words: The words that the training reads, all epochs together.
        cpu_words: The words of a batch on a CPU; None for those of the table.
        batches_a_step: The batches that a step learns from, those of all processes together.

    Returns:
        On a CPU `cpu_words` at the usual rate. On any other device as many words as the table
        allows and leave `FEWEST_STEPS` steps, and never fewer than on a CPU.

    Example:
        >>> import torch
        >>> batch_size(BatchUse.WORDS, torch.device("cpu"), words=1_200_000)
        BatchSize(words=500, rate=1.0)
        >>> batch_size(BatchUse.WORDS, torch.device("cuda"), words=500_000)
        BatchSize(words=2000, rate=2.0)
    """
    table = BATCH_WORDS[use]
    on_cpu = table.cpu if cpu_words is None else cpu_words
    if device.type == "cpu":
        return BatchSize(on_cpu)
    size = max(on_cpu, min(table.gpu, words // (FEWEST_STEPS * batches_a_step)))
    return BatchSize(size, math.sqrt(size / on_cpu))
