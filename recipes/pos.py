"""Train a part-of-speech tagger on the English Web Treebank, from a pretrained encoder or from
nothing.

    python recipes/pos.py --data ../shared/data    # three seeds in about 20 minutes
    python recipes/pos.py --data ../shared/data --sentences 100     # five samples of 100 sentences
    # and 12,000 without labels
    python recipes/pos.py --data ../shared/data --sentences 100 --unlabelled
    python recipes/pos.py --data ../shared/data --layers upos,xpos --seeds 5    # two layers

A fresh two-way layer and a head for tags go on the encoder. The best epoch is chosen on dev; with
--sentences only the labels of the sample are used: dev plays no part, and the number of epochs is
fixed. With --unlabelled, five labelers that were trained on the sample label other sentences, and a
sixth learns what they agree on (`self_train`). Ends with the accuracy on the test file, by
sentences and by whole documents, a mean over seeds, and saves the labeler of the seed that was best
on dev, or of the first where dev plays no part.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    Report,
    WordLanguageModel,
    fine_tune,
    read_parts,
    score_tags,
    self_train,
    tagging_options,
)
from seqlabel.commands import Compact, Device, Encoder, Quiet, run, write_metrics
from seqlabel.formats import labels_of, read_conllu
from seqlabel.io.folders import make_folder
from seqlabel.nn import Recurrence

UNLABELED, TEACHERS = 12_000, 5
"""Sentences that are read without labels, and labelers that label them."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for the labeler, report and metrics.json.")] = Path(
        "output/pos"
    )
    encoder: Encoder = "en"
    fresh: Annotated[bool, Option("--fresh", help="Start from nothing, without an encoder.")] = (
        False
    )
    recurrence: Annotated[Recurrence, Option(help="The rule of a fresh encoder.")] = Recurrence.GRU
    layers: Annotated[
        str, Option(help="upos, xpos, or both with a comma; the first is measured.")
    ] = "upos"
    sentences: Annotated[
        int | None, Option(min=1, help="Train on a random sample of this many sentences.")
    ] = None
    unlabelled: Annotated[
        bool, Option("--unlabelled", help="Learn from other sentences without labels too.")
    ] = False
    epochs: Annotated[
        int | None, Option(min=1, help="Passes over the sentences; 6, or 30 with --sentences.")
    ] = None
    seeds: Annotated[int | None, Option(min=1, help="Trainings; 3, or 5 with --sentences.")] = None
    device: Device = "auto"
    compact: Compact = False
    quiet: Quiet = False


def main(settings: Settings) -> None:
    """Train part-of-speech taggers on the English Web Treebank and measure them."""
    make_folder(settings.output)
    folder = settings.data / "ud_english_ewt"
    train, dev, test = (folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test"))
    layers = settings.layers.split(",")
    layer = layers[0]
    parts = read_parts(
        (train, dev, test),
        lambda path, *, labels, repairs: read_conllu(path, labels=labels),
        layers=layers,
    )
    documents = list(read_conllu(test, whole_documents=True))

    runs: list[dict[str, float]] = []
    best = -1.0
    few = settings.sentences is not None
    epochs = settings.epochs or (30 if few else 6)
    for seed in range(settings.seeds or (5 if few else 3)):
        learning, choosing = parts.train, parts.dev
        if settings.sentences is not None:
            learning, choosing = (
                random.Random(seed).sample(learning, min(settings.sentences, len(learning))),
                [],
            )
        known = {word for document in learning for word in document.words}
        fresh = (
            WordLanguageModel.fresh(known, seed=seed, recurrence=settings.recurrence)
            if settings.fresh
            else None
        )
        tag_sets = [labels_of(learning, name, train) for name in layers]
        labeler = Labeler.on(fresh or settings.encoder, tag_sets, seed=seed)
        options = tagging_options(
            epochs, pretrained=not settings.fresh, seed=seed, device=settings.device
        )
        display = Display.unless(settings.quiet)
        if settings.unlabelled:
            others = random.Random(seed).sample(parts.train, min(UNLABELED, len(parts.train)))
            plain = [Document.from_words(other.words) for other in others]
            seeds = [seed + 100 * number for number in range(1, TEACHERS + 1)]
            teachers = [Labeler.on(fresh or settings.encoder, tag_sets, seed=one) for one in seeds]
            reports = self_train(
                labeler, teachers, learning, plain, choosing, options=options, display=display
            )
        else:
            words = min(500, 4 * len(learning))
            reports = fine_tune(
                labeler, learning, choosing, options=options, words=words, display=display
            )

        pairs = list(zip(parts.test, labeler(parts.test), strict=True))
        score = score_tags(pairs, layer, known=known)
        report = Report.of(pairs, layer, known=known)
        runs.append(
            {
                "accuracy": score.accuracy,
                **{f"{name}_accuracy": score_tags(pairs, name).accuracy for name in layers[1:]},
                "unknown_accuracy": score.unknown_accuracy or 0.0,
                "macro_f1": score.macro_f1,
                "document_accuracy": score_tags(
                    zip(documents, labeler(documents), strict=True), layer
                ).accuracy,
                "calibration_error": report.reliability.error if report.reliability else 0.0,
                "seconds": sum(epoch.seconds for epoch in reports),
            }
        )
        chosen = max((epoch.score for epoch in reports if epoch.score is not None), default=0.0)
        if chosen > best:
            best = chosen
            labeler.save(settings.output / "labeler", compact=settings.compact)
            report.write(settings.output)
        if not settings.quiet:
            print(f"seed {seed}: {100 * score.accuracy:.2f}", flush=True)

    means = {name: mean(run[name] for run in runs) for name in runs[0]}
    spread = stdev(run["accuracy"] for run in runs) if len(runs) > 1 else 0.0
    write_metrics(
        settings.output / "metrics.json",
        {"mean": means, "accuracy_deviation": spread, "runs": runs},
    )
    print(
        f"test accuracy {100 * means['accuracy']:.2f} ± {100 * spread:.2f} by sentences, "
        f"{100 * means['document_accuracy']:.2f} by documents; unknown words "
        f"{100 * means['unknown_accuracy']:.2f}; "
        f"trainings: {len(runs)}; the labeler is in {settings.output / 'labeler'}"
    )


if __name__ == "__main__":
    run(main, Settings)
