"""False alarms on the values of machines: kinds × contexts, per cent of texts with an alarm, beside Presidio.

    python recipes/benchmarks/machine_values.py
    pip install 'seqlabel-rnn[presidio]' && python recipes/benchmarks/machine_values.py    # with Presidio beside it

UUIDs, times, hashes, counters and the like name no person, so every span that is found in these texts is a false alarm,
be it on the value or on a word beside it. Counters have no leading zeros, so that nothing but the text around tells
them from an account's number; the numbers of 16 digits from 4 on look like cards, but for their check digit.
Each cell has `--samples` texts with values of their own. Presidio's analyzer runs without a language model: only its
rules can be wrong here; it counts once with all it returns, and once from a score of 0.4 on; its type UUID is not
an alarm. Prints a table for each tool and writes all cells, with the labels of the alarms, as JSON.
"""

import base64
import random
import string
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Annotated, Any

import spacy
from typer import Option

from seqlabel import PrivateFinder
from seqlabel.cli.record import write_metrics
from seqlabel.cli.settings import Seed, run
from seqlabel.privacy.finding.finder import LAYER

BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS = string.digits
URL_SAFE = string.ascii_letters + string.digits + "_-"
CONTEXTS = {
    "bare": "{}",
    "json": '{{"id": "{}", "status": "ok"}}',
    "pair": "level=info id={} took=31ms",
    "sentence": "Job {} has finished without errors.",
    "row": "| {} | done | 17 |",
    "path": "GET /items/{}/parts 200",
    "comment": "# see {} for the reason",
    "csv": "{},done,17",
    "request": "please look at {} again",
}
Find = Callable[[Sequence[str]], Iterable[list[str]]]
"""From texts to the labels of what is found in each."""


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/machine_values.json")
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    samples: Annotated[int, Option(min=1, help="Texts of each cell.")] = 200
    seed: Seed = 0


def kinds(chance: random.Random) -> Mapping[str, Callable[[], str]]:
    """The makers of values, one for each kind."""

    def some(letters: str, count: int) -> str:
        return "".join(chance.choices(letters, k=count))

    def counter(size: int) -> str:
        return str(chance.randint(10 ** (size - 1), 10**size - 1))

    def isbn(between: str = "") -> str:
        digits = chance.choice(("978", "979")) + some(DIGITS, 9)
        digits += str(-sum(int(one) * weight for one, weight in zip(digits, (1, 3) * 6, strict=True)) % 10)
        return between.join((digits[:3], digits[3], digits[4:6], digits[6:12], digits[12]))

    return {
        "UUID": lambda: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "Unix time, s": lambda: str(chance.randint(1_400_000_000, 1_800_000_000)),
        "Unix time, ms": lambda: str(chance.randint(1_400_000_000_000, 1_800_000_000_000)),
        "MD5": lambda: some("0123456789abcdef", 32),
        "SHA-1": lambda: some("0123456789abcdef", 40),
        "SHA-256": lambda: some("0123456789abcdef", 64),
        "short hash": lambda: some("0123456789abcdef", 7),
        "ULID": lambda: "01" + some(BASE32, 24),
        "nanoid": lambda: some(URL_SAFE, 21),
        "ObjectId": lambda: some("0123456789abcdef", 24),
        "snowflake": lambda: str(chance.randint(10**17, 10**18 - 1)),
        **{f"counter, {size} digits": partial(counter, size) for size in (6, 10, 16)},
        "padded counter, 16 digits": lambda: f"{chance.randint(1, 10**7):016}",
        "no card, 16 digits": lambda: next(one for one in iter(lambda: "4" + some(DIGITS, 15), "") if luhn(one)),
        "ISBN-13": lambda: isbn(),
        "ISBN-13 with hyphens": lambda: isbn("-"),
        "duration": lambda: chance.choice(
            (f"PT{chance.randint(1, 59)}M", f"P{chance.randint(1, 30)}DT{chance.randint(1, 23)}H")
        ),
        "float": lambda: f"{chance.choice((0, 0, 3, 17))}.{some(DIGITS, chance.choice((4, 7)))}",
        "error code": lambda: chance.choice("EWCF") + str(chance.randint(1_000, 99_999)),
        "ETag": lambda: base64.b64encode(chance.randbytes(12)).decode(),
        "colour": lambda: "#" + some("0123456789abcdef", 6),
        "version": lambda: f"{chance.randint(0, 30)}.{chance.randint(0, 99)}.{chance.randint(0, 999)}",
    }


def luhn(digits: str) -> int:
    """The remainder of Luhn's sum by ten: 0 for the number of a card."""
    return sum(sum(divmod(2 * int(one), 10)) if place % 2 else int(one) for place, one in enumerate(digits, 1)) % 10


def presidio() -> dict[str, Find]:
    """Presidio's analyzer on a blank pipeline, where only its rules find anything; nothing if it is not installed."""
    try:
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        return {}
    engine: Any = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.nlp = {"en": spacy.blank("en")}
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])

    def finding(least: float) -> Find:
        def find(texts: Sequence[str]) -> Iterable[list[str]]:
            found = (analyzer.analyze(text, language="en", score_threshold=least) for text in texts)
            return ([one.entity_type for one in some if one.entity_type != "UUID"] for some in found)

        return find

    return {"Presidio, rules": finding(0.0), "Presidio, from 0.4": finding(0.4)}


def main(settings: Settings) -> None:
    """Count the texts of each kind and context with a false alarm."""
    finder = PrivateFinder(settings.model)
    tools: dict[str, Find] = {
        "seqlabel": lambda texts: ([span.label for span in one.spans[LAYER].spans] for one in finder(texts)),
        **presidio(),
    }
    makers = kinds(random.Random(settings.seed))
    cells = {
        (kind, name): [context.format(make()) for _ in range(settings.samples)]
        for kind, make in makers.items()
        for name, context in CONTEXTS.items()
    }

    results: dict[str, dict[str, dict[str, Any]]] = {}
    means: dict[str, dict[str, float]] = {}
    for tool, find in tools.items():
        table: dict[str, dict[str, Any]] = {kind: {} for kind in makers}
        for (kind, context), texts in cells.items():
            found = list(find(texts))
            labels = Counter(label for one in found for label in one)
            table[kind][context] = {"alarms": 100 * mean(map(bool, found)), "labels": dict(labels)}
        results[tool] = table
        print(f"\n{tool + ', % of texts':<28}" + "".join(f"{name:>9}" for name in (*CONTEXTS, "mean")))
        for kind, row in table.items():
            values = [cell["alarms"] for cell in row.values()]
            print(f"{kind:<28}" + "".join(f"{value:>9.0f}" for value in (*values, mean(values))), flush=True)
        rates = [cell["alarms"] for row in table.values() for cell in row.values()]
        over = sum(rate > 2 for rate in rates)
        means[tool] = {"alarms": mean(rates), "cells_over_2": over, "cells": len(rates)}
        print(f"{'all':<28}{mean(rates):.1f} on average; over 2 in {over} of {len(rates)} cells")
    settings.output.parent.mkdir(parents=True, exist_ok=True)
    write_metrics(
        settings.output, {"model": settings.model, "samples": settings.samples, "means": means, "tools": results}
    )
    print(f"\nall figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
