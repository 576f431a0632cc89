"""CUDA graphs: work on tensors of one shape, recorded once and replayed as one launch; when is for who uses them.

A small recurrent model spends most of a step on launching kernels. None of this has run on a GPU so far: the tests hold
the bookkeeping against the same work without graphs, on the CPU.

Shapes: batch, time, width.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.nn.states import State, flatten_state, restore_state

Work = Callable[..., Any]

MOST_SHAPES = 32
"""As many shapes are recorded; each keeps memory of its own, so that work on others is done without a graph."""

_WARM_UPS = 3


def record(work: Work, inputs: Sequence[Tensor]) -> Work:
    """Record work without gradients as a graph.

    Args:
        work: A function of tensors that returns a tensor and does not wait for the GPU.
        inputs: Tensors on the GPU, of the shapes that the graph is for.

    Returns:
        The same function, for tensors of these shapes alone.
    """
    inside = [one.clone() for one in inputs]
    stream = cast(Any, torch.cuda.Stream)()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(_WARM_UPS):
            work(*inside)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        outcome = work(*inside)

    def replay(*given: Tensor) -> Tensor:
        for place, tensor in zip(inside, given, strict=True):
            place.copy_(tensor)
        graph.replay()
        return cast(Tensor, outcome.clone())

    return replay


def record_learning(work: nn.Module, inputs: Sequence[Tensor]) -> Work:
    """Record a module's forward and backward pass as graphs; the arguments are those of `record`."""
    # Torch puts the recorded pass into the module, which has to serve for other shapes too.
    copied = copy(work)
    return cast(Work, torch.cuda.make_graphed_callables(copied, tuple(one.clone() for one in inputs)))


class ByShape:
    """Work on tensors, recorded for each shape in which it comes.

    Args:
        work: A function of tensors, or a module.
        record: The recorder: `record`, or `record_learning` for a module that learns.
    """

    def __init__(self, work: Work, record: Callable[[Any, Sequence[Tensor]], Work]) -> None:
        self._work, self._record = work, record
        self._recorded: dict[Any, Work] = {}

    def __call__(self, *inputs: Tensor) -> Any:
        """Do the work; the arguments and the result are those of the function."""
        key = tuple((one.shape, one.dtype) for one in inputs)
        if key not in self._recorded:
            if len(self._recorded) >= MOST_SHAPES:
                return self._work(*inputs)
            self._recorded[key] = self._record(self._work, inputs)
        return self._recorded[key](*inputs)


class _FlatModel(nn.Module):
    """A language model whose state comes and goes as tensors."""

    def __init__(self, model: nn.Module, nest: Any) -> None:
        super().__init__()
        self.model, self.nest = model, nest

    def forward(self, inputs: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        logits, after = self.model(inputs, restore_state(self.nest, list(state)))
        return logits, *flatten_state(after)[1]


class RecordedModel(nn.Module):
    """A language model that trains with its passes recorded; without a state it runs as it is.

    Args:
        model: A model `(inputs, state) → (logits, state)` whose state keeps its shape.
        record: The recorder.
    """

    def __init__(
        self, model: nn.Module, record: Callable[[nn.Module, Sequence[Tensor]], Work] = record_learning
    ) -> None:
        super().__init__()
        self.model = model
        self._record = record
        self._recorded: dict[str, ByShape] = {}

    def forward(self, inputs: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Run the model; the arguments and the result are those of the model."""
        nest, tensors = flatten_state(state)
        if not tensors:
            outcome: tuple[Tensor, State] = self.model(inputs, state)
            return outcome
        run = self._recorded.setdefault(str(nest), ByShape(_FlatModel(self.model, nest), self._record))
        logits, *after = run(inputs, *tensors)
        return logits, restore_state(nest, list(after))


def padded_to(rows: Tensor, lengths: Tensor, *, batch: int, time: int) -> tuple[Tensor, Tensor]:
    """Pad a batch so that its sizes are multiples of some numbers, and few shapes are met.

    Args:
        rows: Vectors (batch, time, width).
        lengths: The number of words of each row, (batch,).
        batch: The number of rows becomes a multiple of it.
        time: The number of places becomes a multiple of it.

    Returns:
        The vectors with zeros at the end of rows and in rows of one word at the end, and the lengths of all rows.
    """
    more_rows, more_places = -rows.shape[0] % batch, -rows.shape[1] % time
    return functional.pad(rows, (0, 0, 0, more_places, 0, more_rows)), functional.pad(lengths, (0, more_rows), value=1)
