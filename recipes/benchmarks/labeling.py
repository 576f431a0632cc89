"""Speed of training and labelling beside spaCy's tagger, in words a second, on the same documents in the same run.

    python recipes/benchmarks/labeling.py --data ../shared/data                  # the test part of the Web Treebank
    python recipes/benchmarks/labeling.py --data ../shared/data --threads 2

Labelling: words are given, both start from them (`Document`s here, `Doc`s there), and label them all; the two
take turns, after a round that is not counted, and the figures are medians over `--rounds`. Training: words a second of
one epoch each over the same sentences, in turns too, medians over `--training-rounds`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import spacy
import torch
from shared.corpora import treebank, without_labels
from shared.turns import turns
from spacy.training import Example
from typer import Option

from seqlabel import Display, Document, Labeler, Tags, TagSet, fine_tune, tagging_options, to_doc
from seqlabel.commands import run, write_metrics


def spacy_tagger(train: list[Document]) -> tuple[spacy.language.Language, list[Example]]:
    """spaCy's default tagger with its labels, not trained, and its examples."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger")
    fine = [one.with_tags("xpos", Tags(one.tags["upos"].labels)) for one in train]
    golds = [to_doc(one, nlp.vocab) for one in fine]
    examples = [
        Example(to_doc(Document(one.text, one.offsets), nlp.vocab), gold)
        for one, gold in zip(train, golds, strict=True)
    ]
    nlp.initialize(lambda: examples)
    return nlp, examples


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pos"
    layers: Annotated[str, Option(help="Its layers that are labelled, with commas.")] = "upos,xpos"
    threads: Annotated[int, Option(min=1, help="Threads for the labeler, and for torch.")] = 1
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 7
    training_rounds: Annotated[int, Option(min=1, help="Rounds of training.")] = 3
    output: Annotated[Path | None, Option(help="JSON file for the figures.")] = None


def main(settings: Settings) -> None:
    """Time both on the same documents."""
    torch.set_num_threads(settings.threads)
    train, test = (treebank(settings.data, part) for part in ("train", "test"))
    labeler = Labeler.load(settings.model)
    layers, words = settings.layers.split(","), sum(map(len, test))
    bare = without_labels(test)
    nlp, examples = spacy_tagger(train)
    runs: dict[str, Callable[[], object]] = {
        "seqlabel": lambda: list(labeler(bare, layers=layers, threads=settings.threads)),
        "spaCy": lambda: list(nlp.pipe(to_doc(document, nlp.vocab) for document in bare)),
    }
    # What spaCy needs to make its Docs is not its tagger's work.
    runs["Docs"] = lambda: [to_doc(document, nlp.vocab) for document in bare]
    took = turns(runs, settings.rounds, clock=time.perf_counter)
    making = median(took.pop("Docs"))
    seconds = {name: median(some) - making * (name == "spaCy") for name, some in took.items()}
    figures = {f"{name} labelling": words / second for name, second in seconds.items()}
    for name, second in seconds.items():
        print(f"labelling  {name:>9}  {words / second:>9,.0f} words/s  ({settings.threads} threads)", flush=True)
    optimizer = nlp.resume_training()

    def train_ours() -> None:
        fresh = Labeler.on("en", [TagSet.of(train, "upos")])
        fine_tune(fresh, train, options=tagging_options(1), display=Display.SILENT)

    def train_spacy() -> None:
        for start in range(0, len(examples), 30):
            nlp.update(examples[start : start + 30], sgd=optimizer)

    trained = sum(map(len, train))
    learning = {"seqlabel": train_ours, "spaCy": train_spacy}
    rounds = turns(learning, settings.training_rounds, clock=time.perf_counter, warm_up=False)
    for name, some in rounds.items():
        figures[f"{name} training"] = trained / median(some)
        print(f"training   {name:>9}  {figures[f'{name} training']:>9,.0f} words/s  (one epoch)", flush=True)
    if settings.output is not None:
        write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
