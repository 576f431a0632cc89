"""Recurrent state as a value: a tensor, a tuple of states, or None; models take one and return one, and keep none.

A tuple may be nested, so a model with a memory beside its encoder returns `(encoder_state, memory)`.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor

State = Tensor | tuple[Any, ...] | None
"""A tensor, a tuple of states, or None for the state before the first word."""


def map_state(change: Callable[[Tensor], Tensor], state: State) -> State:
    """The same nest of tuples with every tensor changed."""
    if state is None:
        return None
    if isinstance(state, Tensor):
        return change(state)
    return tuple(map_state(change, part) for part in state)


def detach_state(state: State) -> State:
    """The same state, through which no gradient flows: what truncated back-propagation carries on."""
    return map_state(Tensor.detach, state)


def flatten_state(state: State) -> tuple[Any, list[Tensor]]:
    """A JSON description of the nest (a list for a tuple, the tensor's number, or null) and its tensors in order."""
    tensors: list[Tensor] = []

    def describe(part: State) -> Any:
        if part is None:
            return None
        if isinstance(part, Tensor):
            tensors.append(part)
            return len(tensors) - 1
        return [describe(inner) for inner in part]

    return describe(state), tensors


def restore_state(description: Any, tensors: list[Tensor]) -> State:
    """The inverse of `flatten_state`."""
    if description is None:
        return None
    if isinstance(description, int):
        return tensors[description]
    return tuple(restore_state(part, tensors) for part in description)
