"""How a pipe keeps the trained model that it holds: as files of a pipeline or as bytes, as compact as they were.

How Docs go through a pipe is in `running`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from thinc.compat import has_torch
from thinc.util import get_torch_default_device

from seqlabel.errors import CheckpointError, OptionError
from seqlabel.models.arithmetic import Arithmetic
from seqlabel.models.engine import EngineKind
from seqlabel.models.folders import PRETRAINED, find_folder
from seqlabel.models.labeler import Labeler
from seqlabel.models.trained import Trained, load_trained
from seqlabel.names import LateModule
from seqlabel.spacy.running import pack_folder, unpack_folder
from seqlabel.training.stored import has_compact_weights

if TYPE_CHECKING:
    from seqlabel.training import checkpoints
else:
    checkpoints = LateModule("seqlabel.training.checkpoints")


@dataclass(frozen=True)
class StoredModel:
    """A labeler or a classifier, and whether its weights are stored compactly, as they were when it was loaded."""

    model: Trained
    compact: bool = False

    def save(self, folder: Path) -> None:
        """Write the model to a folder.

        Args:
            folder: Where to write; a model that is there is replaced.

        Raises:
            OptionError: Where other files would be lost.
        """
        self.model.save(folder, compact=self.compact)

    def to_bytes(self) -> bytes:
        """Pack the model's files.

        Returns:
            The files as MessagePack.
        """
        return pack_folder(self.save)

    def to_disk(self, path: Path | str) -> None:
        """Write the model for a component.

        A folder in that of a pipeline belongs to the pipeline: whatever is there is replaced.

        Args:
            path: The component's folder.

        Raises:
            OptionError: For a folder outside a pipeline with other files, which would be lost.
        """
        path = Path(path)
        # spaCy writes both before it lets components write.
        if not all((path.parent / file).is_file() for file in ("meta.json", "config.cfg")):
            self.save(path)
            return
        if path.is_file():
            path.unlink()
        with checkpoints.new_checkpoint(path) as beside:
            self.save(beside)


def load_stored(path_or_name: Path | str, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> StoredModel:
    """Load a labeler or a classifier.

    Args:
        path_or_name: Its folder, or the name of a model that ships.
        arithmetic: In which numbers a labeler multiplies.

    Returns:
        The model, which is saved as compactly as it was stored.

    Raises:
        CheckpointError: If there is no such model or it is damaged.
    """
    model = load_trained(path_or_name, arithmetic=arithmetic)
    return StoredModel(model, has_compact_weights(find_folder(path_or_name) / "model.safetensors"))


def is_shipped(model: str) -> bool:
    """Tell whether a config names a model that ships.

    Args:
        model: A folder or the name of a model that ships.

    Returns:
        Whether it is a name.

    Raises:
        OptionError: If it is empty.
    """
    if not model:
        raise OptionError("model: Found ''. Give a labeler's folder or the name of one that ships.")
    return find_folder(model).parent == PRETRAINED


def load_named(model: str, *, arithmetic: Arithmetic) -> StoredModel:
    """Load the model that a config names.

    Args:
        model: A folder or the name of a model that ships.
        arithmetic: In which numbers a labeler multiplies.

    Returns:
        The model.

    Raises:
        CheckpointError: If there is no such model or it is damaged.
    """
    folder = find_folder(model)
    if not folder.is_dir():
        raise CheckpointError(
            f"{folder}: there is no such folder. Set `model` to a labeler's folder or the name of one that ships."
        )
    return load_stored(model, arithmetic=arithmetic)


def unpack_stored(data: bytes, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> StoredModel:
    """Take the model that `StoredModel.to_bytes` packed.

    Args:
        data: The packed files.
        arithmetic: In which numbers a labeler multiplies.

    Returns:
        The model.

    Raises:
        CheckpointError: If it is damaged.
    """
    load: Callable[[Path], StoredModel] = partial(load_stored, arithmetic=arithmetic)
    return unpack_folder(data, load)


def settle(model: Trained) -> None:
    """Move a model to the device that spaCy uses; the compiled steps stay on the CPU and need no torch.

    Args:
        model: The model, whose network is then in evaluation mode.
    """
    if isinstance(model, Labeler) and model.inference.kind is EngineKind.COMPILED and not _uses_other_device():
        return
    model.module.to(get_torch_default_device())
    model.module.eval()


def _uses_other_device() -> bool:
    return has_torch and get_torch_default_device().type != "cpu"
