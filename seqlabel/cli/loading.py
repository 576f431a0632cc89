"""What kind of model a folder or a name stands for, and what a model labels, for the subcommands
that take one.
"""

from pathlib import Path

from seqlabel.cli.options import Task
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.tagging.labeler import Labeler


def has_labels(path_or_name: Path | str) -> bool:
    """Return whether a model is a labeler, and not a language model.

    Args:
        path_or_name: Its folder, the output folder of a training, or its name.

    Returns:
        Whether it is.

    Raises:
        CheckpointError: There is no model.
    """
    return read_kind(find_folder(path_or_name)) is ModelKind.LABELER


def layers_of(model: Labeler) -> dict[str, tuple[Task, tuple[str, ...]]]:
    """Return what a model labels: the task and the labels of each layer.

    Args:
        model: The model.

    Returns:
        By layer, in the order of the heads.
    """
    return {tag_set.layer: (_task_of(tag_set), tag_set.labels) for tag_set in model.tag_sets}


def _task_of(labels: LabelSet) -> Task:
    if labels.unit is Unit.SENTENCE:
        return Task.TREES
    if labels.unit is Unit.DOCUMENT:
        return Task.DOCUMENT
    return Task.TAGS if labels.scheme is None else Task.SPANS
