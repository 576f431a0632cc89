"""The training loop: `fit` yields a report an epoch, `evaluate` measures; recipes do the rest between epochs.

The loop runs on `accelerate` (device, mixed precision, trackers), carries the recurrent state from batch to batch and
cuts the gradient there (truncated back-propagation through time; Williams and Peng 1990). It knows no task: an
objective says what a step minimises, and the model, the batches and the state go through it unseen.
"""

import math
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.tracking import get_available_trackers
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.optim import AdamW

from seqlabel.errors import OptionError, TrainingError
from seqlabel.nn.layers import evaluating
from seqlabel.nn.states import State, detach_state
from seqlabel.training.averaging import WeightAverage
from seqlabel.training.checkpoints import Checkpoints, highest_score, new_checkpoint
from seqlabel.training.devices import choose_device
from seqlabel.training.objectives import Objective, next_word
from seqlabel.training.progress import Display, EpochReport, EpochTable
from seqlabel.training.resuming import Progress, load_training, save_training
from seqlabel.training.schedules import OneCycle


class Batch(Protocol):
    """Anything that can move to a device."""

    def to(self, device: torch.device) -> Any:
        """The same batch on another device."""
        ...


BatchT = TypeVar("BatchT", bound=Batch)
BatchT_co = TypeVar("BatchT_co", bound=Batch, covariant=True)


class BatchSource(Protocol[BatchT_co]):
    """Batches that the epoch's number and nothing else decides, so that a training can be taken up anywhere.

    They may be asked for more than once, and draw nothing from global random numbers.
    """

    def __len__(self) -> int: ...

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[BatchT_co]:
        """The batches of an epoch, from number `start` on."""
        ...


class Precision(StrEnum):
    """The arithmetic of the forward and backward pass; weights stay float32."""

    FLOAT32 = "no"
    BFLOAT16 = "bf16"
    FLOAT16 = "fp16"


@dataclass(frozen=True)
class TrainingOptions:
    """The numbers of a training: Adam with decoupled weight decay (Loshchilov and Hutter 2019) on one cycle.

    The defaults of Adam are the lesson's; its first beta is the schedule's momentum. `max_grad_norm` clips the
    gradient's norm, None does not clip. `lr_scales` maps the name of a part of the model, such as `embedder`, to what
    its learning rate is multiplied by (discriminative rates; Howard and Ruder 2018), `unfreeze` what is frozen at first
    to the epoch, counted from 1, that it is trained from (gradual unfreezing, there too); of a part's part, the longer
    name counts. With `average`, evaluation and checkpoints use an exponential moving average of the weights, which
    reaches back over this share of all steps. With `patience`, training stops after so many epochs without a better
    score. `device` is `auto`, `cpu`, `cuda`, `cuda:N`
    or `mps`; all but the CPU are untested so far. `trackers` are names or objects of accelerate's; those that write
    files need a `logging_dir`.
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
    unfreeze: Mapping[str, int] = field(default_factory=dict)
    average: float | None = None
    patience: int | None = None
    trackers: Sequence[Any] = ()
    logging_dir: Path | None = None

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise OptionError(f"epochs: found {self.epochs}; it is a number of passes over the corpus, at least 1")
        if self.max_grad_norm is not None and not self.max_grad_norm > 0:
            raise OptionError(f"max_grad_norm: found {self.max_grad_norm}; it is above 0, or None")
        if not 0 <= self.beta2 < 1:
            raise OptionError(f"beta2: found {self.beta2}; it is from 0 up to, but not including, 1")
        if self.average is not None and not 0 < self.average < 1:
            raise OptionError(f"average: found {self.average}; it is a share of all steps between 0 and 1, or None")
        if self.patience is not None and self.patience < 1:
            raise OptionError(f"patience: found {self.patience}; it is a number of epochs, at least 1, or None")
        wrong = {part: scale for part, scale in self.lr_scales.items() if not 0 <= scale < math.inf}
        if wrong:
            part, scale = min(wrong.items())
            raise OptionError(f"lr_scales: found {scale} for {part!r}; it is a factor of the learning rate, 0 or above")
        late = {part: epoch for part, epoch in self.unfreeze.items() if not 1 <= epoch <= self.epochs}
        if late:
            part, epoch = min(late.items())
            raise OptionError(f"unfreeze: found epoch {epoch} for {part!r}; it is one of 1 to {self.epochs}")
        if not 0 <= self.seed < 2**32:
            raise OptionError(f"seed: found {self.seed}; it is a whole number from 0 to {2**32 - 1:,}")
        if self.precision not in list(Precision):
            allowed = ", ".join(repr(str(precision)) for precision in Precision)
            raise OptionError(f"precision: found {self.precision!r}; allowed are {allowed}")


@dataclass(frozen=True)
class Evaluation:
    """What a model scores on held-out batches: mean loss in nats, share of right predictions, predictions made.

    `accuracy` is None where the objective does not count right predictions.
    """

    loss: float
    accuracy: float | None
    count: int

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
    score: Callable[[], float] | None = None,
    checkpoints: Checkpoints | None = None,
    display: Display = Display.AUTO,
) -> Iterator[EpochReport]:
    """Train `model` in place, yielding a report after each epoch; nothing happens until the iterator is asked.

    State starts as None at every epoch and before validation. `score` is called after each epoch, and what it returns
    is the report's score: a measure that batches do not show, such as the F1 of spans. With `checkpoints.resume`, the
    reports of epochs that were already done are yielded again first, so that a caller sees what an uninterrupted run
    would have shown it. With `options.average` the model holds the averages whenever a report is yielded.

    Raises `OptionError` for a device that this machine lacks, `CheckpointError` for a training that cannot be taken up,
    `TrainingError` when the loss is not finite.
    """
    device = choose_device(options.device)
    accelerator = _accelerator(options, device)
    clip = options.max_grad_norm
    frozen: list[tuple[nn.Parameter, int]] = []
    try:
        set_seed(options.seed)
        optimizer = make_optimizer(model.to(device), options)
        total_steps = options.epochs * len(train)
        scheduler = options.schedule.scheduler(optimizer, total_steps)
        frozen = _frozen_until(model, options.unfreeze)
        average = None
        if options.average is not None:
            average = WeightAverage(model, 1 - 1 / max(options.average * total_steps, 2.0))
        resumed = None
        comparable: dict[str, Any] = {}
        if checkpoints is not None:
            checkpoints.claim()
            comparable = _comparable(options, train)
            if checkpoints.resume:
                resumed = load_training(checkpoints, model, optimizer, comparable, device, average)
        progress = resumed or Progress(0, 0, None, *_zero_sums(device), 0.0, [])
        if checkpoints is not None and resumed is None:
            # At once, so that what `last` holds is this training's and never an earlier one's.
            save_training(checkpoints, model, optimizer, progress, comparable, average)
        done = progress.epoch * len(train) + progress.step
        scheduler.load_state_dict({"last_epoch": done, "_step_count": done + 1})
        prepared, prepared_optimizer = accelerator.prepare(model, optimizer)
        best_of = checkpoints.score if checkpoints is not None else highest_score
        with EpochTable(display, total_steps=total_steps, first_step=done, scored=score is not None) as table:
            for report in progress.reports:
                table.show(report)
                yield report
            while progress.epoch < options.epochs and not _has_stalled(progress.reports, best_of, options.patience):
                if average is not None and average.in_model:
                    average.swap()
                for parameter, first in frozen:
                    parameter.requires_grad_(progress.epoch + 1 >= first)
                began = time.perf_counter() - progress.seconds
                prepared.train()
                for batch in train.batches(progress.epoch, progress.step):
                    step = objective(prepared, batch.to(device), progress.state)
                    prepared_optimizer.zero_grad()
                    accelerator.backward(step.loss)
                    if clip is not None:
                        accelerator.clip_grad_norm_(prepared.parameters(), clip)
                    prepared_optimizer.step()
                    # Fused optimizers change weights without telling torch, by whose count a labeler knows new weights.
                    for parameter in model.parameters():
                        torch.autograd.graph.increment_version(parameter)
                    if average is not None:
                        average.update()
                    done += 1
                    if done < total_steps:
                        scheduler.step()
                    progress.state = detach_state(step.state)
                    progress.step += 1
                    progress.loss_sum += step.loss.detach() * step.count
                    progress.count += step.count
                    table.step()
                    if checkpoints is not None and _is_due(checkpoints, progress.step, len(train)):
                        _check_finite(progress, options)
                        progress.seconds = time.perf_counter() - began
                        save_training(checkpoints, model, optimizer, progress, comparable, average)
                seconds = time.perf_counter() - began
                if average is not None:
                    average.swap()
                report = _report(progress, options, seconds, prepared, valid, objective)
                if score is not None:
                    report = replace(report, score=score())
                progress.reports.append(report)
                progress.epoch, progress.step, progress.state, progress.seconds = progress.epoch + 1, 0, None, 0.0
                progress.loss_sum, progress.count = _zero_sums(device)
                if checkpoints is not None:
                    # `best` first: after a stop between the two, the epoch is done again and so is its `best`.
                    if checkpoints.score(report) >= max(map(checkpoints.score, progress.reports)):
                        with new_checkpoint(checkpoints.best) as folder:
                            checkpoints.save(folder)
                    save_training(checkpoints, model, optimizer, progress, comparable, average)
                accelerator.log({k: v for k, v in vars(report).items() if v is not None}, step=report.epoch)
                table.show(report)
                yield report
    finally:
        accelerator.end_training()
        for parameter, _ in frozen:
            parameter.requires_grad_(True)
        # Mixed precision wraps `forward` in place; the model is handed back as it came.
        accelerator.unwrap_model(model, keep_fp32_wrapper=False)


@torch.no_grad()
def evaluate(model: nn.Module, batches: BatchSource[BatchT], *, objective: Objective[Any] = next_word) -> Evaluation:
    """Loss and accuracy over all batches, from state None, on the device that the model is on."""
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


def _accelerator(options: TrainingOptions, device: torch.device) -> Accelerator:
    # accelerate keeps one state a process and refuses a second set of options; each training here has its own.
    AcceleratorState._reset_state(reset_partial_state=True)
    if device.type == "cuda" and device.index is not None:
        torch.cuda.set_device(device)
    installed = [kind.value for kind in get_available_trackers()]
    for tracker in options.trackers:
        if isinstance(tracker, str) and tracker not in installed:
            found = ", ".join(installed) or "none"
            raise OptionError(f"trackers: {tracker!r} is not installed or unknown; of those by name there are: {found}")
    try:
        accelerator = Accelerator(
            cpu=device.type == "cpu",
            mixed_precision=str(options.precision),
            log_with=list(options.trackers) or None,
            project_dir=options.logging_dir,
        )
    except ValueError as error:
        raise OptionError(f"trackers, precision: {error}; set logging_dir for a tracker that writes files") from error
    if accelerator.num_processes > 1:
        raise OptionError(
            f"found {accelerator.num_processes} processes; a recurrent state is carried in one, so run one"
        )
    if options.trackers:
        accelerator.init_trackers("seqlabel", config={k: str(v) for k, v in _plain(options).items()})
    return accelerator


def make_optimizer(model: nn.Module, options: TrainingOptions) -> AdamW:
    """The optimizer of a training, over the parameters that are not frozen, a group for each learning rate.

    Raises `OptionError` for a part in `lr_scales` that the model does not have.
    """
    _check_parts("lr_scales", model, options.lr_scales)
    groups: dict[float, list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        part = _part_of(name, options.lr_scales)
        if parameter.requires_grad:
            groups.setdefault(1.0 if part is None else options.lr_scales[part], []).append(parameter)
    betas = (options.schedule.max_momentum, options.beta2)
    parameters = [{"params": members, "lr_scale": scale} for scale, members in groups.items()]
    return AdamW(parameters, betas=betas, eps=options.eps, weight_decay=options.weight_decay, fused=True)


def _frozen_until(model: nn.Module, unfreeze: Mapping[str, int]) -> list[tuple[nn.Parameter, int]]:
    """Parameters that are trained from some epoch on, and which. Raises `OptionError` for a part that is not there."""
    found = [
        (parameter, _part_of(name, unfreeze)) for name, parameter in model.named_parameters() if parameter.requires_grad
    ]
    _check_parts("unfreeze", model, unfreeze)
    return [(parameter, unfreeze[part]) for parameter, part in found if part is not None]


def _part_of(name: str, parts: Collection[str]) -> str | None:
    """The part that a parameter is in, by the longest name that fits."""
    return max((part for part in parts if f"{name}.".startswith(f"{part}.")), key=len, default=None)


def _check_parts(option: str, model: nn.Module, parts: Collection[str]) -> None:
    names = [name for name, _ in model.named_parameters()]
    unknown = [part for part in parts if not any(f"{name}.".startswith(f"{part}.") for name in names)]
    if unknown:
        known = ", ".join(name for name, _ in model.named_children())
        raise OptionError(f"{option}: found {min(unknown)!r}; this model's parts are {known}")


def _has_stalled(reports: Sequence[EpochReport], score: Callable[[EpochReport], float], patience: int | None) -> bool:
    """Whether the best of all epochs is `patience` epochs ago."""
    if patience is None or not reports:
        return False
    scores = [score(report) for report in reports]
    return len(scores) - 1 - scores.index(max(scores)) >= patience


def _comparable(options: TrainingOptions, train: BatchSource[Any]) -> dict[str, Any]:
    """What must be the same for a training to go on to the same result: options, and, by a sample, the data."""
    values = _plain(options)
    del values["device"]
    # A whole pass over the data only to know it again would take too long; a batch is drawn from all of them.
    sample = next(iter(train.batches()), None)
    return {
        **values,
        "precision": str(options.precision),
        "batches_an_epoch": len(train),
        "checksum_of_first_batch": _checksum(sample, 0),
    }


def _checksum(part: Any, begin: int) -> int:
    """A checksum of all tensors in a batch, going on from another."""
    if isinstance(part, Tensor):
        return zlib.crc32(part.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes(), begin)
    if isinstance(part, Mapping):
        part = list(part.values())
    if is_dataclass(part):
        part = [getattr(part, field.name) for field in fields(part)]
    if isinstance(part, list | tuple):
        for inner in part:
            begin = _checksum(inner, begin)
    return begin


def _plain(options: TrainingOptions) -> dict[str, Any]:
    """The options as JSON has them, without what is only about showing; a tracker may hold anything."""
    return asdict(
        replace(options, trackers=(), logging_dir=None),
        dict_factory=lambda pairs: {name: value for name, value in pairs if name not in ("trackers", "logging_dir")},
    )


def _zero_sums(device: torch.device) -> tuple[Tensor, Tensor]:
    # float32 on MPS, which has no float64.
    dtype = torch.float32 if device.type == "mps" else torch.float64
    return torch.zeros((), dtype=dtype, device=device), torch.zeros((), dtype=torch.int64, device=device)


def _is_due(checkpoints: Checkpoints, step: int, steps: int) -> bool:
    return checkpoints.every_steps is not None and step % checkpoints.every_steps == 0 and step < steps


def _check_finite(progress: Progress, options: TrainingOptions) -> float:
    """The epoch's mean training loss so far."""
    loss = float(progress.loss_sum) / max(int(progress.count), 1)
    if not math.isfinite(loss):
        raise TrainingError(
            f"epoch {progress.epoch + 1}: the training loss is {loss}; lower schedule.max_lr "
            f"(now {options.schedule.max_lr}) or set max_grad_norm (now {options.max_grad_norm})"
        )
    return loss


def _report(
    progress: Progress,
    options: TrainingOptions,
    seconds: float,
    model: nn.Module,
    valid: BatchSource[BatchT] | None,
    objective: Objective[Any],
) -> EpochReport:
    train_loss = _check_finite(progress, options)
    score = None if valid is None else evaluate(model, valid, objective=objective)
    return EpochReport(
        epoch=progress.epoch + 1,
        epochs=options.epochs,
        train_loss=train_loss,
        valid_loss=None if score is None else score.loss,
        accuracy=None if score is None else score.accuracy,
        seconds=seconds,
        tokens=int(progress.count),
    )
