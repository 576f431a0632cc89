"""Folders of classifiers, which were a kind of model until 1.0.0rc1, read as labelers with a head
of documents.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlabel.errors import CheckpointError

CLASSIFIER = "classifier"
"""The kind that such a folder names."""

_NAMES = {
    "head.": "heads.0.output.",
    "votes.weights": "heads.0.pooled.votes",
    "votes.": "heads.0.pooled.",
}
"""The beginnings of the names of weights, then and now; the first that fits counts."""


def labeler_config(config: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Write the numbers of a classifier as those of a labeler.

    Args:
        config: The numbers of the classifier, as its `config.json` has them.
        path: The file, for the message.

    Returns:
        The numbers of the labeler, which chooses the same labels.

    Raises:
        CheckpointError: They are not those of a classifier, or its encoder reads pieces of words,
            whose states it pooled piece by piece.
    """
    numbers = dict(config)
    try:
        if "pieces" in numbers["encoder"]:
            raise CheckpointError(
                f"{path}: is a classifier over pieces of words, which this seqlabel cannot read. "
                "Train it again with `seqlabel train document`."
            )
        layer = numbers.pop("layer")
        temperature = numbers.pop("temperature")
        kind = {"name": "pooled"}
        for name in ("buckets", "bptt", "gradient_words"):
            kind[name] = numbers.pop(name)
        tag_set = {"layer": layer, "categories": numbers.pop("labels")}
    except (KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path}: is not the config of a classifier. Restore the file."
        ) from error
    return {
        **numbers,
        "heads": [{"tag_set": tag_set, "kind": kind, "temperature": temperature}],
        "hidden": 0,
    }


def labeler_weight(name: str) -> str:
    """Name a weight of a classifier as it is called in a labeler.

    Args:
        name: The name in the classifier's file.

    Returns:
        The name in a labeler's.

    Example:
        >>> labeler_weight("head.mean"), labeler_weight("votes.share")
        ('heads.0.output.mean', 'heads.0.pooled.share')
    """
    for begin, other in _NAMES.items():
        if name.startswith(begin):
            return other + name.removeprefix(begin)
    return name
