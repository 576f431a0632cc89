"""Steps of AdamW on tables of which a batch reads few rows; the optimizer itself is in `loop`.

The gradient of a table is held for the rows that were read, and as a whole for one part of the
table at a time: those of `en` would take as much memory as the rest of a step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.adamw import adamw

from seqlabel.nn.embedders import HashedEmbedder

_ROWS = 4096


@contextmanager
def gradients_of_rows(model: nn.Module) -> Iterator[None]:
    """Let passes through a model inside a `with` block give its tables gradients of the rows that
    they read.

    Args:
        model: The model, on a CPU.

    Yields:
        Nothing.
    """
    embedders = [part for part in model.modules() if isinstance(part, HashedEmbedder)]
    for embedder in embedders:
        embedder.sparse = True
    try:
        yield
    finally:
        for embedder in embedders:
            embedder.sparse = False


def clip_gradients(model: nn.Module, most: float | None) -> None:
    """Clip the norm of all gradients together, after the repeated rows of tables were added up.

    Args:
        model: The model.
        most: The highest norm; None does not clip.
    """
    gradients: list[Tensor] = []
    for parameter in model.parameters():
        if parameter.grad is not None and parameter.grad.is_sparse:
            parameter.grad = parameter.grad.coalesce()
            gradients.append(parameter.grad.values())
        elif parameter.grad is not None:
            gradients.append(parameter.grad)
    if most is not None and gradients:
        torch._foreach_mul_(
            gradients, (most / (nn.utils.get_total_norm(gradients) + 1e-6)).clamp(max=1.0)
        )


@torch.no_grad()
def step_tables(optimizer: AdamW) -> None:
    """Step the tables whose gradients are of some rows, as the optimizer would with whole ones, and
    forget these.

    Args:
        optimizer: The optimizer, which keeps their state; gradients are those of `clip_gradients`.
    """
    for group in optimizer.param_groups:
        beta1, beta2 = group["betas"]
        for table in group["params"]:
            gradient = table.grad
            if gradient is None or not gradient.is_sparse:
                continue
            table.grad = None
            state = optimizer.state[table]
            if not state:
                state["step"] = torch.zeros(())
                state["exp_avg"], state["exp_avg_sq"] = (
                    torch.zeros_like(table),
                    torch.zeros_like(table),
                )
            rows, values = gradient.indices()[0], gradient.values()
            bounds = torch.searchsorted(rows, torch.arange(0, len(table) + _ROWS, _ROWS)).tolist()
            parts = (
                one.detach().split(_ROWS) for one in (table, state["exp_avg"], state["exp_avg_sq"])
            )
            for number, (weights, mean, square, (begin, end)) in enumerate(
                zip(*parts, pairwise(bounds), strict=True)
            ):
                whole = torch.zeros_like(weights)
                whole[rows[begin:end] - number * _ROWS] = values[begin:end]
                adamw(
                    [weights],
                    [whole],
                    [mean],
                    [square],
                    [],
                    # The step counts itself up.
                    [state["step"].clone()],
                    fused=True,
                    amsgrad=False,
                    beta1=beta1,
                    beta2=beta2,
                    lr=group["lr"],
                    weight_decay=group["weight_decay"],
                    eps=group["eps"],
                    maximize=False,
                )
            state["step"] += 1
