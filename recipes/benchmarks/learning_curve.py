"""How few labelled sentences are enough: labelers on `en` beside spaCy and a CRF, on the same random sentences.

    python recipes/benchmarks/learning_curve.py --data ../shared/data                  # 50 to all sentences, five draws
    python recipes/benchmarks/learning_curve.py --data ../shared/data --task ner --sizes 50,100 --peer-draws 1
    python recipes/benchmarks/learning_curve.py --data ../shared/data --task ner --tools crfsuite      # minutes

Parts of speech (accuracy) or entities (F1 of exact spans) of the English Web Treebank, on its test part; or entities of
six types in WNUT-17's posts, on its dev part. A labeler here sees no other label and trains for a number of passes that
follows from the number of sentences. spaCy's pipeline is trained with the config of `spacy init config --optimize
efficiency`, and its best step is chosen on the dev part, which is to its advantage. As its trainings take most of
the time, --peer-draws has it learn the first draws alone. The CRF is that of sklearn-crfsuite, with features of words
and their neighbours (`pip install sklearn-crfsuite`). Gold words are given to all. Figures are written after each size.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

import spacy
from shared import spacy_training
from shared.corpora import entities, posts, treebank
from shared.crf_suite import by_crf_suite
from shared.learning import learnt
from typer import Option

from seqlabel import Document, OptionError, TagSet
from seqlabel.commands import Encoder, run, write_metrics
from seqlabel.models.measuring import score_layers

Task = StrEnum("Task", "UPOS NER POSTS")
"""The labelled task."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt, ner_english_ewt and wnut17.")]
    task: Annotated[Task, Option(help="Parts of speech, entities, or entities of posts.")] = Task.UPOS
    sizes: Annotated[str, Option(help="Numbers of sentences, with commas; `all` for every one.")] = (
        "50,100,500,1000,all"
    )
    draws: Annotated[int, Option(min=1, help="Random samples of each size.")] = 5
    peer_draws: Annotated[int | None, Option(min=0, help="Samples that spaCy learns too, the first ones.")] = None
    tools: Annotated[str, Option(help="Which of the tools train, with commas.")] = "seqlabel,spacy,crfsuite"
    encoder: Encoder = "en"
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/learning_curve.json")


def by_seqlabel(encoder: str, sample: list[Document], test: list[Document], tags: TagSet, seed: int) -> list[Document]:
    """The test part as a labeler labels it that was trained on the sample."""
    return list(learnt(encoder, sample, tags, seed)(test))


def by_spacy(
    sample: list[Document], dev: list[Document], test: list[Document], tags: TagSet, seed: int
) -> list[Document]:
    """The test part as spaCy's pipeline labels it that was trained on the sample."""
    nlp = spacy_training.trained("tagger" if tags.scheme is None else "ner", sample, dev, seed=seed)
    return list(spacy_training.labelled(nlp, test))


def timed(label: Callable[[], list[Document]], test: Sequence[Document], tags: TagSet) -> tuple[float, float]:
    """The score of what is labelled, and the seconds of the processor that it took."""
    began = time.process_time()
    return score_layers(test, label(), [tags]), time.process_time() - began


def summary(runs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """The mean score of the draws, how far they lie apart, and the mean seconds of the processor."""
    scores, seconds = zip(*runs, strict=True)
    spread = stdev(scores) if len(scores) > 1 else 0.0
    return {"score": mean(scores), "deviation": spread, "draws": len(runs), "seconds": mean(seconds)}


def main(settings: Settings) -> None:
    """Train the tools on samples of several sizes and print their scores."""
    tools = settings.tools.split(",")
    unknown = set(tools) - {"seqlabel", "spacy", "crfsuite"}
    if unknown:
        raise OptionError(f"tools: Found {min(unknown)!r}. Give some of seqlabel, spacy, crfsuite.")
    read = {Task.UPOS: treebank, Task.NER: entities, Task.POSTS: posts}[settings.task]
    train, dev, test = (read(settings.data, part) for part in ("train", "dev", "test"))
    tags, rows = TagSet.of(train, "upos" if settings.task is Task.UPOS else "ner"), []
    for size in settings.sizes.split(","):
        count = len(train) if size == "all" else min(int(size), len(train))
        draws = 1 if count == len(train) else settings.draws
        found: dict[str, list[tuple[float, float]]] = {tool: [] for tool in tools}
        for draw in range(draws):
            sample = random.Random(draw).sample(train, count)
            ways = {
                "seqlabel": partial(by_seqlabel, settings.encoder, sample, test, tags, draw),
                "spacy": partial(by_spacy, sample, dev, test, tags, draw),
                "crfsuite": partial(by_crf_suite, sample, test, tags),
            }
            for tool, runs in found.items():
                if tool != "spacy" or settings.peer_draws is None or draw < settings.peer_draws:
                    runs.append(timed(ways[tool], test, tags))
        rows.append({"sentences": count} | {name: summary(runs) for name, runs in found.items() if runs})
        write_metrics(settings.output, {"task": str(settings.task), "spacy_version": spacy.__version__, "rows": rows})
        scores = (f"{name} {100 * mean(score for score, _ in runs):.2f}" for name, runs in found.items() if runs)
        print(f"{count:>6} sentences, draws: {draws}", *scores, sep="  ", flush=True)


if __name__ == "__main__":
    run(main, Settings)
