"""How far the probabilities of names are from the share that is right, and what `calibrate` on 200
texts changes.

    python recipes/benchmarks/calibration.py --data ../shared/data

The expected calibration error of spans, of a labeler as it ships: on the part that its temperature
was fitted to, the dev part of the Web Treebank, on its test part, and on posts that it never read,
WNUT-17's dev part with the labels of the treebank. Then `calibrate` learns from 200 of these posts,
drawn by each seed, and the others are measured.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from shared.corpora import entities, posts, with_treebank_labels, without_labels
from typer import Option

from seqlabel import Document, Labeler
from seqlabel.commands import run, write_metrics
from seqlabel.models import calibrate
from seqlabel.reports.report import Report

LEARNT = 200
"""Posts that `calibrate` learns from."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ner_english_ewt and wnut17.")]
    model: Annotated[str, Option(help="Labeler of names.")] = "en_ner"
    seeds: Annotated[int, Option(min=1, help="Draws of posts.")] = 3
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path(
        "output/calibration.json"
    )


def error(labeler: Labeler, gold: Sequence[Document]) -> float:
    """The expected calibration error of names, in per cent."""
    pairs = list(zip(gold, labeler(without_labels(list(gold))), strict=True))
    return 100 * dict(Report.of(pairs, "ner").figures())["expected calibration error"]


def main(settings: Settings) -> None:
    """Measure a labeler as it ships, and copies that are calibrated on posts."""
    labeler = Labeler.load(settings.model)
    foreign = with_treebank_labels(posts(settings.data, "dev"))
    parts = {
        "dev": entities(settings.data, "dev"),
        "test": entities(settings.data, "test"),
        "posts": foreign,
    }
    figures: dict[str, object] = {name: error(labeler, gold) for name, gold in parts.items()}
    before: list[float] = []
    after: list[float] = []
    for seed in range(settings.seeds):
        drawn = foreign.copy()
        random.Random(seed).shuffle(drawn)
        fitted = labeler.copy()
        calibrate(fitted, drawn[:LEARNT])
        before.append(error(labeler, drawn[LEARNT:]))
        after.append(error(fitted, drawn[LEARNT:]))
    figures |= {"other posts before": before, "other posts after": after}
    for name, value in figures.items():
        print(f"{name}: {value}")
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
