"""Trained models in torch saved to folders and loaded from them; what lies in a folder is in `folders`."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from pydantic import TypeAdapter
from torch import nn

from seqlabel.errors import CheckpointError, OptionError
from seqlabel.models.folders import CONFIG, MODEL_PARTS, VOCABULARY, WEIGHTS, ModelKind, StoredModel, write_config
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.checkpoints import check_weights, fill_weights, new_checkpoint, read_tensors, save_weights


class TrainedModel(Protocol):
    """A torch module with the numbers that it is built of and its words."""

    @property
    def config(self) -> Any:
        """The numbers, a dataclass."""
        ...

    @property
    def vocabulary(self) -> Vocabulary | Pieces:
        """The words or pieces that the module reads."""
        ...

    @property
    def module(self) -> nn.Module:
        """The module whose weights a folder holds."""
        ...


_Config = TypeVar("_Config")
_Model = TypeVar("_Model", bound=TrainedModel)


def save_model(model: TrainedModel, folder: Path | str, *, kind: ModelKind, compact: bool = False) -> None:
    """Write a model to a folder, in place of the model that was there.

    Args:
        model: The model.
        folder: The folder; it is made where it is missing.
        kind: The kind of model.
        compact: Whether to store weights in 8 and 16 bits, as models that ship are (`save_weights`).

    Raises:
        CheckpointError: The folder cannot be written; the model that was there is then as it was.
        OptionError: The folder holds other files, which would be lost.
    """
    with new_checkpoint(Path(folder), holds=MODEL_PARTS) as beside:
        model.vocabulary.save(beside / VOCABULARY)
        save_weights(beside / WEIGHTS, model.module, compact=compact)
        write_config(beside, kind=kind, config=TypeAdapter(type(model.config)).dump_python(model.config, mode="json"))


def load_model(
    path_or_name: Path | str,
    *,
    kind: ModelKind,
    config: TypeAdapter[_Config],
    network: Callable[[_Config], nn.Module],
    model: Callable[[_Config, Vocabulary | Pieces], _Model],
    own: Iterable[type] = (),
) -> _Model:
    """Load a model from a folder, in evaluation mode, on the CPU.

    Args:
        path_or_name: The folder, or the name of a model that ships.
        kind: The kind of model that it must hold.
        config: The type adapter of the config.
        network: Builds the module of a config.
        model: Builds the model, with such a module, of a config and a vocabulary.
        own: Classes of your own that the config may name.

    Returns:
        The model with its weights.

    Raises:
        CheckpointError: A file is missing or damaged, or the folder holds another kind of model.
    """
    stored = StoredModel(path_or_name, kind)
    folder = stored.folder
    numbers = stored.config(config, own=own)
    tensors = read_tensors(stored.weights, sha256=stored.sha256)
    # First without memory for its weights: a damaged config may ask for more than there is.
    with _building(folder), torch.device("meta"):
        skeleton = network(numbers)
    check_weights(stored.weights, tensors, skeleton)
    vocabulary = stored.vocabulary()
    with _building(folder):
        loaded = model(numbers, vocabulary)
    fill_weights(loaded.module, tensors)
    loaded.module.eval()
    return loaded


@contextmanager
def _building(folder: Path) -> Generator[None]:
    """Turn what goes wrong while a model is built of a folder's numbers into a `CheckpointError`."""
    try:
        yield
    except CheckpointError:
        raise
    except (OptionError, TypeError, ValueError, RuntimeError, OverflowError, MemoryError, ImportError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"{folder / CONFIG}: no model can be built from it ({reason}). Restore the file."
        ) from error
