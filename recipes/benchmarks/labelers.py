"""Speed of labelers side by side, in words per second of CPU time: by default, in torch, and exported to ONNX.

    python recipes/benchmarks/labelers.py --data ../shared/data

Every labeler gets the words of the Web Treebank's test part, in rows sorted by length, on one thread: as it runs by
default, by torch in float32, and, with `onnx` and `onnxruntime`, as the folder that `seqlabel export` writes. All take
turns, after a round that is not counted; the figures are medians over `--rounds`.
"""

import runpy
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
from shared.corpora import treebank, without_labels
from shared.turns import turns
from typer import Option

from seqlabel import Document, Labeler
from seqlabel.commands import run, write_metrics
from seqlabel.models import Arithmetic, export_onnx

ROWS = 16
"""Rows that the exported model reads at once."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    models: Annotated[str, Option(help="Labelers, with commas.")] = "en_pos,en_pos_fast,en_ner,en_ner_fast"
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 5
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path("output/labelers/metrics.json")


def ways(name: str, bare: Sequence[Document], folder: Path) -> dict[str, Callable[[], object]]:
    """The ways to run a labeler on all documents, by name; of many layers it gives the first two, UPOS and XPOS."""
    slow = Labeler.load(name, arithmetic=Arithmetic.FLOAT32)
    fast = Labeler.load(name)
    layers = fast.config.layers[:2]
    print(f"{name}: {fast.inference.kind}", flush=True)
    found: dict[str, Callable[[], object]] = {
        "seqlabel": lambda: list(fast(bare, layers=layers)),
        "torch in float32": lambda: list(slow(bare, layers=layers)),
    }
    if find_spec("onnx") and find_spec("onnxruntime"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        exported = runpy.run_path(str(export_onnx(fast.keep(layers), folder / name) / "run.py"))["Model"](folder / name)
        exported._session = onnxruntime.InferenceSession(folder / name / "model.onnx", options)
        groups = [[list(one.words) for one in bare[start : start + ROWS]] for start in range(0, len(bare), ROWS)]
        found["exported"] = lambda: [exported.tag_rows(rows) for rows in groups]
    return found


def main(settings: Settings) -> None:
    """Print the speeds."""
    torch.set_num_threads(1)
    bare = without_labels(sorted(treebank(settings.data, "test"), key=len))
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            f"{name}  {way:>16}": call
            for name in settings.models.split(",")
            for way, call in ways(name, bare, Path(folder)).items()
        }
        took = turns(runs, settings.rounds)
    figures: dict[str, dict[str, float]] = {}
    for one, seconds in took.items():
        name, way = one.split(maxsplit=1)
        figures.setdefault(name, {})[way] = sum(map(len, bare)) / median(seconds)
        print(f"{one:>30}  {figures[name][way]:>9,.0f} words/s", flush=True)
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
