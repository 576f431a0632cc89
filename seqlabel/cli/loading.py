"""A trained model of any kind from a folder or by its name, for the subcommands that take one; no training."""

from pathlib import Path

from seqlabel.cli.options import Task
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.labeler import Labeler
from seqlabel.models.trained import Trained, load_trained

OUTPUTS = ("model", "best")
"""The folders of the model in the output folders of `train` and of `pretrain`."""


def model_folder(path_or_name: Path | str) -> Path | str:
    """Return where a model lies: itself, or in the output folder of `train` or `pretrain`.

    Args:
        path_or_name: A model's folder, the output folder of a training, or the name of a model that ships.

    Returns:
        The folder `model` or `best` in an output folder; otherwise the argument.
    """
    folder = Path(path_or_name)
    if not (folder / "config.json").is_file():
        for name in OUTPUTS:
            if (folder / name / "config.json").is_file():
                return folder / name
    return path_or_name


def has_labels(path_or_name: Path | str) -> bool:
    """Tell whether a model is a labeler or a classifier, and not a language model.

    Args:
        path_or_name: As in `model_folder`.

    Returns:
        Whether it is.

    Raises:
        CheckpointError: There is no model.
    """
    return read_kind(find_folder(model_folder(path_or_name))) in (ModelKind.LABELER, ModelKind.CLASSIFIER)


def load(path_or_name: Path | str) -> Trained:
    """Load a labeler or a classifier.

    Args:
        path_or_name: As in `model_folder`.

    Returns:
        The model, on the CPU.

    Raises:
        CheckpointError: There is no model, or it is a language model, which has no labels.
    """
    return load_trained(model_folder(path_or_name))


def layers_of(model: Trained) -> dict[str, tuple[Task, tuple[str, ...]]]:
    """Return what a model labels: the task and the labels of each layer.

    Args:
        model: The model.

    Returns:
        By layer, in the order of the heads.
    """
    if isinstance(model, Labeler):
        return {one.layer: (Task.TAGS if one.scheme is None else Task.SPANS, one.labels) for one in model.tag_sets}
    return {model.config.layer: (Task.DOCUMENT, model.config.labels)}
