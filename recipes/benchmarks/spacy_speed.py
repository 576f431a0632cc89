"""Speed of this library's pipes through `nlp.pipe` beside spaCy's own, in words a second, raw texts in, one thread.

    python recipes/benchmarks/spacy_speed.py --data ../shared/data                       # taggers: en_pos
    python recipes/benchmarks/spacy_speed.py --data ../shared/data --entities my_ner     # and NER, a labeler's folder

The texts are the documents of the test part of the Web Treebank, split into words by spaCy's tokeniser within the run.
spaCy's pipelines are `tok2vec` + `tagger` and `tok2vec` + `ner`, as `spacy init config` makes them, initialised on the
training part but not trained: weights do not change their speed. All take turns, after a round that is not counted; the
figures are medians over `--rounds`.
"""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import spacy
import torch
from shared.corpora import entities, treebank
from shared.turns import turns
from spacy.cli.init_config import init_config  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.training import Example
from typer import Option

from seqlabel import Document, to_doc
from seqlabel.commands import run, write_metrics


def spacy_pipeline(pipe: str, train: list[Document]) -> Language:
    """spaCy's default pipeline with one component, its labels from the training documents."""
    config = init_config(lang="en", pipeline=[pipe])
    nlp = spacy.util.load_model_from_config(config, auto_fill=True)
    golds = [to_doc(document, nlp.vocab) for document in train]
    nlp.initialize(lambda: [Example(nlp.make_doc(gold.text), gold) for gold in golds])
    return nlp


def seqlabel_pipeline(model: str, layer: str, target: str) -> Language:
    """A blank pipeline with one labeler in it, which writes as much as spaCy's component does."""
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": model, "targets": {layer: target}})
    return nlp


def read(nlp: Language, texts: list[str]) -> None:
    for _ in nlp.pipe(texts):
        pass


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt and ner_english_ewt.")]
    tags: Annotated[str, Option(help="Folder or name of a labeler of layer xpos.")] = "en_pos"
    entities: Annotated[str | None, Option(help="Folder or name of a labeler of layer ner.")] = None
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 5
    output: Annotated[Path | None, Option(help="JSON file for the figures.")] = None


def main(settings: Settings) -> None:
    """Time all on the same texts."""
    torch.set_num_threads(1)
    texts = [document.text for document in treebank(settings.data, "test", whole_documents=True)]
    train = treebank(settings.data, "train")[:2_000]
    pipelines = {
        "tokeniser": spacy.blank("en"),
        "seqlabel tagger": seqlabel_pipeline(settings.tags, "xpos", "tag_"),
        "spaCy tok2vec + tagger": spacy_pipeline("tagger", train),
    }
    if settings.entities is not None:
        named = entities(settings.data, "train")[:2_000]
        pipelines["seqlabel NER"] = seqlabel_pipeline(settings.entities, "ner", "ents")
        pipelines["spaCy tok2vec + NER"] = spacy_pipeline("ner", named)
    words = sum(len(doc) for doc in pipelines["tokeniser"].pipe(texts))
    runs = {name: partial(read, nlp, texts) for name, nlp in pipelines.items()}
    seconds = turns(runs, settings.rounds, clock=time.perf_counter)
    speeds = {name: words / median(took) for name, took in seconds.items()}
    for name, speed in speeds.items():
        print(f"{name:>24}  {speed:>9,.0f} words/s", flush=True)
    for kind in ("tagger",) if settings.entities is None else ("tagger", "NER"):
        speeds[f"{kind} times"] = speeds[f"seqlabel {kind}"] / speeds[f"spaCy tok2vec + {kind}"]
        print(f"{kind}: {speeds[f'{kind} times']:.1f} times spaCy's")
    if settings.output is not None:
        write_metrics(settings.output, speeds)


if __name__ == "__main__":
    run(main, Settings)
