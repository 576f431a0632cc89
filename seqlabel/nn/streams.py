"""Two recurrences next to each other: on a GPU in two streams, elsewhere in turn; the layers are in
`encoders`.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from seqlabel.nn.states import State, flatten_state

STREAMED = {"cuda"}
"""Kinds of devices that have streams."""

Read = Callable[[], tuple[Tensor, State]]
"""Reads rows, and returns hidden states and the state after the rows."""


def side_by_side(
    first: Read, second: Read, inputs: Sequence[Tensor]
) -> tuple[tuple[Tensor, State], tuple[Tensor, State]]:
    """Run two recurrences that do not need each other.

    A GRU over a few hundred rows leaves most of a GPU idle, so both fit. Autograd runs the backward
    pass of an operation in the stream of its forward pass, hence in two streams too.

    Args:
        first: Runs the recurrence whose random numbers are drawn first.
        second: Runs the other one.
        inputs: The tensors on the device that `second` reads, other than weights.

    Returns:
        What each of the two returns.
    """
    device = inputs[0].device
    if device.type not in STREAMED:
        return first(), second()

    module: Any = torch.get_device_module(device)
    here = module.current_stream(device)
    side = _side_stream(device)
    inputs_are_ready = here.record_event()
    read = first()
    side.wait_event(inputs_are_ready)
    with module.stream(side):
        read_aside = second()
    here.wait_stream(side)

    # The allocator may give memory to others only after both streams are done with it.
    for tensor in inputs:
        tensor.record_stream(side)
    hidden, state = read_aside
    for tensor in (hidden, *flatten_state(state)[1]):
        tensor.record_stream(here)
    return read, read_aside


@cache
def _side_stream(device: torch.device) -> Any:
    module: Any = torch.get_device_module(device)
    return module.Stream(device)
