"""One worker against two on raw text, in elapsed time: threads and processes.

    python recipes/benchmarks/parallel.py --data ../shared/data             # needs two idle cores

The texts are the documents of the Web Treebank's test part for tags and pii_anon's development part
for private data, both as often as makes `--megabytes`. The settings take turns, after a round that
is not counted; the figures are medians over `--rounds`. Workers of `datasets` load the model within
the time. The first row is what two cores can give here: two processes that share nothing, each with
half of the texts. Where cores share their units, as two threads of one core do, that is far from
twice as much.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Annotated

import spacy
import torch
from shared.corpora import treebank
from typer import Option

from seqlabel import Labeler, PrivateFinder, Replace
from seqlabel.commands import run, write_metrics
from seqlabel.privacy import find_in_column, redact_column

Job = Callable[[int], float]
"""Takes the number of workers, and gives seconds."""


def as_much(texts: list[str], megabytes: int) -> list[str]:
    """The texts, again and again, until they have that many million characters."""
    repeated: list[str] = []
    length = 0
    for text in cycle(texts):
        if length >= megabytes * 1_000_000:
            break
        repeated.append(text)
        length += len(text)
    return repeated


def pipe(component: str, model: str, texts: list[str]) -> Job:
    """A pipeline for each number of threads, loaded beforehand."""

    @cache
    def pipeline(threads: int) -> spacy.language.Language:
        nlp = spacy.blank("en")
        nlp.add_pipe(component, config={"model": model, "threads": threads})
        return nlp

    def job(threads: int) -> float:
        nlp = pipeline(threads)
        began = time.perf_counter()
        for _ in nlp.pipe(texts):
            pass
        return time.perf_counter() - began

    return job


def alone(texts: list[str], ready: Barrier) -> None:
    """A process that shares nothing."""
    torch.set_num_threads(1)
    labeler = Labeler.load("en_pos")
    list(labeler(texts[:100]))
    ready.wait()
    for _ in labeler.pipe(texts):
        pass
    ready.wait()


def apart(texts: list[str], processes: int) -> float:
    """Processes that share nothing; the time of the slowest one, without its start."""
    context = get_context("spawn")
    ready = context.Barrier(processes + 1)
    started = [
        context.Process(target=alone, args=(texts[part::processes], ready))
        for part in range(processes)
    ]
    for process in started:
        process.start()
    ready.wait()
    began = time.perf_counter()
    ready.wait()
    seconds = time.perf_counter() - began
    for process in started:
        process.join()
    return seconds


@cache
def finder() -> PrivateFinder:
    """The finder of a process, loaded on its first batch."""
    return PrivateFinder.load("en_pii")


def redact_batch(batch: dict[str, list[str]]) -> dict[str, list[str]]:
    """What a process of `datasets` does."""
    found = find_in_column(batch["text"], finder=finder())
    return {"text": redact_column(batch["text"], found, Replace())}


def map_dataset(texts: list[str], processes: int) -> float:
    """`datasets.map` with processes, started for it."""
    from datasets import Dataset

    data = Dataset.from_dict({"text": texts})
    began = time.perf_counter()
    # Without `num_proc`, `datasets` would not start a process, which one and two shall have in
    # common.
    data.map(
        redact_batch, batched=True, batch_size=500, num_proc=processes, load_from_cache_file=False
    )
    return time.perf_counter() - began


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt and pii_anon.")]
    megabytes: Annotated[int, Option(min=1, help="Million characters of each text.")] = 5
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 5
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path(
        "output/parallel/metrics.json"
    )


def main(settings: Settings) -> None:
    """Time all with one worker and with two."""
    torch.set_num_threads(1)
    from datasets import disable_progress_bars

    disable_progress_bars()
    lines = (settings.data / "pii_anon" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    tagged = as_much(
        [one.text for one in treebank(settings.data, "test", whole_documents=True)],
        settings.megabytes,
    )
    private = as_much([json.loads(line)["text"] for line in lines], settings.megabytes)
    jobs: dict[str, Job] = {
        "processes apart, en_pos": partial(apart, tagged),
        **{
            f"threads, {model}": pipe("seqlabel", model, tagged)
            for model in ("en_pos", "en_ner", "en_pos_fast")
        },
        "threads, en_pii": pipe("private_finder", "en_pii", private),
        "datasets, en_pii": partial(map_dataset, private),
    }
    figures = {}
    for what, job in jobs.items():
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(settings.rounds + 1):
            for workers in (1, 2):
                took = job(workers)
                if turn:
                    seconds[workers].append(took)
        one = median(seconds[1])
        two = median(seconds[2])
        figures[what] = {"seconds": {"1": one, "2": two}, "times": one / two}
        print(f"{what:>23}  {one:6.1f} s  {two:6.1f} s  {one / two:.2f} times", flush=True)
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
