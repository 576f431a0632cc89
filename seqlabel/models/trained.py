"""A labeler or a classifier from a folder or by its name, here or in several processes; language models are not.

Each process has a model of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from seqlabel.documents.document import Document
from seqlabel.errors import CheckpointError, OptionError
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import LateModule
from seqlabel.native.parallel import pooled

if TYPE_CHECKING:
    from seqlabel.models import classifier
else:
    classifier = LateModule("seqlabel.models.classifier")

Trained: TypeAlias = "Labeler | classifier.Classifier"


def load_trained(path_or_name: Path | str, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> Trained:
    """Load a labeler or a classifier on the CPU.

    Args:
        path_or_name: Its folder, or the name of one that ships.
        arithmetic: In which numbers a labeler multiplies.

    Returns:
        The labeler or classifier.

    Raises:
        CheckpointError: There is no model, it is damaged, or it is a language model, which has no labels.
    """
    kind = read_kind(find_folder(path_or_name))
    if kind is ModelKind.LABELER:
        return Labeler.load(path_or_name, arithmetic=arithmetic)
    if kind is ModelKind.CLASSIFIER:
        return classifier.Classifier.load(path_or_name)
    raise CheckpointError(
        f"{path_or_name}: Found {str(kind)!r}, which has no labels. Train a labeler on it with "
        f"`seqlabel train … --on {path_or_name}`, or give the folder of one."
    )


_MODELS: list[Trained] = []
"""The model of a process that labels."""


def label_batches(
    path_or_name: Path | str, batches: Iterable[Sequence[str | Document]], *, processes: int
) -> Iterator[list[Document]]:
    """Label batches of texts in processes, which begin when the first batch is asked for.

    Args:
        path_or_name: The folder of a labeler or a classifier, or the name of one that ships.
        batches: The texts; a few batches are taken ahead.
        processes: How many processes label, each with the model in its memory.

    Yields:
        The documents of each batch, in order.

    Raises:
        CheckpointError: There is no such model.
        OptionError: For less than one process, and if a process ended.
    """
    if processes < 1:
        raise OptionError(f"processes: Found {processes}. Give at least 1.")
    # Not forked: torch would wait forever for threads that only the parent has.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _start, (str(path_or_name),))
    try:
        yield from pooled(pool, _label, map(list, batches), ahead=2 * processes)
    except BrokenProcessPool:
        raise OptionError("A process that labels ended, perhaps for want of memory. Use fewer --processes.") from None


def _start(path_or_name: str) -> None:
    _MODELS.append(load_trained(path_or_name))


def _label(batch: list[str | Document]) -> list[Document]:
    return list(_MODELS[0](batch))
