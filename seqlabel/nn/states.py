"""Recurrent state as a value: a tensor, a tuple of states, or None; no module stores a state.

Models take a state and return one. A tuple may be nested: a model with an encoder and a memory
returns `(encoder_state, memory)`.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor

State = Tensor | tuple[Any, ...] | None
"""A tensor, a tuple of states, or None for the state before the first word."""


def map_state(change: Callable[[Tensor], Tensor], state: State) -> State:
    """Apply a function to every tensor of a state.

    Args:
        change: The function.
        state: The state.

    Returns:
        The same nest of tuples with every tensor changed.
    """
    if state is None:
        return None
    if isinstance(state, Tensor):
        return change(state)
    return tuple(map_state(change, part) for part in state)


def detach_state(state: State) -> State:
    """Cut a state from the graph of the words before, as truncated back-propagation does between
    pieces of a text.

    Args:
        state: The state.

    Returns:
        The same state, through which no gradient flows.
    """
    return map_state(Tensor.detach, state)


def flatten_state(state: State) -> tuple[Any, list[Tensor]]:
    """Separate the tensors of a state from its nest of tuples, so that both can be written to a
    file.

    Args:
        state: The state.

    Returns:
        A JSON description of the nest (a list for a tuple, the number of a tensor, or null), and
        the tensors in order.
    """
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
    """Build a state from what `flatten_state` returned.

    Args:
        description: The description of the nest.
        tensors: The tensors, in order.

    Returns:
        The state.
    """
    if description is None:
        return None
    if isinstance(description, int):
        return tensors[description]
    return tuple(restore_state(part, tensors) for part in description)
