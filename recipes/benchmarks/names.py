"""Names that are missed: surnames × contexts, wholly and partly missed, by origin.

    python recipes/benchmarks/names.py            # 60 surnames of each of 24 origins in 10 contexts

Surnames are drawn from Faker's lists. A text has one surname and nothing else private. It is wholly missed where no
span touches it, partly where a letter of it is in no span, whatever the label. Prints a row for each origin, for each
context and for columns of a table in which surnames stand alone, names the surnames that are missed in most contexts,
and writes all figures as JSON.
"""

import importlib
import random
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from shared.contexts import Finding, findings, rows_of, show
from typer import Option

from seqlabel import OptionError, PrivateFinder
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.privacy import find_in_column

NAMES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SHARES = {"wholly_missed": lambda one: not one.share, "partly_missed": lambda one: 0 < one.share < 1}


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/names.json")
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    surnames: Annotated[int, Option(min=1, help="Surnames of each origin, at most.")] = 60
    seed: Seed = 0


def surnames_of(origin: str) -> list[str]:
    """The surnames of one of Faker's locales, sorted."""
    try:
        provider = importlib.import_module(f"faker.providers.person.{origin}").Provider
    except ModuleNotFoundError as error:
        raise OptionError(f"{error.name} is missing. Install seqlabel-rnn[pii], which has Faker.") from error
    names = {str(name) for attribute in NAMES["lists"] for name in getattr(provider, attribute, ())}
    return sorted(name for name in names if name.replace("-", "").replace("'", "").replace(" ", "").isalpha())


def missed_in_columns(finder: PrivateFinder, surnames: list[str]) -> dict[str, float]:
    """Per cent of surnames that are missed as cells of a column, by its name."""
    return {
        column: 100 * sum(not spans for spans in find_in_column(surnames, finder=finder, name=column)) / len(surnames)
        for column in NAMES["columns"]
    }


def main(settings: Settings) -> None:
    """Count how often surnames are missed, by origin and by context."""
    finder = PrivateFinder(settings.model)
    chance = random.Random(settings.seed)
    found: list[Finding] = []
    for origin in NAMES["origins"]:
        known = surnames_of(origin)
        drawn = chance.sample(known, min(settings.surnames, len(known)))
        found += findings(finder, origin, [(surname, context) for surname in drawn for context in NAMES["contexts"]])
    tables = {key: rows_of(found, key, SHARES) for key in ("origin", "context")}
    for key, table in tables.items():
        show(key, table)
    columns = missed_in_columns(finder, sorted({one.value for one in found}))
    print("\nmissed as a cell of the column, %")
    for column, share in columns.items():
        print(f"{column:<42}{share:>8.1f}")
    missed = Counter((one.origin, one.value) for one in found if not one.share)
    blind = sorted(name for name, count in missed.items() if 2 * count > len(NAMES["contexts"]))
    every = len({(one.origin, one.value) for one in found})
    names = ", ".join(f"{surname} ({origin})" for origin, surname in blind) or "none"
    print(f"\nmissed in most contexts: {100 * len(blind) / every:.1f} % of {every:,} surnames: {names}")
    figures = {
        "model": settings.model,
        **tables,
        "missed_in_columns": columns,
        "surnames": every,
        "origins": len(tables["origin"]) - 1,
        "missed_in_most_contexts": blind,
        "share_missed_in_most_contexts": len(blind) / every,
    }
    write_metrics(settings.output, figures)
    print(f"all figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
