"""Train a labeler of private data on generated texts, a synthetic corpus and real prose; measure it on unseen styles.

    python recipes/pii.py --data ../shared/data                            # the labeler that ships
    python recipes/pii.py --data ../shared/data --leave-out pii_anon       # trained without that corpus, tested on it
    python recipes/pii.py --data ../shared/data --leave-out chat,transcript,support
    python recipes/pii.py --data ../shared/data --agreed one --agreed two  # and on what these agree on
    python recipes/pii.py --data ../shared/data --start my_labeler         # trained on from another labeler's weights
    python recipes/pii.py --data ../shared/data --start my_labeler --all   # and on both halves of the lists: to ship
    python recipes/pii.py --data ../shared/data --test my_labeler          # only measure

Generated texts come from `recipes/pii_data`, whose templates, names and other lists are halved into training and
testing. The corpus is pii_anon. Real prose is the English Web Treebank and the posts of WNUT-17: their persons, places
and organisations are private, and every word that could be another value is left open. With --agreed, MASC is read too,
with the labels on which all the given labelers agree. With --leave-out, styles are left out of training and only they
are tested: with the texts written by hand, that is the figure that counts. With --all nothing is kept for testing, so
that its generated texts are known and the figures of the same command without --all count. Ends with precision, recall,
F1 and F2 for each type and for "private or not".
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pii_data import ALL_STYLES, PiiType, Split, Style, generate, hand_written
from pii_data.card import ANON_TEXTS, EPOCHS, TEXTS, write_card
from pii_data.corpora import NOBODYS, anon_texts, clean_prose, document_of, paragraphs, posts, treebank
from pii_data.mixing import OFFSET, agreement, joined, lowered, of_nobody, recased
from typer import Option

from seqlabel import (
    Display,
    Document,
    HeadConfig,
    HeadKind,
    Labeler,
    OneCycle,
    OptionError,
    PrivateFinder,
    Repairs,
    Scheme,
    TagSet,
    WordLanguageModel,
    Words,
    calibrate_recall,
    false_alarms,
    find_texts,
    fine_tune,
    score_spans,
    span_figures,
    span_table,
    tagging_options,
)
from seqlabel.cli.record import write_metrics
from seqlabel.cli.settings import Compact, Encoder, Epochs, Quiet, Seed, run
from seqlabel.files import read_json
from seqlabel.folders import make_folder
from seqlabel.models.folders import find_folder
from seqlabel.models.measuring import RECALLS, calibrate
from seqlabel.privacy.finder import LAYER
from seqlabel.scores import SpanFigures, bare
from seqlabel.text import tagged_words

ANON = "pii_anon"
PARAGRAPHS, OF_NOBODY = 150, 800
"""Paragraphs of each text of the web that are read with --agreed, and of each of those that name no person."""
STARTED_LR = 1.5e-3
"""The highest rate with --start, for all layers alike: between those of fresh layers and of pretrained ones."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder with pii_anon, ner_english_ewt, ud_english_ewt, wnut17 and masc.")]
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path("output/pii")
    agreed: Annotated[
        list[str] | None, Option(help="Labeler whose agreement with others labels MASC; with --test, those it had.")
    ] = None
    test: Annotated[str | None, Option(help="Only measure this labeler, a folder or a name.")] = None
    leave_out: Annotated[str, Option(help="Styles, with commas, or pii_anon: not trained on, tested on.")] = ""
    start: Annotated[str | None, Option(help="Labeler of private data to train on from, a folder or a name.")] = None
    all: Annotated[bool, Option("--all", help="Train on the half of the lists and templates for testing too.")] = False
    texts: Annotated[int, Option(min=100, help="Generated texts to train on.")] = TEXTS
    anon_texts: Annotated[int, Option(min=0, help="Texts of pii_anon to train on, at most.")] = ANON_TEXTS
    test_texts: Annotated[int, Option(min=10, help="Generated texts to test on.")] = 4_000
    encoder: Encoder = "en"
    epochs: Epochs = EPOCHS
    seed: Seed = 0
    patterns: Annotated[bool, Option(help="Measure with rules beside the labeler.")] = True
    compact: Compact = False
    card: Annotated[bool, Option("--card", help="Write the labeler's README.md beside it.")] = False
    unseen: Annotated[list[Path] | None, Option(help="A metrics.json of --leave-out, for the card. Repeatable.")] = None
    quiet: Quiet = False


@dataclass(frozen=True)
class Share:
    """What is trained or tested on: the styles of generated texts, and whether the corpus is among them."""

    styles: tuple[Style, ...]
    anon: bool


def shares(left_out: str) -> tuple[Share, Share]:
    """What is trained on and what is tested on: without and with the left-out styles, or everything twice."""
    names = set(filter(None, left_out.split(",")))
    known = {ANON, *ALL_STYLES}
    if not names <= known:
        raise OptionError(f"--leave-out: Found {sorted(names - known)[0]!r}. Give some of {', '.join(sorted(known))}.")
    if not names:
        return (everything := Share(ALL_STYLES, True)), everything
    out = tuple(style for style in ALL_STYLES if style in names)
    kept = tuple(style for style in ALL_STYLES if style not in names)
    return Share(kept, ANON not in names), Share(out, ANON in names)


def training_documents(
    settings: Settings, share: Share, teachers: Sequence[Labeler]
) -> tuple[list[Document], list[Document]]:
    """Documents to train on, and apart from them some to choose and to calibrate on; WNUT-17 goes with `social`."""
    repairs, chance, data = Repairs(), random.Random(settings.seed), settings.data
    split = Split.ALL if settings.all else Split.TRAIN
    texts = generate(settings.texts, seed=settings.seed, split=split, styles=share.styles)
    generated = [document_of(*text, repairs) for text in texts]
    # Choosing on texts of the same half would be no test, but it tells too long a training from a good one.
    train, dev = generated[: -settings.texts // 20], generated[-settings.texts // 20 :]
    if share.anon:
        known = list(anon_texts(data / ANON / "train.jsonl"))
        known = chance.sample(known, min(settings.anon_texts, len(known)))
        anon = [document_of(*text, repairs) for text in known]
        train += anon[: -len(anon) // 20]
        dev += anon[-len(anon) // 20 :]
    train += recased(treebank(data, "train", gold=False), chance, lower=0.15, upper=0.03)
    if Style.SOCIAL in share.styles:
        train += recased(posts(data), chance, lower=0.15, upper=0.03)
    train = joined(train, chance)
    if teachers:
        # Every tenth file is for testing in other recipes.
        known_files = (path for place, path in enumerate(find_texts(data / "masc")) if place % 10 != 9)
        texts = [" ".join(tagged_words(path)) for path in known_files]
        for path in sorted((data / "web").glob("*.txt.xz")):
            if path.name.partition(".")[0] in NOBODYS:
                drawn = paragraphs(path, OF_NOBODY, chance)
                train += recased(of_nobody(drawn, teachers[0]), chance, lower=0.1, upper=0.0)
            else:
                texts += paragraphs(path, PARAGRAPHS, chance)
        train += recased(agreement(texts, teachers), chance, lower=0.1, upper=0.0)
    dev += treebank(data, "dev", gold=True)
    print(f"{len(train):,} documents to train on, {sum(map(len, train)):,} words; {repairs}", flush=True)
    return train, dev


def documents(texts: Iterable[tuple[str, list[tuple[int, int, str]]]]) -> list[Document]:
    """Texts with their spans as documents."""
    return [document_of(*text, Repairs()) for text in texts]


def take_weights(labeler: Labeler, other: Labeler) -> None:
    """Take the weights of another labeler on the same encoder; those of tags that it lacks stay fresh."""
    tags, known = (each.tag_sets[0].tags for each in (labeler, other))
    weights, taken = labeler.module.state_dict(), other.module.state_dict()
    for name, values in taken.items():
        if weights[name].shape == values.shape:
            weights[name].copy_(values)
        else:
            for tag, row in zip(known, values, strict=True):
                weights[name][tags.index(tag)] = row


def train_labeler(settings: Settings, train: list[Document], dev: list[Document]) -> Labeler:
    """A softmax head, which is fast with this many labels, on fine words."""
    head = HeadConfig(TagSet(LAYER, tuple(map(str, PiiType)), Scheme.BIO), HeadKind.SOFTMAX)
    labeler = Labeler.on(WordLanguageModel.load(settings.encoder), [head], words=Words.FINE, seed=settings.seed)
    options = tagging_options(settings.epochs, seed=settings.seed)
    if settings.start is not None:
        take_weights(labeler, Labeler.load(settings.start))
        # All layers have learnt the task already.
        options = replace(options, schedule=OneCycle(max_lr=STARTED_LR, pct_start=0.1), lr_scales={})
    display = Display.SILENT if settings.quiet else Display.AUTO
    fine_tune(labeler, train, dev, options=options, words=2_000, display=display)
    # Texts of the generator's styles are too easy to say how sure a labeler may be of others.
    unseen = documents(hand_written("dev"))
    calibrate(labeler, unseen)
    calibrate_recall(labeler, unseen, LAYER)
    labeler.set_threshold_offset(LAYER, OFFSET)
    return labeler


def figures_of(finder: PrivateFinder, gold: Sequence[Document]) -> SpanFigures:
    """The figures of what is found in the texts alone, F weighting recall twice."""
    return span_figures(score_spans(zip(gold, finder(bare(gold)), strict=True), LAYER, beta=2.0))


def alarms(finder: PrivateFinder, clean: Sequence[Document]) -> dict[str, float]:
    words = sum(map(len, clean))
    return {"words": words, "false_alarms_per_1000_words": false_alarms(finder(bare(clean)), LAYER)}


def dial(finder: PrivateFinder, gold: Sequence[Document], clean: Sequence[Document]) -> dict[str, Any]:
    """What each wanted recall gives on other texts than those that it was measured on: figures of private words."""
    usual = {head.tag_set.layer: head.threshold_offset for head in finder.labeler.config.heads}[LAYER]
    found = {}
    for recall in RECALLS:
        finder.labeler.prefer_recall(LAYER, recall)
        found[f"{recall:g}"] = {**figures_of(finder, gold)["private_words"], **alarms(finder, clean)}
    finder.labeler.set_threshold_offset(LAYER, usual)
    return found


def measure(settings: Settings, share: Share, finder: PrivateFinder) -> dict[str, Any]:
    """All figures on texts that share no template and no name with training."""
    result: dict[str, Any] = {}

    gold: list[Document] = []
    if share.styles:
        gold = documents(generate(settings.test_texts, seed=9, split=Split.TEST, styles=share.styles))
        result["generated"] = figures_of(finder, gold)
        named = figures_of(finder, lowered(gold))["partial_types"].get(PiiType.PERSON)
        result["lower_case_names_recall"] = named["recall"] if named else 0.0
    if share.anon:
        anon = documents(anon_texts(settings.data / ANON / "dev.jsonl"))
        result[ANON] = figures_of(finder, anon)
        gold = gold or anon
    if share == Share(ALL_STYLES, True):
        for part in ("dev", "test"):
            written = documents(hand_written(part))
            nothing = [document for document in written if not document.spans[LAYER].spans]
            result[f"written_{part}"] = {**figures_of(finder, written), "clean": alarms(finder, nothing)}
    clean = clean_prose(settings.data)
    return {**result, "dial": dial(finder, gold, clean), "clean_prose": alarms(finder, clean)}


def main(settings: Settings) -> None:
    """Train a labeler of private data and measure it."""
    agreed = settings.agreed or []
    if agreed and (settings.leave_out or len(agreed) < 2):
        raise OptionError("--agreed: Give at least two labelers, and none with --leave-out, which they may know.")
    training, testing = shares(settings.leave_out)
    make_folder(settings.output)
    folder = settings.output / "labeler"
    if settings.test is None:
        train, dev = training_documents(settings, training, [Labeler.load(name) for name in agreed])
        train_labeler(settings, train, dev).save(folder, compact=settings.compact)
    else:
        folder = find_folder(settings.test)
    figures = measure(settings, testing, PrivateFinder(folder, patterns=settings.patterns))

    made = {
        "left_out": settings.leave_out,
        "texts": settings.texts,
        "anon_texts": settings.anon_texts,
        "epochs": settings.epochs,
        "agreed": len(agreed),
        "all": settings.all,
        "start": settings.start is not None,
    }
    write_metrics(settings.output / "metrics.json", {**made, **figures})
    if settings.card:
        write_card({**made, **figures}, [read_json(path) for path in settings.unseen or []], folder)
    # The texts written for testing are only shown on the card, so that no choice is made by them.
    for name in ("generated", ANON, "written_dev"):
        if name in figures:
            print(span_table(name, figures[name]), flush=True)
    if "lower_case_names_recall" in figures:
        print(f"names in lower case: {100 * figures['lower_case_names_recall']:.1f} % found")
    clean = figures["clean_prose"]
    print(f"{clean['false_alarms_per_1000_words']:.2f} false alarms per 1,000 words of {clean['words']:,} clean ones")


if __name__ == "__main__":
    run(main, Settings)
