"""The cross-entropy of many words over a large vocabulary, as one step that is fast on a CPU; scores come from `heads`.

Shapes: words, classes.
"""

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

_ROWS = 128
"""Rows whose numbers stay in a processor's cache from one operation to the next."""


def summed_cross_entropy(scores: Tensor, targets: Tensor) -> Tensor:
    """Sum up the cross-entropy of words.

    The gradient is known as soon as the probabilities are, and is kept instead of them, in the scores' own type. Torch
    computes in 32 bits from copies of all scores, twice the exponentials, and keeps both: on a CPU that takes almost
    twice as long.

    Args:
        scores: Scores, (words, classes).
        targets: The right class of each word, (words,).

    Returns:
        The sum in nats, (), float32.
    """
    if scores.device.type != "cpu" or not torch.is_grad_enabled():
        return functional.cross_entropy(scores.float(), targets, reduction="sum")
    apply: Any = _CrossEntropy.apply  # Some releases of torch give it a type, others none.
    return cast(Tensor, apply(scores, targets))


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, scores: Tensor, targets: Tensor) -> Tensor:
        gradient, total = torch.empty_like(scores), torch.zeros(())
        for start in range(0, len(scores), _ROWS):
            rows = slice(start, start + _ROWS)
            some, right = scores[rows], targets[rows, None]
            chances = some.softmax(dim=1, dtype=torch.float32)
            # Of the right class, from the likeliest one's: its own chance may be too small for a number.
            above = some.gather(1, right).float() - some.amax(dim=1, keepdim=True).float()
            total -= (above + chances.amax(dim=1, keepdim=True).log()).sum()
            chances.scatter_add_(1, right, chances.new_full(right.shape, -1.0))
            gradient[rows] = chances
        context.save_for_backward(gradient)
        return total

    @staticmethod
    @once_differentiable
    def backward(context: Any, incoming: Tensor) -> tuple[Tensor, None]:
        (gradient,) = context.saved_tensors
        return gradient * incoming, None
