"""The kinds of private data, an example of each, and what another corpus calls them; no values are
made here.

Conventions, the same in every text that is generated:

- PERSON has no title: of "Dr. Ada Moss" only the name is labelled; initials and parts of a name
  are.
- ADDRESS is the line of the street, with house, flat or box; city, region, postcode and country are
  LOCATION. What a comma or a line's end separates is a span of its own: "Oakham", "VT 05001".
- DATE is a calendar date in a record of a person's life or actions, log lines included, with the
  time of day that follows it there, and so is a part of one that says when something happened to a
  person: "the 5th", "March", "late 2019". Dates of public events, their years, weekdays and times
  of day alone are nothing private. A birth date is DATE_OF_BIRTH where the context says so.
- AGE is the number alone; PASSWORD holds PINs, security codes and the words of a wallet's seed too,
  API_KEY every token, session cookie and SSH key, ACCOUNT also sort codes, routing numbers, BICs
  and wallets; CARD and SSN also their last four digits; EMPLOYEE_ID also the numbers of lawyers'
  and doctors' licences; CASE_NUMBER those of cases and dockets of courts.
- Every URL is URL, and so is the name of a host or domain. Order, invoice, ticket, tracking,
  request and version numbers are nothing private, nor is what a machine made for itself: UUIDs,
  Unix times, hashes, counters.
"""

import re
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
PiiType = StrEnum("PiiType", {label: label for label in _TABLE["examples"]})
"""The labels of private data."""
EXAMPLES = {PiiType(label): example for label, example in _TABLE["examples"].items()}
PII_ANON = {name: PiiType(label) if label else None for name, label in _TABLE["pii_anon"].items()}
"""What the types of the corpus pii_anon are here; None for those that have no label here."""

_TITLE = re.compile(r"(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Rev)\.?\s+)+")
_SEPARATOR = re.compile(r"\s*[,\n]\s*")


def convert_pii_anon(
    text: str, spans: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Spans of pii_anon with the labels and the conventions of this package.

    A type without a counterpart is dropped, a person's title is left out, a street address is split
    at its commas into ADDRESS and LOCATION. Raises `KeyError` for a type that `PII_ANON` does not
    list.
    """
    converted: list[tuple[int, int, str]] = []
    for start, end, name in spans:
        label = PII_ANON[name]
        if label is None:
            continue
        if (
            label == PiiType.PERSON
            and (title := _TITLE.match(text, start, end))
            and title.end() < end
        ):
            start = title.end()
        if label != PiiType.ADDRESS:
            converted.append((start, end, str(label)))
            continue
        for gap in [*_SEPARATOR.finditer(text, start, end), None]:
            stop = gap.start() if gap else end
            if start < stop:
                converted.append((start, stop, str(label)))
            label = PiiType.LOCATION
            start = gap.end() if gap else end
    return converted
