"""The learning rate and momentum of each step: the one-cycle schedule; the loop that follows it is
in `loop`.
"""

from dataclasses import dataclass

from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR

from seqlabel.errors import OptionError, check_number


@dataclass(frozen=True)
class OneCycle:
    """One cycle of the learning rate up to `max_lr` and down again, momentum the other way (Smith
    2018).

    Curves are cosines. All other numbers are the lesson's: momentum from 0.95 down to 0.85 and
    back, a start at `max_lr / 25`, an end at `max_lr / 100,000`.

    Args:
        max_lr: The highest rate, above 0.
        pct_start: The share of the steps in which the rate rises, between 0 and 1.

    Raises:
        OptionError: A value is out of its range.
    """

    max_lr: float = 1e-2
    pct_start: float = 0.3

    def __post_init__(self) -> None:
        check_number("max_lr", self.max_lr, "a number above 0")
        check_number("pct_start", self.pct_start, "a share of the steps")
        if not 0 < self.pct_start < 1:
            raise OptionError(
                f"pct_start: expected a share of the steps, between 0 and 1, got {self.pct_start}."
            )
        if not self.max_lr > 0:
            raise OptionError(f"max_lr: expected a number above 0, got {self.max_lr}.")

    def scheduler(self, optimizer: Optimizer, total_steps: int) -> OneCycleLR:
        """Make a scheduler to step after every batch.

        Args:
            optimizer: The optimizer; a parameter group's `lr_scale`, where it has one, scales its
                rate.
            total_steps: The number of batches of the training.

        Returns:
            The scheduler, which has set the rates and momenta of the first batch.
        """
        pct_start = self.pct_start
        if pct_start * total_steps == 1:
            # torch divides by the length of the rise, which is then exactly 0 steps.
            pct_start *= 1 + 1e-6
        rates = [self.max_lr * group.get("lr_scale", 1.0) for group in optimizer.param_groups]
        return OneCycleLR(
            optimizer, rates, total_steps=total_steps, pct_start=pct_start, final_div_factor=4000.0
        )
