"""Several processes that train one model, each on its share of every batch's rows; one process is a group of itself.

Processes are started by `torchrun` or `accelerate launch`, which tell them of each other. Each carries the state of its
own rows. Gradients are added up, weighed by the predictions of the whole batch, so that the losses are those of one
process with the same batch.
"""

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Processes:
    """The number of this process and how many there are.

    Args:
        rank: The number of this process, from 0.
        size: The number of processes.
    """

    rank: int = 0
    size: int = 1

    @classmethod
    def joined(cls, device: torch.device) -> "Processes":
        """Join the processes that `torchrun` or `accelerate launch` started together with this one.

        Args:
            device: Where the model is; CUDA devices talk by NCCL, all others by gloo.

        Returns:
            This process among the others, or a group of itself where it was started alone.
        """
        if int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return cls()
        if not distributed.is_initialized():
            distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        return cls(distributed.get_rank(), distributed.get_world_size())

    @property
    def first(self) -> bool:
        """Whether this process writes and shows what all of them did."""
        return self.rank == 0

    def total(self, value: Tensor) -> Tensor:
        """Add up a tensor over all processes.

        Args:
            value: This process's tensor, of any shape; it is not changed.

        Returns:
            The sum, of the same shape.
        """
        if self.size > 1:
            value = value.clone()
            distributed.all_reduce(value)
        return value

    def parts(self, counts: Tensor | None, device: torch.device) -> Tensor:
        """Add up the counts of all processes.

        Args:
            counts: This process's counts (parts,); None where it has no rows.
            device: The device that the result is on.

        Returns:
            The sums (parts,).
        """
        if self.size == 1 and counts is not None:
            return counts
        width = torch.tensor(0 if counts is None else len(counts), device=device)
        distributed.all_reduce(width, distributed.ReduceOp.MAX)
        return self.total(torch.zeros(int(width), dtype=torch.int64, device=device) if counts is None else counts)

    def from_first(self, numbers: list[float | None]) -> list[float | None]:
        """Give every process the numbers that the first one has.

        Args:
            numbers: The first process's numbers; in the others, a list of the same length.

        Returns:
            The first process's numbers.
        """
        if self.size == 1:
            return numbers
        # NCCL sends what is on a GPU, gloo what is on a CPU.
        device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
        values = torch.tensor([math.nan if one is None else one for one in numbers], dtype=torch.float64, device=device)
        distributed.broadcast(values, src=0)
        return [None if math.isnan(value) else value for value in values.tolist()]

    def share_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the sum of all processes' gradients.

        Args:
            parameters: The parameters, whose gradients are replaced; a missing gradient counts as zeros. Frozen ones
                are left out.
        """
        if self.size == 1:
            return
        trained = [parameter for parameter in parameters if parameter.requires_grad]
        for parameter in trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        flat = torch.cat([parameter.grad.flatten() for parameter in trained if parameter.grad is not None])
        distributed.all_reduce(flat)
        parts = torch.split_with_sizes(flat, [parameter.numel() for parameter in trained])
        for parameter, part in zip(trained, parts, strict=True):
            parameter.grad = part.view_as(parameter)

    def start_alike(self, model: nn.Module) -> None:
        """Give every process the first one's weights.

        Args:
            model: The model, whose parameters and buffers are overwritten in all but the first process.
        """
        if self.size > 1:
            for tensor in model.state_dict().values():
                distributed.broadcast(tensor, src=0)

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            distributed.barrier()
