"""A labeler or a classifier from a folder or by its name, whichever is there; language models are not."""

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from seqlabel.errors import CheckpointError
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import LateModule

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
