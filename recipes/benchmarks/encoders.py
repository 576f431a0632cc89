"""What an encoder is worth: five tasks learnt on each of several encoders, measured on their dev parts.

    python recipes/benchmarks/encoders.py --data ../shared/data --encoders en
    python recipes/benchmarks/encoders.py --data ../shared/data --encoders 2M=output/pretrain_2m,23M=en

The tasks are parts of speech from 100 sentences (three draws) and from 1,000 of the English Web Treebank, its entities
from 4,000 sentences, entities of six types from 1,000 posts of WNUT-17, and the parts of speech of ATIS, where people
ask for flights, from 500 sentences. Accuracy, and F1 of exact spans. No test part is read, so that encoders can be
chosen by these figures. Figures are written after every encoder.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated

from shared.corpora import entities, flights, posts, treebank
from shared.learning import learnt
from typer import Option

from seqlabel import Document, TagSet, WordLanguageModel
from seqlabel.commands import run, write_metrics
from seqlabel.models.measuring import score_layers


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt, ner_english_ewt, wnut17 and ud_english_atis.")]
    encoders: Annotated[str, Option(help="Encoders with commas, each a name or folder; NAME=FOLDER names one.")] = "en"
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/encoders.json")


@dataclass(frozen=True)
class Task:
    """A task: the layer that is learnt, where its parts are read, and how many sentences are drawn how often."""

    layer: str
    read: Callable[[Path, str], list[Document]]
    sentences: int
    draws: int = 1


TASKS = {
    "upos_100": Task("upos", treebank, 100, draws=3),
    "upos_1000": Task("upos", treebank, 1_000),
    "ner_4000": Task("ner", entities, 4_000),
    "posts_1000": Task("ner", posts, 1_000),
    "flights_500": Task("upos", flights, 500),
}


def score(encoder: WordLanguageModel, task: Task, train: list[Document], dev: list[Document]) -> float:
    """The score on dev of a labeler that learnt from a sample, a mean over the draws; dev chooses nothing."""
    tags, scores = TagSet.of([*train, *dev], task.layer), []
    for draw in range(task.draws):
        sample = random.Random(draw).sample(train, min(task.sentences, len(train)))
        scores.append(score_layers(dev, list(learnt(encoder, sample, tags, draw)(dev)), [tags]))
    return mean(scores)


def main(settings: Settings) -> None:
    """Learn every task on every encoder and print the scores."""
    parts = {name: [task.read(settings.data, part) for part in ("train", "dev")] for name, task in TASKS.items()}
    rows: dict[str, dict[str, float]] = {}
    for given in settings.encoders.split(","):
        name, _, folder = given.partition("=")
        encoder = WordLanguageModel.load(folder or name)
        rows[name] = {task: score(encoder, TASKS[task], *parts[task]) for task in TASKS}
        write_metrics(settings.output, {"encoders": rows})
        print(name, *(f"{task} {100 * score:.2f}" for task, score in rows[name].items()), sep="  ", flush=True)


if __name__ == "__main__":
    run(main, Settings)
