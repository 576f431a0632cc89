"""Parts of speech, or names, by language: one labeler for all languages beside spaCy's CNN and a
linear CRF for each.

    python recipes/benchmarks/languages.py --data ../shared/data
    python recipes/benchmarks/languages.py --data ../shared/data --task ner --languages de,fi \
        --peers crf

The peers, spaCy's `tagger` or `ner` (`--optimize efficiency`, at most --steps steps, the best of
them on dev) and CRFsuite's linear CRF, learn from the sentences of one language that
`recipes/europe_pos.py` or `europe_ner.py` takes with the same --sentences; the labeler has learnt
from those of all. Gold words are given to all. Ends with the accuracy or the F1 of exact spans on
each test part; figures are written after every language.
"""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from shared import spacy_training
from shared.crf_suite import by_crf_suite
from typer import Option

from seqlabel import Document, Labeler, OptionError, TagSet
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.models.measuring import score_layers

sys.path.insert(0, str(Path(__file__).parent.parent))
from europe_data import FILES, NER, TREEBANKS, UPOS, Parts, names_parts, parts_of

Task = StrEnum("Task", "POS NER")
"""What is labelled."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds europe, ud_german_gsd and ner_english_ewt.")
    ]
    task: Annotated[Task, Option(help="Parts of speech or names.")] = Task.POS
    labeler: Annotated[
        str | None, Option(help="Labeler of the recipe. Default: eu_pos or eu_ner.")
    ] = None
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/languages.json"
    )
    languages: Annotated[
        str | None, Option(help="Some of the languages, with commas. Default: all.")
    ] = None
    sentences: Annotated[
        int | None, Option(min=20, help="Sentences to learn from. Default: those of the recipe.")
    ] = None
    peers: Annotated[
        str, Option(help="Some of spacy and crf, with commas; empty for the labeler alone.")
    ] = "spacy,crf"
    steps: Annotated[int, Option(min=1, help="Steps of spaCy, at most; it may stop before.")] = (
        2_000
    )
    seed: Seed = 0


def convolutional(parts: Parts, tags: TagSet, settings: Settings) -> dict[str, list[Document]]:
    """The test parts as spaCy labels them."""
    pipe = "tagger" if tags is UPOS else "ner"
    # "xx" for all: with gold words the language only chooses a tokeniser.
    nlp = spacy_training.trained(
        pipe, parts.train, parts.dev, language="xx", seed=settings.seed, max_steps=settings.steps
    )
    return {name: list(spacy_training.labeled(nlp, test)) for name, test in parts.tests.items()}


def linear(parts: Parts, tags: TagSet, settings: Settings) -> dict[str, list[Document]]:
    """The test parts as CRFsuite labels them; sentences with an unknown tag are not learnt."""
    known = [
        document
        for document in parts.train
        if tags is NER or None not in document.tags["upos"].labels
    ]
    tests = [document for test in parts.tests.values() for document in test]
    found = iter(by_crf_suite(known, tests, tags))
    return {name: [next(found) for _ in test] for name, test in parts.tests.items()}


PEERS = {"spacy": convolutional, "crf": linear}


def main(settings: Settings) -> None:
    """Train the peers on each language and print all scores."""
    tags, languages, read, most = {
        Task.POS: (UPOS, TREEBANKS, parts_of, 8_000),
        Task.NER: (NER, FILES, names_parts, 3_000),
    }[settings.task]
    labeler = Labeler.load(settings.labeler or f"eu_{settings.task}")
    peers = set(filter(None, settings.peers.split(",")))
    unknown = peers - PEERS.keys()
    if unknown:
        raise OptionError(
            f"peers: Found {sorted(unknown)[0]!r}. Give some of {','.join(PEERS)}, or nothing."
        )
    rows: dict[str, dict[str, float]] = {}
    most = settings.sentences or most
    for code in settings.languages.split(",") if settings.languages else languages:
        parts = read(settings.data, code, most)
        found = {"seqlabel": {name: list(labeler(test)) for name, test in parts.tests.items()}}
        found |= {
            name: peer(parts, tags, settings) for name, peer in PEERS.items() if name in peers
        }
        for name, test in parts.tests.items():
            rows[name] = {
                way: score_layers(test, tests[name], [tags]) for way, tests in found.items()
            }
            scores = (f"{way} {100 * score:.2f}" for way, score in rows[name].items())
            print(f"{name:<20}", *scores, sep="  ", flush=True)
        write_metrics(settings.output, {"tests": rows, "sentences": most, "steps": settings.steps})


if __name__ == "__main__":
    run(main, Settings)
