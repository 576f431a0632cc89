"""Gated recurrent units on a CPU with a backward pass of their own, several side by side; modules
are in `encoders`.

torch records each step of a GRU on a CPU by itself, with a gradient of all its weights. Here a step
back is one product and two element-wise operations, and the gradient of the weights is one product
over all words (back-propagation through time; Werbos 1990). Shapes: time, ways (recurrences side by
side), batch, width.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from seqlabel.nn.products import product_rows


class GRUWeights(NamedTuple):
    """One layer in one direction: `read` (3 · width, input width), `carry` (3 · width, width),
    biases (3 · width,).
    """

    read: Tensor
    carry: Tensor
    read_bias: Tensor
    carry_bias: Tensor


def trained_weights(stack: nn.Module, vectors: Tensor) -> GRUWeights | None:
    """Give the weights of a GRU that `step_through` trains faster than torch.

    Args:
        stack: Recurrent layers.
        vectors: The vectors to read, (batch, time, input width).

    Returns:
        The weights, if the stack is one layer of GRU and reads on a CPU for a gradient; None
        otherwise.
    """
    if (
        not isinstance(stack, nn.GRU)
        or stack.num_layers > 1
        or stack.bidirectional
        or not stack.bias
    ):
        return None
    if not torch.is_grad_enabled() or vectors.device.type != "cpu" or not vectors.shape[1]:
        return None
    return GRUWeights(*stack.all_weights[0])


def step_through(
    gates: Sequence[Tensor], layers: Sequence[GRUWeights], initial: Tensor | None = None
) -> Tensor:
    """Run GRUs of the same width side by side, each over its own input.

    Products are of autocast's dtype where that is on; everything else is of the weights' dtype.

    Args:
        gates: For each way what the words contribute to its gates, `read · x + read_bias`, (batch,
            time, 3 · width).
        layers: The weights for each way.
        initial: The states (ways, batch, width) before the first word; None for zeros.

    Returns:
        The states (ways, batch, time, width) after each word.
    """
    weights = torch.stack([layer.carry for layer in layers])
    bias = torch.stack([layer.carry_bias for layer in layers])
    if initial is None:
        initial = weights.new_zeros(len(layers), len(gates[0]), weights.shape[2])
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else weights.dtype
    states = _recurrence(torch.stack(list(gates)).movedim(2, 0), weights, bias, initial, dtype)
    return states.movedim(0, 2)


class _Recurrence(Function):
    """States (time, ways, batch, width) of the gates' inputs (time, ways, batch, 3 · width), gates
    in torch's order.

    Weights (ways, 3 · width, width), bias (ways, 3 · width), initial states (ways, batch, width).
    """

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, weights: Tensor, bias: Tensor, initial: Tensor, dtype: torch.dtype
    ) -> Tensor:
        width = weights.shape[2]
        precise = weights.dtype
        # Reset and update gates and the candidate: first the words' part, then their values in
        # place.
        gates = torch.empty(inputs.shape, dtype=precise).copy_(inputs)

        time, ways, batch = inputs.shape[:3]
        rows = product_rows(batch, dtype)
        recurrent = torch.empty(time, ways, rows, 3 * width, dtype=dtype)
        carried = torch.zeros(ways, rows, width, dtype=dtype)
        states = torch.empty(*gates.shape[:3], width, dtype=precise)
        across = weights.to(dtype).transpose(1, 2).contiguous()
        shift = bias.to(dtype)[:, None]
        state = initial
        for gate, product, into in zip(
            gates.unbind(), recurrent.unbind(), states.unbind(), strict=True
        ):
            carried[:, :batch] = state
            torch.baddbmm(shift, carried, across, out=product)
            recurrent_part = product[:, :batch]
            reset_update = gate[..., : 2 * width]
            candidate = gate[..., 2 * width :]
            reset_update.add_(recurrent_part[..., : 2 * width]).sigmoid_()
            candidate.addcmul_(reset_update[..., :width], recurrent_part[..., 2 * width :])
            # tanh(x) = 2 σ(2x) - 1: a sigmoid takes a seventh of the time of a tanh.
            candidate.mul_(2).sigmoid_().mul_(2).sub_(1)
            state = torch.lerp(candidate, state, reset_update[..., width:], out=into)

        ctx.save_for_backward(
            gates, recurrent[:, :, :batch, 2 * width :].clone(), states, initial, weights
        )
        ctx.dtype = dtype
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        gates, recurrent_part, states, initial, weights = ctx.saved_tensors
        dtype = ctx.dtype
        width = weights.shape[2]
        reset, update, candidate = gates.chunk(3, dim=-1)
        before = torch.cat([initial[None], states[:-1]])

        # What a gradient of a state is multiplied by, to be one of each gate before its
        # non-linearity.
        factors = torch.empty_like(gates)
        to_reset, to_update, to_recurrent = factors.chunk(3, dim=-1)
        to_candidate = (1 - update) * (1 - candidate * candidate)
        torch.mul(to_candidate, reset, out=to_recurrent)
        torch.mul(to_recurrent, recurrent_part, out=to_reset).mul_(1 - reset)
        torch.mul(before - candidate, update, out=to_update).mul_(1 - update)

        of_states = gradient.to(weights.dtype, copy=True)
        ways, batch = initial.shape[:2]
        rows = product_rows(batch, dtype)
        of_recurrent = torch.zeros(len(gates), ways, rows, 3 * width, dtype=dtype)
        across = weights.to(dtype)
        of_initial = torch.zeros_like(initial)
        factors = factors.view(-1, ways, batch, 3, width)
        for time in range(len(gates) - 1, -1, -1):
            here = of_states[time]
            torch.mul(
                here[:, :, None],
                factors[time],
                out=of_recurrent[time].view(ways, rows, 3, width)[:, :batch],
            )
            further = of_states[time - 1] if time else of_initial
            further.addcmul_(here, update[time]).add_(
                torch.bmm(of_recurrent[time], across)[:, :batch]
            )

        of_recurrent = of_recurrent[:, :, :batch]
        flat = _rows_of_ways(of_recurrent, dtype)
        read = _rows_of_ways(before, dtype)
        of_weights = torch.bmm(flat.transpose(1, 2), read).to(weights.dtype)
        of_bias = of_recurrent.sum(dim=(0, 2), dtype=weights.dtype)
        of_inputs = of_recurrent.clone()
        torch.mul(of_states, to_candidate, out=of_inputs[..., 2 * width :])
        return of_inputs, of_weights, of_bias, of_initial, None


def _rows_of_ways(values: Tensor, dtype: torch.dtype) -> Tensor:
    """Values (time, ways, batch, width) as rows of each way, (ways, rows, width), in 16 bits with
    rows of zeros.
    """
    time, ways, batch, width = values.shape
    count = time * batch
    rows = product_rows(count, dtype)
    flat = torch.empty(ways, rows, width, dtype=dtype)
    flat[:, :count].view(ways, time, batch, width).copy_(values.transpose(0, 1))
    flat[:, count:] = 0
    return flat


_recurrence: Callable[[Tensor, Tensor, Tensor, Tensor, torch.dtype], Tensor] = _Recurrence.apply
