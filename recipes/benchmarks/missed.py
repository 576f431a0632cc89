"""Private values that are missed, each in many contexts: surnames, postal addresses, telephone
numbers; by origin.

    # 60 surnames of each of 24 origins in 10 contexts
    python recipes/benchmarks/missed.py surnames
    # 40 addresses of each of 20 countries in 8 contexts
    python recipes/benchmarks/missed.py addresses
    # 8 numbers of each of 12 countries in 15 contexts
    python recipes/benchmarks/missed.py telephones

Values are Faker's, of its locale for the origin. A text has one value and nothing else private. It
is wholly missed where no letter or digit of it is in a span, whatever the label, partly where some
are, and whole where all are. Presidio is not beside it: its rules know no names and addresses.
Prints a row for each origin and for each context, names the values that are missed in most
contexts, of surnames also those that are missed alone in columns of a table, and writes all figures
as JSON.
"""

import importlib
import random
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from seqlabel import OptionError, PrivateFinder
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.privacy import find_in_column
from seqlabel.privacy.finding.finder import LAYER

TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
Kind = StrEnum("Kind", {name.upper(): name for name in TABLE})
"""What is looked for."""


@dataclass(frozen=True)
class Settings:
    kind: Annotated[Kind, Argument(help="Which values.")]
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/missed.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    values: Annotated[
        int | None, Option(min=1, help="Values of each origin, at most; else as many as above.")
    ] = None
    seed: Seed = 0


@dataclass(frozen=True)
class Finding:
    """The share of a value's letters and digits that is found in one context."""

    origin: str
    value: str
    context: str
    share: float


def drawn(settings: Settings, origin: str, chance: random.Random) -> list[str]:
    """Values of one of Faker's locales."""
    table = TABLE[settings.kind]
    count = settings.values or table["values"]
    try:
        from faker import Faker
    except ModuleNotFoundError as error:
        raise OptionError(
            f"{error.name} is missing. Install seqlabel-rnn[pii], which has Faker."
        ) from error
    if settings.kind == "surnames":
        provider = importlib.import_module(f"faker.providers.person.{origin}").Provider
        names = {
            str(name) for attribute in table["lists"] for name in getattr(provider, attribute, ())
        }
        known = sorted(
            name
            for name in names
            if name.replace("-", "").replace("'", "").replace(" ", "").isalpha()
        )
        return chance.sample(known, min(count, len(known)))
    faker = Faker(origin)
    faker.seed_instance(random.Random(settings.seed).randrange(10_000))
    return [str(getattr(faker, table["method"])()) for _ in range(count)]


def findings(
    finder: PrivateFinder, origin: str, values: Sequence[str], contexts: Sequence[str]
) -> Iterator[Finding]:
    """The found share of each value in each context; where a context has no lines, an address has
    none.
    """
    cells = [
        (value if context.startswith("Ship to:\n") else value.replace("\n", ", "), context)
        for value in values
        for context in contexts
    ]
    documents = finder([context.format(value) for value, context in cells])
    for (value, context), document in zip(cells, documents, strict=True):
        start = context.format("\0").index("\0")
        signs = {start + place for place, sign in enumerate(value) if sign.isalnum()}
        spans = (document.characters(span) for span in document.spans[LAYER].spans)
        covered = signs & {place for begin, end in spans for place in range(begin, end)}
        yield Finding(origin, value, context, len(covered) / len(signs))


def rows_of(groups: dict[str, list[Finding]]) -> dict[str, dict[str, float]]:
    """The shares of each group in per cent."""
    rows = {}
    for name, of in groups.items():
        shares = [one.share for one in of]
        whole, missed = shares.count(1), shares.count(0)
        rows[name] = {
            "texts": len(of),
            "whole": 100 * whole / len(of),
            "partly_missed": 100 * (len(of) - whole - missed) / len(of),
            "wholly_missed": 100 * missed / len(of),
        }
    return rows


def show(title: str, rows: dict[str, dict[str, float]]) -> None:
    print(
        f"\n{title + ', %':<46}"
        + "".join(f"{column.replace('_', ' '):>16}" for column in rows["all"])
    )
    for name, row in rows.items():
        texts, *shares = row.values()
        print(
            f"{name.replace(chr(10), ' '):<46}{texts:>16,}"
            + "".join(f"{share:>16.1f}" for share in shares)
        )


def main(settings: Settings) -> None:
    """Count how often values are missed, by origin and by context."""
    table, finder, chance = (
        TABLE[settings.kind],
        PrivateFinder.load(settings.model),
        random.Random(settings.seed),
    )
    found: list[Finding] = []
    for origin in table["origins"]:
        found += findings(finder, origin, drawn(settings, origin, chance), table["contexts"])
    figures: dict[str, Any] = {"model": settings.model}
    for title, key in ((table["title"], "origin"), ("context", "context")):
        groups: defaultdict[str, list[Finding]] = defaultdict(list)
        for one in found:
            groups[getattr(one, key)].append(one)
        figures[title] = rows_of({**groups, "all": found})
        show(title, figures[title])
    values = sorted({one.value for one in found})
    figures["missed_in_columns"] = {
        column: 100
        * sum(not spans for spans in find_in_column(values, finder=finder, name=column))
        / len(values)
        for column in table.get("columns", ())
    }
    for column, share in figures["missed_in_columns"].items():
        print(f"missed as a cell of the column {column:<20}{share:>8.1f} %")
    missed = Counter((one.origin, one.value) for one in found if not one.share)
    blind = sorted(name for name, count in missed.items() if 2 * count > len(table["contexts"]))
    every = len({(one.origin, one.value) for one in found})
    figures |= {
        "origins": len(table["origins"]),
        settings.kind: every,
        "missed_in_most_contexts": blind,
    }
    figures["share_missed_in_most_contexts"] = len(blind) / every
    listed = ", ".join(f"{value} ({origin})" for origin, value in blind) or "none"
    print(
        f"\nmissed in most contexts: {100 * len(blind) / every:.1f} % of {every:,} values: {listed}"
    )
    write_metrics(settings.output, figures)
    print(f"all figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
