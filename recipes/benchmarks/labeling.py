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
from spacy.training import Example
from typer import Option

from seqlabel import Display, Document, Labeler, Tags, TagSet, fine_tune, tagging_options, to_doc
from seqlabel.commands import run, write_metrics
from seqlabel.formats import read_conllu


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


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
    threads: Annotated[int, Option(min=1, help="Threads for the labeler, and for torch.")] = 1
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 7
    training_rounds: Annotated[int, Option(min=1, help="Rounds of training.")] = 3
    output: Annotated[Path | None, Option(help="JSON file for the figures.")] = None


def main(settings: Settings) -> None:
    """Time both on the same documents."""
    torch.set_num_threads(settings.threads)
    folder = settings.data / "ud_english_ewt"
    train, test = (list(read_conllu(folder / f"en_ewt-ud-{part}.conllu")) for part in ("train", "test"))
    labeler = Labeler.load(settings.model)
    words = sum(map(len, test))
    bare = [Document(document.text, document.offsets) for document in test]
    nlp, examples = spacy_tagger(train)
    runs: dict[str, Callable[[], object]] = {
        "seqlabel": lambda: list(labeler(bare, threads=settings.threads)),
        "spaCy": lambda: list(nlp.pipe(to_doc(document, nlp.vocab) for document in bare)),
    }
    making = timed(lambda: [to_doc(document, nlp.vocab) for document in bare])
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(settings.rounds + 1):
        for name, label in runs.items():
            # What spaCy needs to make its Docs is not its tagger's work.
            once = timed(label) - (making if name == "spaCy" else 0.0)
            if turn:
                seconds[name].append(once)
    figures = {f"{name} labelling": words / median(took) for name, took in seconds.items()}
    for name, took in seconds.items():
        rate = words / median(took)
        print(f"labelling  {name:>9}  {rate:>9,.0f} words/s  ({settings.threads} threads)", flush=True)
    optimizer = nlp.resume_training()

    def train_ours() -> None:
        fresh = Labeler.on("en", [TagSet.of(train, "upos")])
        fine_tune(fresh, train, options=tagging_options(1), display=Display.SILENT)

    def train_spacy() -> None:
        for start in range(0, len(examples), 30):
            nlp.update(examples[start : start + 30], sgd=optimizer)

    trained = sum(map(len, train))
    learning = {"seqlabel": train_ours, "spaCy": train_spacy}
    took_to_train: dict[str, list[float]] = {name: [] for name in learning}
    for _ in range(settings.training_rounds):
        for name, learn in learning.items():
            took_to_train[name].append(timed(learn))
    for name, took in took_to_train.items():
        figures[f"{name} training"] = trained / median(took)
        print(f"training   {name:>9}  {figures[f'{name} training']:>9,.0f} words/s  (one epoch)", flush=True)
    if settings.output is not None:
        write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
