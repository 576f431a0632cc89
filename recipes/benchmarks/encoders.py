"""What an encoder is worth: taggers and labelers of names learnt on each of several encoders, and
on none.

    python recipes/benchmarks/encoders.py --data ../shared/data --encoders en
    python recipes/benchmarks/encoders.py --data ../shared/data \
        --encoders 2M=output/pretrain_2m,23M=en
    xz -dc ../shared/data/europe/fi_*.txt.xz | shuf -n 40000 --random-source=/dev/zero > fi.txt
    seqlabel pretrain fi.txt --language fi -o output/fi
    python recipes/benchmarks/encoders.py --data ../shared/data --language fi \
        --encoders none,en,eu,own=output/fi

In English the tasks are parts of speech from 100 sentences (three draws) and from 1,000 of the Web
Treebank, its entities from 4,000 sentences, entities of six types from 1,000 posts of WNUT-17, and
the parts of speech of ATIS, where people ask for flights, from 500 sentences. No test part is read,
so that encoders can be chosen by these figures. In another language they are parts of speech from
the first 100 and 500 sentences that `recipes/europe_pos.py` takes of it, scored on its test parts,
a mean over --seeds. Accuracy, and F1 of exact spans. Figures are written after every encoder.
"""

import random
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated

from shared.corpora import entities, flights, posts, treebank
from shared.learning import learnt
from typer import Option

from seqlabel import Document, TagSet, WordLanguageModel
from seqlabel.commands import Seeds, run, write_metrics
from seqlabel.models.measuring import score_layers

sys.path.insert(0, str(Path(__file__).parent.parent))
from europe_data import UPOS, parts_of


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path,
        Option(
            help="Folder that holds ud_english_ewt, ner_english_ewt, wnut17 and ud_english_atis."
        ),
    ]
    encoders: Annotated[
        str, Option(help="Encoders with commas, a name, a folder or none; NAME=FOLDER names one.")
    ] = "en"
    language: Annotated[
        str, Option(help="The language's code: en, or one of those with a treebank in europe.")
    ] = "en"
    sentences: Annotated[
        str, Option(help="Numbers of sentences to learn from, with commas, but in English.")
    ] = "100,500"
    seeds: Seeds = 2
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/encoders.json"
    )


@dataclass(frozen=True)
class Task:
    """A task: the tags that are learnt, the samples that they are learnt from, each once, and what
    is measured on.
    """

    tags: TagSet
    samples: list[list[Document]]
    tests: list[list[Document]]


def english_tasks(data: Path) -> Iterator[tuple[str, Task]]:
    """The five tasks, each with its dev part; dev chooses nothing."""
    for name, layer, read, draws in (
        ("upos_100", "upos", treebank, 3),
        ("upos_1000", "upos", treebank, 1),
        ("ner_4000", "ner", entities, 1),
        ("posts_1000", "ner", posts, 1),
        ("flights_500", "upos", flights, 1),
    ):
        train, dev = (read(data, part) for part in ("train", "dev"))
        count = min(int(name.rpartition("_")[2]), len(train))
        samples = [random.Random(draw).sample(train, count) for draw in range(draws)]
        yield name, Task(TagSet.of([*train, *dev], layer), samples, [dev])


def tagging_tasks(settings: Settings) -> Iterator[tuple[str, Task]]:
    """Parts of speech of a language from its first sentences."""
    counts = [int(count) for count in settings.sentences.split(",")]
    parts = parts_of(settings.data, settings.language, 2 * max(counts))
    for count in counts:
        train = parts.train[:count]
        yield str(len(train)), Task(UPOS, [train] * settings.seeds, list(parts.tests.values()))


def score(encoder: str, task: Task, language: str) -> float:
    """The score of labelers that learnt the samples, a mean over these and the tests."""
    scores = []
    for seed, sample in enumerate(task.samples):
        words = {word for document in sample for word in document.words}
        below = (
            WordLanguageModel.fresh(words, seed=seed)
            if encoder == "none"
            else WordLanguageModel.load(encoder)
        )
        with warnings.catch_warnings():
            # That `en` has not read the language is what is measured.
            warnings.simplefilter("ignore", UserWarning)
            labeler = learnt(below, sample, task.tags, seed, language=language)
        scores += [score_layers(test, list(labeler(test)), [task.tags]) for test in task.tests]
    return mean(scores)


def main(settings: Settings) -> None:
    """Learn every task on every encoder and print the scores."""
    tasks = dict(
        english_tasks(settings.data) if settings.language == "en" else tagging_tasks(settings)
    )
    rows: dict[str, dict[str, float]] = {}
    for given in settings.encoders.split(","):
        name, _, folder = given.partition("=")
        rows[name] = {
            title: score(folder or name, task, settings.language) for title, task in tasks.items()
        }
        write_metrics(settings.output, {"language": settings.language, "encoders": rows})
        print(
            name,
            *(f"{title} {100 * found:.2f}" for title, found in rows[name].items()),
            sep="  ",
            flush=True,
        )


if __name__ == "__main__":
    run(main, Settings)
