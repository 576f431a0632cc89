"""Private data: words a second, milliseconds for 1,000 characters, memory and quality, beside Presidio's analyzer.

    python recipes/benchmarks/pii.py --data ../shared/data
    pip install presidio-analyzer && python recipes/benchmarks/pii.py --data ../shared/data   # with Presidio beside it

One thread. The texts are pii_anon's dev part, as many as `--texts`; all take turns, after a round that is not counted,
and the figures are medians over `--rounds`. Presidio runs on its spaCy engine with the model `--spacy-model`, if that
is installed, else on a blank pipeline, where only its rules find anything; its types are not compared, only which words
are private.
"""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Annotated

import spacy
import torch
from shared.private_finders import Find as Peer
from shared.private_finders import presidio_tool
from shared.turns import turns
from typer import Option

from seqlabel import Document, PrivateFinder, score_spans
from seqlabel.commands import run, write_metrics
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores import bare

sys.path.insert(0, str(Path(__file__).parent.parent))
from pii_data.corpora import anon_texts
from pii_data.measuring import documents

Find = Callable[[Sequence[str]], list[Document]]


def documents_of(find: Peer, texts: Sequence[str]) -> list[Document]:
    """What another tool finds, as documents."""
    return documents(zip(texts, find(texts), strict=True))


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds pii_anon.")]
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    spacy_model: Annotated[str, Option(help="spaCy model under Presidio.")] = "en_core_web_sm"
    texts: Annotated[int, Option(min=10, help="How many texts.")] = 1_000
    rounds: Annotated[int, Option(min=1, help="Counted rounds.")] = 5
    output: Annotated[Path | None, Option(help="JSON file for the figures.")] = None


def main(settings: Settings) -> None:
    """Time and score them on the same texts."""
    torch.set_num_threads(1)
    gold = documents(islice(anon_texts(settings.data / "pii_anon" / "dev.jsonl"), settings.texts))
    texts = [document.text for document in gold]
    with_rules, without = PrivateFinder(settings.model), PrivateFinder(settings.model, patterns=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    runs: dict[str, Find] = {
        "seqlabel": lambda some: list(with_rules(some)),
        "without rules": lambda some: list(without(some)),
    }
    for find in runs.values():
        find(texts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if (other := presidio_tool(settings.spacy_model, threshold=0.0)) is not None:
        kind = settings.spacy_model if spacy.util.is_package(settings.spacy_model) else "rules alone"
        runs[f"Presidio, {kind}"] = partial(documents_of, other)
    # Scored on the words of the gold documents, timed on the texts.
    found = {name: list(finder(bare(gold))) for name, finder in zip(runs, (with_rules, without), strict=False)}
    found |= {name: find(texts) for name, find in runs.items() if name not in found}
    seconds = turns(
        {name: partial(find, texts) for name, find in runs.items()},
        settings.rounds,
        clock=time.perf_counter,
        warm_up=False,
    )
    words, characters = sum(map(len, gold)), sum(map(len, texts))
    print(f"{len(gold):,} texts, {words:,} words, {characters:,} characters; one thread")
    print(f"memory: {memory / 1024:,.0f} MB at most, {before / 1024:,.0f} MB once loaded")
    print(f"{'':<28}  words/s  ms/1,000 characters  precision  recall     F2  (private words)")
    figures = {}
    for name, took in seconds.items():
        score = score_spans(zip(gold, found[name], strict=True), LAYER, beta=2.0).blind_words
        second = median(took)
        figures[name] = {
            "words_per_second": words / second,
            "ms_per_1000_characters": 1e6 * second / characters,
            "precision": score.precision,
            "recall": score.recall,
            "f2": score.f,
        }
        print(
            f"{name:<28}  {words / second:>7,.0f}  {1e6 * second / characters:>19.2f}  {100 * score.precision:>9.1f}  "
            f"{100 * score.recall:>6.1f}  {100 * score.f:>5.1f}",
            flush=True,
        )
    if settings.output is not None:
        write_metrics(settings.output, {"memory_mb": memory / 1024, **figures})


if __name__ == "__main__":
    run(main, Settings)
