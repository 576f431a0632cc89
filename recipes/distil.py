"""Train a labeler on what a committee says of plain text, beside the labels that people gave.

    python recipes/distil.py --data ../shared/data --transformer output/teacher \
        --taught-words 1500000 --compact
    python recipes/distil.py --data ../shared/data --teacher en_ner --taught-words 1500000 --compact

The students are en_pos_fast, but that a transformer alone taught it, and en_ner_fast; they start
from an encoder. A transformer that `teacher.py` tuned joins the committee, which labels the texts
in pieces of 48 words (Hinton, Vinyals and Dean 2015). Of tags the student learns the mean of the
probabilities, of entities the best spans, mixed with the training sentences. Its best epoch is
chosen on dev. Training and dev have no label that the teacher does not have. A teacher with a layer
of entities passes on that layer alone. Ends with the accuracy, or the F1 of exact spans, of both on
the test file.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
from english_data import plain_texts
from transformer import Transformer
from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    OptionError,
    TagSet,
    fine_tune,
    read_parts,
    tagging_options,
)
from seqlabel.commands import Compact, Epochs, Quiet, Seed, run, write_metrics
from seqlabel.documents import Repairs
from seqlabel.formats import Parts, read_conllu, read_documents
from seqlabel.formats.parts import Labels, Source
from seqlabel.io.folders import make_folder
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.measuring import score_layers
from seqlabel.models.teaching import Teacher, chances, lessons, taught, teach
from seqlabel.text.line_blocks import beginnings

GOLD_COPIES = 3


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds masc, web, ud_english_ewt and ner_english_ewt.")
    ]
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path(
        "output/distil"
    )
    teacher: Annotated[
        str, Option(help="Folder or name of a labeler of upos and xpos, or of ner.")
    ] = "en_pos"
    transformer: Annotated[
        Path | None, Option(help="Folder of what teacher.py tuned; it joins the teacher.")
    ] = None
    on: Annotated[str, Option(help="Encoder or labeler that the student starts from.")] = "en_small"
    taught_words: Annotated[int, Option(min=1, help="Words that the teacher labels, at most.")] = (
        3_000_000
    )
    epochs: Epochs = 2
    seed: Seed = 0
    compact: Compact = False
    quiet: Quiet = False


def gold_parts(data: Path, layers: Sequence[TagSet]) -> Parts:
    """The treebank, or its entities; only test may have labels that the teacher does not have."""
    labels = {tag_set.layer: tag_set.labels for tag_set in layers}

    def read(path: Source, *, labels: Labels | None, repairs: Repairs) -> Iterator[Document]:
        if layers[0].scheme is None:
            return read_conllu(path, labels=labels)
        return read_documents(
            path, word=1, tag=2, separator="\t", labels=labels and labels["ner"], repairs=repairs
        )

    pattern = (
        "ud_english_ewt/en_ewt-ud-{}.conllu"
        if layers[0].scheme is None
        else "ner_english_ewt/{}.iob2"
    )
    train, dev, test = (data / pattern.format(part) for part in ("train", "dev", "test"))
    return read_parts((train, dev, test), read, layers=list(labels), labels=labels)


def main(settings: Settings) -> None:
    """Train a small, fast labeler on what a large one says of plain text."""
    make_folder(settings.output)
    teacher = Labeler.load(settings.teacher)
    spans = [tag_set for tag_set in teacher.tag_sets if tag_set.scheme is not None]
    layers = spans or [tag_set for tag_set in teacher.tag_sets if tag_set.layer in ("upos", "xpos")]
    if spans and [one.layer for one in spans] != ["ner"]:
        raise OptionError(
            f"{settings.teacher}: Found spans of {[one.layer for one in spans]}. Give a labeler "
            "of ner."
        )
    if len(layers) < len(teacher.tag_sets):
        teacher = teacher.keep([tag_set.layer for tag_set in layers])
    parts = gold_parts(settings.data, layers)
    for source, repairs in parts.repairs.items():
        print(f"{source}: {repairs}", file=sys.stderr)
    texts = list(beginnings(plain_texts(settings.data), settings.taught_words))
    gold = parts.train * GOLD_COPIES
    words = sum(map(len, [*gold, *texts]))
    torch.manual_seed(settings.seed)
    trained = read_kind(find_folder(settings.on)) is ModelKind.LABELER
    student = (
        Labeler.load(settings.on)
        if trained
        else Labeler.on(settings.on, layers, seed=settings.seed)
    )
    if spans:
        # Chosen on dev: with its small layers it finds more names where nothing is seen across
        # paragraphs.
        student.set_rows("paragraph")
    options = tagging_options(settings.epochs, seed=settings.seed)
    display = Display.unless(settings.quiet)
    if layers[0].scheme is None:
        committee: list[Teacher] = [partial(chances, teacher)]
        if settings.transformer is not None:
            transformer = Transformer.load(settings.transformer)
            if transformer.tag_sets != layers:
                raise OptionError(
                    f"{settings.transformer}: Found other tags than the teacher's. Tune it on "
                    "its treebank."
                )
            committee.append(transformer.probabilities)
        teach(student, gold, lessons(committee, texts), parts.dev, options=options, display=display)
    else:
        learning = [*gold, *taught([teacher], texts, [one.layer for one in layers])]
        fine_tune(student, learning, parts.dev, options=options, words=1_000, display=display)
    student.save(settings.output / "labeler", compact=settings.compact)

    scores = {
        name: {
            one.layer: score_layers(parts.test, list(labeler(parts.test)), [one]) for one in layers
        }
        for name, labeler in (
            ("teacher", teacher),
            ("student", Labeler.load(settings.output / "labeler")),
        )
    }
    figures = {"words": words, "epochs": settings.epochs, "scores": scores}
    write_metrics(settings.output / "metrics.json", figures)
    for one in layers:
        of = "accuracy" if one.scheme is None else "F1"
        small, large = (100 * scores[name][one.layer] for name in ("student", "teacher"))
        print(f"{one.layer}: test {of} {small:.2f}, the teacher's {large:.2f}")


if __name__ == "__main__":
    run(main, Settings)
