"""The cost of a user's own lists and patterns: 10,000 of each beside none, in CPU time.

    python recipes/benchmarks/lists.py
    python recipes/benchmarks/lists.py --entries 1000

Three finders read the same made-up texts in turn: one without lists, one with as many allowed and denied values, and
one with as many patterns, each with another number. One text in ten has an allowed value, a denied value and a match.
Each figure is the median of the rounds; a ratio is the median of the ratios within a round, so that a busy machine
slows both sides. Loading, which reads and checks the entries, is timed apart. One thread.
"""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
from shared.turns import turns
from typer import Option

from seqlabel import PrivacySettings, PrivateFinder
from seqlabel.commands import run, write_metrics
from seqlabel.privacy import DenyList, OwnPattern, ValueList


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/lists.json")
    entries: Annotated[int, Option(min=1, help="Allowed values, denied values, and patterns.")] = 10_000
    texts: Annotated[int, Option(min=1, help="Texts of a round.")] = 100
    rounds: Annotated[int, Option(min=1, help="Rounds, of which medians are taken.")] = 7


def main(settings: Settings) -> None:
    """Print the figures as JSON."""
    torch.set_num_threads(1)
    numbers = range(settings.entries)
    values = {
        "none": PrivacySettings(),
        "lists": PrivacySettings(
            allow=ValueList(tuple(f"value{number:05} corp" for number in numbers)),
            deny=DenyList(tuple(f"project falcon{number:05}" for number in numbers)),
        ),
        "patterns": PrivacySettings(
            patterns=tuple(OwnPattern(f"KIND{number}", rf"\bE{number:05}-[0-9]{{6}}\b") for number in numbers)
        ),
    }
    loading, finders = {}, {}
    for name, value in values.items():
        began = time.process_time()
        finders[name] = PrivateFinder(settings=value)
        loading[name] = time.process_time() - began
    usual = "Ann Lee (ann@corp.io) wrote to Bob Moss in Oakham on 3 May about the order, which came too late. It is"
    texts = [
        f"{usual} no. {number}."
        if number % 10
        else f"{usual} E{number:05}-123456 of Value{number:05} Corp for project Falcon{number:05}."
        for number in range(settings.texts)
    ]
    found = {name: sum(len(one.spans["pii"].spans) for one in finder(texts)) for name, finder in finders.items()}
    runs = {name: partial(finder, texts) for name, finder in finders.items()}
    times = turns(runs, settings.rounds, warm_up=False)
    result = {
        "entries": settings.entries,
        "texts": settings.texts,
        "words": sum(len(text.split()) for text in texts),
        "rounds": settings.rounds,
        "cpu_seconds": {name: round(median(some), 4) for name, some in times.items()},
        "ratio_to_none": {
            name: round(median(one / other for one, other in zip(some, times["none"], strict=True)), 3)
            for name, some in times.items()
        },
        "loading_cpu_seconds": {name: round(one, 2) for name, one in loading.items()},
        "findings": found,
    }
    for name in ("cpu_seconds", "ratio_to_none", "loading_cpu_seconds"):
        print(f"{name}: " + ", ".join(f"{kind} {value}" for kind, value in result[name].items()))
    write_metrics(settings.output, result)
    print(f"all figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
