"""How much of a pipe's work other threads can share: the share of CPU time in compiled steps, without Python's lock.

    python recipes/benchmarks/threads.py --data ../shared/data

The pipes label raw text, the documents of the Web Treebank's test part, on one thread; what two threads can gain at
most follows from the share (Amdahl): Python's lock admits one at a time to the rest. Medians over `--rounds`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import spacy
import torch
from shared.corpora import treebank
from spacy.language import Language
from typer import Option

from seqlabel.commands import run, write_metrics
from seqlabel.errors import OptionError
from seqlabel.native import compiled

PIPES = {"en_pos": "seqlabel", "en_ner": "seqlabel", "en_pos_fast": "seqlabel", "en_pii": "private_finder"}
THREADS = 2


class Timed:
    """The compiled steps, with the CPU time that they took."""

    def __init__(self, steps: Any) -> None:
        self._steps = steps
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Callable[..., object]:
        step = getattr(self._steps, name)

        def timed(*arguments: object) -> object:
            began = time.process_time()
            try:
                return step(*arguments)
            finally:
                self.seconds += time.process_time() - began

        return timed


def share(nlp: Language, texts: list[str], steps: Timed) -> float:
    """The part of a run's CPU time that its compiled steps took."""
    steps.seconds = 0.0
    began = time.process_time()
    for _ in nlp.pipe(texts):
        pass
    return steps.seconds / (time.process_time() - began)


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 5
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path("output/threads/metrics.json")


def main(settings: Settings) -> None:
    """Print the shares."""
    torch.set_num_threads(1)
    if compiled._steps is None:
        raise OptionError("The compiled steps are missing. Install seqlabel with a C++ compiler.")
    texts = [document.text for document in treebank(settings.data, "test", whole_documents=True)]
    steps = Timed(compiled._steps)
    compiled._steps = steps
    figures = {}
    for model, pipe in PIPES.items():
        nlp = spacy.blank("en")
        nlp.add_pipe(pipe, config={"model": model})
        found = median([share(nlp, texts, steps) for _ in range(settings.rounds + 1)][1:])
        figures[model] = {"share": 100 * found, "times": min(THREADS, 1 / (1 - found))}
        print(f"{model:>12}  {figures[model]['share']:.0f} %  {figures[model]['times']:.1f} times", flush=True)
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
