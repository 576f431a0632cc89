"""Train a named-entity labeler on columns of words and tags, on a pretrained encoder, with a CRF.

    python recipes/ner.py --data ../shared/data                              # persons, places, organisations in EWT
    python recipes/ner.py --train a.iob2 --dev b.iob2 --test c.iob2 --word 1 --tag 2
    python recipes/ner.py --dataset my_dataset --tags ner_tags               # its name on the hub, or its folder

A fresh two-way layer and a CRF head go on the encoder; with --data a second head, for parts of speech, learns beside it
from the same sentences' treebank, and WNUT-17's dev file is measured too, a corpus of another kind. The best epoch is
chosen on dev, which has no label that training has not. Ends with the F1 of exact spans on the test file, a mean over
seeds, and saves the first seed's labeler.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, NamedTuple

import torch
import typer
from pos import tags_of

from seqlabel import (
    Display,
    Document,
    Labeler,
    OptionError,
    Repairs,
    Report,
    SeqlabelError,
    Span,
    Spans,
    TagSet,
    WordLanguageModel,
    calibrate,
    dataset_rows,
    fine_tune,
    read_columns,
    read_conllu,
    read_token_rows,
    score_spans,
    tagging_options,
)
from seqlabel.files import make_folder, write_json
from seqlabel.reports.plots import check_pictures


class Parts(NamedTuple):
    """Sentences to train on, to choose on and to measure on; and those of another corpus to measure on, if any."""

    train: list[Document]
    dev: list[Document]
    test: list[Document]
    other: list[Document]


def read_parts(sources: Sequence[Path | str], read: Callable[..., Iterator[Document]]) -> Parts:
    """The sentences of three files or splits; what was mended in them is printed, also where little else is."""
    parts: list[list[Document]] = []
    for source in sources:
        repairs = Repairs()
        # Only on dev is an unknown label an error: training measures its loss there.
        labels = set(tags_of(parts[0], "ner", sources[0]).labels) if len(parts) == 1 else None
        parts.append(list(read(source, labels=labels, repairs=repairs)))
        if repairs:
            typer.echo(f"{source}: {repairs}", err=True)
    return Parts(*parts, other=[])


def english_parts(data: Path) -> Parts:
    """EWT's sentences with their entities and, in training, parts of speech; and WNUT-17's, with EWT's three types."""
    files = [data / "ner_english_ewt" / f"{part}.iob2" for part in ("train", "dev", "test")]
    parts = read_parts(files, partial(read_columns, word=1, tag=2, separator="\t"))
    treebank = read_conllu(data / "ud_english_ewt" / "en_ewt-ud-train.conllu")
    by_words = {tuple(sentence.words): sentence.tags["upos"] for sentence in treebank}
    train = [
        sentence.with_tags("upos", by_words[words]) if (words := tuple(sentence.words)) in by_words else sentence
        for sentence in parts.train
    ]
    return parts._replace(train=train, other=list(wnut_sentences(data / "wnut17" / "emerging.dev.conll")))


def wnut_sentences(path: Path) -> Iterator[Document]:
    """WNUT-17's sentences with its types called as in EWT; those that EWT does not label are left out."""
    types = {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"}
    for sentence in read_columns(path, separator="\t"):
        spans = [span for span in sentence.spans["ner"].spans if span.label in types]
        kept = tuple(Span(span.start, span.end, types[span.label]) for span in spans)
        yield sentence.with_spans("ner", Spans(kept))


def dataset_sentences(
    split: str, dataset: str, tags: str, *, labels: set[str] | None, repairs: Repairs
) -> Iterator[Document]:
    """The sentences of a split of a dataset, whose words are in its column `tokens`."""
    allowed = None if labels is None else {"ner": labels}
    return read_token_rows(dataset_rows(dataset, split), spans={"ner": tags}, labels=allowed, repairs=repairs)


def main(
    data: Annotated[Path | None, typer.Option(help="Folder that holds ner_english_ewt.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Name or folder of a `datasets` dataset.")] = None,
    tags: Annotated[str, typer.Option(help="The dataset's column of tags.")] = "ner_tags",
    train: Annotated[Path | None, typer.Option(help="File to train on: a word a line, and its tag.")] = None,
    dev: Annotated[Path | None, typer.Option(help="File to choose the best epoch on.")] = None,
    test: Annotated[Path | None, typer.Option(help="File to measure on.")] = None,
    word: Annotated[int, typer.Option(help="The column of words, from 0.")] = 0,
    tag: Annotated[int, typer.Option(help="The column of tags; -1 is the last.")] = -1,
    separator: Annotated[str | None, typer.Option(help="Stands between columns; else any white space does.")] = None,
    encoder: Annotated[str, typer.Option(help="Folder or name of a pretrained encoder; none for none.")] = "en",
    language: Annotated[str, typer.Option(help="spaCy's code of the language, for the tokeniser.")] = "en",
    output: Annotated[Path, typer.Option(help="Folder for the labeler, report and metrics.json.")] = Path("output/ner"),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training file.")] = 8,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings.")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    compact: Annotated[bool, typer.Option("--compact", help="Save weights as small as models that ship.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the last line.")] = False,
) -> None:
    """Train named-entity labelers on columns of words and tags and measure them."""
    try:
        check_pictures()
        make_folder(output)
        paths = [file for file in (train, dev, test) if file is not None]
        if sum(map(bool, (data, dataset, paths))) > 1:
            raise OptionError("give --data, --dataset, or all of --train, --dev and --test, and one of these alone")
        if data is not None:
            parts = english_parts(data)
        elif dataset is not None:
            splits = ("train", "validation", "test")
            parts = read_parts(splits, partial(dataset_sentences, dataset=dataset, tags=tags))
        elif len(paths) == 3:
            # A shell passes on \t as it stands.
            between = None if separator is None else separator.replace(r"\t", "\t")
            parts = read_parts(paths, partial(read_columns, word=word, tag=tag, separator=between))
        else:
            raise OptionError("give --data, --dataset, or all of --train, --dev and --test")
        tag_sets = [TagSet.of(parts.train, "ner")]
        if data is not None:
            tag_sets.append(TagSet.of(parts.train, "upos"))
        known = {word for document in parts.train for word in document.words}
        runs = []
        for seed in range(seeds):
            torch.manual_seed(seed)
            below = WordLanguageModel.fresh(known) if encoder == "none" else WordLanguageModel.load(encoder)
            labeler = Labeler.on(below, tag_sets, language=language)
            options = tagging_options(epochs, pretrained=encoder != "none", seed=seed, device=device)
            display = Display.SILENT if quiet else Display.AUTO
            reports = fine_tune(labeler, parts.train, parts.dev, options=options, display=display)
            calibrate(labeler, parts.dev)
            pairs = list(zip(parts.test, labeler(parts.test), strict=True))
            report = Report.from_spans(pairs, "ner", epochs=reports)
            score = score_spans(pairs, "ner")
            run = {"f1": score.exact.f, "precision": score.exact.precision, "recall": score.exact.recall}
            run["calibration_error"] = report.reliability.error if report.reliability else 0.0
            if parts.other:
                run["other_f1"] = score_spans(zip(parts.other, labeler(parts.other), strict=True), "ner").exact.f
            runs.append(run)
            if seed == 0:
                labeler.save(output / "labeler", compact=compact)
                report.write(output)
            if not quiet:
                print(f"seed {seed}: {100 * score.exact.f:.2f}", flush=True)
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    means = {name: mean(run[name] for run in runs) for name in runs[0]}
    spread = stdev(run["f1"] for run in runs) if len(runs) > 1 else 0.0
    write_json(output / "metrics.json", {"mean": means, "f1_deviation": spread, "runs": runs})
    other = f"; WNUT-17 dev {100 * means['other_f1']:.2f}" if "other_f1" in means else ""
    print(
        f"test F1 {100 * means['f1']:.2f} ± {100 * spread:.2f} (exact spans){other}; {len(runs)} trainings; "
        f"the first labeler is in {output / 'labeler'}"
    )


if __name__ == "__main__":
    typer.run(main)
