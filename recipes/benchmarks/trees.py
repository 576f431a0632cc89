"""Dependency trees beside spaCy's own tagger, parser and senter, trained on the same treebank, on
its test part.

    python recipes/benchmarks/trees.py --data ../shared/data --model en_pos --peer output/trees/peer

The peer is spaCy's pipeline for the CPU (`init config --optimize efficiency`), trained for
`--steps` steps on the treebank's documents, cut into pieces of ten sentences; a folder that has one
already is read. Both are given the words. Sentences are given, or found: then both read whole
documents, and words of sentences that were cut wrongly have wrong heads.
Words per second are those of raw text, all layers of each, in CPU time of one thread, the best of
three.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Annotated, Any

import spacy
import torch
from spacy.cli.init_config import init_config
from spacy.cli.train import train as spacy_train
from typer import Option

from seqlabel import Document, Labeler, from_doc, to_doc
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.documents import Tags, Trees, cut_at_sentences
from seqlabel.formats import read_conllu, write_docbin
from seqlabel.io.folders import make_folder
from seqlabel.scores import score_sentences, score_tags, score_trees, tree_intervals

LAYERS = ("upos", "xpos", "feats", "lemma", "sentence", "tree")
RUN = 10
"""Sentences of a piece of a document that the peer learns from."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    model: Annotated[str, Option(help="Folder or name of a labeler of trees.")] = "en_pos"
    peer: Annotated[
        Path | None, Option(help="Folder of the peer; it is trained where it has none.")
    ] = None
    steps: Annotated[int, Option(min=1, help="Steps of the peer's training.")] = 3_000
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path(
        "output/trees/metrics.json"
    )
    seed: Seed = 0


def for_spacy(document: Document) -> Document:
    """The layers that spaCy's components learn, with its name of roots."""
    tree = document.trees["tree"]
    relations = tuple("ROOT" if relation == "root" else relation for relation in tree.relations)
    tags = {name: document.tags[name] for name in ("upos", "xpos")}
    return document.with_layers(tags=tags, trees={"tree": Trees(tree.heads, relations)})


def train_peer(
    folder: Path, train: Sequence[Document], dev: Sequence[Document], *, steps: int, seed: int
) -> None:
    """Train spaCy's tagger, parser and senter on one embedding layer, on pieces of whole documents.

    Sentences that are joined by a line feed would teach the peer that sentences end there, and
    nowhere else.
    """
    vocab = spacy.blank("en").vocab
    paths = {"train": folder / "train.spacy", "dev": folder / "dev.spacy"}
    for part, documents in (("train", train), ("dev", dev)):
        pieces: list[Document] = []
        for document in documents:
            pieces += map(for_spacy, cut_at_sentences(document, repeat(RUN)))
        write_docbin(pieces, paths[part], vocab=vocab)
    config = init_config(
        lang="en", pipeline=["tagger", "parser", "senter"], optimize="efficiency", gpu=False
    )
    config["training"] |= {"max_steps": steps, "eval_frequency": 500, "seed": seed}
    config["training"]["logger"] = {"@loggers": "spacy.ConsoleLogger.v1", "progress_bar": False}
    config.to_disk(folder / "config.cfg")
    overrides: dict[str, Any] = {f"paths.{name}": str(path) for name, path in paths.items()}
    spacy_train(folder / "config.cfg", folder, overrides=overrides)


def by_peer(nlp: Any, documents: Sequence[Document], *, with_sentences: bool) -> Iterator[Document]:
    """Documents as the peer labels their words."""
    docs = []
    for one in documents:
        doc = to_doc(
            Document(one.text, one.offsets, sentences=one.sentences if with_sentences else ()),
            nlp.vocab,
        )
        docs.append(doc)
    for one, doc in zip(documents, nlp.pipe(docs), strict=True):
        found = from_doc(doc)
        tree = found.trees["tree"]
        relations = tuple("root" if relation == "ROOT" else relation for relation in tree.relations)
        xpos = (
            {"xpos": found.tags["xpos"]}
            if "xpos" in found.tags
            else {"xpos": Tags((None,) * len(one))}
        )
        yield found.with_layers(tags=xpos, trees={"tree": Trees(tree.heads, relations)})


def scores(gold: Sequence[Document], found: Sequence[Document]) -> dict[str, Any]:
    """Trees, tags and sentences of documents whose words were given."""
    pairs = list(zip(gold, found, strict=True))
    trees = score_trees(pairs, "tree")
    bounds = {name: (one.low, one.high) for name, one in tree_intervals(pairs, "tree").items()}
    layers = [layer for layer in LAYERS[:3] if layer in found[0].tags]
    return {
        **{name: getattr(trees, name) for name in bounds},
        **{f"{name}_interval": ends for name, ends in bounds.items()},
        **{layer: score_tags(pairs, layer).accuracy for layer in layers},
        "sentence_f1": score_sentences(pairs).f,
    }


def speed(read: Any, texts: Sequence[str]) -> float:
    """Words per second of CPU time."""
    seconds = []
    count = 0
    for _ in range(3):
        begun = time.process_time()
        count = sum(map(len, read(texts)))
        seconds.append(time.process_time() - begun)
    return count / min(seconds)


def main(settings: Settings) -> None:
    """Measure a labeler of trees, and spaCy's parser on the same treebank."""
    torch.set_num_threads(1)
    folder = settings.data / "ud_english_ewt"
    paths = {part: folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")}
    whole = list(read_conllu(paths["test"], layers=LAYERS, whole_documents=True))
    sentences = [sentence for one in whole for sentence in cut_at_sentences(one, repeat(1))]
    texts = [one.text for one in whole]
    measured: dict[str, dict[str, Any]] = {}

    labeler = Labeler.load(settings.model)
    measured[f"{settings.model}, gold sentences"] = scores(sentences, list(labeler(sentences)))
    bare = [Document(one.text, one.offsets) for one in whole]
    measured[f"{settings.model}, its own sentences"] = scores(whole, list(labeler(bare)))
    measured[f"{settings.model}, raw text"] = {"words_per_second": speed(labeler, texts)}

    if settings.peer is not None:
        make_folder(settings.peer)
        if not (settings.peer / "model-best").exists():
            train = list(read_conllu(paths["train"], layers=LAYERS, whole_documents=True))
            dev = list(read_conllu(paths["dev"], layers=LAYERS, whole_documents=True))
            train_peer(settings.peer, train, dev, steps=settings.steps, seed=settings.seed)
        nlp = spacy.load(settings.peer / "model-best")
        given = list(by_peer(nlp, sentences, with_sentences=True))
        measured["spaCy, gold sentences"] = scores(sentences, given)
        measured["spaCy, its own sentences"] = scores(
            whole, list(by_peer(nlp, whole, with_sentences=False))
        )
        measured["spaCy, raw text"] = {
            "words_per_second": speed(lambda some: list(nlp.pipe(some)), texts)
        }
    write_metrics(settings.output, measured)
    for name, figures in measured.items():
        shown = {what: value for what, value in figures.items() if not what.endswith("interval")}
        print(f"{name}:", ", ".join(f"{what} {value:.4g}" for what, value in shown.items()))


if __name__ == "__main__":
    run(main, Settings)
