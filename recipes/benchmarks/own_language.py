"""What a tagger of one language is worth on nothing, on the encoders that ship, and on one pretrained on its own text.

    xz -dc ../shared/data/europe/fi_*.txt.xz | shuf -n 40000 --random-source=/dev/zero > fi.txt
    seqlabel pretrain fi.txt --language fi -o output/fi
    python recipes/benchmarks/own_language.py --data ../shared/data --language fi --encoders none,en,eu,own=output/fi

Parts of speech from the first sentences that `recipes/europe_pos.py` takes of the language, which is cut into words by
its treebank; none of them chooses the epoch. Ends with the accuracy on the test parts, a mean over the seeds.
"""

import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated

from typer import Option

from seqlabel import Display, Document, Labeler, WordLanguageModel, fine_tune, tagging_options
from seqlabel.commands import Seeds, run, write_metrics
from seqlabel.models.fine_tuning import tagging_epochs
from seqlabel.scores import score_tags

sys.path.insert(0, str(Path(__file__).parent.parent))
from europe_data import UPOS, parts_of


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds europe and ud_german_gsd.")]
    language: Annotated[str, Option(help="The language's code, one of those with a treebank.")] = "fi"
    encoders: Annotated[str, Option(help="Encoders with commas; NAME=FOLDER names one.")] = "none,en"
    sentences: Annotated[str, Option(help="Numbers of sentences to learn from, with commas.")] = "100,500"
    seeds: Seeds = 2
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/own_language.json")


def accuracy(encoder: str, language: str, train: list[Document], tests: list[list[Document]], seed: int) -> float:
    """The accuracy on the test parts of a tagger that learnt from some sentences."""
    words = {word for document in train for word in document.words}
    below = WordLanguageModel.fresh(words, seed=seed) if encoder == "none" else WordLanguageModel.load(encoder)
    with warnings.catch_warnings():
        # That `en` has not read the language is what is measured.
        warnings.simplefilter("ignore", UserWarning)
        labeler = Labeler.on(below, [UPOS], language=language, seed=seed)
    options = tagging_options(tagging_epochs(len(train)), pretrained=encoder != "none", seed=seed)
    fine_tune(labeler, train, options=options, display=Display.SILENT)
    return mean(score_tags(zip(test, labeler(test), strict=True), "upos").accuracy for test in tests)


def main(settings: Settings) -> None:
    """Train a tagger on each encoder from each number of sentences, and print all scores."""
    rows: dict[str, dict[str, float]] = {}
    counts = [int(count) for count in settings.sentences.split(",")]
    parts = parts_of(settings.data, settings.language, 2 * max(counts))
    tests = list(parts.tests.values())
    for given in settings.encoders.split(","):
        name, _, folder = given.partition("=")
        rows[name] = {}
        for count in counts:
            train = parts.train[:count]
            scores = [accuracy(folder or name, settings.language, train, tests, seed) for seed in range(settings.seeds)]
            rows[name][str(len(train))] = mean(scores)
            settings.output.parent.mkdir(parents=True, exist_ok=True)
            figures = {"language": settings.language, "seeds": settings.seeds, "accuracy": rows}
            write_metrics(settings.output, figures)
        print(name, *(f"{count} {100 * score:.2f}" for count, score in rows[name].items()), sep="  ", flush=True)


if __name__ == "__main__":
    run(main, Settings)
