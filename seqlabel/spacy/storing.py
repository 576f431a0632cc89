"""How a pipe keeps the trained model that it holds: as files of a pipeline or as bytes, as compact
as they were.

How Docs go through a pipe is in `running`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.training import Example
from thinc.compat import has_torch
from thinc.util import get_torch_default_device

from seqlabel.errors import CheckpointError, OptionError, SeqlabelError
from seqlabel.models.folders import PRETRAINED, find_folder
from seqlabel.models.tagging.engine import Arithmetic, EngineKind
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import load_trained
from seqlabel.names import LateModule
from seqlabel.native.parallel import check_threads
from seqlabel.spacy.licenses import fill_license
from seqlabel.spacy.running import WorkingPipe, pack_folder, unpack_folder
from seqlabel.training.stored import has_compact_weights

if TYPE_CHECKING:
    from seqlabel.training import checkpoints
else:
    checkpoints = LateModule("seqlabel.training.checkpoints")


@dataclass(frozen=True)
class StoredModel:
    """A labeler, and whether its weights are stored compactly, as they were when it was loaded."""

    model: Labeler
    compact: bool = False

    def save(self, folder: Path) -> None:
        """Write the model to a folder.

        Args:
            folder: Where to write; a model that is there is replaced.

        Raises:
            OptionError: Where other files would be lost.
        """
        self.model.save(folder, compact=self.compact)

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
        with checkpoints.new_checkpoint(path) as folder:
            self.save(folder)


def load_stored(
    path_or_name: Path | str, *, arithmetic: Arithmetic = Arithmetic.AUTO
) -> StoredModel:
    """Load a labeler.

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


def labels_by_layer(model: Labeler) -> dict[str, tuple[str, ...]]:
    """List the labels of a labeler.

    Args:
        model: The model.

    Returns:
        The labels of each layer that it writes.
    """
    return {tag_set.layer: tag_set.labels for tag_set in model.tag_sets}


class ModelPipe(WorkingPipe):
    """A pipe whose files are those of one trained model; stands before spaCy's class among a pipe's
    bases.
    """

    arithmetic = Arithmetic.AUTO

    def _held(self) -> StoredModel:
        """The model. Raises if no model is set."""
        raise NotImplementedError

    def _use(self, stored: StoredModel) -> None:
        """Take a model. Raises `OptionError` where it does not fit the config."""
        raise NotImplementedError

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Pack the model's files.

        Args:
            exclude: Not used; the pipe has one part.

        Returns:
            The files as MessagePack.
        """
        return pack_folder(self._held().save)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Self:
        """Take the model that `to_bytes` packed.

        Args:
            data: The packed files.
            exclude: Not used; the pipe has one part.

        Returns:
            This pipe.

        Raises:
            CheckpointError: If the model is damaged.
            OptionError: If the config does not fit it.
        """
        self._use(unpack_folder(data, partial(load_stored, arithmetic=self.arithmetic)))
        return self

    def to_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> None:
        """Write the model to a folder, as compactly as it was loaded.

        Args:
            path: The folder; see `StoredModel.to_disk`.
            exclude: Not used; the pipe has one part.
        """
        self._held().to_disk(path)

    def from_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> Self:
        """Take the model in a folder.

        Args:
            path: The folder.
            exclude: Not used; the pipe has one part.

        Returns:
            This pipe.

        Raises:
            CheckpointError: If a file is missing or damaged.
            OptionError: If the config does not fit the model.
        """
        self._use(load_stored(Path(path), arithmetic=self.arithmetic))
        return self


class StoredPipe(ModelPipe, Pipe):
    """A pipe that labels with the model that its config names; a subclass says what it does with
    it.

    Args:
        name: The name of the component.
        arithmetic: In which numbers the model multiplies.
        threads: How many batches of `pipe` are read at a time.

    Raises:
        OptionError: For a number of threads below 1.
    """

    _stored: StoredModel | None = None
    _missing: SeqlabelError | None = None
    """The error to raise when the pipe is used before a model was loaded."""
    _of_model: tuple[str, ...]
    """The attributes that `_use` sets, which are made again where the pipe is unpickled."""

    def __init__(self, name: str, *, arithmetic: Arithmetic, threads: int) -> None:
        self.name = name
        self.arithmetic = arithmetic
        self.threads = check_threads(threads)

    def take_named(self, model: str, nlp: Language, *, late: bool) -> Self:
        """Take the model that a config names.

        A model that is not there or does not fit is an error when the pipe is used: spaCy makes
        pipes before it loads their weights, wherever the pipeline is run.

        Args:
            model: A folder, or the name of a model that ships.
            nlp: The pipeline.
            late: Whether that holds for the name of a model that ships too.

        Returns:
            This pipe.

        Raises:
            OptionError: For a model without a name.
        """
        if not model:
            raise OptionError(
                "model: expected a labeler's folder or the name of one that ships, got ''."
            )
        try:
            stored = load_stored(model, arithmetic=self.arithmetic)
            fill_license(nlp, model)
            self._use(stored)
        except SeqlabelError as error:
            if find_folder(model).parent == PRETRAINED and not late:
                raise
            # Without its trace, which would keep alive what was read.
            self._missing = type(error)(*error.args)
        return self

    def _held(self) -> StoredModel:
        if self._stored is None:
            if self._missing is None:
                raise CheckpointError(
                    f"{self.name}: expected a model, got none. Load one with from_disk or "
                    "from_bytes."
                )
            # A new one: threads may raise it at the same time, and each adds its own trace.
            raise type(self._missing)(*self._missing.args)
        return self._stored

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]] | None = None,
        *,
        nlp: Language | None = None,
        **_: Any,
    ) -> None:
        """Check that there is a model: a training must not run for hours before it is missed.

        Args:
            get_examples: Not used; nothing is learnt.
            nlp: Not used.

        Raises:
            CheckpointError: If there is no model.
        """
        self._held()

    def __reduce__(self) -> tuple[Any, ...]:
        data = None if self._stored is None else self.to_bytes()
        kept = {name: value for name, value in vars(self).items() if name not in self._of_model}
        return _restored, (type(self), self.name, kept, data)


def _restored(
    kind: type[StoredPipe], name: str, kept: dict[str, Any], data: bytes | None
) -> StoredPipe:
    pipe = kind.__new__(kind)
    pipe.name = name
    vars(pipe).update(kept)
    return pipe if data is None else pipe.from_bytes(data)


def make_ready(model: Labeler) -> None:
    """Move a model to the device that spaCy uses; the compiled steps stay on the CPU and need no
    torch.

    Args:
        model: The model, whose network is then in evaluation mode.
    """
    if model.inference.kind is EngineKind.COMPILED and not _uses_other_device():
        return
    model.module.to(get_torch_default_device())
    model.module.eval()


def _uses_other_device() -> bool:
    return has_torch and get_torch_default_device().type != "cpu"
