"""The learning rate and momentum of each step: the one-cycle schedule; the loop that follows it is in `training`."""

from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR

from seqlabel.errors import OptionError, choose


class Anneal(StrEnum):
    """The curve between two rates; the values are torch's."""

    COSINE = "cos"
    LINEAR = "linear"


@dataclass(frozen=True)
class OneCycle:
    """One cycle of the learning rate up to `max_lr` and down again, momentum the other way (Smith 2018).

    The names are those of `torch.optim.lr_scheduler.OneCycleLR`. The defaults are the lesson's: momentum from 0.95 down
    to 0.85 and back, a start at `max_lr / 25`, an end at `max_lr / 100,000`.

    Args:
        max_lr: The highest rate, above 0.
        pct_start: The share of the steps in which the rate rises, between 0 and 1.
        anneal_strategy: The curve between two rates.
        base_momentum: The momentum at the highest rate; momentum is Adam's first beta.
        max_momentum: The momentum at the start and at the end.
        div_factor: `max_lr` divided by the first rate.
        final_div_factor: The first rate divided by the last one.
        three_phase: Whether the rate falls back to the first one in as many steps as it rose, and then to the last one.

    Raises:
        OptionError: A value is out of its range.
    """

    max_lr: float = 1e-2
    pct_start: float = 0.3
    anneal_strategy: Anneal = Anneal.COSINE
    base_momentum: float = 0.85
    max_momentum: float = 0.95
    div_factor: float = 25.0
    final_div_factor: float = 4000.0
    three_phase: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "anneal_strategy", choose(Anneal, "anneal_strategy", self.anneal_strategy))
        if not 0 < self.pct_start < 1:
            raise OptionError(f"pct_start: Found {self.pct_start}. Give a share of the steps, between 0 and 1.")
        if not self.max_lr > 0:
            raise OptionError(f"max_lr: Found {self.max_lr}. Give a number above 0.")

    def scheduler(self, optimizer: Optimizer, total_steps: int) -> OneCycleLR:
        """Make a scheduler to step after every batch.

        Args:
            optimizer: The optimizer; a parameter group's `lr_scale`, where it has one, scales its rate.
            total_steps: The number of batches of the training.

        Returns:
            The scheduler, which has set the rates and momenta of the first batch.
        """
        pct_start = self.pct_start
        if pct_start * total_steps == 1:
            # torch divides by the length of the rise, which is then exactly 0 steps.
            pct_start *= 1 + 1e-6
        rates = [self.max_lr * group.get("lr_scale", 1.0) for group in optimizer.param_groups]
        own = {**vars(self), "max_lr": rates, "pct_start": pct_start, "anneal_strategy": self.anneal_strategy.value}
        return OneCycleLR(optimizer, total_steps=total_steps, **own)

    def preview(self, total_steps: int) -> tuple[list[float], list[float]]:
        """Compute the learning rate and the momentum of every step, for a picture.

        Args:
            total_steps: The number of batches of the training.

        Returns:
            The rates and the momenta, each `total_steps` long.
        """
        optimizer = torch.optim.AdamW([nn.Parameter(torch.zeros(()))])
        scheduler = self.scheduler(optimizer, total_steps)
        rates, momenta = [], []
        for step in range(total_steps):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            momenta.append(float(optimizer.param_groups[0]["betas"][0]))
            optimizer.step()
            if step + 1 < total_steps:
                scheduler.step()
        return rates, momenta
