"""The training loop: `fit` yields one report per epoch, `evaluate` measures; other work between
epochs is the caller's.

The loop carries the recurrent state from batch to batch and cuts the gradient there (truncated
back-propagation through time; Williams and Peng 1990). It knows no task: an objective says what a
step minimises, and the model, the batches and the state go through it unseen.
"""

import inspect
import math
import os
import random
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from itertools import islice
from types import MethodType
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LRScheduler

from seqlabel.errors import (
    OptionError,
    TrainingError,
    check_number,
    check_strings,
    check_type,
    choose,
)
from seqlabel.nn.layers import evaluating
from seqlabel.nn.states import State, detach_state, map_state
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.training.averaging import WeightAverage
from seqlabel.training.checkpoints import Checkpoints, highest_score, new_checkpoint
from seqlabel.training.devices import choose_device, multiplies_bfloat16, multiplies_float16
from seqlabel.training.feeding import Feed
from seqlabel.training.memory import return_free_memory
from seqlabel.training.objectives import Objective, Step, next_word
from seqlabel.training.processes import Processes
from seqlabel.training.progress import Display, EpochReport, EpochTable
from seqlabel.training.resuming import Progress, load_training, save_training
from seqlabel.training.schedules import OneCycle
from seqlabel.training.tables import clip_gradients, gradients_of_rows, step_tables


class Batch(Protocol):
    """Rows that can move to a device."""

    def to(self, device: torch.device) -> Any:
        """Move the batch to a device.

        Args:
            device: The device.

        Returns:
            The same batch there.
        """
        ...


BatchT = TypeVar("BatchT", bound=Batch)
BatchT_co = TypeVar("BatchT_co", bound=Batch, covariant=True)


class BatchSource(Protocol[BatchT_co]):
    """Batches that the number of the epoch alone determines, so that a training can be resumed
    anywhere.

    They may be asked for more than once, and draw nothing from global random numbers.
    """

    def __len__(self) -> int: ...

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[BatchT_co]:
        """Give the batches of an epoch.

        Args:
            epoch: The number of the epoch, from 0.
            start: The number of the first batch, from 0.

        Returns:
            The batches from number `start` on.
        """
        ...


class Precision(StrEnum):
    """The arithmetic of the forward and backward pass; weights stay float32."""

    AUTO = "auto"
    """bfloat16 where the GPU has instructions for it, or where it was measured faster on the CPU;
    float16 on GPUs that have it alone (V100, T4); else float32."""
    FLOAT32 = "no"
    BFLOAT16 = "bf16"
    FLOAT16 = "fp16"
    """The loss is scaled, so that small gradients are not lost (Micikevicius et al. 2018). Made for
    GPUs: a CPU takes long."""

    def chosen(self, device: torch.device) -> "Precision":
        """Say what `AUTO` is on a device.

        Args:
            device: The device that the model is on.

        Returns:
            `BFLOAT16`, `FLOAT16` or `FLOAT32`; the others are themselves.
        """
        if self is not Precision.AUTO:
            return self
        if multiplies_bfloat16(device):
            return Precision.BFLOAT16
        return Precision.FLOAT16 if multiplies_float16(device) else Precision.FLOAT32

    @property
    def dtype(self) -> torch.dtype:
        """The type of the numbers that are multiplied."""
        return _DTYPES[self]


_DTYPES = {
    Precision.FLOAT32: torch.float32,
    Precision.BFLOAT16: torch.bfloat16,
    Precision.FLOAT16: torch.float16,
}


@dataclass(frozen=True)
class TrainingOptions:
    """The numbers of a training: Adam with decoupled weight decay (Loshchilov and Hutter 2019) on
    one cycle.

    The defaults of Adam are the lesson's; its first beta is the schedule's momentum.

    Args:
        epochs: Passes over the batches, at least 1.
        schedule: The learning rate and momentum of each step.
        weight_decay: The share of each weight, times the learning rate, that a step takes off.
        beta2: Adam's second beta, from 0 up to, but not including, 1.
        eps: Adam's epsilon, which is added to the denominator.
        max_grad_norm: The norm to which gradients are clipped; None does not clip.
        seed: The seed of all random numbers, from 0 to 2³² - 1.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`; all but the CPU are untested so far.
        precision: The arithmetic of the forward and backward pass.
        lr_scales: Factors of the learning rate by the name of a part of the model, such as
            `embedder` (discriminative rates; Howard and Ruder 2018). Of a part and a part of it,
            the longer name counts.
        average: The share of all steps over which an exponential moving average of the weights
            reaches back, between 0 and 1; evaluation and checkpoints use the average. None for no
            average.
        patience: The number of epochs without a better score after which training stops; None for
            no such limit.
        accumulation: The number of batches that each process learns from in a step, each from a
            stretch of the epoch of its own, so that every stretch carries its state on. One process
            that accumulates two learns what two learn.
        ahead: The number of steps whose batches a thread makes, and sends to the device, while it
            computes; the result is the same for any number. None for 2 on a GPU and 0, no thread,
            on a CPU, whose core has no time to spare.

    Raises:
        OptionError: A value is out of its range.
    """

    epochs: int = 10
    schedule: OneCycle = field(default_factory=OneCycle)
    weight_decay: float = 0.01
    beta2: float = 0.99
    eps: float = 1e-5
    max_grad_norm: float | None = None
    seed: int = 0
    device: str = "auto"
    precision: Precision = Precision.FLOAT32
    lr_scales: Mapping[str, float] = field(default_factory=dict)
    average: float | None = None
    patience: int | None = None
    accumulation: int = 1
    ahead: int | None = None

    def __post_init__(self) -> None:
        self._check_types()
        if self.epochs < 1:
            raise OptionError(
                "epochs: expected a number of passes over the corpus, at least 1, got "
                f"{self.epochs}."
            )
        if self.max_grad_norm is not None and not self.max_grad_norm > 0:
            raise OptionError(
                f"max_grad_norm: expected a number above 0, or None, got {self.max_grad_norm}."
            )
        if not 0 <= self.beta2 < 1:
            raise OptionError(
                f"beta2: expected a number from 0 up to, but not including, 1, got {self.beta2}."
            )
        if self.average is not None and not 0 < self.average < 1:
            raise OptionError(
                "average: expected a share of all steps between 0 and 1, or None, got "
                f"{self.average}."
            )
        if self.patience is not None and self.patience < 1:
            raise OptionError(
                f"patience: expected a number of epochs, at least 1, or None, got {self.patience}."
            )
        for part, scale in sorted(self.lr_scales.items()):
            if not 0 <= scale < math.inf:
                raise OptionError(
                    "lr_scales: expected a factor of the learning rate, 0 or above, got "
                    f"{scale} for {part!r}."
                )
        if self.accumulation < 1:
            raise OptionError(
                f"accumulation: expected a number of batches from 1 on, got {self.accumulation}."
            )
        if self.ahead is not None and self.ahead < 0:
            raise OptionError(f"ahead: expected a number of steps from 0 on, got {self.ahead}.")
        if not 0 <= self.seed < 2**32:
            raise OptionError(
                f"seed: expected a whole number from 0 to {2**32 - 1:,}, got {self.seed}."
            )
        object.__setattr__(self, "precision", choose(Precision, "precision", self.precision))

    def _check_types(self) -> None:
        for name in ("epochs", "seed", "accumulation"):
            check_number(name, getattr(self, name), "a whole number", whole=True)
        for name in ("patience", "ahead"):
            check_number(name, getattr(self, name), "a whole number", whole=True, optional=True)
        for name in ("weight_decay", "beta2", "eps"):
            check_number(name, getattr(self, name), "a number")
        for name in ("max_grad_norm", "average"):
            check_number(name, getattr(self, name), "a number", optional=True)
        check_type("schedule", self.schedule, OneCycle, "a schedule such as OneCycle(0.004)")
        check_type("device", self.device, str, "the name of a device, such as 'cpu'")
        check_type("lr_scales", self.lr_scales, Mapping, "a mapping such as {'embedder': 0.3}")
        check_strings("lr_scales", self.lr_scales, "names of parts")
        for part, scale in self.lr_scales.items():
            check_number(f"lr_scales of {part!r}", scale, "a number")

    def with_rate(self, factor: float) -> "TrainingOptions":
        """Copy the options with another learning rate.

        Args:
            factor: What the highest rate of the schedule is multiplied by.

        Returns:
            The options; the same ones for a factor of 1.
        """
        if factor == 1:
            return self
        return replace(self, schedule=replace(self.schedule, max_lr=factor * self.schedule.max_lr))


@dataclass(frozen=True)
class Evaluation:
    """A model's scores on held-out batches.

    Args:
        loss: The mean loss in nats.
        accuracy: The share of right predictions; None where the objective does not count them.
        count: The number of predictions.
        score: A measure that batches do not show, such as the F1 of spans; None where there is
            none.
    """

    loss: float
    accuracy: float | None
    count: int
    score: float | None = None

    @property
    def perplexity(self) -> float:
        """e to the loss."""
        return math.exp(min(self.loss, 700.0))


def fit(
    model: nn.Module,
    train: BatchSource[BatchT],
    valid: BatchSource[BatchT] | None = None,
    *,
    options: TrainingOptions,
    objective: Objective[Any] = next_word,
    validate: Callable[[], Evaluation] | None = None,
    checkpoints: Checkpoints | None = None,
    display: Display = Display.AUTO,
) -> Iterator[EpochReport]:
    """Train `model` in place, yielding a report after each epoch; nothing happens until the
    iterator is asked.

    State starts as None at every epoch and before validation. With `options.average` the model
    holds the averages whenever it is validated or saved, and whenever a report is yielded. In
    several processes, which `accelerate launch` or `torchrun` starts, each iterates over `fit`, and
    reads a stretch of every epoch; the first one validates, shows and saves.

    Args:
        model: The model to train; it is moved to the device of the options.
        train: The batches of every epoch.
        valid: Held-out batches that are evaluated after each epoch; None for no validation.
        options: The numbers of the training.
        objective: The loss that a step minimises.
        validate: A measurement of the model to make after each epoch instead of the evaluation of
            `valid`.
        checkpoints: Where to save. With its `resume`, the reports of epochs that were already done
            are yielded again first, so that a caller sees what an uninterrupted run would have
            shown it.
        display: How reports are shown.

    Returns:
        An iterator over the report of each epoch. It warns if it is dropped before it was asked for
        one.

    Raises:
        OptionError: For a device that this machine lacks, or a precision that it does not have.
        CheckpointError: For a training that cannot be taken up.
        TrainingError: When the loss is not finite.
    """
    return _Epochs(
        _epochs(
            model,
            train,
            valid,
            options=options,
            objective=objective,
            validate=validate,
            checkpoints=checkpoints,
            display=display,
        )
    )


class _Epochs(Generator[EpochReport, None, None]):
    """The reports of a training, which warns when it is dropped before the first one was asked
    for.
    """

    def __init__(self, reports: Generator[EpochReport, None, None]) -> None:
        self._reports = reports
        self._was_asked = False

    def _repr_html_(self) -> str:
        if self._was_asked:
            return "<div>A training that has begun: iterate over it for the next epochs.</div>"
        return (
            "<div>A training that has not begun: <code>list(fit(…))</code> trains, and "
            "shows each epoch here.</div>"
        )

    def send(self, value: None, /) -> EpochReport:
        """Train an epoch; see generators of Python."""
        self._was_asked = True
        return self._reports.send(value)

    def throw(self, *error: Any) -> EpochReport:
        """End the training, as `close` does; see generators of Python."""
        self._was_asked = True
        return self._reports.throw(*error)

    def __del__(self) -> None:
        if not self._was_asked and not sys.is_finalizing():
            warnings.warn(
                "fit(...) was called and its reports were not asked for, so nothing was trained. "
                "Write `for report in fit(...)` or `list(fit(...))`.",
                stacklevel=2,
            )


def _epochs(
    model: nn.Module,
    train: BatchSource[BatchT],
    valid: BatchSource[BatchT] | None = None,
    *,
    options: TrainingOptions,
    objective: Objective[Any],
    validate: Callable[[], Evaluation] | None,
    checkpoints: Checkpoints | None,
    display: Display,
) -> Generator[EpochReport, None, None]:
    """Yield the report of each epoch; see `fit`."""
    device = choose_device(options.device)
    scored = validate is not None
    training = _start(model, train, options, objective, validate, checkpoints, device)
    if valid is not None and validate is None:

        def measure() -> Evaluation:
            with autocast(device, training.precision):
                return evaluate(model, valid, objective=objective)

        training.validate = measure
    table = EpochTable(
        display if training.processes.first else Display.SILENT,
        total_steps=training.total_steps,
        first_step=training.done,
        steps_an_epoch=training.steps_an_epoch,
        scored=scored,
    )
    try:
        with table:
            for report in training.progress.reports:
                table.show(report)
                yield report
            while not training.is_over():
                report = training.epoch(table)
                table.show(report)
                yield report
    finally:
        training.release()


_PRODUCTS_KEPT = "24"
"""Compiled products that torch keeps, of 0.4 MB each; it would keep 1,024.

A training has some 60 (`nn.products`) and uses few most of the time. To compile them takes a tenth
of a second per 100,000 words.
"""

_STEPS_PER_TRIM = 8
"""Steps after which memory that they have freed goes back to the system."""

_STEPS_AHEAD = 2
"""Steps whose batches wait on a GPU: the one that comes next, and one more for a batch that takes
longer to make.
"""

_STEPS_BETWEEN = 10
"""Steps after which several processes agree whether it is time to save."""

_LEAST_SHARE = 20
"""A training continues for this many times the time of a save before it saves again by time."""


def _keep_few_products() -> None:
    """Set how many compiled products torch keeps, which it reads at its first product in
    bfloat16.
    """
    for name in ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"):
        os.environ.setdefault(name, _PRODUCTS_KEPT)


def _seed(seed: int) -> None:
    """Seed every source of random numbers that a model may use."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


@dataclass(frozen=True)
class _Update:
    """What changes the weights in a step.

    Args:
        optimizer: Changes them by their gradients.
        scheduler: Sets the optimizer's learning rate for each step.
        average: The average of the weights; None without one.
        scaler: Scales losses in float16, so that small gradients are not lost; in other precisions
            it does nothing.
    """

    optimizer: AdamW
    scheduler: LRScheduler
    average: WeightAverage | None
    scaler: torch.amp.GradScaler


@dataclass
class _Training:
    """A training under way.

    Args:
        model: The model, on the device.
        train: The batches of every epoch.
        options: The numbers of the training.
        objective: The loss that a step minimises.
        validate: Measures the model after each epoch.
        checkpoints: Where to save.
        device: The device.
        processes: The processes that train the model together.
        stretches: The batches of an epoch, as the processes share them.
        comparable: Plain values that must be the same when the training is resumed.
        precision: The precision of its products.
        update: What changes the weights.
        progress: How far the training is.
    """

    model: nn.Module
    train: BatchSource[Any]
    options: TrainingOptions
    objective: Objective[Any]
    validate: Callable[[], Evaluation] | None
    checkpoints: Checkpoints | None
    device: torch.device
    processes: Processes
    stretches: "_Stretches"
    comparable: Mapping[str, Any]
    precision: Precision
    update: _Update
    progress: Progress
    saved: float = field(default_factory=time.monotonic, init=False)
    """When `last` was written, or the training began."""
    saving: float = field(default=0.0, init=False)
    """The seconds that it took to write `last`."""

    @property
    def steps_an_epoch(self) -> int:
        """The steps of an epoch."""
        return self.stretches.steps

    @property
    def total_steps(self) -> int:
        """The steps of all epochs."""
        return self.options.epochs * self.steps_an_epoch

    @property
    def done(self) -> int:
        """The steps that are done, of all epochs."""
        return self.progress.epoch * self.steps_an_epoch + self.progress.step

    def release(self) -> None:
        """Give back what only a further step would need: three times the memory of the weights.

        The optimizer refers to itself, so that the memory would be held until Python looks for such
        circles.
        """
        self.update.optimizer.state.clear()
        self.update = replace(self.update, average=None)
        return_free_memory()

    def is_over(self) -> bool:
        """Whether all epochs are done, or no better score came for too long."""
        best_of = self.checkpoints.score if self.checkpoints is not None else highest_score
        over = self.progress.epoch >= self.options.epochs
        return over or _has_stalled(self.progress.reports, best_of, self.options.patience)

    def epoch(self, table: EpochTable) -> EpochReport:
        """Train on the rest of an epoch, validate and save."""
        use_one_thread_after_fork()
        progress = self.progress
        average = self.update.average
        if average is not None and average.in_model:
            average.swap()
        began = time.perf_counter() - progress.seconds
        self.model.train()
        with self.feed() as steps:
            for batches in steps:
                self.step(batches)
                if self.done % _STEPS_PER_TRIM == 0:
                    return_free_memory()
                table.step()
                if progress.step < self.steps_an_epoch and self.is_due():
                    _check_finite(progress, self.options)
                    progress.seconds = time.perf_counter() - began
                    self.save()
        # Before the clock is read: it waits for the device.
        train_loss = _check_finite(progress, self.options)
        seconds = time.perf_counter() - began
        if average is not None:
            average.swap()
        return_free_memory()
        began = time.perf_counter()
        scores = None
        if self.validate is not None:
            scores = self.processes.from_first(self.validate() if self.processes.first else None)
        report = EpochReport(
            epoch=progress.epoch + 1,
            epochs=self.options.epochs,
            train_loss=train_loss,
            valid_loss=None if scores is None else scores.loss,
            accuracy=None if scores is None else scores.accuracy,
            seconds=seconds,
            tokens=int(progress.count),
            score=None if scores is None else scores.score,
            validation_seconds=time.perf_counter() - began,
            waiting_seconds=steps.waited,
        )
        progress.reports.append(report)
        progress.epoch += 1
        progress.step = 0
        progress.state = None
        progress.seconds = 0.0
        progress.loss_sum, progress.count = _zero_sums(self.device)
        checkpoints = self.checkpoints if self.processes.first else None
        # `best` first: after a stop between the two, the epoch is done again and so is its `best`.
        if checkpoints and checkpoints.score(report) >= max(
            map(checkpoints.score, progress.reports)
        ):
            with new_checkpoint(checkpoints.best) as folder:
                checkpoints.save(folder)
        self.save()
        return report

    def feed(self) -> Feed[tuple[Any, ...], tuple[Any, ...]]:
        """Make the batches of the steps that are left of the epoch, on the device."""

        def on_device(batches: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(None if batch is None else batch.to(self.device) for batch in batches)

        steps = self.stretches.batches(self.train, self.progress.epoch, self.progress.step)
        ahead = self.options.ahead
        if ahead is None:
            ahead = 0 if self.device.type == "cpu" else _STEPS_AHEAD
        return Feed(steps, on_device, ahead=ahead)

    def step(self, batches: Sequence[Any]) -> None:
        """Change the weights by one batch of each stretch; None where a stretch is over."""
        progress = self.progress
        update = self.update

        # Forward, and backward from the loss of all processes.
        steps = self.passes(batches)
        counts = self.processes.total_counts(
            _sum_of([step.counts for step in steps if step is not None]), self.device
        )
        shares = [step.loss_among(counts) for step in steps if step is not None]
        loss = _sum_of(shares)
        count = counts.sum()
        if loss is not None:
            torch.autograd.backward(update.scaler.scale(loss))
        # The scale is one in all processes, and what overflows in one of them overflows in the sum.
        self.processes.add_gradients(self.model.parameters())

        # The step of the optimizer.
        update.scaler.unscale_(update.optimizer)
        clip_gradients(self.model, self.options.max_grad_norm)
        step_tables(update.optimizer)
        # Where a gradient overflowed this changes no weight, and the scale falls.
        update.scaler.step(update.optimizer)
        update.scaler.update()
        # Now, so that the next pass and what is measured need no memory next to that of gradients.
        update.optimizer.zero_grad()
        # Fused optimizers change weights without telling torch, by whose count a labeler knows new
        # weights.
        for parameter in self.model.parameters():
            torch.autograd.graph.increment_version(parameter)
        if update.average is not None:
            update.average.update()

        # How far the training is.
        progress.step += 1
        if self.done < self.total_steps:
            update.scheduler.step()
        learnt = (
            torch.zeros_like(progress.loss_sum)
            if loss is None
            else loss.detach().to(progress.loss_sum.dtype)
        )
        progress.loss_sum += self.processes.total(learnt) * count
        progress.count += count

    def passes(self, batches: Sequence[Any]) -> list[Step | None]:
        """Run the model forward on a batch of each stretch, from the state that the stretch
        carries.
        """
        progress = self.progress
        count = self.stretches.count
        # The step over rows knows no overflow.
        exact = self.precision is not Precision.FLOAT16
        sparse = self.device.type == "cpu" and self.processes.size == 1 and exact
        before: tuple[State, ...]
        if count == 1:
            before = (progress.state,)
        elif isinstance(progress.state, tuple):
            before = progress.state
        else:
            before = (None,) * len(batches)
        steps: list[Step | None] = []
        after: list[State] = []
        for number, batch, state in zip(self.stretches.own, batches, before, strict=True):
            if batch is None:
                steps.append(None)
                after.append(None)
                continue
            if count > 1:
                # Dropout's masks belong to the stretch, so that they are the same in whatever
                # process reads it.
                torch.manual_seed(
                    (self.options.seed * 1_000_003 + self.done * count + number) % 2**63
                )
            with (
                autocast(self.device, self.precision),
                gradients_of_rows(self.model) if sparse else nullcontext(),
            ):
                step = self.objective(self.model, batch, state)
            steps.append(step)
            after.append(detach_state(step.state))
        progress.state = after[0] if count == 1 else tuple(after)
        return steps

    def is_due(self) -> bool:
        """Whether `last` is to be written within the epoch."""
        checkpoints = self.checkpoints
        if checkpoints is None:
            return False
        steps = checkpoints.every_steps
        seconds = checkpoints.every_seconds
        if steps is not None and self.progress.step % steps == 0:
            return True
        if seconds is None:
            return False
        due = time.monotonic() - self.saved >= max(seconds, _LEAST_SHARE * self.saving)
        # All save together, as each gives the first one its states; asking costs a little, so not
        # after each step.
        if self.processes.size > 1:
            return self.progress.step % _STEPS_BETWEEN == 0 and bool(self.processes.from_first(due))
        return due

    def save(self) -> None:
        """Write `last`, where there are checkpoints."""
        began = time.monotonic()
        if self.checkpoints is not None:
            progress = replace(self.progress, loss_scale=self.update.scaler.state_dict())
            if self.processes.size > 1:
                mine = map_state(Tensor.cpu, progress.state)
                states = [
                    state
                    for part in self.processes.gathered(mine)
                    if part is not None
                    for state in part
                ]
                progress = replace(progress, state=tuple(states) or None)
            if self.processes.first:
                save_training(
                    self.checkpoints,
                    self.model,
                    self.update.optimizer,
                    progress,
                    self.comparable,
                    self.update.average,
                )
            self.processes.wait()
        self.saved = time.monotonic()
        self.saving = self.saved - began


@dataclass(frozen=True)
class _Stretches:
    """The batches of an epoch in stretches of neighbours, of which a step learns from one batch
    each.

    Args:
        batches_an_epoch: The batches of an epoch.
        accumulation: The stretches that each process reads.
        processes: The processes.
    """

    batches_an_epoch: int
    accumulation: int
    processes: Processes

    @property
    def count(self) -> int:
        """The number of stretches."""
        return self.accumulation * self.processes.size

    @property
    def own(self) -> range:
        """The stretches that this process reads."""
        first = self.processes.rank * self.accumulation
        return range(first, first + self.accumulation)

    @property
    def steps(self) -> int:
        """The steps of an epoch."""
        return math.ceil(self.batches_an_epoch / self.count)

    def batches(self, train: BatchSource[Any], epoch: int, start: int) -> Iterator[tuple[Any, ...]]:
        """Give the batches of each step of this process from step `start` on; None where a stretch
        is over.
        """
        readers: list[Iterator[Any]] = []
        for number in self.own:
            first = number * self.steps + start
            end = min((number + 1) * self.steps, self.batches_an_epoch)
            readers.append(
                islice(train.batches(epoch, first), end - first) if first < end else iter(())
            )
        for _ in range(start, self.steps):
            yield tuple(next(reader, None) for reader in readers)


def _start(
    model: nn.Module,
    train: BatchSource[Any],
    options: TrainingOptions,
    objective: Objective[Any],
    validate: Callable[[], Evaluation] | None,
    checkpoints: Checkpoints | None,
    device: torch.device,
) -> _Training:
    """Start a training, or take up the one that `last` holds."""
    _keep_few_products()
    model.to(device)
    _seed(options.seed)

    # What all processes share.
    processes = Processes.joined(options.device)
    processes.start_alike(model)
    precision = Precision(processes.from_first(str(options.precision.chosen(device))))
    stretches = _Stretches(len(train), options.accumulation, processes)
    comparable: dict[str, Any] = {}
    if checkpoints is not None or processes.size > 1:
        comparable = _comparable(options, train, stretches.count)
    processes.check_alike(comparable)

    # What changes the weights.
    total_steps = options.epochs * stretches.steps
    optimizer = make_optimizer(model, options)
    optimizer.zero_grad()
    scheduler = options.schedule.scheduler(optimizer, total_steps)
    average: WeightAverage | None = None
    if options.average is not None:
        steps_back = max(options.average * total_steps, 2.0)
        average = WeightAverage(model, 1 - 1 / steps_back)

    # How far the training is.
    resumed = _resume(checkpoints, processes, model, optimizer, average, comparable, device)
    progress = resumed or Progress(0, 0, None, *_zero_sums(device), 0.0, [], precision)
    if options.precision is Precision.AUTO:
        # What was measured before, so that the rest of the training is what it would have been.
        precision = Precision(progress.precision)
    update = _Update(optimizer, scheduler, average, _scaler(device, precision, progress))
    training = _Training(
        model,
        train,
        options,
        objective,
        validate,
        checkpoints,
        device,
        processes,
        stretches,
        comparable,
        precision,
        update,
        progress,
    )
    if resumed is None:
        # At once, so that what `last` holds is this training's and never an earlier one's.
        training.save()
    elif stretches.count > 1 and isinstance(resumed.state, tuple):
        resumed.state = tuple(resumed.state[number] for number in stretches.own)
    scheduler.load_state_dict({"last_epoch": training.done, "_step_count": training.done + 1})
    return training


def _resume(
    checkpoints: Checkpoints | None,
    processes: Processes,
    model: nn.Module,
    optimizer: AdamW,
    average: WeightAverage | None,
    comparable: Mapping[str, Any],
    device: torch.device,
) -> Progress | None:
    """Resume the training saved in `last`; None if `resume` is off or nothing is saved."""
    if checkpoints is None:
        return None
    if processes.first:
        checkpoints.claim()
    processes.wait()
    if not checkpoints.resume:
        return None
    resumed = load_training(checkpoints, model, optimizer, comparable, device, average)
    # All have looked before the first one saves, or a slower one would resume what has only just
    # begun.
    processes.wait()
    return resumed


def _scaler(device: torch.device, precision: Precision, progress: Progress) -> torch.amp.GradScaler:
    """Make what scales losses in float16, as it was where the training was cut off."""
    scaler = torch.amp.GradScaler(device.type, enabled=precision is Precision.FLOAT16)
    if progress.loss_scale:
        scaler.load_state_dict(progress.loss_scale)
    # It makes its scale at its first loss, and of several processes one may have none.
    scaler.scale(torch.zeros((), device=device))
    return scaler


def _sum_of(tensors: Sequence[Tensor]) -> Tensor | None:
    """The sum of tensors of one shape; None for none. A single one is returned as it is."""
    if not tensors:
        return None
    total = tensors[0]
    for tensor in tensors[1:]:
        total = total + tensor
    return total


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Return the context in which products are computed in a precision.

    Args:
        device: The device that the model is on.
        precision: The precision.

    Returns:
        A context manager, which does nothing for float32.
    """
    dtype = precision.chosen(device).dtype
    return torch.autocast(device.type, dtype, enabled=dtype is not torch.float32)


@torch.no_grad()
def evaluate(
    model: nn.Module, batches: BatchSource[BatchT], *, objective: Objective[Any] = next_word
) -> Evaluation:
    """Measure a model on all batches, from state None, on the device that the model is on.

    Args:
        model: The model; it is in evaluation mode meanwhile.
        batches: Held-out batches; those of epoch 0 are used.
        objective: Gives a batch's loss and its right predictions.

    Returns:
        The loss and the accuracy over all predictions.
    """
    device = next(model.parameters()).device
    loss_sum, count = _zero_sums(device)
    correct: Tensor | None = None
    state: State = None
    with evaluating(model):
        for batch in batches.batches():
            step = objective(model, batch.to(device), state)
            state = step.state
            loss_sum += step.loss * step.count
            count += step.count
            if step.correct is not None:
                correct = step.correct if correct is None else correct + step.correct
    total = max(int(count), 1)
    accuracy = None if correct is None else int(correct) / total
    return Evaluation(loss=float(loss_sum) / total, accuracy=accuracy, count=int(count))


def make_optimizer(model: nn.Module, options: TrainingOptions) -> AdamW:
    """Make the optimizer of a training: one group per learning rate, without the parameters that
    are frozen.

    Args:
        model: The model.
        options: The numbers of the training.

    Returns:
        AdamW, whose groups have the factor of their rate as `lr_scale`.

    Raises:
        OptionError: `lr_scales` names a part that the model does not have.
    """
    scales = options.lr_scales
    groups: dict[float, list[nn.Parameter]] = {}
    unknown = set(scales)
    for name, parameter in model.named_parameters():
        parts = [part for part in scales if f"{name}.".startswith(f"{part}.")]
        unknown.difference_update(parts)
        if parameter.requires_grad:
            groups.setdefault(scales[max(parts, key=len)] if parts else 1.0, []).append(parameter)
    if unknown:
        known = ", ".join(name for name, _ in model.named_children())
        raise OptionError(
            f"lr_scales: expected parts of this model, {known}, got {min(unknown)!r}."
        )
    parameters = [{"params": members, "lr_scale": scale} for scale, members in groups.items()]
    _keep_optimizers_from_the_compiler()
    # The first beta is the schedule's.
    betas = (0.9, options.beta2)
    optimizer = AdamW(
        parameters, betas=betas, eps=options.eps, weight_decay=options.weight_decay, fused=True
    )
    # The step itself, without what torch would compile it by.
    plain_step = torch.no_grad()(inspect.unwrap(AdamW.step))
    optimizer.step = MethodType(plain_step, optimizer)  # type: ignore[method-assign]
    return optimizer


def _keep_optimizers_from_the_compiler() -> None:
    """Change torch for the whole process, so that its optimizers do not import its compiler, 75 MB
    of memory.

    torch imports it only to exclude these methods from compilation. It keeps the excluded form of a
    method on the method itself, and imports nothing where there is one; that form is the method.
    """
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        plain = inspect.unwrap(getattr(Optimizer, name))
        plain.__dynamo_disable = plain


def _has_stalled(
    reports: Sequence[EpochReport], score: Callable[[EpochReport], float], patience: int | None
) -> bool:
    """Whether the best of all epochs is `patience` epochs ago."""
    if patience is None or not reports:
        return False
    scores = [score(report) for report in reports]
    return len(scores) - 1 - scores.index(max(scores)) >= patience


def _comparable(
    options: TrainingOptions, train: BatchSource[Any], stretches: int
) -> dict[str, Any]:
    """The values that a resumed training must share to have the same result: options, and a sample
    of the data.

    The device may be another one, and so may be what `Precision.AUTO` is on it: results then differ
    by rounding.
    """
    values = asdict(options)
    del values["device"], values["accumulation"], values["ahead"]
    # A whole pass over the data only to know it again would take too long; a batch is drawn from
    # all of them.
    sample = next(iter(train.batches()), None)
    return {
        **values,
        "precision": str(options.precision),
        "batches_an_epoch": len(train),
        # Processes times accumulation: two processes can take up what one that accumulates two
        # began.
        "batches_a_step": stretches,
        "checksum_of_first_batch": _checksum(sample, 0),
    }


def _checksum(part: Any, begin: int) -> int:
    """A checksum of all tensors in a batch, going on from another."""
    if isinstance(part, Tensor):
        return zlib.crc32(
            part.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes(), begin
        )
    if isinstance(part, Mapping):
        part = list(part.values())
    if is_dataclass(part):
        part = [getattr(part, field.name) for field in fields(part)]
    if isinstance(part, list | tuple):
        for inner in part:
            begin = _checksum(inner, begin)
    return begin


def _zero_sums(device: torch.device) -> tuple[Tensor, Tensor]:
    # float32 on MPS, which has no float64.
    dtype = torch.float32 if device.type == "mps" else torch.float64
    return torch.zeros((), dtype=dtype, device=device), torch.zeros(
        (), dtype=torch.int64, device=device
    )


def _check_finite(progress: Progress, options: TrainingOptions) -> float:
    """The epoch's mean training loss so far."""
    loss = float(progress.loss_sum) / max(int(progress.count), 1)
    if not math.isfinite(loss):
        raise TrainingError(
            f"epoch {progress.epoch + 1}: the training loss is {loss}. Lower schedule.max_lr "
            f"(now {options.schedule.max_lr}) or set max_grad_norm (now {options.max_grad_norm})."
        )
    return loss
