"""Train one tagger for twelve European languages, of parts of speech and features, on what
`pretrain_europe.py` makes.

    python recipes/europe_pos.py --data ../shared/data --encoder eu --epochs 4
    python recipes/europe_pos.py --data ../shared/data --encoder eu --epochs 3 \
        --teacher output/europe_teacher \
        --beside output/europe_pos/labeler --output output/europe_taught --compact

The tagger is not told the language. It learns from up to --sentences of each, those of the
treebanks that come first in `europe_data` (as they are tagged as the test parts are) before others;
one in ten, up to 100, is held out to choose the epoch on. With --teacher it also learns the parts
of speech that a committee gives plain text of the languages, the mean probabilities of a
transformer, tuned by `teacher.py` on the same treebanks, and of the labeler --beside. Polish has no
treebank here and is learnt from such text alone: of the committee's tags, those are kept that a
dictionary allows; it is measured on words that can have one part of speech alone. Ends with the
accuracies on these and on the test part of each treebank, means over seeds, and saves the labeler
of the last.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Annotated

import numpy as np
from europe_data import TREEBANKS, UPOS, features_of, parts_of
from europe_data.polish import PolishDictionary
from europe_data.texts import TOKENIZER, plain_texts
from transformer import Transformer
from typer import Option

from seqlabel import Display, Labeler, TagSet, fine_tune, tagging_options
from seqlabel.commands import Compact, Device, Encoder, Quiet, Seeds, run, write_metrics
from seqlabel.formats.parts import with_known_labels
from seqlabel.io.folders import make_folder
from seqlabel.models.fine_tuning import tagging_epochs
from seqlabel.models.measuring import score_layers
from seqlabel.models.teaching import Lesson, Teacher, chances, lessons, teach
from seqlabel.native.compiled import Floats

POLISH, HELD_OUT = "pl", 20
"""The name of what Polish is measured on, and how many of its texts that are."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds europe and ud_german_gsd.")]
    output: Annotated[Path, Option(help="Folder of the labeler and metrics.json.")] = Path(
        "output/europe_pos"
    )
    encoder: Encoder = "output/pretrain_europe/best"
    languages: Annotated[str, Option(help="Some of the languages, with commas.")] = ",".join(
        TREEBANKS
    )
    sentences: Annotated[
        int, Option(min=20, help="Sentences of each language to learn from, at most.")
    ] = 8_000
    teacher: Annotated[
        Path | None, Option(help="Folder of what teacher.py tuned on the same treebanks.")
    ] = None
    beside: Annotated[
        str, Option(help="Labeler whose parts of speech count beside the teacher's.")
    ] = "eu_pos"
    taught_words: Annotated[
        int, Option(min=1, help="Words of plain text that the committee labels.")
    ] = 900_000
    epochs: Annotated[
        int | None, Option(min=1, help="Passes. Default: by the number of sentences.")
    ] = None
    seeds: Seeds = 1
    device: Device = "auto"
    compact: Compact = False
    quiet: Quiet = False


def parts_of_speech(
    teacher: Teacher, tag_sets: list[TagSet], rows: Sequence[Sequence[str]]
) -> list[Floats]:
    """A teacher's probabilities for the first layer, and zeros for the others."""
    said = teacher(rows)[0]
    return [said, *(np.zeros((len(said), len(one.tags)), np.float32) for one in tag_sets[1:])]


def main(settings: Settings) -> None:
    """Train one tagger on all languages and measure it on each."""
    make_folder(settings.output)
    languages = {
        code: parts_of(settings.data, code, settings.sentences)
        for code in settings.languages.split(",")
    }
    train = [document for parts in languages.values() for document in parts.train]
    dev = [document for parts in languages.values() for document in parts.dev]
    tests = {name: test for parts in languages.values() for name, test in parts.tests.items()}
    tag_sets = [UPOS, *features_of(train)]
    for one in tag_sets[1:]:
        train, dev = (with_known_labels(some, one.layer, one.labels) for some in (train, dev))
    said: list[Lesson] = []
    if settings.teacher:
        committee = (
            Transformer.load(settings.teacher).probabilities,
            partial(chances, Labeler.load(settings.beside)),
        )
        speakers = [partial(parts_of_speech, one, tag_sets) for one in committee]
        said += lessons(speakers, plain_texts(settings.data, languages, settings.taught_words))
        dictionary, share = PolishDictionary(), settings.taught_words // len(languages)
        polish = list(filter(None, plain_texts(settings.data, ["pl"], share)))
        random.Random(0).shuffle(polish)
        said += lessons([partial(dictionary.among, one) for one in speakers], polish[HELD_OUT:])
        tests[POLISH] = list(map(dictionary.sure, polish[:HELD_OUT]))
    scores: dict[str, dict[str, list[float]]] = {name: {} for name in tests}
    for seed in range(settings.seeds):
        labeler = Labeler.on(settings.encoder, tag_sets, language="xx", seed=seed)
        # Not above, where it would warn that the encoder has not read Catalan.
        labeler.config = replace(labeler.config, language=TOKENIZER)
        options = tagging_options(
            settings.epochs or tagging_epochs(len(train)), seed=seed, device=settings.device
        )
        display = Display.unless(settings.quiet)
        if settings.teacher:
            teach(labeler, train, said, dev, options=options, display=display)
        else:
            fine_tune(labeler, train, dev, options=options, display=display)
        labeler.save(settings.output / "labeler", compact=settings.compact)
        for name, test in tests.items():
            labeled = list(labeler(test))
            for one in tag_sets:
                if one.layer in test[0].tags:
                    scores[name].setdefault(one.layer, []).append(
                        score_layers(test, labeled, [one])
                    )
    figures = {
        name: {layer: mean(row) for layer, row in found.items()} for name, found in scores.items()
    }
    learnt = {code: len(parts.train) for code, parts in languages.items()}
    words = {code: sum(map(len, parts.train)) for code, parts in languages.items()}
    runs = {
        "learnt": learnt,
        "words_learnt": words,
        "labels": [len(one.labels) for one in tag_sets],
    }
    write_metrics(
        settings.output / "metrics.json", {"tests": figures, **runs, "seeds": settings.seeds}
    )
    if not settings.quiet:
        for name, row in figures.items():
            print(
                f"{name:<20}",
                *(f"{layer} {100 * score:.2f}" for layer, score in row.items()),
                flush=True,
            )
    average = mean(row["upos"] for name, row in figures.items() if name != POLISH)
    print(
        f"UPOS {100 * average:.2f}, a mean over test parts; the labeler is in "
        f"{settings.output / 'labeler'}"
    )


if __name__ == "__main__":
    run(main, Settings)
