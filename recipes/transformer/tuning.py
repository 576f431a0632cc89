"""How a small transformer is tuned: the batches of each pass, the steps and their warm-up; no loss
and no model.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import torch
from torch import Tensor, nn

from seqlabel import Document
from seqlabel.batches.labeled import shuffled_groups
from transformer import Transformer

Cut = Callable[[Document, Iterable[int]], Iterator[Document]]
"""Cuts a document into pieces of the given numbers of sentences."""
Batch = list[Document]


@dataclass(frozen=True)
class Tuning:
    """The numbers of a tuning.

    Args:
        body_rate: The highest learning rate of the transformer.
        head_rate: The highest learning rate of all else.
        warm_up: The share of the steps in which rates rise; they fall to 0 after it.
        words: About how many words a batch has.
        sizes: The sentences of a piece of a document, drawn from these.
    """

    body_rate: float
    head_rate: float
    warm_up: float
    words: int
    sizes: tuple[int, ...]


def batches_of(
    documents: Sequence[Document], cut: Cut, tuning: Tuning, *, seed: int, epoch: int
) -> list[Batch]:
    """The documents in pieces of sentences, in the batches of a pass."""
    draw = random.Random(1_000 * seed + epoch)
    sizes = (draw.choice(tuning.sizes) for _ in repeat(None))
    pieces = [piece for document in documents for piece in cut(document, sizes)]
    groups = shuffled_groups([len(piece) for piece in pieces], tuning.words, seed=seed, epoch=epoch)
    return [[pieces[number] for number in group] for group in groups]


def tune(
    teacher: Transformer,
    passes: Sequence[Sequence[Batch]],
    loss_of: Callable[[Batch], Tensor],
    tuning: Tuning,
) -> Iterator[float]:
    """Tune a teacher; yields the mean loss of each pass, after which it is in evaluation mode."""
    body = [weight for weight in teacher.body.parameters() if weight.requires_grad]
    pretrained = {id(weight) for weight in teacher.body.parameters()}
    fresh = [weight for weight in teacher.parameters() if id(weight) not in pretrained]
    groups = [{"params": body, "lr": tuning.body_rate}, {"params": fresh, "lr": tuning.head_rate}]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)

    steps = sum(map(len, passes))
    rising = tuning.warm_up * steps
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / rising, (steps - step) / (steps - rising))
    )
    for batches in passes:
        teacher.train()
        total = 0.0
        for batch in batches:
            loss = loss_of(batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        teacher.eval()
        yield total / len(batches)
