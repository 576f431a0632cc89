"""The learning-rate finder: a short run with a growing rate and a suggestion; the model comes back as it was."""

import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from statistics import mean
from typing import Any

import torch
from torch import nn

from seqlabel.errors import OptionError, TrainingError
from seqlabel.nn.states import State, detach_state
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.training.devices import choose_device
from seqlabel.training.loop import BatchSource, BatchT, TrainingOptions, make_optimizer
from seqlabel.training.objectives import Objective, next_word


@dataclass(frozen=True)
class LearningRates:
    """The loss at each rate tried, and the rate to begin with.

    Args:
        rates: The rates tried, ascending.
        losses: The smoothed loss at each rate, in nats.
        suggestion: The rate where the loss falls fastest against the logarithm of the rate.
    """

    rates: list[float]
    losses: list[float]
    suggestion: float


def find_learning_rate(
    model: nn.Module,
    train: BatchSource[BatchT],
    *,
    options: TrainingOptions,
    objective: Objective[Any] = next_word,
    min_lr: float = 1e-6,
    max_lr: float = 10.0,
    steps: int = 100,
) -> LearningRates:
    """Train for a few batches while the learning rate grows, and suggest where to begin (Smith 2017).

    The run stops early when the loss is four times its best. Weights, buffers and torch's random state on the CPU are
    restored.

    Args:
        model: The model, which ends as it began.
        train: The batches of the training; they are repeated where there are too few.
        options: The numbers of the training. A part's rate is scaled by `lr_scales`; the schedule's rates are not used.
        objective: The loss that a step minimises.
        min_lr: The rate of the first batch, above 0.
        max_lr: The rate of the last batch, above `min_lr`.
        steps: The number of batches, at least 10.

    Returns:
        The rates, their losses and the suggestion.

    Raises:
        OptionError: `min_lr`, `max_lr` or `steps` is out of its range.
        TrainingError: The first loss is not finite.
    """
    if not 0 < min_lr < max_lr:
        raise OptionError(f"min_lr, max_lr: Found {min_lr} and {max_lr}. Give a first above 0 and below the second.")
    if steps < 10:
        raise OptionError(f"steps: Found {steps}. Give at least 10, as fewer show nothing.")
    use_one_thread_after_fork()
    device = choose_device(options.device)
    rates: list[float] = []
    losses: list[float] = []
    state: State = None
    with torch.random.fork_rng(devices=[]):
        copied = deepcopy(model).to(device).train()
        optimizer = make_optimizer(copied, options)
        for number, batch in zip(range(steps), _endless(train), strict=False):
            rate = min_lr * (max_lr / min_lr) ** (number / (steps - 1))
            for group in optimizer.param_groups:
                group["lr"] = rate * group["lr_scale"]
            step = objective(copied, batch.to(device), state)
            state = detach_state(step.state)
            loss = float(step.loss.detach())
            if not math.isfinite(loss) or (losses and loss > 4 * min(losses)):
                break
            rates.append(rate)
            losses.append(loss)
            optimizer.zero_grad()
            torch.autograd.backward(step.loss)
            optimizer.step()
    if not losses:
        raise TrainingError("The loss of the first batch is not finite. Look at the model's output on it.")
    smooth = _smooth(losses, around=max(1, steps // 25))
    return LearningRates(rates=rates, losses=smooth, suggestion=_steepest(rates, smooth))


def _endless(train: BatchSource[BatchT]) -> Iterator[BatchT]:
    for epoch in count() if len(train) else ():
        yield from train.batches(epoch)


def _smooth(losses: list[float], *, around: int) -> list[float]:
    """Each loss averaged with `around` others on both sides, or fewer near the ends.

    Centred, unlike the usual exponential average, which shows the fall half a decade of rates too late.
    """
    smooth = []
    for place in range(len(losses)):
        reach = min(around, place, len(losses) - 1 - place)
        smooth.append(mean(losses[place - reach : place + reach + 1]))
    return smooth


def _steepest(rates: list[float], losses: list[float]) -> float:
    """The rate in the middle of the steepest fall, over windows of a tenth of the rates before the lowest loss."""
    lowest = losses.index(min(losses))
    window = max(2, len(rates) // 10)
    starts = range(max(lowest - window + 1, 1))
    falls = [losses[min(start + window, len(losses) - 1)] - losses[start] for start in starts]
    start = falls.index(min(falls))
    return math.sqrt(rates[start] * rates[min(start + window, len(rates) - 1)])
