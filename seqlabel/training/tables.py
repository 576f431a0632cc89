"""Steps of AdamW on tables of which a batch reads few rows; the optimizer itself is in `loop`.

A table's gradient is held for the rows that a batch has read, and Adam's moments for the rows that
any batch has read: for all rows of `en` they would take a fifth of a training's memory.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer
from torch.optim.adamw import adamw

from seqlabel.nn.embedders import HashedEmbedder

_ROWS = 2048
"""The rows that are stepped at once, so that what is computed stays in a processor's cache."""

_MOMENTS = ("exp_avg", "exp_avg_sq")
"""The names of Adam's moments in the state that torch keeps of a parameter."""

_ROW_MOMENTS = "row_moments"
"""The name in that state of the moments of some rows."""


class RowMoments:
    """Adam's two moments of the rows of a table that have had a gradient; all others have 0.

    Args:
        rows: The number of rows of the table.
        width: Their width.
    """

    def __init__(self, rows: int, width: int) -> None:
        self.rows = torch.zeros(0, dtype=torch.int64)
        """The numbers of the rows that have moments, in the order in which they came."""
        self._width = width
        # Where each row of the table stands in `rows`; -1 for a row without moments.
        self._places = torch.full((rows,), -1, dtype=torch.int32)
        # The means and squares of `_ROWS` rows at a time, so that nothing is copied when rows come.
        self._parts: list[tuple[Tensor, Tensor]] = []

    @classmethod
    def of_dense(cls, mean: Tensor, square: Tensor) -> "RowMoments":
        """Keep the moments of those rows of a whole table that are not 0.

        Args:
            mean: The first moment, (rows, width).
            square: The second moment, (rows, width).

        Returns:
            The moments of the rows.
        """
        moments = cls(*mean.shape)
        has_moments = mean.any(dim=1) | square.any(dim=1)
        moments.add(has_moments.nonzero()[:, 0])
        for rows, mean_part, square_part in moments.parts():
            mean_part.copy_(mean[rows])
            square_part.copy_(square[rows])
        return moments

    def dense(self) -> tuple[Tensor, Tensor]:
        """Return the first and the second moment of all rows, (rows, width)."""
        mean = torch.zeros(len(self._places), self._width)
        square = torch.zeros_like(mean)
        for rows, mean_part, square_part in self.parts():
            mean[rows] = mean_part
            square[rows] = square_part
        return mean, square

    def parts(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Give the rows and their moments in parts.

        Yields:
            The numbers of some rows, (part,), and their first and second moments (part, width),
            which are those kept here, not copies.
        """
        for rows, (mean, square) in zip(torch.split(self.rows, _ROWS), self._parts, strict=False):
            yield rows, mean[: len(rows)], square[: len(rows)]

    def places(self, rows: Tensor) -> Tensor:
        """Return where rows that have moments stand among all that have some.

        Args:
            rows: The numbers of the rows.

        Returns:
            Their places in `rows`, int64.
        """
        return self._places[rows].long()

    def without(self) -> Tensor:
        """Return for each row of the table whether it has no moments, (rows,)."""
        return self._places < 0

    def add(self, rows: Tensor) -> None:
        """Give rows moments of 0 where they have none.

        Args:
            rows: The numbers of the rows, each once.
        """
        new = rows[self._places[rows] < 0]
        if not len(new):
            return
        first = len(self.rows)
        count = first + len(new)
        self._places[new] = torch.arange(first, count, dtype=torch.int32)
        self.rows = torch.cat([self.rows, new])
        while len(self._parts) * _ROWS < count:
            mean = torch.zeros(_ROWS, self._width)
            self._parts.append((mean, torch.zeros_like(mean)))


def optimizer_tensors(state: Mapping[int, Mapping[str, Any]]) -> dict[str, Tensor]:
    """List the tensors of an optimizer's state, to be saved.

    Args:
        state: The state of each parameter by its number, as in `Optimizer.state_dict`.

    Returns:
        The tensors by the number of their parameter and their name, `0/exp_avg`. Where some rows
        of a table have moments, `0/rows` are their numbers and `0/exp_avg/0` those of the first
        rows. These are the tensors themselves, not copies.
    """
    tensors: dict[str, Tensor] = {}
    for number, values in state.items():
        for name, value in values.items():
            if name != _ROW_MOMENTS:
                tensors[f"{number}/{name}"] = value
                continue
            tensors[f"{number}/rows"] = value.rows
            for part, (_, *moments) in enumerate(value.parts()):
                for moment, tensor in zip(_MOMENTS, moments, strict=True):
                    tensors[f"{number}/{moment}/{part}"] = tensor
    return tensors


def load_optimizer(
    optimizer: Optimizer, tensors: Mapping[str, Tensor], groups: list[dict[str, Any]]
) -> None:
    """Restore the state of an optimizer.

    Args:
        optimizer: An optimizer of the same parameters.
        tensors: The tensors of `optimizer_tensors`.
        groups: The groups of parameters, as in `Optimizer.state_dict`.
    """
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, part = name.split("/", 1)
        state.setdefault(int(number), {})[part] = tensor

    parameters: list[Tensor] = []
    for group in optimizer.param_groups:
        parameters += group["params"]
    row_moments: dict[int, RowMoments] = {}
    for number_of_parameter, values in state.items():
        if "rows" in values:
            rows, width = parameters[number_of_parameter].shape
            row_moments[number_of_parameter] = _read_moments(values, rows, width)
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    for number_of_parameter, moments in row_moments.items():
        optimizer.state[parameters[number_of_parameter]][_ROW_MOMENTS] = moments


def _read_moments(values: dict[str, Tensor], rows: int, width: int) -> RowMoments:
    """Take the moments of some rows of a table out of its state.

    They keep their order, and rows whose moments are 0 stay among them: a step rounds a weight in
    another way where its row has no moments.
    """
    moments = RowMoments(rows, width)
    moments.add(values.pop("rows"))
    for part, (_, *kept) in enumerate(moments.parts()):
        for name, tensor in zip(_MOMENTS, kept, strict=True):
            tensor.copy_(values.pop(f"{name}/{part}"))
    return moments


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
    """Step the tables whose gradients are of some rows, as the optimizer would with whole ones.

    It forgets these gradients.

    Args:
        optimizer: The optimizer, which keeps their state; gradients are those of `clip_gradients`.
    """
    for group in optimizer.param_groups:
        for table in group["params"]:
            state = optimizer.state[table]
            if table.grad is not None and table.grad.is_sparse:
                _step_rows(table, state, group)
                table.grad = None
            elif table.grad is not None and _ROW_MOMENTS in state:
                # Read in another way too, so that the optimizer steps it.
                for name, moment in zip(_MOMENTS, state.pop(_ROW_MOMENTS).dense(), strict=True):
                    state[name] = moment.to(table.device)


def _step_rows(table: nn.Parameter, state: dict[str, Any], group: Mapping[str, Any]) -> None:
    """Step a table by the gradient of some rows; rows that never had one are only decayed."""
    assert table.grad is not None
    if _ROW_MOMENTS not in state:
        state.setdefault("step", torch.zeros(()))
        if _MOMENTS[0] in state:
            # Moments of all rows, from a step on whole gradients or an older file.
            state[_ROW_MOMENTS] = RowMoments.of_dense(*(state.pop(name) for name in _MOMENTS))
        else:
            state[_ROW_MOMENTS] = RowMoments(*table.shape)
    moments: RowMoments = state[_ROW_MOMENTS]
    rows = table.grad.indices()[0]
    moments.add(rows)

    # The gradient in the order of the moments, cut where their parts end.
    places, order = moments.places(rows).sort()
    values = table.grad.values().index_select(0, order)
    bounds = torch.searchsorted(places, torch.arange(0, len(moments.rows) + _ROWS, _ROWS)).tolist()

    weights = table.detach()
    beta1, beta2 = group["betas"]
    parts = zip(moments.parts(), pairwise(bounds), strict=True)
    for number, ((part_rows, mean, square), (begin, end)) in enumerate(parts):
        # `index_select` takes a sixth of the time of an index.
        part = weights.index_select(0, part_rows)
        gradient = torch.zeros_like(part)
        gradient.index_copy_(0, places[begin:end] - number * _ROWS, values[begin:end])
        adamw(
            [part],
            [gradient],
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
        weights.index_copy_(0, part_rows, part)
    if group["weight_decay"]:
        decay = 1 - group["lr"] * group["weight_decay"]
        weights.mul_(torch.where(moments.without(), decay, 1.0)[:, None])
    state["step"] += 1
