"""Words a second beside peers on the same texts in the same run: labelling words, raw text, private data; training.

    python recipes/benchmarks/speed.py documents training --data ../shared/data           # beside spaCy's tagger
    python recipes/benchmarks/speed.py pipes --data ../shared/data --models en_pos,en_ner # through `nlp.pipe`
    python recipes/benchmarks/speed.py ways --data ../shared/data --models en_pos,en_ner  # by default, torch, ONNX
    python recipes/benchmarks/speed.py private --data ../shared/data --models en_pii      # beside Presidio's rules

All of a contest take turns, after a round that is not counted; the figures are medians over `--rounds`, of CPU time on
one thread, of elapsed time with `--threads`.

- `documents`: words of the Web Treebank's test part are given (`Document`s here, `Doc`s there) and labelled.
- `training`: one pass over the sentences of its training part.
- `pipes`: raw text of its test part, with spaCy's tokeniser in the run; spaCy's pipelines are `tok2vec` + `tagger` or
  `ner` as `spacy init config` makes them. Neither they nor its tagger are trained: weights do not change their speed.
  A tagger runs with its fine tags alone, as spaCy's does, and with all its layers.
- `ways`: rows sorted by length, as a labeler runs by default, by torch in float32, and, with `onnx` and `onnxruntime`,
  as the folder that `seqlabel export` writes; of many layers the first two.
- `private`: texts of pii_anon's dev part, with rules, and by Presidio's rules alone, where it is installed.
"""

import json
import runpy
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import spacy
import torch
from shared.corpora import entities, treebank, without_labels
from shared.private_finders import presidio_tool
from shared.turns import turns
from spacy.cli.init_config import init_config  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.training import Example
from typer import Argument, Option

from seqlabel import Display, Document, Labeler, PrivateFinder, Tags, TagSet, fine_tune, tagging_options, to_doc
from seqlabel.commands import run, write_metrics
from seqlabel.models import Arithmetic, export_onnx

ROWS = 16
"""Rows that the exported model reads at once."""


Kind = StrEnum("Kind", "DOCUMENTS TRAINING PIPES WAYS PRIVATE")
"""What is timed."""


@dataclass(frozen=True)
class Settings:
    contests: Annotated[list[Kind], Argument(help="What is timed.")]
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt, ner_english_ewt and pii_anon.")]
    models: Annotated[str, Option(help="Folders or names of labelers, with commas.")] = "en_pos"
    texts: Annotated[int, Option(min=10, help="Texts of pii_anon.")] = 500
    threads: Annotated[int, Option(min=1, help="Threads for the labeler of documents, and for torch.")] = 1
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 5
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path("output/speed.json")


@dataclass(frozen=True)
class Contest:
    """What takes turns, by name, and how many words each reads, and characters where they count."""

    runs: dict[str, Callable[[], object]]
    words: int
    characters: int = 0


def read(nlp: Language, texts: list[str]) -> None:
    for _ in nlp.pipe(texts):
        pass


def pipeline(pipe: str, train: list[Document]) -> Language:
    """spaCy's default pipeline with one component, its labels from the training documents."""
    nlp = spacy.util.load_model_from_config(init_config(lang="en", pipeline=[pipe]), auto_fill=True)
    golds = [to_doc(document, nlp.vocab) for document in train]
    nlp.initialize(lambda: [Example(nlp.make_doc(gold.text), gold) for gold in golds])
    return nlp


def documents(settings: Settings) -> Contest:
    test = treebank(settings.data, "test")
    labeler, bare = Labeler.load(settings.models), without_labels(test)
    nlp = pipeline("tagger", treebank(settings.data, "train")[:2_000])
    # What spaCy needs to make its Docs is not its tagger's work.
    docs = iter([[to_doc(one, nlp.vocab) for one in bare] for _ in range(settings.rounds + 1)])
    layers = labeler.config.layers[:2]
    runs: dict[str, Callable[[], object]] = {
        "seqlabel labelling": lambda: list(labeler(bare, layers=layers, threads=settings.threads)),
        "spaCy labelling": lambda: list(nlp.pipe(next(docs))),
    }
    return Contest(runs, sum(map(len, test)))


def training(settings: Settings) -> Contest:
    train = treebank(settings.data, "train")
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger")
    golds = [to_doc(one.with_tags("xpos", Tags(one.tags["upos"].labels)), nlp.vocab) for one in train]
    examples = [Example(to_doc(one, nlp.vocab), gold) for one, gold in zip(without_labels(train), golds, strict=True)]
    nlp.initialize(lambda: examples)
    optimizer = nlp.resume_training()

    def ours() -> None:
        fresh = Labeler.on("en", [TagSet.of(train, "upos")])
        fine_tune(fresh, train, options=tagging_options(1), display=Display.SILENT)

    def spacys() -> None:
        for start in range(0, len(examples), 30):
            nlp.update(examples[start : start + 30], sgd=optimizer)

    return Contest({"seqlabel training": ours, "spaCy training": spacys}, sum(map(len, train)))


def pipes(settings: Settings) -> Contest:
    texts = [document.text for document in treebank(settings.data, "test", whole_documents=True)]
    nlp = {"tokeniser": spacy.blank("en")}
    for model in settings.models.split(","):
        is_tagger = Labeler.load(model).tag_sets[0].scheme is None
        kind, layer, target = ("tagger", "xpos", "tag_") if is_tagger else ("NER", "ner", "ents")
        nlp[f"seqlabel {kind}"] = spacy.blank("en")
        nlp[f"seqlabel {kind}"].add_pipe("seqlabel", config={"model": model, "targets": {layer: target}})
        if is_tagger:
            nlp["seqlabel, all layers"] = spacy.blank("en")
            nlp["seqlabel, all layers"].add_pipe("seqlabel", config={"model": model})
        train = (treebank if is_tagger else entities)(settings.data, "train")[:2_000]
        nlp[f"spaCy tok2vec + {kind}"] = pipeline(kind.lower(), train)
    words = sum(len(doc) for doc in nlp["tokeniser"].pipe(texts))
    return Contest({name: partial(read, one, texts) for name, one in nlp.items()}, words)


def ways(settings: Settings) -> Contest:
    bare = without_labels(sorted(treebank(settings.data, "test"), key=len))
    groups = [[list(one.words) for one in bare[start : start + ROWS]] for start in range(0, len(bare), ROWS)]
    runs: dict[str, Callable[[], object]] = {}
    for name in settings.models.split(","):
        slow, fast = Labeler.load(name, arithmetic=Arithmetic.FLOAT32), Labeler.load(name)
        layers = fast.config.layers[:2]
        runs[f"{name}/seqlabel"] = lambda fast=fast, layers=layers: list(fast(bare, layers=layers))
        runs[f"{name}/torch in float32"] = lambda slow=slow, layers=layers: list(slow(bare, layers=layers))
        if find_spec("onnx") and find_spec("onnxruntime"):
            import onnxruntime

            folder = settings.output.parent / "exported"
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            exported = runpy.run_path(str(export_onnx(fast.keep(layers), folder / name) / "run.py"))["Model"]
            model = exported(folder / name)
            model._session = onnxruntime.InferenceSession(folder / name / "model.onnx", options)
            runs[f"{name}/exported"] = lambda model=model: [model.tag_rows(rows) for rows in groups]
    return Contest(runs, sum(map(len, bare)))


def private(settings: Settings) -> Contest:
    with (settings.data / "pii_anon" / "dev.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, settings.texts)]
    finder = PrivateFinder.load(settings.models)
    runs: dict[str, Callable[[], object]] = {"seqlabel/words_per_second": lambda: list(finder(texts))}
    if (presidio := presidio_tool(None, threshold=0.0)) is not None:
        runs["Presidio, rules alone/words_per_second"] = lambda: list(presidio(texts))
    return Contest(runs, sum(map(len, map(finder.labeler.tokenise, texts))), sum(map(len, texts)))


CONTESTS = {
    Kind.DOCUMENTS: documents,
    Kind.TRAINING: training,
    Kind.PIPES: pipes,
    Kind.WAYS: ways,
    Kind.PRIVATE: private,
}


def main(settings: Settings) -> None:
    """Time the contestants."""
    torch.set_num_threads(settings.threads)
    figures: dict[str, Any] = {}
    for kind in settings.contests:
        contest = CONTESTS[kind](settings)
        clock = time.perf_counter if settings.threads > 1 else time.process_time
        for name, took in turns(contest.runs, settings.rounds, clock=clock).items():
            speed = contest.words / median(took)
            print(f"{name:>30}  {speed:>9,.0f} words/s", flush=True)
            group, _, way = name.partition("/")
            of = figures.setdefault(group, {}) if way else figures
            of[way or name] = speed
            if contest.characters:
                of["ms_per_1000_characters"] = 1e6 * median(took) / contest.characters
            if name.startswith("spaCy tok2vec"):
                title = name.rpartition(" ")[2]
                figures[f"{title} times"] = figures[f"seqlabel {title}"] / speed
                print(f"{title}: {figures[f'{title} times']:.1f} times spaCy's")
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
