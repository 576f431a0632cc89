"""The subcommands `seqlabel info` and `seqlabel models`: what a model or this machine is, and which
models ship.
"""

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from textwrap import shorten
from typing import Annotated, Any

import typer

from seqlabel.cli.options import Json
from seqlabel.commands.console import messages, say_if_both_installed
from seqlabel.names import VERSION, installed

_CARD = "README.md"
_SHOWN = 60
"""Characters of labels that are listed without `--json`."""


def info(
    model: Annotated[
        str | None,
        typer.Argument(
            help=(
                "A model's folder, or the name of one that ships. Default: this machine, "
                "and the models that ship."
            )
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a model is: its kind, its labels, what it was built with, its size; without one,
    what is installed.
    """
    with messages():
        from seqlabel.models.folders import find_folder

        say_if_both_installed()
        if model is None:
            _show_machine(as_json=as_json)
            return
        about = describe(find_folder(model))
        if as_json:
            print(json.dumps(about, ensure_ascii=False))
            return
        print(f"{model}: {about['kind']}, {about['megabytes']:.1f} MB, in {about['folder']}")
        for layer, labels in about["layers"].items():
            print(
                f"  {layer} ({len(labels)}): {shorten(', '.join(labels), _SHOWN, placeholder=' …')}"
            )
        if about["languages"]:
            print(f"  has read: {', '.join(about['languages'])}")
        print(
            f"  parameters: {about['parameters']:,}; words or pieces with own vectors: "
            f"{about['entries']:,}"
        )
        print(f"  computed by: {about['engine']}; compiled steps: {about['compiled_steps']}")
        if about["card"]:
            print(f"  card: {about['card']}")


_PACKAGES = (
    "torch",
    "spacy",
    "numpy",
    "python-stdnum",
    "cryptography",
    "faker",
    "pyarrow",
    "onnxruntime",
)
"""Packages that decide what can be done and how fast."""


def machine() -> dict[str, Any]:
    """Return what the library runs on.

    Returns:
        Plain values: version, distributions, Python, platform, processor, cores, instructions of
        the compiled steps, the device that `auto` chooses for training, the name of a GPU, the
        precision that `auto` chooses there, the words of a batch by its use, on a GPU at most (None
        without torch or a GPU), packages with their versions (None for those that are not
        installed), models that ship.
    """
    from seqlabel.commands.record import processor
    from seqlabel.models.folders import shipped_models
    from seqlabel.native.compiled import LEVEL

    packages: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    device = gpu = precision = batch_words = None
    if packages["torch"] is not None:
        from seqlabel.training.batch_sizes import BATCH_WORDS
        from seqlabel.training.devices import choose_device, name_of
        from seqlabel.training.loop import Precision

        chosen = choose_device("auto")
        device = str(chosen)
        gpu = name_of(chosen)
        precision = Precision.AUTO.chosen(chosen).name.lower()
        batch_words = {use.value: words.on(chosen) for use, words in BATCH_WORDS.items()}
    return {
        "seqlabel": VERSION,
        "distributions": sorted(installed()),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "compiled_steps": LEVEL.name.lower(),
        "training_device": device,
        "gpu": gpu,
        "training_precision": precision,
        "batch_words": batch_words,
        "packages": packages,
        "models": list(shipped_models()),
    }


def _show_machine(*, as_json: bool) -> None:
    about = machine()
    if as_json:
        print(json.dumps(about, ensure_ascii=False))
        return
    print(f"seqlabel {about['seqlabel']} ({', '.join(about['distributions']) or 'not installed'})")
    print(f"  Python {about['python']}, {about['platform']}")
    print(
        f"  processor: {about['processor']}, {about['cores']} cores; compiled steps: "
        f"{about['compiled_steps']}"
    )
    if about["training_device"] is None:
        print("  training: not possible: torch is not installed")
    else:
        gpu = f" ({about['gpu']})" if about["gpu"] else ""
        print(f"  training: {about['training_device']}{gpu}, in {about['training_precision']}")
        sizes = [f"{words:,} ({use})" for use, words in about["batch_words"].items()]
        print(f"  words per batch, at most: {', '.join(sizes)}")
    for name, number in about["packages"].items():
        print(f"  {name:<13} {number or 'not installed'}")
    print(f"  models: {', '.join(about['models'])}")
    print("`seqlabel models` describes the models, `seqlabel info MODEL` one of them.")


def models(as_json: Json = False) -> None:
    """List the models that ship."""
    with messages():
        from seqlabel.models.folders import find_folder, shipped_models

        folders = {name: find_folder(name) for name in shipped_models()}
        if as_json:
            print(
                json.dumps(
                    {name: describe(folder) for name, folder in folders.items()}, ensure_ascii=False
                )
            )
            return
        for name, folder in folders.items():
            lines = (folder / _CARD).read_text(encoding="utf-8").splitlines()
            title = next(line for line in lines if line.startswith("# ")).partition(": ")[2]
            print(f"{name:<12} {_megabytes(folder):5.1f} MB  {title}")


def describe(folder: Path) -> dict[str, Any]:
    """Return what a model's folder holds.

    Args:
        folder: The folder.

    Returns:
        Plain values: kind, folder, labels by layer, languages that an encoder has read, parameters,
        entries of the vocabulary, engine (`compiled` or `torch`), the instructions of the compiled
        steps (`missing` or `portable` leave all to torch), megabytes, card.

    Raises:
        CheckpointError: The folder holds no model.
    """
    from seqlabel.cli.loading import has_labels, layers_of
    from seqlabel.models.folders import OUTPUTS, read_kind
    from seqlabel.models.trained import load_trained
    from seqlabel.native.compiled import LEVEL

    trained = load_trained(folder) if has_labels(folder) else None
    if trained is None:
        from seqlabel.models.language_model import load_language_model
    shown = load_language_model(folder) if trained is None else trained
    # `train` writes the card next to the model's folder.
    folders = (folder, folder.absolute().parent) if folder.name in OUTPUTS else (folder,)
    cards = [parent / _CARD for parent in folders]
    card = next((path for path in cards if path.is_file()), None)
    layers: dict[str, list[str]] = {}
    if trained is not None:
        layers = {name: list(labels) for name, (_, labels) in layers_of(trained).items()}
    return {
        "kind": str(read_kind(folder)),
        "folder": str(folder),
        "layers": layers,
        "languages": list(getattr(shown.config, "languages", ())),
        "parameters": trained.parameters
        if trained is not None
        else sum(parameter.numel() for parameter in shown.module.parameters()),
        "engine": "torch" if trained is None else str(trained.inference.kind),
        "compiled_steps": LEVEL.name.lower(),
        "entries": len(shown.vocabulary),
        "megabytes": _megabytes(folder),
        "card": None if card is None else str(card),
    }


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6
