"""Train one labeler of persons, places and organisations for European languages, on the tagger of
`europe_pos.py`.

    python recipes/europe_ner.py --data ../shared/data --teacher output/names_teacher --compact
    python recipes/europe_ner.py --data ../shared/data --start output/europe_pos/labeler \
        --languages fi

Names are learnt in German, Portuguese, Swedish, Danish, Norwegian, Finnish and English, from up to
--sentences of each file, a share of them in small letters too; a file with half as many is read
twice. With --teacher, the labels are learnt too that a transformer, tuned by `teacher.py` on the
same sentences, gives plain text of these languages and of French, Spanish, Italian and Dutch, for
which no names are at hand; words that it is not sure of are left open. The tagger's head learns on
beside it, and is not saved. Up to 100 sentences of each file are held out to choose the epoch on.
Ends with the F1 of exact spans on the test part of each language, on gold words, and on plain
sentences in the four languages without names, written for that (`europe_data`).
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated

from english_data import with_lowered
from europe_data import FILES, NER, names_parts, written
from europe_data.texts import TOKENIZER, plain_texts
from transformer import Transformer
from typer import Option

from seqlabel import Display, Labeler, Tokenizer, fine_tune, tagging_options
from seqlabel.commands import Compact, Device, Epochs, Quiet, Seed, run, write_metrics
from seqlabel.io.folders import make_folder
from seqlabel.scores import score_spans

WITHOUT_NAMES = ("fr", "es", "it", "nl")


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds europe, ud_german_gsd and ner_english_ewt.")
    ]
    output: Annotated[Path, Option(help="Folder of the labeler and metrics.json.")] = Path(
        "output/europe_ner"
    )
    start: Annotated[str, Option(help="Labeler of europe_pos.py: its folder, or eu_pos.")] = (
        "eu_pos"
    )
    languages: Annotated[str, Option(help="Some of the languages, with commas.")] = ",".join(FILES)
    sentences: Annotated[
        int, Option(min=20, help="Sentences of each file to learn from, at most.")
    ] = 3_000
    teacher: Annotated[Path | None, Option(help="Folder of what teacher.py tuned on names.")] = None
    taught_words: Annotated[
        int, Option(min=1, help="Words of plain text that the teacher labels.")
    ] = 1_000_000
    lowered: Annotated[
        float, Option(min=0.0, max=1.0, help="Share of sentences read in small letters too.")
    ] = 0.1
    epochs: Epochs = 3
    seed: Seed = 0
    device: Device = "auto"
    compact: Compact = False
    quiet: Quiet = False


def main(settings: Settings) -> None:
    """Train one labeler of names on all languages and measure it on each."""
    make_folder(settings.output)
    languages = {
        code: names_parts(settings.data, code, settings.sentences)
        for code in settings.languages.split(",")
    }
    train = [document for parts in languages.values() for document in parts.train]
    dev = [document for parts in languages.values() for document in parts.dev]
    train = with_lowered(train, settings.lowered, settings.seed)
    if settings.teacher:
        texts = plain_texts(
            settings.data, [*settings.languages.split(","), *WITHOUT_NAMES], settings.taught_words
        )
        train += Transformer.load(settings.teacher).taught(texts)
    labeler = Labeler.load(settings.start).with_layers([NER], seed=settings.seed)
    options = tagging_options(settings.epochs, seed=settings.seed, device=settings.device)
    display = Display.unless(settings.quiet)
    fine_tune(labeler, train, dev, options=options, display=display)
    labeler = labeler.keep(["ner"])
    labeler.save(settings.output / "labeler", compact=settings.compact)
    labeler = Labeler.load(settings.output / "labeler")
    tests = {name: test for parts in languages.values() for name, test in parts.tests.items()}
    tests |= {code: list(written(code, Tokenizer(TOKENIZER))) for code in WITHOUT_NAMES}
    figures = {}
    for code, test in tests.items():
        score = score_spans(zip(test, labeler(test), strict=True), "ner").exact
        figures[code] = {
            "f1": score.f,
            "precision": score.precision,
            "recall": score.recall,
            "sentences": len(test),
        }
        if not settings.quiet:
            print(f"{code} {100 * score.f:.2f}", flush=True)
    learnt = {code: len(parts.train) for code, parts in languages.items()}
    write_metrics(
        settings.output / "metrics.json",
        {"tests": figures, "learnt": learnt, "words": sum(map(len, train))},
    )
    average = mean(figures[code]["f1"] for code in languages)
    print(
        f"F1 {100 * average:.2f}, a mean over learnt languages; the labeler is in "
        f"{settings.output / 'labeler'}"
    )


if __name__ == "__main__":
    run(main, Settings)
