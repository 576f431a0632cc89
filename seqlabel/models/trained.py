"""A labeler from a folder or by its name, here or in several processes; language models are not.

Each process has a model of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.errors import CheckpointError
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.runs.workers import Batch, Workers


def load_trained(path_or_name: Path | str, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> Labeler:
    """Load a labeler on the CPU; unlike `Labeler.load` it says what to do with a language model.

    Args:
        path_or_name: Its folder, or the name of one that ships.
        arithmetic: In which numbers it multiplies.

    Returns:
        The labeler.

    Raises:
        CheckpointError: There is no model, it is damaged, or it is a language model, which has no
            labels.
    """
    kind = read_kind(find_folder(path_or_name))
    if kind is ModelKind.LABELER:
        return Labeler.load(path_or_name, arithmetic=arithmetic)
    raise CheckpointError(
        f"{path_or_name}: expected a labeler, got {str(kind)!r}, which has no labels. Train a "
        f"labeler on it with `seqlabel train … --on {path_or_name}`, or pass the folder of one."
    )


@dataclass(frozen=True)
class Labeling:
    """The work of labelling texts; see `runs.workers.Workers`, in each of whose processes it loads
    the model.

    Args:
        model: The folder of a labeler, or the name of one that ships.
        sensitivity: How readily a labeler of spans finds something; see `Labeler.with_sensitivity`.
    """

    model: str
    sensitivity: float = 0.0

    def __call__(self) -> Callable[[list[str | Document]], list[Document]]:
        """Load the model.

        Returns:
            What labels a list of texts or documents.

        Raises:
            CheckpointError: There is no such model.
            OptionError: A sensitivity is given for a model without spans.
        """
        return self.of(load_trained(self.model))

    def of(self, trained: Labeler) -> Callable[[list[str | Document]], list[Document]]:
        """Use a model that is loaded.

        Args:
            trained: The model.

        Returns:
            What labels a list of texts or documents.

        Raises:
            OptionError: A sensitivity is given for a model without spans.
        """
        if self.sensitivity:
            trained = trained.with_sensitivity(self.sensitivity)
        return partial(_label, trained)


def label_batches(
    path_or_name: Path | str,
    batches: Iterable[Sequence[str | Document]],
    *,
    processes: int,
    sensitivity: float = 0.0,
) -> Iterator[list[Document]]:
    """Label batches of texts in processes, which begin when the first batch is asked for.

    Args:
        path_or_name: The folder of a labeler, or the name of one that ships.
        batches: The texts; a few batches are taken ahead.
        processes: How many processes label, each with the model in its memory.
        sensitivity: How readily a labeler of spans finds something.

    Yields:
        The documents of each batch, in order.

    Raises:
        CheckpointError: There is no such model.
        OptionError: For less than one process, and if a process ended.
    """
    with Workers(Labeling(str(path_or_name), sensitivity), processes=processes) as workers:
        for _, documents in workers.run(Batch(None, list(batch)) for batch in batches):
            yield documents


def _label(trained: Labeler, batch: list[str | Document]) -> list[Document]:
    return list(trained(batch))
