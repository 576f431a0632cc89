"""Train a labeler of private data on generated texts, a synthetic corpus and real prose; measure it
on unseen styles.

    # the labeler that ships; trained without the corpus pii_anon or some styles, tested on them;
    # trained on from another labeler's weights, and on both halves of the lists, to ship; measured
    python recipes/pii.py --data ../shared/data
    python recipes/pii.py --data ../shared/data --leave-out pii_anon
    python recipes/pii.py --data ../shared/data --leave-out chat,transcript,support
    python recipes/pii.py --data ../shared/data --start my_labeler
    python recipes/pii.py --data ../shared/data --start my_labeler --all
    python recipes/pii.py --data ../shared/data --test my_labeler

Generated texts come from `recipes/pii_data`, whose templates, names and other lists are halved into
training and testing. Beside them are texts that were written by hand for training, each read
several times with other people, places and numbers in it. The corpus is pii_anon. Real prose is the
English Web Treebank and the posts of WNUT-17: their persons, places and organisations are private,
and every word that could be another value is left open. With --leave-out, styles are left out of
training and only they are tested. With --all nothing is kept for testing, so that its generated
texts are known. The figures that count are those of texts written by hand, which no training reads.
Ends with precision, recall, F1 and F2 for each type and for "private or not".
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pii_data import Split, hand_written
from pii_data.card import ANON_TEXTS, EPOCHS, READINGS, TEXTS, USUAL, write_card
from pii_data.corpora import documents
from pii_data.measuring import measure
from pii_data.training import (
    ANON,
    HEAD,
    PARAGRAPHS,
    STARTED_LR,
    Mix,
    shares,
    train_labeler,
    trained_on,
    training_documents,
)
from typer import Option

from seqlabel import (
    Document,
    Labeler,
    OptionError,
    PrivateFinder,
    WordLanguageModel,
    Words,
    tagging_options,
)
from seqlabel.commands import Compact, Encoder, Epochs, Quiet, Seed, run, write_metrics
from seqlabel.io.files import read_json
from seqlabel.io.folders import make_folder
from seqlabel.models.folders import find_folder
from seqlabel.scores import span_table


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder with pii_anon, ner_english_ewt, ud_english_ewt and wnut17.")
    ]
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path(
        "output/pii"
    )
    test: Annotated[str | None, Option(help="Only measure this labeler, a folder or a name.")] = (
        None
    )
    leave_out: Annotated[
        str, Option(help="Styles, with commas, or pii_anon: not trained on, tested on.")
    ] = ""
    start: Annotated[
        str | None, Option(help="Labeler of private data to train on from, a folder or a name.")
    ] = None
    keep: Annotated[
        float, Option(min=0, max=1, help="Share of the weights of --start in those that result.")
    ] = 0.0
    all: Annotated[
        bool, Option("--all", help="Train on the half of the lists and templates for testing too.")
    ] = False
    texts: Annotated[int, Option(min=100, help="Generated texts to train on.")] = TEXTS
    anon_texts: Annotated[int, Option(min=0, help="Texts of pii_anon to train on, at most.")] = (
        ANON_TEXTS
    )
    readings: Annotated[
        int,
        Option(
            min=0,
            help=(
                "How often each text written by hand is read in a pass, with other values "
                "each time."
            ),
        ),
    ] = READINGS
    values: Annotated[
        int, Option(min=0, help="Single values in plain surroundings to train on.")
    ] = 0
    machines: Annotated[
        float,
        Option(
            min=0,
            max=1,
            help="Share of the machine text to train on, where --start finds false alarms.",
        ),
    ] = 0.0
    paragraphs: Annotated[
        int, Option(min=0, help="Paragraphs of each text of the web to train on, with --machines.")
    ] = PARAGRAPHS
    rate: Annotated[float, Option(min=0, help="Highest learning rate where --start is given.")] = (
        STARTED_LR
    )
    test_texts: Annotated[int, Option(min=10, help="Generated texts to test on.")] = 4_000
    encoder: Encoder = "en"
    epochs: Epochs = EPOCHS
    seed: Seed = 0
    rules: Annotated[bool, Option(help="Measure with rules beside the labeler.")] = True
    compact: Compact = False
    card: Annotated[bool, Option("--card", help="Write the labeler's README.md beside it.")] = False
    unseen: Annotated[
        list[Path] | None, Option(help="A metrics.json of --leave-out, for the card. Repeatable.")
    ] = None
    quiet: Quiet = False


def trained(settings: Settings, train: list[Document], dev: list[Document]) -> Labeler:
    """A labeler of fine words on an encoder, or another labeler trained on."""
    options = tagging_options(settings.epochs, seed=settings.seed)
    if settings.start is None:
        labeler = Labeler.on(
            WordLanguageModel.load(settings.encoder), [HEAD], words=Words.FINE, seed=settings.seed
        )
    else:
        labeler, options = Labeler.load(settings.start), trained_on(options, settings.rate)
        if labeler.tag_sets != [HEAD.tag_set]:
            raise OptionError(
                f"--start: {settings.start} has other labels than en_pii. Give one that has them."
            )
    unseen = documents(hand_written("dev"))
    return train_labeler(
        labeler, train, dev, unseen, options=options, quiet=settings.quiet, kept=settings.keep
    )


def main(settings: Settings) -> None:
    """Train a labeler of private data and measure it."""
    if settings.keep and settings.start is None and settings.test is None:
        raise OptionError(
            "--keep: There are no weights to keep. Give the labeler that has them as --start."
        )
    training, testing = shares(settings.leave_out)
    make_folder(settings.output)
    folder = settings.output / "labeler"
    mix = Mix(
        texts=settings.texts,
        anon=settings.anon_texts,
        readings=settings.readings,
        values=settings.values,
        paragraphs=settings.paragraphs,
        machines=settings.machines,
    )
    if settings.test is None:
        train, dev = training_documents(
            settings.data,
            training,
            mix,
            before=Labeler.load(settings.start) if settings.start and settings.machines else None,
            split=Split.ALL if settings.all else Split.TRAIN,
            seed=settings.seed,
        )
        trained(settings, train, dev).save(folder, compact=settings.compact)
    else:
        folder = find_folder(settings.test)
    finder = PrivateFinder.load(folder, rules=settings.rules)
    figures = measure(settings.data, testing, finder, texts=settings.test_texts)
    made = {
        name: value for name, value in asdict(settings).items() if name in (*USUAL, "all", "keep")
    } | {
        "left_out": settings.leave_out,
        "start": settings.start is not None,
    }
    write_metrics(settings.output / "metrics.json", {**made, **figures})
    if settings.card:
        write_card({**made, **figures}, [read_json(path) for path in settings.unseen or []], folder)
    # The texts written for testing are only shown on the card, so that no choice is made by them.
    for name in ("generated", ANON, "written_dev", "written_hard"):
        if name in figures:
            print(span_table(name, figures[name]), flush=True)
    if "lower_case_names_recall" in figures:
        print(f"names in lower case: {100 * figures['lower_case_names_recall']:.1f} % found")
    for scores, row in figures["calibration"]["bins"].items():
        found, exact, private = row["findings"], 100 * row["exact"], 100 * row["private"]
        print(
            f"scores {scores}: {found:,} findings, {exact:.1f} % exactly right, {private:.1f} % "
            "private"
        )
    clean = figures["clean_prose"]
    print(
        f"{clean['false_alarms_per_1000_words']:.2f} false alarms per 1,000 words of "
        f"{clean['words']:,} clean ones"
    )


if __name__ == "__main__":
    run(main, Settings)
