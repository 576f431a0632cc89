"""An exponential moving average of a model's weights, kept next to the weights that train; training
is elsewhere.

Averaged weights lie in a flatter place than the last ones and usually score better (Polyak and
Juditsky 1992; Izmailov et al. 2018, SWA).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from seqlabel.errors import OptionError

_ROWS = 4096


class WeightAverage:
    """Averages of a model's parameters: `average ← decay · average + (1 - decay) · weights` after
    each step.

    In the first steps the decay is smaller, (1 + updates) / (10 + updates), so that the random
    first weights are soon forgotten.

    Args:
        model: The model whose parameters are averaged; the averages begin as copies of them.
        decay: The share of the average that is kept at each step, between 0 and 1.

    Raises:
        OptionError: `decay` is not between 0 and 1.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        if not 0 < decay < 1:
            raise OptionError(
                f"average: expected the share kept at each step, between 0 and 1, got {decay}."
            )
        self.decay = decay
        self.updates = 0
        self._parameters = dict(model.named_parameters())
        self._others = {
            name: parameter.detach().clone() for name, parameter in self._parameters.items()
        }
        self.in_model = False
        """Whether the model holds the averages now, and this object the weights that train."""

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights after one more step of training into the average."""
        self.updates += 1
        share = 1 - min(self.decay, (1 + self.updates) / (10 + self.updates))
        weights: list[Tensor] = [parameter.detach() for parameter in self._parameters.values()]
        torch._foreach_lerp_(list(self._others.values()), weights, share)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the model's weights and those kept here."""
        for name, parameter in self._parameters.items():
            # A table in parts, so that no copy of all of it is held.
            parts = (
                torch.split(one.view(one.shape or (1,)), _ROWS)
                for one in (parameter, self._others[name])
            )
            for weights, others in zip(*parts, strict=True):
                held = weights.clone()
                weights.copy_(others)
                others.copy_(held)
        self.in_model = not self.in_model

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averages into the model for the duration of a `with` block.

        Yields:
            Nothing; the model holds the averages, and what it held before when the block ends.
        """
        if self.in_model:
            yield
            return
        self.swap()
        try:
            yield
        finally:
            self.swap()

    def tensors(self) -> dict[str, Tensor]:
        """Return the weights that the model does not hold now.

        Returns:
            The averages by the name of their parameter, or, while the model holds those, the
            weights that train. These are the tensors themselves, not copies.
        """
        return self._others

    def resume(self, trained: Mapping[str, Tensor], *, updates: int) -> None:
        """Continue from a model that holds the averages.

        Args:
            trained: The weights that train, by the name of their parameter.
            updates: The steps that the averages have taken in so far.
        """
        for name, tensor in self._others.items():
            tensor.copy_(trained[name])
        self.updates = updates
        self.in_model = True
