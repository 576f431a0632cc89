"""Names that are missed: surnames × contexts, wholly and partly missed, by origin.

    python recipes/benchmarks/names.py            # 60 surnames of each of 24 origins in 10 contexts

Surnames are drawn from Faker's lists. A text has one surname and nothing else private. It is wholly missed where no
span touches it, partly where a letter of it is in no span, whatever the label. Prints a row for each origin, for each
context and for columns of a table in which surnames stand alone, names the surnames that are missed in most contexts,
and writes all figures as JSON.
"""

import importlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from seqlabel import OptionError, PrivateFinder
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.privacy import find_in_column
from seqlabel.privacy.finding.finder import LAYER

ORIGINS = (
    "en_US en_GB en_IN en_NG en_KE en_PK ga_IE de_DE fr_FR es_ES it_IT nl_NL pl_PL pt_BR sv_SE fi_FI cs_CZ hu_HU ro_RO "
    "tr_TR id_ID vi_VN yo_NG zu_ZA"
)
LISTS = ("last_names", "last_names_male", "unisex_last_names", "last_names_without_suffix")
CONTEXTS = (
    "Surname: {}",
    '{{"last_name": "{}"}}',
    "Mr {} called about the invoice.",
    "Dear {},\nthank you for your letter.",
    "Dr {} will see the patient tomorrow.",
    "We met {} at the station.",
    "{} has not paid yet.",
    "cc: {}",
    "Signed, {}",
    "{}: can you look at the build?",
)
COLUMNS = ("surname", "lastName", "customer_name", "contact", "title")
"""Names of columns; behind the last, which may be a book's, a cell is read alone."""


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/names.json")
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    surnames: Annotated[int, Option(min=1, help="Surnames of each origin, at most.")] = 60
    seed: Seed = 0


@dataclass(frozen=True)
class Finding:
    """The found part of one surname in one context."""

    origin: str
    surname: str
    context: str
    wholly_missed: bool
    partly_missed: bool


def surnames_of(origin: str) -> list[str]:
    """The surnames of one of Faker's locales, sorted."""
    try:
        provider = importlib.import_module(f"faker.providers.person.{origin}").Provider
    except ModuleNotFoundError as error:
        raise OptionError(f"{error.name} is missing. Install seqlabel-rnn[pii], which has Faker.") from error
    names = {str(name) for attribute in LISTS for name in getattr(provider, attribute, ())}
    return sorted(name for name in names if name.replace("-", "").replace("'", "").replace(" ", "").isalpha())


def findings(finder: PrivateFinder, settings: Settings) -> Iterator[Finding]:
    """The found part of each surname in each context."""
    chance = random.Random(settings.seed)
    for origin in ORIGINS.split():
        known = surnames_of(origin)
        drawn = chance.sample(known, min(settings.surnames, len(known)))
        cells = [(surname, context) for surname in drawn for context in CONTEXTS]
        for (surname, context), document in zip(cells, finder([c.format(s) for s, c in cells]), strict=True):
            start = context.format("\0").index("\0")
            letters = set(range(start, start + len(surname)))
            spans = (document.characters(span) for span in document.spans[LAYER].spans)
            covered = letters & {place for begin, end in spans for place in range(begin, end)}
            yield Finding(origin, surname, context, not covered, bool(covered) and covered != letters)


def missed_in_columns(finder: PrivateFinder, surnames: list[str]) -> dict[str, float]:
    """Per cent of surnames that are missed as cells of a column, by its name."""
    return {
        column: 100 * sum(not spans for spans in find_in_column(surnames, finder=finder, name=column)) / len(surnames)
        for column in COLUMNS
    }


def rows_of(found: list[Finding], key: str) -> dict[str, dict[str, float]]:
    """Per cent of texts in which a surname is wholly and partly missed, for each origin or context."""
    groups: defaultdict[str, list[Finding]] = defaultdict(list)
    for one in found:
        groups[getattr(one, key)].append(one)
    return {
        name: {
            "texts": len(group),
            "wholly_missed": 100 * sum(one.wholly_missed for one in group) / len(group),
            "partly_missed": 100 * sum(one.partly_missed for one in group) / len(group),
        }
        for name, group in {**groups, "all": found}.items()
    }


def main(settings: Settings) -> None:
    """Count how often surnames are missed, by origin and by context."""
    finder = PrivateFinder(settings.model)
    found = list(findings(finder, settings))
    tables = {key: rows_of(found, key) for key in ("origin", "context")}
    for key, table in tables.items():
        print(f"\n{key:<42}{'texts':>8}{'wholly missed, %':>18}{'partly, %':>12}")
        for name, row in table.items():
            shown = name.replace("\n", " ")
            print(f"{shown:<42}{row['texts']:>8,}{row['wholly_missed']:>18.1f}{row['partly_missed']:>12.1f}")
    columns = missed_in_columns(finder, sorted({one.surname for one in found}))
    print("\nmissed as a cell of the column, %")
    for column, share in columns.items():
        print(f"{column:<42}{share:>8.1f}")
    missed = Counter((one.origin, one.surname) for one in found if one.wholly_missed)
    blind = sorted(name for name, count in missed.items() if 2 * count > len(CONTEXTS))
    every = len({(one.origin, one.surname) for one in found})
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
