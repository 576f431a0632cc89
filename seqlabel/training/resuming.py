"""All that is needed to resume a training, except its model; where and when it is saved is in
`checkpoints`.

`training.json` and `training.safetensors`: weights, optimizer, schedule position, random states and
carried state.
"""

import random
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from seqlabel.errors import CheckpointError, DataError
from seqlabel.io.files import read_json, write_json
from seqlabel.io.folders import settle_folder
from seqlabel.nn.states import State, flatten_state, restore_state
from seqlabel.training import checkpoints as weights
from seqlabel.training.averaging import WeightAverage
from seqlabel.training.checkpoints import Checkpoints, new_checkpoint
from seqlabel.training.progress import EpochReport
from seqlabel.training.stored import FORMAT, check_format
from seqlabel.training.tables import load_optimizer, optimizer_tensors


@dataclass
class Progress:
    """How far a training is.

    Args:
        epoch: The number of the epoch, from 0.
        step: The number of its batches that are done.
        state: The model's state after them.
        loss_sum: The sum of the losses in the epoch so far, a scalar in nats.
        count: The number of predictions in the epoch so far, a scalar.
        seconds: The time that the epoch took so far.
        reports: The reports of the epochs that are done.
        precision: The precision of its products.
        loss_scale: The factor of the loss in float16, and since when it holds; empty in other
            precisions.
    """

    epoch: int
    step: int
    state: State
    loss_sum: Tensor
    count: Tensor
    seconds: float
    reports: list[EpochReport]
    precision: str
    loss_scale: dict[str, Any] = field(default_factory=dict)


def save_training(
    checkpoints: Checkpoints,
    model: nn.Module,
    optimizer: Optimizer,
    progress: Progress,
    options: Mapping[str, Any],
    average: WeightAverage | None = None,
) -> None:
    """Replace `checkpoints.last` by the model and everything that is needed to continue its
    training.

    Args:
        checkpoints: Where and how to save.
        model: The model.
        optimizer: Its optimizer.
        progress: How far the training is.
        options: Plain values that must be the same when the training is resumed.
        average: The average of the weights, which is then what the saved model holds; the weights
            that train are kept next to it. None for a training without an average.

    Raises:
        CheckpointError: The disk is full or not writable.
    """
    with nullcontext() if average is None else average.applied():
        state_shape, state_tensors = flatten_state(progress.state)
        optimizer_state = optimizer.state_dict()
        tensors = {
            f"model/{name}": tensor for name, tensor in weights.distinct_tensors(model).items()
        }
        of_optimizer = optimizer_tensors(optimizer_state["state"])
        tensors |= {f"optimizer/{name}": tensor for name, tensor in of_optimizer.items()}
        tensors |= {f"state/{number}": tensor for number, tensor in enumerate(state_tensors)}
        if average is not None:
            tensors |= {f"trained/{name}": tensor for name, tensor in average.tensors().items()}
        tensors |= {
            "loss_sum": progress.loss_sum,
            "count": progress.count,
            "random/torch": torch.get_rng_state(),
        }
        if torch.cuda.is_available():
            tensors |= {
                f"random/cuda/{n}": state for n, state in enumerate(torch.cuda.get_rng_state_all())
            }
        name, keys, *rest = np.random.get_state(legacy=True)
        about = {
            "format": FORMAT,
            "epoch": progress.epoch,
            "step": progress.step,
            "seconds": progress.seconds,
            "state": state_shape,
            "reports": [vars(report) for report in progress.reports],
            "precision": str(progress.precision),
            "loss_scale": progress.loss_scale,
            "options": options,
            "averaged": 0 if average is None else average.updates,
            "groups": optimizer_state["param_groups"],
            "random": {
                "python": random.getstate(),
                "numpy": [name, np.asarray(keys).tolist(), *rest],
            },
        }
        with new_checkpoint(checkpoints.last) as folder:
            checkpoints.save(folder)
            weights.write_tensors(folder / "training.safetensors", tensors)
            write_json(folder / "training.json", about)


def load_training(
    checkpoints: Checkpoints,
    model: nn.Module,
    optimizer: Optimizer,
    options: Mapping[str, Any],
    device: torch.device,
    average: WeightAverage | None = None,
) -> Progress | None:
    """Restore model, optimizer and random states to where `save_training` left them.

    Args:
        checkpoints: Where they were saved.
        model: The model.
        optimizer: Its optimizer.
        options: The plain values that were saved with the training.
        device: The device that tensors are moved to.
        average: The average of the weights, which is restored too; None for a training without an
            average.

    Returns:
        How far the training was; None where nothing was saved yet.

    Raises:
        CheckpointError: A part is missing or damaged, the weights are another model's, or the
            training had other options.
    """
    settle_folder(checkpoints.last)
    if not checkpoints.last.exists():
        return None
    about = _read_training(checkpoints.last / "training.json")
    try:
        path = checkpoints.last / "training.safetensors"
        tensors = weights.read_tensors(path)
        different = [name for name in options if about["options"].get(name) != options[name]]
        if different:
            found = ", ".join(
                f"{name} {about['options'].get(name)!r} (now {options[name]!r})"
                for name in different
            )
            raise CheckpointError(
                f"{checkpoints.last}: was trained with {found}. Use the same options and data, "
                "or another folder."
            )
        weights.load_weights(path, model, _below("model/", tensors))
        if average is not None:
            average.resume(_below("trained/", tensors), updates=about["averaged"])
        load_optimizer(optimizer, _below("optimizer/", tensors), about["groups"])
        version, keys, gauss = about["random"]["python"]
        random.setstate((version, tuple(keys), gauss))
        np.random.set_state(tuple(about["random"]["numpy"]))
        torch.set_rng_state(tensors["random/torch"])
        if torch.cuda.is_available():
            torch.cuda.set_rng_state_all(_in_order("random/cuda/", tensors))
        state_tensors = [tensor.to(device) for tensor in _in_order("state/", tensors)]
        return Progress(
            epoch=about["epoch"],
            step=about["step"],
            state=restore_state(about["state"], state_tensors),
            loss_sum=tensors["loss_sum"].to(device),
            count=tensors["count"].to(device),
            seconds=about["seconds"],
            reports=[EpochReport(**report) for report in about["reports"]],
            precision=about.get("precision", "no"),
            loss_scale=about.get("loss_scale", {}),
        )
    except CheckpointError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise CheckpointError(
            f"{checkpoints.last}: is damaged, or the training of another model "
            f"({type(error).__name__}: {error}). "
            f"Use the model that it was, or start without resuming."
        ) from error


def _below(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of one part of a training, by their names in it."""
    return {
        name.removeprefix(part): tensor for name, tensor in tensors.items() if name.startswith(part)
    }


def _in_order(part: str, tensors: Mapping[str, Tensor]) -> list[Tensor]:
    """The tensors of a part whose names are numbers from 0."""
    found = _below(part, tensors)
    return [found[str(number)] for number in range(len(found))]


def _read_training(path: Path) -> dict[str, Any]:
    try:
        about = read_json(path)
    except DataError as error:
        raise CheckpointError(
            f"{error}. Pass the folder of a training, or start without resuming."
        ) from error
    if not isinstance(about, dict) or "format" not in about:
        raise CheckpointError(
            f"{path}: is not what seqlabel writes about a training. Start without resuming."
        )
    check_format(path, about["format"])
    return about
