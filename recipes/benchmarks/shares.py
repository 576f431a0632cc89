"""Where the time goes, how it grows, and how much of the machine is used: tables for
`docs/speed.md`, nothing of peers.

    python recipes/benchmarks/shares.py --data ../shared/data

- Shares: the CPU time of each part, in µs a word, of `nlp.pipe` with `en_pos`, on whole documents
  and on sentences of 12 words and more, and of `PrivateFinder`, on raw text. A part is what a run
  takes longer than the same run without it.
- Growth: the exponent of what must be linear: 1 where four times as much takes four times as long.
- Peak: the operations a second of the layers, next to those of torch's products of large matrices
  in 8 bits and in float32, and the rate at which a megabyte is read again and again, which a single
  row is bound by.

One thread; medians of `--rounds`.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import spacy
import torch
from shared.corpora import treebank
from shared.turns import seconds, turns
from typer import Option

from seqlabel import Document, Labeler, PrivateFinder, StreamLabeler, StreamRedactor
from seqlabel.commands import run, write_metrics
from seqlabel.spacy.doc_words import words_of_docs

FACTOR = 4
"""How many times as much the second size of a growth has."""

MATRIX = 1024
"""The rows and columns of the matrices that show the machine's peak."""

READINGS = 100
"""How often a megabyte is read."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt and pii_anon.")]
    texts: Annotated[int, Option(min=10, help="Texts of pii_anon.")] = 300
    words: Annotated[
        int, Option(min=100, help="Words, or a sixth of the characters, of the smaller size.")
    ] = 5_000
    files: Annotated[int, Option(min=10, help="Files of the smaller folder.")] = 250
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 5
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path("output/shares.json")


def in_turns(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median CPU seconds of works that take turns, so that a slow moment of the machine meets all
    of them.
    """
    return {name: median(taken) for name, taken in turns(works, rounds).items()}


def shares_of_pipe(settings: Settings, texts: list[str]) -> dict[str, float]:
    """µs a token of each part of `nlp.pipe` with `en_pos`."""
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": "en_pos"})
    labeler = Labeler.load("en_pos")
    docs = [nlp.make_doc(text) for text in texts]
    rows: list[list[str]] = []
    for doc, words in zip(docs, words_of_docs(docs), strict=True):
        rows.append([doc.vocab.strings[key] for key in words.keys.tolist()])
    taken = in_turns(
        {
            "tokens": lambda: [nlp.make_doc(text) for text in texts],
            "layers": lambda: labeler.inference.states(rows),
            "model": lambda: labeler.inference.tags(rows, labeler.decisions),
            "pipe": lambda: list(nlp.pipe(texts)),
        },
        settings.rounds,
    )
    parts = {
        "tokens": taken["tokens"],
        "layers": taken["layers"],
        "heads": taken["model"] - taken["layers"],
        "writing": taken["pipe"] - taken["tokens"] - taken["model"],
    }
    tokens = sum(map(len, docs))
    return {name: 1e6 * part / tokens for name, part in parts.items()}


def shares_of_finder(settings: Settings, texts: list[str]) -> dict[str, float]:
    """µs a word of each part of `PrivateFinder` with `en_pii`."""
    finder = PrivateFinder.load("en_pii")
    labeler = finder.labeler
    rows = [list(labeler.tokenize(text).words) for text in texts]
    taken = in_turns(
        {
            "tokens": lambda: [labeler.tokenize(text) for text in texts],
            "layers": lambda: labeler.inference.states(rows),
            "model": lambda: labeler.inference.tags(rows, labeler.decisions),
            "labeler": lambda: list(labeler(texts)),
            "rules": lambda: [finder.values(text) for text in texts],
            "finder": lambda: list(finder(texts)),
        },
        settings.rounds,
    )
    parts = {
        "tokens": taken["tokens"],
        "layers": taken["layers"],
        "heads and second reader": taken["model"] - taken["layers"],
        "documents": taken["labeler"] - taken["model"] - taken["tokens"],
        "rules": taken["rules"],
        "deciding": taken["finder"] - taken["labeler"] - taken["rules"],
    }
    words = sum(map(len, rows))
    return {name: 1e6 * part / words for name, part in parts.items()}


def growth(settings: Settings, texts: list[str]) -> dict[str, float]:
    """The exponent of each way to read more."""
    labeler = Labeler.load("en_pos")
    finder = PrivateFinder.load("en_pii")
    many = FACTOR * settings.words
    words = [
        word for document in treebank(settings.data, "train")[:many] for word in document.words
    ][:many]
    text = "\n\n".join(texts)
    text = (text * (1 + 6 * many // len(text)))[: 6 * many]

    def stream(count: int) -> None:
        one = StreamLabeler(labeler)
        one.feed(words[:count])
        one.close()

    def redact_stream(count: int) -> None:
        one = StreamRedactor(finder)
        one.feed(text[: 6 * count])
        one.close()

    works: dict[str, Callable[[int], object]] = {
        "words of one document": lambda count: labeler([Document.from_words(words[:count])]),
        "characters of one private text": lambda count: finder(text[: 6 * count]),
        "words of a stream": stream,
        "characters of a redacted stream": redact_stream,
    }
    exponents: dict[str, float] = {}
    for name, work in works.items():
        sizes = {"few": partial(work, settings.words), "many": partial(work, many)}
        taken = in_turns(sizes, settings.rounds)
        exponents[name] = math.log(taken["many"] / taken["few"]) / math.log(FACTOR)
    exponents["files of a folder"] = growth_of_folder(settings, texts)
    return exponents


def growth_of_folder(settings: Settings, texts: list[str]) -> float:
    """The exponent of redacting a folder by the command, in this process."""
    from seqlabel.cli import app

    taken: list[float] = []
    # The first run imports the command, and is not counted.
    for count in (1, settings.files, FACTOR * settings.files):
        with TemporaryDirectory() as folder:
            source = Path(folder) / "texts"
            source.mkdir()
            for number in range(count):
                (source / f"{number}.txt").write_text(
                    texts[number % len(texts)][:150], encoding="utf-8"
                )
            arguments = ["redact", str(source), "--output", str(Path(folder) / "clean"), "--quiet"]
            taken.append(seconds(lambda arguments=arguments: app(arguments, standalone_mode=False)))
    _, few, many = taken
    return math.log(many / few) / math.log(FACTOR)


def peak(settings: Settings) -> dict[str, float]:
    """Billions of operations a second of the machine and of the layers of `en_pos`, and GB/s of its
    cache.
    """
    draw = torch.Generator().manual_seed(0)
    floats = torch.randn(MATRIX, MATRIX, generator=draw)
    whole = torch.randint(-100, 100, (MATRIX, MATRIX), dtype=torch.int8, generator=draw)
    product = 2 * MATRIX**3
    megabyte = np.ones(1 << 18, np.float32)

    labeler = Labeler.load("en_pos")
    documents = treebank(settings.data, "test")
    rows = [list(document.words) for document in documents]
    words = sum(map(len, rows))
    width = labeler.config.hidden
    below = sum(labeler.inference.engine.encoder_widths)
    # Of each word: states by states, of both directions of both layers, and the second layer's
    # product with the first.
    operations = 2 * 3 * (below * below // 2 + 2 * width * (width + below))

    taken = in_turns(
        {
            "float32": lambda: floats @ floats,
            "8 bits": lambda: torch._int_mm(whole, whole),
            "batches": lambda: labeler.inference.states(rows),
            "single texts": lambda: [labeler.inference.states([row]) for row in rows],
            "reading": lambda: [megabyte.max() for _ in range(READINGS)],
        },
        settings.rounds,
    )
    rates = {
        "float32 products": product / taken["float32"],
        "8-bit products": product / taken["8 bits"],
        "layers, texts in batches": words * operations / taken["batches"],
        "layers, one text at a time": words * operations / taken["single texts"],
        "a megabyte read again, bytes": READINGS * megabyte.nbytes / taken["reading"],
    }
    return {name: rate / 1e9 for name, rate in rates.items()}


def main(settings: Settings) -> None:
    """Print shares, exponents and rates."""
    torch.set_num_threads(1)
    with (settings.data / "pii_anon" / "dev.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, settings.texts)]
    documents = [
        document.text for document in treebank(settings.data, "test", whole_documents=True)
    ]
    sentences = [
        document.text for document in treebank(settings.data, "test") if len(document) >= 12
    ]
    tables = {
        "nlp.pipe with en_pos, documents, µs a token": shares_of_pipe(settings, documents),
        "nlp.pipe with en_pos, sentences, µs a token": shares_of_pipe(settings, sentences),
        "PrivateFinder with en_pii, µs a word": shares_of_finder(settings, texts),
        "exponents": growth(settings, texts),
        "billions a second": peak(settings),
    }
    for title, table in tables.items():
        print(title)
        for name, figure in table.items():
            print(f"{name:>34}  {figure:>8.2f}", flush=True)
    write_metrics(settings.output, tables)


if __name__ == "__main__":
    run(main, Settings)
