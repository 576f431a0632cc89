"""Train a part-of-speech tagger on CoNLL-U files, from a pretrained encoder or from nothing.

    python recipes/pos.py --data ../shared/data                             # English Web Treebank, three seeds
    python recipes/pos.py --data ../shared/data --sentences 100             # five samples of 100 sentences
    python recipes/pos.py --train a.conllu --dev b.conllu --test c.conllu --encoder none --language de

A fresh two-way layer and a head for tags go on the encoder. The best epoch is chosen on dev, which has no label that
training has not; with --sentences no label but those of the sample is used: dev is not read, the number of epochs is
fixed. Ends with the accuracy on the test file, by sentences and by whole documents, a mean over seeds, and saves the
labeler of the first seed.
"""

import random
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, NamedTuple

import torch
import typer

from seqlabel import (
    DataError,
    Display,
    Document,
    Labeler,
    OptionError,
    Report,
    SeqlabelError,
    TagSet,
    WordLanguageModel,
    calibrate,
    dataset_rows,
    fine_tune,
    read_conllu,
    read_token_rows,
    score_tags,
    tagging_options,
)
from seqlabel.files import make_folder, write_json
from seqlabel.reports.plots import check_pictures


class Parts(NamedTuple):
    """Sentences to train on, to choose on and to measure on; and the last as whole documents, if these are known."""

    train: list[Document]
    dev: list[Document]
    test: list[Document]
    whole: list[Document]


def read_parts(
    data: Path | None, files: list[Path | None], dataset: str | None, layers: list[str], *, with_dev: bool
) -> Parts:
    """The user's files, the English Web Treebank, or a dataset's columns `tokens` and `upos`."""
    if sum(map(bool, (data, dataset, any(files)))) != 1 or (any(files) and not all(files)):
        raise OptionError("give --data, --dataset, or all of --train, --dev and --test, and one of these alone")
    if data is not None:
        files = [data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")]
    paths = [file for file in files if file is not None]

    def read(part: int, labels: dict[str, tuple[str, ...]] | None = None) -> list[Document]:
        if dataset is None:
            return list(read_conllu(paths[part], labels=labels))
        rows = dataset_rows(dataset, ("train", "validation", "test")[part])
        return list(read_token_rows(rows, tags={"upos": "upos"}, labels=labels))

    train, dev = read(0), []
    if with_dev:
        # Only on dev is an unknown label an error: training measures its loss there.
        source = dataset or paths[0]
        dev = read(1, {layer: tags_of(train, layer, source).labels for layer in layers})
    whole = [] if dataset is not None else list(read_conllu(paths[2], whole_documents=True))
    return Parts(train, dev, read(2), whole)


def tags_of(train: list[Document], layer: str, source: Path | str) -> TagSet:
    """The tags of a layer in training."""
    try:
        return TagSet.of(train, layer)
    except SeqlabelError as error:
        raise DataError(f"{source}: {error}") from error


def main(
    data: Annotated[Path | None, typer.Option(help="Folder that holds ud_english_ewt.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Name or folder of a `datasets` dataset.")] = None,
    train: Annotated[Path | None, typer.Option(help="CoNLL-U file to train on.")] = None,
    dev: Annotated[Path | None, typer.Option(help="CoNLL-U file to choose the best epoch on.")] = None,
    test: Annotated[Path | None, typer.Option(help="CoNLL-U file to measure on.")] = None,
    encoder: Annotated[str, typer.Option(help="Folder or name of a pretrained encoder; none for none.")] = "en",
    layers: Annotated[str, typer.Option(help="upos, xpos, or both with a comma; the first is measured.")] = "upos",
    language: Annotated[str, typer.Option(help="spaCy's code of the language, for the tokeniser.")] = "en",
    sentences: Annotated[int | None, typer.Option(min=1, help="Train on a random sample of so many.")] = None,
    output: Annotated[Path, typer.Option(help="Folder for the labeler, report and metrics.json.")] = Path("output/pos"),
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the training file.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Trainings; 3, or 5 with --sentences.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    compact: Annotated[bool, typer.Option("--compact", help="Save weights as small as models that ship.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the last line.")] = False,
) -> None:
    """Train part-of-speech taggers on CoNLL-U files and measure them."""
    try:
        check_pictures()
        make_folder(output)
        layer, *_ = names = layers.split(",")
        parts = read_parts(data, [train, dev, test], dataset, names, with_dev=not sentences)
        every, choosing, gold, whole = parts.train, parts.dev, parts.test, parts.whole or parts.test
        runs = []
        for seed in range(seeds or (5 if sentences else 3)):
            learning = random.Random(seed).sample(every, min(sentences, len(every))) if sentences else every
            known = {word for document in learning for word in document.words}
            torch.manual_seed(seed)
            below = WordLanguageModel.fresh(known) if encoder == "none" else WordLanguageModel.load(encoder)
            tag_sets = [tags_of(learning, name, dataset or train or "the treebank") for name in names]
            labeler = Labeler.on(below, tag_sets, language=language)
            passes = epochs or (30 if sentences else 6)
            options = tagging_options(passes, pretrained=encoder != "none", seed=seed, device=device)
            size = min(500, 4 * len(learning))
            display = Display.SILENT if quiet else Display.AUTO
            reports = fine_tune(labeler, learning, choosing, options=options, words=size, display=display)
            if choosing:
                calibrate(labeler, choosing)
            pairs = list(zip(gold, labeler(gold), strict=True))
            report = Report.from_tags(pairs, layer, known=known, epochs=reports)
            score = score_tags(pairs, layer, known=known)
            by_document = score_tags(zip(whole, labeler(whole), strict=True), layer)
            runs.append(
                {
                    "accuracy": score.accuracy,
                    "unknown_accuracy": score.unknown_accuracy,
                    "macro_f1": score.macro_f1,
                    "document_accuracy": by_document.accuracy if parts.whole else None,
                    "calibration_error": report.reliability.error if report.reliability else 0.0,
                    "seconds": sum(epoch.seconds for epoch in reports),
                }
            )
            if seed == 0:
                labeler.save(output / "labeler", compact=compact)
                report.write(output)
            if not quiet:
                print(f"seed {seed}: {100 * score.accuracy:.2f}", flush=True)
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    # What one run could not measure, none could.
    means = {name: None if value is None else mean(run[name] for run in runs) for name, value in runs[0].items()}
    spread = stdev(run["accuracy"] for run in runs) if len(runs) > 1 else None
    write_json(output / "metrics.json", {"mean": means, "accuracy_deviation": spread, "runs": runs})

    def shown(name: str) -> str:
        return "–" if means[name] is None else f"{100 * means[name]:.2f}"

    deviation = "" if spread is None else f" ± {100 * spread:.2f}"
    print(
        f"test accuracy {shown('accuracy')}{deviation} by sentences, {shown('document_accuracy')} by documents; "
        f"unknown words {shown('unknown_accuracy')}; trainings: {len(runs)}; "
        f"the first labeler is in {output / 'labeler'}"
    )


if __name__ == "__main__":
    typer.run(main)
