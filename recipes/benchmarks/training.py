"""Speed of training on a CPU, in words per second of CPU time, and where a labeler's time goes.

    python recipes/benchmarks/training.py --data ../shared/data          # a few minutes on one idle core

One thread. A labeler of UPOS on `en` reads the first `--sentences` of the Web Treebank once: as `fine_tune` does by
default, with products in float32, and in batches whose rows are not of like length. An encoder is pretrained on the
first `--words` words of `web`'s encyclopedia, over words and over 8,000 pieces of words. The settings take turns; the
figures are medians over `--rounds`. The profile is of torch's operators, by what they serve; what is not listed is the
rest.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated
from unittest.mock import patch

import torch
from shared.corpora import treebank
from shared.turns import turns
from torch.profiler import ProfilerActivity, profile
from typer import Option

from seqlabel import Display, Document, Labeler, TagSet, fine_tune, pretrain, tagging_options
from seqlabel.batches import labelled
from seqlabel.commands import run, write_metrics
from seqlabel.models import PretrainingOptions
from seqlabel.text.line_blocks import packed_documents
from seqlabel.training import Precision

PARTS = {
    "steps of the recurrences": ("aten::bmm", "aten::baddbmm", "_Recurrence", "_RecurrenceBackward"),
    "other products": ("aten::mm", "aten::addmm"),
    "gradients of tables": ("aten::fill_", "aten::_embedding_bag_dense_backward", "aten::embedding_dense_backward"),
    "optimizer": ("aten::_fused_adamw_", "aten::linalg_vector_norm"),
    "average": ("aten::lerp_",),
}


def mixed_groups(lengths: list[int], words: int, *, seed: int, epoch: int) -> list[list[int]]:
    """Batches of rows as they come, of about as many words, padding included."""
    order = list(range(len(lengths)))
    random.Random(f"{seed} {epoch}").shuffle(order)
    groups: list[list[int]] = [[]]
    for number in order:
        longest = max(lengths[one] for one in (*groups[-1], number))
        if groups[-1] and longest * (len(groups[-1]) + 1) > words:
            groups.append([])
        groups[-1].append(number)
    return groups


def train(documents: list[Document], precision: Precision = Precision.AUTO) -> None:
    """One pass."""
    labeler = Labeler.on("en", [TagSet.of(documents, "upos")])
    options = replace(tagging_options(1), precision=precision)
    fine_tune(labeler, documents, options=options, display=Display.SILENT)


def train_mixed(documents: list[Document]) -> None:
    """One pass over batches whose rows are not of like length."""
    with patch.object(labelled, "shuffled_groups", mixed_groups):
        train(documents)


def encyclopedia(path: Path, words: int) -> Iterator[list[str]]:
    """The words of paragraphs, until there are enough."""
    for line in chain.from_iterable(packed_documents(path)):
        if words <= 0:
            return
        found = line.split()
        words -= len(found)
        yield found


def shares(documents: list[Document]) -> dict[str, float]:
    """The per cent of a training's time that each part takes."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        train(documents)
    found = {event.key: event.self_cpu_time_total for event in profiled.key_averages()}
    whole = sum(found.values())
    return {part: 100 * sum(found.get(key, 0.0) for key in keys) / whole for part, keys in PARTS.items()}


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt and web.")]
    sentences: Annotated[int, Option(min=1, help="Sentences to train a labeler on.")] = 3_000
    words: Annotated[int, Option(min=20_000, help="Words to pretrain on.")] = 500_000
    rounds: Annotated[int, Option(min=1, help="Rounds.")] = 3
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path("output/training/metrics.json")


def main(settings: Settings) -> None:
    """Print words per second and shares."""
    torch.set_num_threads(1)
    documents = treebank(settings.data, "train")[: settings.sentences]
    words = sum(map(len, documents))
    runs = {
        "by default": partial(train, documents),
        "in float32": partial(train, documents, Precision.FLOAT32),
        "rows of any length": partial(train_mixed, documents),
    }
    seconds = turns(runs, settings.rounds, warm_up=False)
    speeds = {name: words / median(took) for name, took in seconds.items()}
    for name, pieces in (("pretraining", None), ("pretraining on pieces", 8_000)):
        found = []
        for _ in range(settings.rounds):
            with TemporaryDirectory() as folder:
                text = encyclopedia(settings.data / "web" / "wikipedia.txt.xz", settings.words)
                options = PretrainingOptions(pieces=pieces)
                made = pretrain(text, f"{folder}/encoder", options=options, display=Display.SILENT)
            found.append(made.words_per_second)
        speeds[name] = median(found)
    parts = shares(documents[:1_000])
    for name, value in speeds.items():
        print(f"{name:>25}  {value:>8,.0f} words/s", flush=True)
    for name, value in parts.items():
        print(f"{name:>25}  {value:>6.0f} %", flush=True)
    write_metrics(settings.output, {"words_per_second": speeds, "shares": parts})


if __name__ == "__main__":
    run(main, Settings)
