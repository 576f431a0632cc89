"""Dropout and pooling that fit sequences, evaluation mode and seeds; recurrences are in `encoders`,
heads in `heads`.

Shapes: batch, time, width.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from seqlabel.nn.network_configs import check_rate
from seqlabel.nn.threads import use_one_thread_after_fork


class VariationalDropout(nn.Module):
    """Dropout with one mask for all time steps of a row (Gal and Ghahramani 2016, "A Theoretically
    Grounded Application of Dropout in Recurrent Neural Networks").

    Formula::

        y[t] = m · x[t] / (1 - rate),  m ~ Bernoulli(1 - rate), the same for all t

    m (batch, 1, width).

    An ordinary dropout mask changes at every word, which a recurrence averages out; one mask per
    row does not.

    Args:
        rate: The share of values dropped.

    Raises:
        OptionError: `rate` is outside [0, 1).
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = check_rate("dropout", rate)

    def forward(self, values: Tensor) -> Tensor:
        """Mask values in training, and scale the others so that the mean stays.

        Args:
            values: The values, (batch, time, width).

        Returns:
            The masked values, (batch, time, width); `values` itself in evaluation mode or at rate
            0.
        """
        if not self.training or self.rate == 0:
            return values
        keep = 1 - self.rate
        mask = torch.empty_like(values[:, :1]).bernoulli_(keep) / keep
        return values * mask


class StatePool:
    """The last, the largest and the mean state of each row, gathered piece by piece as a text is
    read.

    This is the "concat pooling" of Howard and Ruder (2018), "Universal Language Model Fine-tuning
    for Text Classification".

    Formula::

        p = [h[n], max(h[1], …, h[n]), mean(h[1], …, h[n])],  n the length of the row

    Args:
        lengths: The number of words of each row, at least 1, (batch,).
    """

    def __init__(self, lengths: Tensor) -> None:
        self._lengths = lengths
        self._read = 0
        self._last = self._sum = torch.zeros((), device=lengths.device)
        self._highest = self._sum - torch.inf

    def add(self, states: Tensor) -> None:
        """Take in the states of the next words of every row; those past a row's end do not count.

        Args:
            states: The states, (batch, time, width).
        """
        states = states.float()
        places = self._read + torch.arange(states.shape[1], device=states.device)
        self._read += states.shape[1]
        inside = (places < self._lengths[:, None])[..., None]
        at_end = (places == self._lengths[:, None] - 1)[..., None]
        self._last = self._last + (states * at_end).sum(dim=1)
        self._sum = self._sum + (states * inside).sum(dim=1)
        self._highest = torch.maximum(
            self._highest, states.masked_fill(~inside, -torch.inf).amax(dim=1)
        )

    def pooled(self) -> Tensor:
        """Put the last, largest and mean states side by side.

        Returns:
            Pooled states (batch, 3 · width), float32.
        """
        return torch.cat([self._last, self._highest, self._sum / self._lengths[:, None]], dim=-1)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model in evaluation mode, and each of its parts back to its own mode afterwards.

    In a forked process torch is limited to one thread (`seqlabel.nn.threads`).

    Args:
        model: The model.

    Yields:
        Nothing; the model is in evaluation mode inside the `with` block.
    """
    use_one_thread_after_fork()
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Draw fresh weights from a seed, and leave torch's random numbers as they were.

    Args:
        seed: The seed of the weights that are made on the CPU inside the `with` block; None does
            nothing.

    Yields:
        Nothing.
    """
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.default_generator.manual_seed(seed)
        yield
