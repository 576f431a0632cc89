"""How few labelled sentences are enough: labelers on `en` beside spaCy and a CRF, on the same
random sentences.

    # 50 to all sentences, five draws
    python recipes/benchmarks/learning_curve.py --data ../shared/data
    python recipes/benchmarks/learning_curve.py --data ../shared/data --task ner \
        --sizes 50,100 --peer-draws 1
    # minutes
    python recipes/benchmarks/learning_curve.py --data ../shared/data --task ner --tools crfsuite
    python recipes/benchmarks/learning_curve.py --data ../shared/data --task ner --sizes 100 \
        --draws 2 \
        --tools seqlabel --part dev --tested 600 --mean-with en_pos,en_trees    # two minutes
    python recipes/benchmarks/learning_curve.py --data ../shared/data --task posts \
        --sizes 25,100 --draws 2 \
        --part dev --tested 600 --temperatures 1,1.25,1.4,1.6,2    # a minute
    python recipes/benchmarks/learning_curve.py --data ../shared/data --task posts --sizes 100 \
        --draws 4 --tools seqlabel --part dev --tested 600 --teachers 3    # six minutes

Parts of speech (accuracy) or entities (F1 of exact spans) of the English Web Treebank, on its test
part; entities of six types in WNUT-17's posts, on its dev part; Penn tags of speech of MASC, on
other files; parts of speech of ATIS's requests for flights; or, of words in small letters without
marks, which of them a writer of MASC began with a capital letter and ended with a comma, a full
stop or a question mark (accuracy), on other files.
A labeler here sees no other label and trains for a number of passes that follows from the number of
sentences; with --mean-with it starts from the mean of the encoder and those of labelers
(`mean_encoder`), and with --teachers it learns too what so many labelers give text without labels
(`self_train`): other sentences of the train part, which with --adapt the encoder reads first
(`adapt`). spaCy's pipeline is trained with the config of
`spacy init config --optimize efficiency`, and its best step is chosen on the dev part, which is to
its advantage. As its trainings take most of the time, --peer-draws has it learn the first draws
alone. The CRF is that of sklearn-crfsuite, with features of words and their neighbours
(`pip install sklearn-crfsuite`). Gold words are given to all. Figures are written after each size.
With --temperatures labelers alone are trained, and their calibration errors at these temperatures
are printed instead of scores.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, Any

import spacy
from shared import spacy_training
from shared.corpora import entities, flights, marks, posts, speech, treebank, without_labels
from shared.crf_suite import by_crf_suite
from shared.learning import learnt, self_taught
from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    OptionError,
    Report,
    TagSet,
    WordLanguageModel,
    adapt,
)
from seqlabel.commands import Encoder, run, write_metrics
from seqlabel.models import mean_encoder
from seqlabel.models.measuring import score_layers

Task = StrEnum("Task", "UPOS NER POSTS MARKS SPEECH FLIGHTS")
"""The labelled task."""
TASKS = {
    Task.UPOS: (treebank, "upos"),
    Task.NER: (entities, "ner"),
    Task.POSTS: (posts, "ner"),
    Task.MARKS: (marks, "marks"),
    Task.SPEECH: (speech, "xpos"),
    Task.FLIGHTS: (flights, "upos"),
}
"""What reads a part of each task's corpus, and the layer that is learnt."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds the folder of the task's corpus, as wnut17.")
    ]
    task: Annotated[
        Task, Option(help="Tags, entities, those of posts, case and marks, speech, or flights.")
    ] = Task.UPOS
    sizes: Annotated[
        str, Option(help="Numbers of sentences, with commas; `all` for every one.")
    ] = "50,100,500,1000,all"
    draws: Annotated[int, Option(min=1, help="Random samples of each size.")] = 5
    peer_draws: Annotated[
        int | None, Option(min=0, help="Samples that spaCy learns too, the first ones.")
    ] = None
    tools: Annotated[str, Option(help="Which of the tools train, with commas.")] = (
        "seqlabel,spacy,crfsuite"
    )
    encoder: Encoder = "en"
    mean_with: Annotated[
        str | None, Option(help="Labelers whose encoders are averaged with it, with commas.")
    ] = None
    epochs: Annotated[
        int | None, Option(min=1, help="Passes of labelers; by the number of sentences.")
    ] = None
    teachers: Annotated[
        int, Option(min=0, help="Labelers that label text without labels for another to learn.")
    ] = 0
    teacher_offset: Annotated[
        float,
        Option(help="Added to the teachers' threshold offset; -1 takes back that of few spans."),
    ] = 0.0
    adapted: Annotated[
        bool, Option("--adapt", help="The encoder reads the text without labels first.")
    ] = False
    unlabelled: Annotated[
        int, Option(min=1, help="About how many words without labels there are.")
    ] = 50_000
    part: Annotated[str, Option(help="The part that is measured on, test or dev.")] = "test"
    tested: Annotated[
        int | None, Option(min=1, help="Measure on a random sample of this many sentences.")
    ] = None
    temperatures: Annotated[
        str | None, Option(help="Print calibration errors at these instead, with commas.")
    ] = None
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/learning_curve.json"
    )


def by_seqlabel(
    settings: Settings,
    encoder: str | WordLanguageModel,
    sample: list[Document],
    unlabelled: list[Document],
    test: list[Document],
    tags: TagSet,
    seed: int,
) -> list[Document]:
    """The test part as a labeler labels it that was trained on the sample."""
    if settings.adapted:
        encoder = adapt(encoder, unlabelled, display=Display.SILENT)
    if not settings.teachers:
        return list(learnt(encoder, sample, tags, seed, epochs=settings.epochs)(test))
    labeler = self_taught(
        encoder,
        sample,
        unlabelled,
        tags,
        seed,
        teachers=settings.teachers,
        threshold_offset=settings.teacher_offset,
    )
    return list(labeler(test))


def unlabelled_of(
    train: Sequence[Document], sample: Sequence[Document], words: int, seed: int
) -> list[Document]:
    """About so many words of the training part that the sample lacks, without their labels."""
    of_sample = {id(document) for document in sample}
    others = [document for document in train if id(document) not in of_sample]
    random.Random(seed).shuffle(others)
    drawn = []
    count = 0
    for document in others:
        if count > words:
            break
        drawn.append(document)
        count += len(document)
    return without_labels(drawn)


def by_spacy(
    sample: list[Document], dev: list[Document], test: list[Document], tags: TagSet, seed: int
) -> list[Document]:
    """The test part as spaCy's pipeline labels it that was trained on the sample."""
    nlp = spacy_training.trained("tagger" if tags.scheme is None else "ner", sample, dev, seed=seed)
    return list(spacy_training.labeled(nlp, test))


@dataclass(frozen=True)
class Run:
    """One training and its measurement.

    Args:
        score: The score on the test part, from 0 to 1.
        seconds: Seconds of the processor, training and labelling together.
        calibration_error: The expected calibration error, from 0 to 1; None without probabilities.
    """

    score: float
    seconds: float
    calibration_error: float | None


def timed(label: Callable[[], list[Document]], test: Sequence[Document], tags: TagSet) -> Run:
    """Train and label, and measure the result."""
    began = time.process_time()
    labeled = label()
    seconds = time.process_time() - began
    reliability = Report.of(list(zip(test, labeled, strict=True)), tags.layer).reliability
    error = None if reliability is None else reliability.error
    return Run(score_layers(test, labeled, [tags]), seconds, error)


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the mean score of the draws, its deviation, the scores, the mean seconds and the mean
    calibration error.
    """
    scores = [run.score for run in runs]
    errors = [run.calibration_error for run in runs if run.calibration_error is not None]
    figures: dict[str, Any] = {
        "score": mean(scores),
        "deviation": stdev(scores) if len(scores) > 1 else 0.0,
        "draws": len(runs),
        "scores": scores,
    }
    figures["seconds"] = mean(run.seconds for run in runs)
    if errors:
        figures["calibration_error"] = mean(errors)
    return figures


def errors_at(
    temperatures: Sequence[float], labeler: Labeler, test: Sequence[Document], tags: TagSet
) -> dict[str, float]:
    """Return the expected calibration error of a labeler's layer at each temperature, in points."""
    errors = {}
    for temperature in temperatures:
        labeler.set_temperatures([temperature])
        pairs = list(zip(test, labeler(list(test)), strict=True))
        reliability = Report.of(pairs, tags.layer).reliability
        if reliability is not None:
            errors[f"T {temperature:g}"] = 100 * reliability.error
    return errors


def compare_temperatures(
    settings: Settings,
    temperatures: Sequence[float],
    encoder: str | WordLanguageModel,
    train: Sequence[Document],
    test: Sequence[Document],
    tags: TagSet,
) -> None:
    """Train labelers on samples of several sizes and print their calibration errors at several
    temperatures.
    """
    figures = {}
    for size in settings.sizes.split(","):
        count = len(train) if size == "all" else min(int(size), len(train))
        by_draw = []
        for draw in range(settings.draws):
            sample = random.Random(draw).sample(train, count)
            labeler = learnt(encoder, sample, tags, draw, epochs=settings.epochs)
            errors = errors_at(temperatures, labeler, test, tags)
            by_draw.append(errors)
            values = (f"{name}: {error:.1f}" for name, error in errors.items())
            print(f"{count:>6} sentences, draw {draw}", *values, sep="  ", flush=True)
        means = {name: mean(errors[name] for errors in by_draw) for name in by_draw[0]}
        figures[str(count)] = means | {"draws": by_draw}
        write_metrics(settings.output, figures)


def main(settings: Settings) -> None:
    """Train the tools on samples of several sizes and print their scores."""
    tools = settings.tools.split(",")
    unknown = set(tools) - {"seqlabel", "spacy", "crfsuite"}
    if unknown:
        raise OptionError(f"tools: Found {min(unknown)!r}. Give some of seqlabel, spacy, crfsuite.")
    if settings.part not in ("test", "dev"):
        raise OptionError(f"part: expected test or dev, got {settings.part!r}.")
    read, layer = TASKS[settings.task]
    train, dev, test = (read(settings.data, part) for part in ("train", "dev", settings.part))
    if settings.tested is not None:
        test = random.Random(99).sample(test, min(settings.tested, len(test)))
    tags = TagSet.of(train, layer)
    encoder: str | WordLanguageModel = settings.encoder
    if settings.mean_with is not None:
        encoder = mean_encoder(settings.encoder, settings.mean_with.split(","))
    if settings.temperatures is not None:
        temperatures = [float(temperature) for temperature in settings.temperatures.split(",")]
        compare_temperatures(settings, temperatures, encoder, train, test, tags)
        return
    rows = []
    for size in settings.sizes.split(","):
        count = len(train) if size == "all" else min(int(size), len(train))
        draws = 1 if count == len(train) else settings.draws
        runs_by_tool: dict[str, list[Run]] = {tool: [] for tool in tools}
        for draw in range(draws):
            sample = random.Random(draw).sample(train, count)
            unlabelled = unlabelled_of(train, sample, settings.unlabelled, draw)
            ways = {
                "seqlabel": partial(
                    by_seqlabel, settings, encoder, sample, unlabelled, test, tags, draw
                ),
                "spacy": partial(by_spacy, sample, dev, test, tags, draw),
                "crfsuite": partial(by_crf_suite, sample, test, tags),
            }
            for tool, runs in runs_by_tool.items():
                if tool != "spacy" or settings.peer_draws is None or draw < settings.peer_draws:
                    runs.append(timed(ways[tool], test, tags))
        rows.append(
            {"sentences": count}
            | {name: summary(runs) for name, runs in runs_by_tool.items() if runs}
        )
        write_metrics(
            settings.output,
            {"task": str(settings.task), "spacy_version": spacy.__version__, "rows": rows},
        )
        scores = (
            f"{name} {100 * summary(runs)['score']:.2f}"
            for name, runs in runs_by_tool.items()
            if runs
        )
        print(f"{count:>6} sentences, draws: {draws}", *scores, sep="  ", flush=True)


if __name__ == "__main__":
    run(main, Settings)
