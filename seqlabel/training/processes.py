"""Several processes that train one model: joining them, and what they exchange; one process is a
group of itself.

`accelerate launch`, `torchrun` or `run_processes` starts them. What each one reads is decided in
`loop`. Shapes: parts.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed, nn

from seqlabel.errors import OptionError, TrainingError
from seqlabel.names import needed

_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 5.0


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
    def joined(cls, device: str = "auto") -> "Processes":
        """Join the processes that were started together with this one, by the extra `distributed`
        (`accelerate`).

        Args:
            device: The name of the device of the training.

        Returns:
            This process among the others, or a group of itself where it was started alone.

        Raises:
            OptionError: `accelerate` is not installed.
        """
        if int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return cls()
        if not distributed.is_initialized():
            accelerate: Any = needed(
                "accelerate", needed_for="Training in several processes", extra="distributed"
            )
            accelerate.PartialState(cpu=device == "cpu" or not torch.cuda.is_available())
            # Threads of gloo that still run when the interpreter ends would abort the process.
            atexit.register(distributed.destroy_process_group)
        return cls(distributed.get_rank(), distributed.get_world_size())

    @property
    def first(self) -> bool:
        """Whether this process shows and saves what all of them did."""
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
            with _others():
                distributed.all_reduce(value)
        return value

    def total_counts(self, counts: Tensor | None, device: torch.device) -> Tensor:
        """Add up the counts of all processes.

        Args:
            counts: This process's counts (parts,); None where it has no batch.
            device: The device of the result.

        Returns:
            The sums (parts,).
        """
        if self.size == 1 and counts is not None:
            return counts
        width = torch.tensor(0 if counts is None else len(counts), device=device)
        with _others():
            distributed.all_reduce(width, distributed.ReduceOp.MAX)
        return self.total(
            torch.zeros(int(width), dtype=torch.int64, device=device) if counts is None else counts
        )

    def from_first(self, value: Any) -> Any:
        """Give every process a plain value that the first one has.

        Args:
            value: The first process's value; anything in the others.

        Returns:
            The first process's value.
        """
        if self.size == 1:
            return value
        values = [value]
        with _others():
            distributed.broadcast_object_list(values, src=0)
        return values[0]

    def gathered(self, value: Any) -> list[Any]:
        """Collect a value of each process.

        Args:
            value: This process's value: tensors on the CPU, in tuples and lists.

        Returns:
            The values of all processes, by rank.
        """
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        with _others():
            distributed.all_gather_object(values, value)
        return values

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the sum of all processes' gradients.

        Args:
            parameters: The parameters; a missing gradient counts as zeros, and frozen parameters
                are left out.
        """
        if self.size == 1:
            return
        trained = [parameter for parameter in parameters if parameter.requires_grad]
        gradients = [torch.zeros_like(one) if one.grad is None else one.grad for one in trained]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        with _others():
            distributed.all_reduce(flat)
        parts = torch.split_with_sizes(flat, [parameter.numel() for parameter in trained])
        for parameter, part in zip(trained, parts, strict=True):
            parameter.grad = part.view_as(parameter)

    def start_alike(self, model: nn.Module) -> None:
        """Give every process the first one's weights.

        Args:
            model: The model, whose parameters and buffers are overwritten in all but the first
                process.
        """
        if self.size > 1:
            with _others():
                for tensor in model.state_dict().values():
                    distributed.broadcast(tensor, src=0)

    def check_alike(self, values: Mapping[str, Any]) -> None:
        """Compare plain values of all processes, such as options and a checksum of the data.

        Args:
            values: This process's values by name.

        Raises:
            TrainingError: A process has other values than the first one; all processes raise it.
        """
        of_first, *of_others = self.gathered(dict(values))
        for rank, others in enumerate(of_others, 1):
            different = sorted(name for name in of_first if others.get(name) != of_first[name])
            if different:
                raise TrainingError(
                    f"{', '.join(different)}: expected the same in all processes, got others in "
                    f"process {rank}. Start each process with the same options and data."
                )

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            with _others():
                distributed.barrier()


@contextmanager
def _others() -> Iterator[None]:
    """Turn the error of torch for a process that is gone into one that says so."""
    try:
        yield
    except RuntimeError as error:
        first_line = str(error).partition("\n")[0][:200]
        raise TrainingError(
            f"Another process of this training ended, so this one ends too ({first_line}). See the "
            "other one's error, then resume."
        ) from error


def run_processes(count: int, command: Sequence[str]) -> int:
    """Run a command in several processes on this machine, which find each other as those of
    `torchrun` do.

    When one fails, the others are ended.

    Args:
        count: The number of processes, at least 1.
        command: The program and its arguments.

    Returns:
        The exit status: 0, or that of the process that failed first.

    Raises:
        OptionError: `count` is below 1.
    """
    if count < 1:
        raise OptionError(f"processes: expected a number of processes from 1 on, got {count}.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    threads = os.environ.get("OMP_NUM_THREADS") or str(max((os.cpu_count() or 1) // count, 1))
    running: list[subprocess.Popen[bytes]] = []
    try:
        for rank in range(count):
            own = {"RANK": str(rank), "LOCAL_RANK": str(rank), "OMP_NUM_THREADS": threads}
            running.append(subprocess.Popen(list(command), env={**os.environ, **shared, **own}))
        while True:
            statuses = [process.poll() for process in running]
            failed = [status for status in statuses if status]
            if failed:
                # The others find out by themselves, and the first one says it.
                _wait(running, _GRACE_SECONDS)
                said = running[0].returncode
                if not said or said < 0:
                    rank = next(rank for rank, status in enumerate(statuses) if status)
                    message = (
                        f"seqlabel: process {rank} of {count} ended with status "
                        f"{statuses[rank]}; all are ended."
                    )
                    print(message, file=sys.stderr, flush=True)
                return failed[0]
            if None not in statuses:
                return 0
            time.sleep(_LOOK_SECONDS)
    finally:
        _end(running)


def _end(running: Sequence["subprocess.Popen[bytes]"]) -> None:
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    _wait(running, _GRACE_SECONDS)
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait(running: Sequence["subprocess.Popen[bytes]"], seconds: float) -> None:
    """Wait until all have ended, some seconds at most."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(process.poll() is None for process in running):
        time.sleep(_LOOK_SECONDS)


def own_command() -> list[str]:
    """Return the command line that starts this package's command again with the same arguments."""
    return [sys.executable, "-m", "seqlabel", *sys.argv[1:]]


@contextmanager
def started(count: int) -> Iterator[int | None]:
    """Start a command again in several processes, or hush one that was started so and is not the
    first.

    Args:
        count: The number of processes; 1 for this one alone.

    Yields:
        The exit status of the processes, which have ended; None where this one is to do the work.
    """
    if count > 1 and "WORLD_SIZE" not in os.environ:
        needed("accelerate", needed_for="Training in several processes", extra="distributed")
        yield run_processes(count, own_command())
    elif int(os.environ.get("RANK", "0")):
        # Only the first process prints; should another one fail alone, the parent reports it.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        os.close(nowhere)
        yield None
    else:
        yield None
