"""Accuracy beside spaCy: seqlabel's labelers and spaCy's own tagger and NER, trained on the same sentences.

    python recipes/benchmarks/accuracy.py --data ../shared/data                      # all corpora, one seed: two hours
    python recipes/benchmarks/accuracy.py --data ../shared/data --corpus atis,german --seeds 3

spaCy trains with the config that `spacy init config --optimize efficiency` writes and stops by its own rule; gold words
are given to both. German and Vietnamese start from nothing in both; English labelers here start from `en`. German has
no training file, so its dev file is cut: nine tenths to train on, one to choose on.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated, NamedTuple

import spacy
from spacy.cli.init_config import init_config
from spacy.cli.train import train as spacy_train
from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    OptionError,
    Tags,
    TagSet,
    WordLanguageModel,
    fine_tune,
    from_doc,
    tagging_options,
    to_doc,
)
from seqlabel.commands import run, write_metrics
from seqlabel.formats import read_columns, read_conllu, write_docbin
from seqlabel.models.measuring import score_layers


class Task(NamedTuple):
    """A corpus in three parts, the layer to label, the language, and the encoder to start from, if any."""

    train: list[Document]
    dev: list[Document]
    test: list[Document]
    layer: str
    language: str
    encoder: str | None


def treebank(data: Path, folder: str, prefix: str, language: str, encoder: str | None) -> Task:
    """A Universal Dependencies treebank; where there is no training file, the dev file is cut in two."""
    parts = []
    for part in ("train", "dev", "test"):
        path = data / folder / f"{prefix}-ud-{part}.conllu"
        parts.append(list(read_conllu(path)) if path.exists() else [])
    train, dev, test = parts
    if not dev or not test:
        raise OptionError(f"{data / folder}: Found no dev or test file. Give the folder that holds {folder} as --data.")
    if not train:
        train, dev = [one for number, one in enumerate(dev) if number % 10], dev[::10]
    return Task(train, dev, test, "upos", language, encoder)


def entities(data: Path) -> Task:
    """The English Web Treebank's entities."""
    files = [data / "ner_english_ewt" / f"{part}.iob2" for part in ("train", "dev", "test")]
    train, dev, test = (list(read_columns(file, word=1, tag=2, separator="\t")) for file in files)
    return Task(train, dev, test, "ner", "en", "en")


CORPORA: dict[str, Callable[[Path], Task]] = {
    "ewt": lambda data: treebank(data, "ud_english_ewt", "en_ewt", "en", "en"),
    "ner": entities,
    "atis": lambda data: treebank(data, "ud_english_atis", "en_atis", "en", "en"),
    "german": lambda data: treebank(data, "ud_german_gsd", "de_gsd", "de", None),
    "vietnamese": lambda data: treebank(data, "ud_vietnamese_vtb", "vi_vtb", "vi", None),
}


def train_ours(task: Task, seed: int) -> list[Document]:
    """The test part as a labeler of ours labels it."""
    words = {word for document in task.train for word in document.words}
    below = WordLanguageModel.load(task.encoder) if task.encoder else WordLanguageModel.fresh(words, seed=seed)
    labeler = Labeler.on(below, [TagSet.of([*task.train, *task.dev], task.layer)], seed=seed)
    options = tagging_options(8 if task.layer == "ner" else 6, pretrained=task.encoder is not None, seed=seed)
    fine_tune(labeler, task.train, task.dev, options=options, display=Display.SILENT)
    return list(labeler(task.test))


def train_spacy(task: Task, seed: int) -> list[Document]:
    """The test part as a pipeline of spaCy's labels it; universal tags go through its `tagger` as fine ones would."""
    pipe = "ner" if task.layer == "ner" else "tagger"
    vocab = spacy.blank("xx").vocab

    def as_fine(document: Document) -> Document:
        return document if pipe == "ner" else document.with_tags("xpos", Tags(document.tags["upos"].labels))

    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, part in (("train", task.train), ("dev", task.dev)):
            paths[f"paths.{name}"] = str(Path(folder) / f"{name}.spacy")
            write_docbin(map(as_fine, part), Path(paths[f"paths.{name}"]), vocab=vocab)
        # "xx" for all: with gold words the language only chooses a tokeniser, and Vietnamese's needs another library.
        config = init_config(lang="xx", pipeline=[pipe], optimize="efficiency", gpu=False)
        config["training"]["seed"] = seed
        config["training"]["logger"] = {"@loggers": "spacy.ConsoleLogger.v1", "progress_bar": False}
        config.to_disk(Path(folder) / "config.cfg")
        spacy_train(Path(folder) / "config.cfg", Path(folder) / "model", overrides=paths)
        nlp = spacy.load(Path(folder) / "model" / "model-best")
    docs = nlp.pipe(to_doc(Document(one.text, one.offsets), nlp.vocab) for one in task.test)
    found = [from_doc(doc) for doc in docs]
    return found if pipe == "ner" else [document.with_tags("upos", document.tags["xpos"]) for document in found]


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder of the corpora.")]
    corpus: Annotated[str, Option(help=f"Some of {','.join(CORPORA)}, or all.")] = "all"
    seeds: Annotated[int, Option(min=1, help="Trainings of each.")] = 1
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/accuracy.json")


def main(settings: Settings) -> None:
    """Train both on the same sentences and print both scores."""
    rows = {}
    names = list(CORPORA) if settings.corpus == "all" else settings.corpus.split(",")
    for name in names:
        if name not in CORPORA:
            raise OptionError(f"corpus: Found {name!r}. Give all, or some of {','.join(CORPORA)}.")
    for name in names:
        task = CORPORA[name](settings.data)
        layer = TagSet.of(task.train, task.layer)
        ours, peer = (
            mean(score_layers(task.test, train(task, seed), [layer]) for seed in range(settings.seeds))
            for train in (train_ours, train_spacy)
        )
        rows[name] = {"seqlabel": ours, "spacy": peer, "seeds": settings.seeds}
        write_metrics(settings.output, rows)
        print(f"{name:>12}  seqlabel {100 * ours:.2f}  spaCy {spacy.__version__} {100 * peer:.2f}", flush=True)


if __name__ == "__main__":
    run(main, Settings)
