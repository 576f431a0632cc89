"""Folders of JSON and safetensors that hold models, and where a training saves them; never pickle.

A model's folder has `config.json` (format, kind, numbers) and `model.safetensors`. A training's folder has also what
`training_state` writes. Folders are written beside their place and renamed, so the last good one survives a kill or a
full disk.
"""

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.files import make_folder, read_json, replace_file, replace_folder, settle_folder, write_json
from seqlabel.training.progress import EpochReport

FORMAT = 1
"""The version of the folder's format; a newer one is refused instead of misread."""


PRETRAINED = Path(__file__).parent.parent / "pretrained"
"""Where the models that ship with the library lie."""


def find_folder(path_or_name: Path | str) -> Path:
    """The folder of a model that ships, by its name, or the path itself; warns where there is a model at both."""
    if not str(path_or_name):
        raise OptionError("model: expected a folder or the name of a model that ships, got an empty text. Give one.")
    shipped, path = PRETRAINED / str(path_or_name), Path(path_or_name)
    if not (str(path_or_name).isidentifier() and shipped.is_dir()):
        return path
    if (path / "config.json").is_file():
        warnings.warn(f"{path}: found the model that ships, not the folder; give ./{path} for that", stacklevel=3)
    return shipped


def save_weights(path: Path, model: nn.Module, *, compact: bool = False) -> None:
    """Write a module's parameters and buffers; a tensor that two names share is stored once.

    With `compact`, for models that ship: a matrix of at least `TABLE_ROWS` rows is stored in 8 bits a number with one
    scale a row (its largest magnitude / 127), every other 32-bit number in 16 bits (float16).
    """
    tensors = distinct(model.state_dict())
    if compact:
        tensors = dict(_compact(tensors))
    with replace_file(path) as beside:
        write_tensors(beside, tensors)


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """A safetensors file that others may read as any file of this user's; the library alone would keep it private."""
    path.touch()
    mode = path.stat().st_mode
    save_file(tensors, path)
    path.chmod(mode)


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
    """The scale of each row, (rows, 1); of rows that were stored in 8 bits before, the one that they were stored with.

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
            best = torch.where(exact & ~(whole * best == table).all(dim=1, keepdim=True), other, best)
    return best


def has_compact_weights(path: Path) -> bool:
    """Tell whether `save_weights` wrote a file with `compact`.

    Args:
        path: A safetensors file.

    Returns:
        Whether numbers are stored in 16 or 8 bits.
    """
    with safe_open(path, framework="pt") as file:
        return any(file.get_slice(name).get_dtype() in ("F16", "I8") for name in file.keys())  # noqa: SIM118


def _expanded(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with what was stored in 8 bits multiplied by its scales."""
    return {
        name: tensor * tensors[name + _SCALE] if name + _SCALE in tensors else tensor
        for name, tensor in tensors.items()
        if not name.endswith(_SCALE)
    }


def load_weights(path: Path, model: nn.Module) -> None:
    """Read what `save_weights` wrote into a module of the same shape.

    Raises `CheckpointError`, naming what differs, if the file is missing, damaged or another model's.
    """
    tensors = _expanded(read_tensors(path))
    expected = distinct(model.state_dict())
    problems = [f"{name} is missing" for name in expected.keys() - tensors.keys()]
    problems += [f"{name} is not in this model" for name in tensors.keys() - expected.keys()]
    for name in expected.keys() & tensors.keys():
        if expected[name].shape != tensors[name].shape:
            found, needed = tuple(tensors[name].shape), tuple(expected[name].shape)
            problems.append(f"{name} has shape {found}, this model needs {needed}")
    if problems:
        shown = "; ".join(sorted(problems)[:3]) + (f"; and {len(problems) - 3} more" if len(problems) > 3 else "")
        raise CheckpointError(f"{path}: these are another model's weights ({shown}); give the folder of this model")
    with torch.no_grad():
        for name, tensor in expected.items():
            tensor.copy_(tensors[name])


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file. Raises `CheckpointError` if it is missing, cut off or something else."""
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such file; the checkpoint is incomplete or elsewhere")
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        size = path.stat().st_size
        raise CheckpointError(
            f"{path}: {size:,} bytes that are not a whole safetensors file ({error}); it is cut off or damaged, "
            f"so copy or train it again"
        ) from error
    return tensors


def distinct(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors without those that lie in a memory which an earlier name already covers (tied weights)."""
    seen: set[tuple[int, torch.Size]] = set()
    kept = {}
    for name, tensor in tensors.items():
        place = (tensor.data_ptr(), tensor.shape)
        if tensor.numel() and place in seen:
            continue
        seen.add(place)
        kept[name] = tensor
    return kept


def write_config(folder: Path, *, kind: str, config: Mapping[str, Any]) -> None:
    """Write `config.json`: what kind of model the folder holds and its numbers."""
    write_json(folder / "config.json", {"format": FORMAT, "kind": kind, "config": config})


def read_config(folder: Path, *, kind: str) -> dict[str, Any]:
    """The numbers in `config.json`.

    Raises `CheckpointError` for a folder that is not there or not a checkpoint, or holds another kind of model.
    """
    about = _read_about(folder)
    if about["kind"] != kind:
        raise CheckpointError(f"{folder}: found {about['kind']!r}, expected {kind!r}; give the folder of one")
    config: dict[str, Any] = about["config"]
    return config


def read_kind(folder: Path) -> str:
    """What kind of model a folder holds. Raises `CheckpointError` for a folder that is not there or no checkpoint."""
    return str(_read_about(folder)["kind"])


def _read_about(folder: Path) -> dict[str, Any]:
    settle_folder(folder)
    if not folder.is_dir():
        shipped = ", ".join(sorted(path.parent.name for path in PRETRAINED.glob("*/config.json"))) or "none"
        raise CheckpointError(
            f"{folder}: there is no such folder; give the folder that a model was saved to, or the name of one that "
            f"ships: {shipped}"
        )
    try:
        about = read_json(folder / "config.json")
    except DataError as error:
        raise CheckpointError(f"{error}; a checkpoint's folder holds a config.json") from error
    if not isinstance(about, dict) or not isinstance(about.get("config"), dict) or "kind" not in about:
        raise CheckpointError(f"{folder / 'config.json'}: this is not a seqlabel model's config")
    check_format(folder / "config.json", about.get("format"))
    return about


def config_from(kind: type[Any], numbers: Mapping[str, Any], folder: Path) -> Any:
    """A frozen config of the numbers read from a folder. Raises `CheckpointError` if they do not fit it."""
    try:
        return kind(**numbers)
    except TypeError as error:
        raise CheckpointError(f"{folder / 'config.json'}: does not fit {kind.__name__} ({error})") from error


@contextmanager
def building(folder: Path) -> Iterator[None]:
    """Build a model from the numbers read from a folder; what does not fit becomes a `CheckpointError`."""
    try:
        yield
    except (OptionError, TypeError, ValueError, RuntimeError, ImportError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(
            f"{folder / 'config.json'}: no model can be built of its numbers ({error}); restore the file"
        ) from error


def lowest_loss(report: EpochReport) -> float:
    """The score by which the lowest validation loss is best; the training loss where nothing was validated."""
    return -(report.train_loss if report.valid_loss is None else report.valid_loss)


def highest_accuracy(report: EpochReport) -> float:
    """The score by which the highest validation accuracy is best."""
    return lowest_loss(report) if report.accuracy is None else report.accuracy


def highest_score(report: EpochReport) -> float:
    """The score of `fit`'s own `score`; where there is none, the highest accuracy."""
    return highest_accuracy(report) if report.score is None else report.score


@dataclass(frozen=True)
class Checkpoints:
    """Where and how `fit` saves: `folder/last` at once and after every epoch, `folder/best` whenever `score` rises.

    `save` writes the model to a folder that exists (for instance `LanguageModel.save`). With `every_steps`, `last` is
    also written within epochs, after so many batches. With `resume`, a training that was cut off goes on from `last`.
    """

    folder: Path | str
    save: Callable[[Path], None]
    every_steps: int | None = None
    resume: bool = False
    score: Callable[[EpochReport], float] = lowest_loss

    @property
    def last(self) -> Path:
        """The newest model, with all that is needed to train on."""
        return Path(self.folder) / "last"

    @property
    def best(self) -> Path:
        """The model with the highest score."""
        return Path(self.folder) / "best"

    def claim(self) -> None:
        """Make sure that nothing but an earlier training's files will be replaced. Raises `OptionError` otherwise."""
        make_folder(Path(self.folder))
        settle_folder(self.last)
        if not (self.last / "training.json").is_file():
            for folder in (self.last, self.best):
                if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
                    raise OptionError(f"{folder}: found files that no training wrote; give another folder")


MODEL_PARTS = ("config.json", "model.safetensors", "vocabulary.json")
"""The files of a model's folder; a model is not saved over a folder with any other."""


@contextmanager
def new_checkpoint(path: Path, *, holds: Collection[str] | None = None) -> Iterator[Path]:
    """Give a folder to fill that takes the place of `path` when all is written.

    Raises `CheckpointError` if the disk is full or not writable; what was at `path` is then as it was. With `holds`,
    raises `OptionError` if `path` holds a file with another name.
    """
    try:
        with replace_folder(path, holds=holds) as folder:
            yield folder
    except (OSError, SafetensorError) as error:
        kept = "the checkpoint saved before is unharmed; " if path.exists() else ""
        raise CheckpointError(
            f"{path}: cannot be written ({error}); {kept}free some space, or give a folder that you may write to, "
            f"then resume"
        ) from error


def check_format(path: Path, found: object) -> None:
    """Raise `CheckpointError` for a file of another format than this library reads."""
    if found != FORMAT:
        raise CheckpointError(
            f"{path}: found format {found!r}, this seqlabel reads {FORMAT}; load it with the seqlabel that wrote it"
        )
