"""Weights of modules: copies of them, and a comparison bit by bit."""

import torch
from torch import nn


def weights_of(module):
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def same_weights(one, other):
    """Whether two modules, or what `weights_of` gave, have the same weights."""
    left, right = (
        part.state_dict() if isinstance(part, nn.Module) else part for part in (one, other)
    )
    return left.keys() == right.keys() and all(
        torch.equal(left[name], right[name]) for name in left
    )
