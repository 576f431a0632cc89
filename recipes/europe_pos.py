"""Train one part-of-speech tagger for eleven European languages on the encoder of `recipes/pretrain_europe.py`.

    python recipes/europe_pos.py --data ../shared/data --encoder output/pretrain_europe/best --compact
    python recipes/europe_pos.py --data ../shared/data --encoder en --languages fi,cs

The tagger is not told the language. It learns from up to --sentences of each, those of the treebanks that come first
in `europe_data` (as they are tagged as the test parts are) before others; one in ten, up to 100, is held out to choose
the epoch on. Ends with the accuracy on the test part of each treebank, and saves the labeler of the last seed.
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated

from europe_data import TREEBANKS, UPOS, parts_of
from typer import Option

from seqlabel import Display, Labeler, fine_tune, tagging_options
from seqlabel.commands import Compact, Device, Encoder, Quiet, Seeds, run, write_metrics
from seqlabel.io.folders import make_folder
from seqlabel.models.fine_tuning import tagging_epochs
from seqlabel.scores import score_tags


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds europe and ud_german_gsd.")]
    output: Annotated[Path, Option(help="Folder of the labeler and metrics.json.")] = Path("output/europe_pos")
    encoder: Encoder = "output/pretrain_europe/best"
    languages: Annotated[str, Option(help="Some of the languages, with commas.")] = ",".join(TREEBANKS)
    sentences: Annotated[int, Option(min=20, help="Sentences of each language to learn from, at most.")] = 4_000
    epochs: Annotated[int | None, Option(min=1, help="Passes. Default: by the number of sentences.")] = None
    seeds: Seeds = 1
    device: Device = "auto"
    compact: Compact = False
    quiet: Quiet = False
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted training.")] = False


def main(settings: Settings) -> None:
    """Train one tagger on all languages and measure it on each."""
    make_folder(settings.output)
    languages = {code: parts_of(settings.data, code, settings.sentences) for code in settings.languages.split(",")}
    train = [document for parts in languages.values() for document in parts.train]
    dev = [document for parts in languages.values() for document in parts.dev]
    tests = {name: test for parts in languages.values() for name, test in parts.tests.items()}
    scores: dict[str, list[float]] = {name: [] for name in tests}
    for seed in range(settings.seeds):
        # Plain text is in any of the languages: the tokeniser that is none's.
        labeler = Labeler.on(settings.encoder, [UPOS], language="xx", seed=seed)
        options = tagging_options(settings.epochs or tagging_epochs(len(train)), seed=seed, device=settings.device)
        display = Display.unless(settings.quiet)
        place = settings.output / f"training_{seed}"
        fine_tune(labeler, train, dev, options=options, folder=place, resume=settings.resume, display=display)
        labeler.save(settings.output / "labeler", compact=settings.compact)
        for name, test in tests.items():
            scores[name].append(score_tags(zip(test, labeler(test), strict=True), "upos").accuracy)
    figures = {name: {"upos": mean(found), "sentences": len(tests[name])} for name, found in scores.items()}
    learnt = {code: len(parts.train) for code, parts in languages.items()}
    words = {code: sum(map(len, parts.train)) for code, parts in languages.items()}
    runs = {"tests": figures, "learnt": learnt, "words_learnt": words, "seeds": settings.seeds}
    write_metrics(settings.output / "metrics.json", runs)
    if not settings.quiet:
        for name, row in figures.items():
            print(f"{name:<20} {100 * row['upos']:.2f}", flush=True)
    average = mean(row["upos"] for row in figures.values())
    print(f"UPOS {100 * average:.2f}, a mean over test parts; the labeler is in {settings.output / 'labeler'}")


if __name__ == "__main__":
    run(main, Settings)
