"""What lies beside an exported network: its labels, its words and the scripts that run it; networks are in `export`."""

import shutil
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlabel.batches.windows import CONTEXT, WINDOW
from seqlabel.io.files import write_json
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.native.compiled import Floats
from seqlabel.nn.heads.head import CompiledHead
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from seqlabel.text.pieces import Pieces

LABELS, VOCABULARY, RULES = "labels.json", "vocabulary.json", "words.json"
"""The files of labels, of frequent words, and, for English, of the rules by which a text is cut into words."""


def write_parts(
    folder: Path,
    config: LabelerConfig,
    vocabulary: "Vocabulary | Pieces",
    weights: Mapping[str, Floats],
    *,
    scripts: Iterable[str],
) -> None:
    """Write the files beside an exported network.

    Args:
        folder: The folder.
        config: The labeler's config; its encoder reads words and its heads are the library's.
        vocabulary: The labeler's frequent words.
        weights: The weights of its heads, by their names in torch; others are not read.
        scripts: The names of the scripts of `exported` to copy.
    """
    write_json(folder / LABELS, _labels(config, weights))
    vocabulary.save(folder / VOCABULARY)
    if config.language == "en":
        _copy("text/english.json", folder / RULES)
    for script in scripts:
        _copy(f"models/exported/{script}", folder / script)


def _copy(name: str, path: Path) -> None:
    with resources.as_file(resources.files("seqlabel").joinpath(name)) as file:
        shutil.copyfile(file, path)


def _labels(config: LabelerConfig, weights: Mapping[str, Floats]) -> dict[str, Any]:
    """The facts about words and heads that the scripts need."""
    assert isinstance(config.encoder, WordModelConfig)
    partners = [(number, partner) for number, partner in config.partners.items() if not partner.leads]
    together = {"heads": [partners[0][0], partners[0][1].head], "allowed": partners[0][1].allowed} if partners else None
    return {
        "language": config.language,
        "words": config.words,
        "buckets": config.encoder.buckets,
        "widths": (config.encoder.hidden, config.hidden),
        "window": WINDOW,
        "context": CONTEXT,
        "heads": [_head(head, weights, number) for number, head in enumerate(config.heads)],
        "together": together,
    }


def _head(head: HeadConfig, weights: Mapping[str, Floats], number: int) -> dict[str, Any]:
    """A head's tags, and how its scores are read."""
    assert isinstance(head.kind, CompiledHead)
    names = head.kind.shapes(len(head.tag_set.tags))
    own = {name: weights[f"heads.{number}.{head.kind.name}.{name}"] for name in names}
    return {
        "layer": head.tag_set.layer,
        "tags": head.tag_set.tags,
        "scheme": head.tag_set.scheme,
        "temperature": head.temperature,
        "threshold_offset": head.threshold_offset,
        "crf": head.kind.exported(head.tag_set, own),
    }
