"""Weights in safetensors files, and the folders where a training saves its models; never pickle.

What else a model's folder holds is in `seqlabel.models.folders`, what a training needs to continue
in `resuming`. Folders are written next to their place and renamed, so the last good one survives a
kill or a full disk.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from seqlabel.errors import CheckpointError, OptionError
from seqlabel.io.files import open_output
from seqlabel.io.folders import make_folder, replace_folder, settle_folder
from seqlabel.training.progress import EpochReport
from seqlabel.training.stored import read_part


def save_weights(path: Path, model: nn.Module, *, compact: bool = False) -> None:
    """Write a module's parameters and buffers; a tensor that two names share is stored once.

    Args:
        path: The safetensors file to write; an earlier one stays whole until the new one is
            complete.
        model: The module.
        compact: Whether to store weights small, for models that ship: a matrix of at least
            `TABLE_ROWS` rows in 8 bits per number with one scale per row (its largest magnitude /
            127), every other 32-bit number in 16 bits (float16).
    """
    tensors = {name: tensor.detach() for name, tensor in distinct_tensors(model).items()}
    if compact:
        tensors = dict(_compact(tensors))
    write_tensors(path, tensors)


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write a safetensors file, as the library does, but one tensor after another: it would hold a
    copy of all.

    Args:
        path: The file.
        tensors: The tensors by name.
    """
    # The largest numbers come first, so that all are aligned.
    names = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    about, end = {}, 0
    for name in names:
        tensor, begin, end = tensors[name], end, end + tensors[name].nbytes
        about[name] = {
            "dtype": _kind(tensor),
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    header = json.dumps(about, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    with open_output(path) as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for name in names:
            flat = tensors[name].detach().cpu().contiguous().reshape(-1)
            file.write(flat.view(torch.uint8).numpy().data)


def _kind(tensor: Tensor) -> str:
    """The type of a tensor's numbers in such a file, such as F32 and I8."""
    return (
        str(tensor.dtype)
        .removeprefix("torch.")
        .replace("float", "F")
        .replace("uint", "U")
        .replace("int", "I")
        .upper()
    )


TABLE_ROWS = 1024
_SCALE = "|scale"


def _compact(tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in tensors.items():
        if tensor.dtype != torch.float32:
            yield name, tensor
        elif tensor.ndim == 2 and len(tensor) >= TABLE_ROWS:
            scale = _scale_of(tensor)
            yield name, (tensor / scale).round().to(torch.int8)
            yield name + _SCALE, scale
        else:
            yield name, tensor.half()


def _scale_of(table: Tensor) -> Tensor:
    """The scale of each row, (rows, 1); of rows that were stored in 8 bits before, the one that
    they were stored with.

    Division by 127 finds that one up to two steps of float32.
    """
    scale = table.abs().amax(dim=1, keepdim=True).clamp_min(1e-8) / 127
    whole = (table / scale).round()
    best = scale
    for towards in (0.0, torch.inf):
        other = scale
        for _ in range(2):
            other = torch.nextafter(other, torch.tensor(towards))
            exact = (whole * other == table).all(dim=1, keepdim=True)
            best = torch.where(
                exact & ~(whole * best == table).all(dim=1, keepdim=True), other, best
            )
    return best


def read_tensors(path: Path, *, sha256: str | None = None) -> dict[str, Tensor]:
    """Read a safetensors file.

    Args:
        path: The file.
        sha256: The checksum that its content must have, in hexadecimal digits; None for any
            content.

    Returns:
        The tensors by name, on the CPU.

    Raises:
        CheckpointError: The file is missing, cut off, damaged or something else.
    """
    data = read_part(path, sha256=sha256)
    try:
        tensors: dict[str, Tensor] = load(data)
    # An unknown type of number is a `KeyError`, a shape that does not fit the bytes a
    # `RuntimeError` or `ValueError`.
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{path}: {len(data):,} bytes are not a whole safetensors file ({error}). It is cut "
            "off or damaged, so copy or train it again."
        ) from error
    return tensors


def load_weights(path: Path, model: nn.Module, tensors: Mapping[str, Tensor] | None = None) -> None:
    """Read the weights that `save_weights` wrote into a module of the same shape.

    Args:
        path: The safetensors file.
        model: The module; nothing is changed where an error is raised.
        tensors: The weights, where the file has been read already.

    Raises:
        CheckpointError: The file is missing, damaged or another model's; the message says what
            differs.
    """
    found = read_tensors(path) if tensors is None else tensors
    check_weights(path, found, model)
    fill_weights(model, found)


def check_weights(path: Path, tensors: Mapping[str, Tensor], model: nn.Module) -> None:
    """Compare tensors that were read with those that a module has.

    Args:
        path: The file that they were read from, for the message.
        tensors: The tensors as they are stored.
        model: A module, which may be on the meta device.

    Raises:
        CheckpointError: Names, shapes or types of numbers differ, or a number is not finite.
    """
    expected = distinct_tensors(model)
    stored = {name for name in tensors if not name.endswith(_SCALE)}
    problems = [f"{name} is missing" for name in expected.keys() - stored]
    problems += [f"{name} is not in this model" for name in stored - expected.keys()]
    problems += [
        f"{name} has no matrix in 8 bits"
        for name in tensors.keys() - stored
        if name[: -len(_SCALE)] not in stored
    ]
    for name in expected.keys() & stored:
        problems += _differences(name, tensors[name], tensors.get(name + _SCALE), expected[name])
    if problems:
        shown = "; ".join(sorted(problems)[:3]) + (
            f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
        )
        raise CheckpointError(
            f"{path}: these are another model's weights ({shown}). Pass the folder of this model."
        )
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise CheckpointError(
                f"{path}: {name} has numbers that are not finite. Copy or train the model again."
            )


def _differences(name: str, found: Tensor, scale: Tensor | None, expected: Tensor) -> Iterator[str]:
    """Say where a stored tensor, with the scales of its rows if it has them, is not what a model
    needs.
    """
    if found.shape != expected.shape:
        yield f"{name} has shape {tuple(found.shape)}, this model needs {tuple(expected.shape)}"
    if scale is not None:
        if (found.dtype, scale.dtype, expected.dtype) != (torch.int8, torch.float32, torch.float32):
            yield f"{name} has scales, but is not a matrix in 8 bits"
        if scale.shape != (*found.shape[:1], 1):
            yield (
                f"{name} has scales of shape {tuple(scale.shape)}, this model needs "
                f"{(*found.shape[:1], 1)}"
            )
    elif found.dtype != expected.dtype and (found.dtype, expected.dtype) != (
        torch.float16,
        torch.float32,
    ):
        yield f"{name} has numbers of type {found.dtype}, this model needs {expected.dtype}"


def fill_weights(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Copy tensors that `check_weights` has passed into a module.

    Args:
        model: The module.
        tensors: The tensors as they are stored.
    """
    with torch.no_grad():
        for name, tensor in distinct_tensors(model).items():
            scale = tensors.get(name + _SCALE)
            tensor.copy_(tensors[name] if scale is None else tensors[name] * scale)


def distinct_tensors(model: nn.Module) -> dict[str, Tensor]:
    """List the parameters and buffers of a module, each once, although several names may share it
    (tied weights).

    Args:
        model: The module.

    Returns:
        The tensors by the first of their names.
    """
    kept: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        kept.setdefault(id(tensor), (name, tensor))
    return dict(kept.values())


def lowest_loss(report: EpochReport) -> float:
    """Score an epoch by its validation loss, so that the lowest is best.

    Args:
        report: The epoch.

    Returns:
        The negative validation loss; the negative training loss where nothing was validated.
    """
    return -(report.train_loss if report.valid_loss is None else report.valid_loss)


def highest_accuracy(report: EpochReport) -> float:
    """Score an epoch by its validation accuracy, so that the highest is best.

    Args:
        report: The epoch.

    Returns:
        The accuracy; the score of `lowest_loss` where there is none.
    """
    return lowest_loss(report) if report.accuracy is None else report.accuracy


def highest_score(report: EpochReport) -> float:
    """Score an epoch by the measure that `fit`'s `validate` made, so that the highest is best.

    Args:
        report: The epoch.

    Returns:
        The report's `score`; the score of `highest_accuracy` where there is none.
    """
    return highest_accuracy(report) if report.score is None else report.score


@dataclass(frozen=True)
class Checkpoints:
    """Where and how `fit` saves: `folder/last` at once and after every epoch, `folder/best`
    whenever `score` rises.

    Args:
        folder: The folder that gets `last` and `best`.
        save: Writes the model to a folder that exists (for instance `LanguageModel.save`).
        every_steps: The number of batches after which `last` is also written within epochs; None
            for any number.
        every_seconds: The time after which it is also written within epochs, which takes a
            twentieth of all time at most; None for any time.
        resume: Whether a training that was cut off continues from `last`.
        score: The measure by which the epoch with the highest value is best.
    """

    folder: Path | str
    save: Callable[[Path], None]
    every_steps: int | None = None
    every_seconds: float | None = None
    resume: bool = False
    score: Callable[[EpochReport], float] = lowest_loss

    def __post_init__(self) -> None:
        if self.every_seconds is not None and not self.every_seconds > 0:
            raise OptionError(
                f"every_seconds: expected a number above 0, or None, got {self.every_seconds}."
            )

    @property
    def last(self) -> Path:
        """The newest model, with all that is needed to train on."""
        return Path(self.folder) / "last"

    @property
    def best(self) -> Path:
        """The model with the highest score."""
        return Path(self.folder) / "best"

    def claim(self) -> None:
        """Make the folder, and make sure that only an earlier training's files will be replaced.

        Raises:
            OptionError: The folder cannot be made, or holds a `last` or `best` that no training
                wrote.
        """
        make_folder(Path(self.folder))
        settle_folder(self.last)
        if not (self.last / "training.json").is_file():
            for folder in (self.last, self.best):
                if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
                    raise OptionError(
                        f"{folder}: expected files of a training, got others. Choose another "
                        "folder."
                    )


@contextmanager
def new_checkpoint(path: Path, *, holds: Collection[str] | None = None) -> Iterator[Path]:
    """Give a folder to fill that takes the place of `path` when all is written.

    Args:
        path: The folder to replace; where an error is raised, what was there is as it was.
        holds: The names that files at `path` may have; None for any.

    Yields:
        An empty folder next to `path`.

    Raises:
        CheckpointError: The disk is full or not writable.
        OptionError: `path` holds a file with a name that is not in `holds`.
    """
    try:
        with replace_folder(path, holds=holds) as folder:
            yield folder
    except (OSError, SafetensorError) as error:
        kept = "the checkpoint saved before is unharmed. " if path.exists() else ""
        raise CheckpointError(
            f"{path}: cannot be written ({error}). {kept}Free some space, or give a folder that "
            "you may write to, then resume."
        ) from error
