"""Postal addresses that are missed: countries × contexts, wholly found, found in part and missed.

    python recipes/benchmarks/addresses.py        # 40 addresses of each of 20 countries in 8 contexts

Addresses are Faker's, as its locale for the country writes them: street, house, postcode, town, on lines or with
commas. A text has one address and nothing else private. It is wholly found where every letter and digit of it is in a
span, whatever the label, and missed where none is. Presidio is not beside it: its rules know no addresses. Prints a row
for each country and for each context, and writes all figures as JSON.
"""

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from shared.contexts import Finding, findings, rows_of, show
from typer import Option

from seqlabel import OptionError, PrivateFinder
from seqlabel.commands import Seed, run, write_metrics

ADDRESSES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
AS_LINES = ADDRESSES["contexts"][6]
SHARES = {
    "whole": lambda one: one.share == 1,
    "missed": lambda one: one.share == 0,
    "signs": lambda one: one.share,
}


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/addresses.json")
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    addresses: Annotated[int, Option(min=1, help="Addresses of each country.")] = 40
    seed: Seed = 0


def addresses_of(country: str, count: int, seed: int) -> list[str]:
    """Addresses of one of Faker's locales, lines and all."""
    try:
        from faker import Faker
    except ModuleNotFoundError as error:
        raise OptionError(f"{error.name} is missing. Install seqlabel-rnn[pii], which has Faker.") from error
    faker = Faker(country)
    faker.seed_instance(seed)
    return [faker.address() for _ in range(count)]


def main(settings: Settings) -> None:
    """Count how much of addresses is found, by country and by context."""
    finder = PrivateFinder(settings.model)
    found: list[Finding] = []
    for country in ADDRESSES["countries"]:
        drawn = addresses_of(country, settings.addresses, random.Random(settings.seed).randrange(10_000))
        cells = [
            (one if where == AS_LINES else one.replace("\n", ", "), where)
            for one in drawn
            for where in ADDRESSES["contexts"]
        ]
        found += findings(finder, country, cells)
    tables = {name: rows_of(found, key, SHARES) for name, key in (("country", "origin"), ("context", "context"))}
    for name, table in tables.items():
        show(name, table)
    write_metrics(settings.output, {"model": settings.model, **tables})
    print(f"all figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
