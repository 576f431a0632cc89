"""A language model trained by fastai's Learner with its callbacks, for one cycle; fastai is imported when it trains."""

from collections.abc import Sequence

import torch
from torch import nn


class Stateful(nn.Module):
    """A model as fastai wants it: the state is kept inside, and zeroed by `reset`."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.reset()

    def reset(self) -> None:
        self.state = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits, state = self.model(x, self.state)
        self.state = state.detach()
        return logits


def accuracy_of(
    model: nn.Module,
    parts: Sequence[Sequence[tuple[torch.Tensor, torch.Tensor]]],
    epochs: int,
    max_lr: float,
    device: torch.device,
) -> float:
    """The accuracy on the second part after a training on the first; a pair is a row of word ids and of the next."""
    # These two add no_bar and fit_one_cycle to Learner.
    import fastai.callback.progress
    import fastai.callback.schedule  # noqa: F401
    from fastai.callback.rnn import ModelResetter
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    from fastai.learner import Learner
    from fastai.losses import CrossEntropyLossFlat
    from fastai.metrics import accuracy

    loaders = DataLoaders(*[DataLoader(rows, bs=64, shuffle=False) for rows in parts], device=device)
    learner = Learner(loaders, Stateful(model), loss_func=CrossEntropyLossFlat(), metrics=accuracy, cbs=ModelResetter)
    learner.fit_one_cycle(epochs, max_lr, wd=0.01)
    return float(learner.recorder.values[-1][-1])
