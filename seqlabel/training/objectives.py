"""The loss and the counts of a training step, for each kind of batch; the loop around it is in
`training`.

Shapes: batch, time, predicted, vocabulary.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.batches.labeled import LabeledBatch
from seqlabel.batches.language import IGNORED, LanguageModelBatch
from seqlabel.batches.two_ways import TwoWayBatch
from seqlabel.nn.moving import moved
from seqlabel.nn.states import State, flatten_state, map_state

BatchT = TypeVar("BatchT")


@dataclass(frozen=True)
class Step:
    """One batch's outcome.

    Args:
        losses: Losses in nats, summed over predictions (parts,): one for each thing that is
            predicted, such as a labeler's heads.
        counts: The number of predictions of each part (parts,).
        correct: The number of right predictions, a scalar; None while the model trains, when it is
            not used, and where the objective does not count them.
        state: The state after the batch.
    """

    losses: Tensor
    counts: Tensor
    correct: Tensor | None
    state: State

    @property
    def loss(self) -> Tensor:
        """The mean loss of each part, added up."""
        return self.loss_among(self.counts)

    def loss_among(self, counts: Tensor) -> Tensor:
        """Compute what this batch adds to the loss of a step that learns from several batches.

        Args:
            counts: The number of predictions of each part in all of them (parts,).

        Returns:
            The losses of all parts over these counts, added up; a scalar in nats.
        """
        return (self.losses / counts.clamp_min(1)).sum()

    @property
    def count(self) -> Tensor:
        """Predictions of all parts together."""
        return self.counts.sum()


Objective = Callable[[nn.Module, BatchT, State], Step]
"""Runs a model on a batch, which is on the model's device, from the state after the batch before,
at first None.
"""


def next_word(model: nn.Module, batch: LanguageModelBatch, state: State) -> Step:
    """Compute the cross-entropy of the next word, over those last words of each row that the model
    predicts.

    Args:
        model: `(inputs, state) → (logits, state)` with logits (batch, predicted, vocabulary),
            predicted ≤ time: a model that predicts after the last word only is asked about the last
            target only.
        batch: The ids (batch, time) that are read and predicted; targets of `IGNORED` do not count.
        state: The model's state before the batch; None before the first.

    Returns:
        The loss in nats, a single part, with right predictions where the model is in evaluation
        mode.
    """
    logits, state = model(batch.inputs, state)
    targets = batch.targets[:, -logits.shape[1] :]
    count = (targets != IGNORED).sum()
    scores = logits.float().flatten(0, 1)
    total = functional.cross_entropy(
        scores, targets.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    correct = None if model.training else (logits.argmax(dim=-1) == targets).sum()
    return Step(total[None], count[None], correct=correct, state=state)


FORGET_RATE = 0.1


def both_ways(model: nn.Module, batch: TwoWayBatch, state: State) -> Step:
    """Compute the mean cross-entropy in nats of a forward and a backward language model.

    In training a row's carried state is replaced by zeros with probability `FORGET_RATE`: what
    reads a sentence or a window later begins with an empty state in the middle of a text, so the
    models meet that while they learn.

    Args:
        model: A `TwoWayLanguageModel`.
        batch: Rows (2 · batch, time) of both ways.
        state: The states of both models before the batch; None before the first.

    Returns:
        The losses of both models, added up as a single part; right predictions are not counted.
    """
    if model.training and isinstance(state, tuple):
        state = tuple(_forget(way) for way in state)
    losses, state = model(batch.words, batch.targets, state)
    count = moved((batch.targets != IGNORED).sum(), losses.device)
    return Step(losses.sum()[None], count[None], correct=None, state=state)


def _forget(state: State) -> State:
    """The state with zeros in some rows, the same rows in all its tensors (layers, batch,
    width).
    """
    _, tensors = flatten_state(state)
    if not tensors:
        return state
    kept = torch.rand(1, tensors[0].shape[1], 1, device=tensors[0].device) >= FORGET_RATE
    return map_state(lambda tensor: tensor * kept, state)


def forward_only(model: nn.Module, batch: TwoWayBatch, state: State) -> Step:
    """Compute the loss of `both_ways` for the forward model alone, for evaluation.

    Args:
        model: A `TwoWayLanguageModel`.
        batch: Rows (2 · batch, time) of both ways.
        state: The states of both models before the batch; None before the first.

    Returns:
        The forward model's loss in nats and its predictions.
    """
    return _one_way(model, batch, state, 0)


def backward_only(model: nn.Module, batch: TwoWayBatch, state: State) -> Step:
    """Compute the loss of `both_ways` for the backward model alone, for evaluation.

    Args:
        model: A `TwoWayLanguageModel`.
        batch: Rows (2 · batch, time) of both ways.
        state: The states of both models before the batch; None before the first.

    Returns:
        The backward model's loss in nats and its predictions.
    """
    return _one_way(model, batch, state, 1)


def _one_way(model: nn.Module, batch: TwoWayBatch, state: State, way: int) -> Step:
    losses, state = model(batch.words, batch.targets, state)
    count = moved((batch.targets.chunk(2)[way] != IGNORED).sum(), losses.device)
    return Step(losses[way][None], count[None], correct=None, state=state)


def gold_labels(model: nn.Module, batch: LabeledBatch, state: State) -> Step:
    """Compute the heads' losses in nats per word, or document, with a gold label; rows stand alone.

    Args:
        model: A `TaggingModel`.
        batch: Rows of words and each head's gold ids.
        state: Not used.

    Returns:
        A part for each head, with state None; right predictions are not counted.
    """
    counts = torch.stack([(ids >= 0).sum() for ids in batch.gold])
    losses = model(batch.words, batch.lengths, batch.gold)
    return Step(losses, counts, correct=None, state=None)
