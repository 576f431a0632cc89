"""Postal addresses that are missed: countries × contexts, wholly found, found in part and missed.

    python recipes/benchmarks/addresses.py        # 40 addresses of each of 20 countries in 8 contexts

Addresses are Faker's, as its locale for the country writes them: street, house, postcode, town, on lines or with
commas. A text has one address and nothing else private. It is wholly found where every letter and digit of it is in a
span, whatever the label, and missed where none is. Presidio is not beside it: its rules know no addresses. Prints a row
for each country and for each context, and writes all figures as JSON.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from seqlabel import OptionError, PrivateFinder
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.privacy.finding.finder import LAYER

COUNTRIES = (
    "en_US en_GB en_CA en_AU en_NZ en_IE en_IN de_DE de_AT fr_FR "
    "es_ES es_MX it_IT nl_NL pt_BR pt_PT pl_PL sv_SE da_DK fi_FI"
)
CONTEXTS = (
    "{}",
    "Address: {}",
    "Please send the parcel to {} before Friday.",
    "She has lived at {} for three years.",
    '{{"address": "{}", "status": "ok"}}',
    "| 17 | {} | delivered |",
    "Ship to:\n{}\n\nThank you for your order.",
    "Our new office is at {}.",
)
AS_LINES = CONTEXTS[6]


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/addresses.json")
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    addresses: Annotated[int, Option(min=1, help="Addresses of each country.")] = 40
    seed: Seed = 0


@dataclass(frozen=True)
class Finding:
    """The share of an address's letters and digits that is found in one context."""

    country: str
    context: str
    share: float


def addresses_of(country: str, count: int, seed: int) -> list[str]:
    """Addresses of one of Faker's locales, lines and all."""
    try:
        from faker import Faker
    except ModuleNotFoundError as error:
        raise OptionError(f"{error.name} is missing. Install seqlabel-rnn[pii], which has Faker.") from error
    faker = Faker(country)
    faker.seed_instance(seed)
    return [faker.address() for _ in range(count)]


def findings(finder: PrivateFinder, settings: Settings) -> Iterator[Finding]:
    """The found part of each address in each context."""
    for country in COUNTRIES.split():
        drawn = addresses_of(country, settings.addresses, random.Random(settings.seed).randrange(10_000))
        cells = [
            (address if context == AS_LINES else address.replace("\n", ", "), context)
            for address in drawn
            for context in CONTEXTS
        ]
        texts = [context.format(address) for address, context in cells]
        for (address, context), document in zip(cells, finder(texts), strict=True):
            start = context.format("\0").index("\0")
            signs = {start + place for place, sign in enumerate(address) if sign.isalnum()}
            spans = (document.characters(span) for span in document.spans[LAYER].spans)
            covered = signs & {place for begin, end in spans for place in range(begin, end)}
            yield Finding(country, context, len(covered) / len(signs))


def rows_of(found: list[Finding], key: str) -> dict[str, dict[str, float]]:
    """Per cent of addresses that are wholly found and missed, and of their signs, for each country or context."""
    groups: defaultdict[str, list[Finding]] = defaultdict(list)
    for one in found:
        groups[getattr(one, key)].append(one)
    return {
        name: {
            "texts": len(group),
            "whole": 100 * sum(one.share == 1 for one in group) / len(group),
            "missed": 100 * sum(one.share == 0 for one in group) / len(group),
            "signs": 100 * sum(one.share for one in group) / len(group),
        }
        for name, group in {**groups, "all": found}.items()
    }


def main(settings: Settings) -> None:
    """Count how much of addresses is found, by country and by context."""
    found = list(findings(PrivateFinder(settings.model), settings))
    tables = {key: rows_of(found, key) for key in ("country", "context")}
    for key, table in tables.items():
        print(f"\n{key:<46}{'texts':>7}{'whole, %':>10}{'missed, %':>11}{'of signs, %':>13}")
        for name, row in table.items():
            shown = name.replace("\n", " ")
            print(f"{shown:<46}{row['texts']:>7,}{row['whole']:>10.1f}{row['missed']:>11.1f}{row['signs']:>13.1f}")
    write_metrics(settings.output, {"model": settings.model, **tables})
    print(f"all figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
