"""Dropout that fits sequences, and evaluation mode; recurrences are in `encoders`, output layers in `heads`.

Shapes: batch, time, width.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from seqlabel.errors import OptionError


class VariationalDropout(nn.Module):
    """Dropout with one mask for all time steps of a row (Gal and Ghahramani 2016, "A Theoretically Grounded ...").

    An ordinary dropout mask changes at every word, which a recurrence averages out; one mask a row does not.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = check_rate("dropout", rate)

    def forward(self, values: Tensor) -> Tensor:
        """Scale and mask `values` (batch, time, width) in training; give them back as they are otherwise."""
        if not self.training or self.rate == 0:
            return values
        keep = 1 - self.rate
        mask = torch.empty_like(values[:, :1]).bernoulli_(keep) / keep
        return values * mask

    def extra_repr(self) -> str:
        """What `print(model)` shows."""
        return f"rate={self.rate}"


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model in evaluation mode, and each of its parts back to its own mode afterwards."""
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


def check_rate(name: str, rate: float) -> float:
    """`rate` itself. Raises `OptionError` unless 0 ≤ rate < 1."""
    if not 0 <= rate < 1:
        raise OptionError(f"{name}: found {rate}; it is a share from 0 up to, but not including, 1")
    return rate
