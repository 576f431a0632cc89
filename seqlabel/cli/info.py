"""The subcommands `seqlabel info` and `seqlabel models`: what a model is, and which ship; nothing is computed."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from seqlabel.cli.console import messages
from seqlabel.cli.options import Json

_SHOWN = 12
"""Labels that are listed by name without `--json`."""


def info(
    model: Annotated[str, typer.Argument(help="A model's folder, or the name of one that ships.")],
    as_json: Json = False,
) -> None:
    """Show what a model is: its kind, its labels, what it was built with, its size."""
    with messages():
        from seqlabel.cli.loading import model_folder
        from seqlabel.models.folders import find_folder

        about = describe(find_folder(model_folder(model)))
        if as_json:
            print(json.dumps(about, ensure_ascii=False))
            return
        print(f"{model}: {about['kind']}, {about['megabytes']:.1f} MB, in {about['folder']}")
        for layer, labels in about["layers"].items():
            more = f", … ({len(labels)})" if len(labels) > _SHOWN else ""
            print(f"  {layer}: {', '.join(labels[:_SHOWN])}{more}")
        print(
            f"  parameters: {about['parameters']:,}; words or pieces with a vector of their own: {about['entries']:,}"
        )
        print(f"  computed by: {about['engine']}")
        if about["card"]:
            print(f"  card: {about['card']}")


def models(as_json: Json = False) -> None:
    """List the models that ship."""
    with messages():
        from seqlabel.models.folders import find_folder, shipped_models

        found = {name: describe(find_folder(name)) for name in shipped_models()}
        if as_json:
            print(json.dumps(found, ensure_ascii=False))
            return
        for name, about in found.items():
            title = Path(about["card"]).read_text(encoding="utf-8").splitlines()[0].partition(": ")[2]
            print(f"{name:<12} {about['megabytes']:5.1f} MB  {title}")


def describe(folder: Path) -> dict[str, Any]:
    """Return what a model's folder holds.

    Args:
        folder: The folder.

    Returns:
        Plain values: kind, folder, labels by layer, parameters, entries of the vocabulary, engine
        (`compiled` or `torch`), megabytes, card.

    Raises:
        CheckpointError: The folder holds no model.
    """
    from seqlabel.cli.loading import layers_of, load
    from seqlabel.models.folders import read_kind
    from seqlabel.models.labeler import Labeler

    kind = read_kind(folder)
    trained = load(folder) if kind in ("labeler", "classifier") else None
    if trained is None:
        from seqlabel.models.language_model import load_language_model
    shown = load_language_model(folder) if trained is None else trained
    card = folder / "README.md"
    return {
        "kind": str(kind),
        "folder": str(folder),
        "layers": {} if trained is None else {name: list(labels) for name, (_, labels) in layers_of(trained).items()},
        "parameters": trained.parameters
        if isinstance(trained, Labeler)
        else sum(parameter.numel() for parameter in shown.module.parameters()),
        "engine": str(trained.inference.kind) if isinstance(trained, Labeler) else "torch",
        "entries": len(shown.vocabulary),
        "megabytes": sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6,
        "card": str(card) if card.is_file() else None,
    }
