r"""Values that are written as rows, from the files in `material/values`; what has no form has a
maker in Python.

A section `[name LABEL]`, or `[name]` of what is not private, is a value; `@` and countries behind
it limit it to these. One of its rows, which are templates, is drawn. `part = …`, or
`part LABEL = …`, draws beforehand what `{part}` stands for below; `part es.dni = …` until that
module of python-stdnum says that its number is valid, but now and then at once. A row with a share,
`5% …`, is taken that often; of the others one is taken, by weights where they have some, `3 …`.
`> name` stands for the rows of another section above.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import NamedTuple

from seqlabel.privacy.rules import find_proven

from .labels import PiiType
from .maker import Maker, MakeValue, Node, Option, Parts, Pieces, Value, one_of, parse, text_of
from .material import Entry

WRONG = 0.1
"""How often nobody looks whether a number is valid."""
MOST_DRAWS = 1_000
"""How often a number is drawn, at most, until its check digits are right: two are so once in 97
times.
"""
_ROW = re.compile(r"(?:([a-z_]+)(?: ([A-Z_]+|[a-z_.]+))? = |(\d+)% |(\d+) |(> ))?(.*)", re.S)


class _Row(NamedTuple):
    """A row of a section: what it draws, and the part that it makes, if any."""

    option: Option
    part: str = ""


def read_values(sections: Mapping[str, Sequence[Entry]]) -> dict[str, Value]:
    """The values of sections that `read_sections` gave, by name.

    Raises:
        DataError: A row is broken, or a label does not exist. The message names file and line.
    """
    rows: dict[str, list[_Row]] = {}
    found: dict[str, dict[str, Node]] = {}
    labels: dict[str, PiiType | None] = {}
    for header, entries in sections.items():
        title, _, countries = header.partition(" @")
        name, _, label = title.partition(" ")
        rows[name] = list(_rows_of(entries, rows))
        labels[name] = label_of(label, entries[0])
        found.setdefault(name, {}).update(dict.fromkeys(countries.split(","), _section(rows[name])))
    for name, of in found.items():
        if "" not in of:
            entry = next(
                entries[0] for header, entries in sections.items() if header.split()[0] == name
            )
            raise entry.error(
                f"Found {name} for some countries alone. Add a section for the others."
            )
    return {name: Value(labels[name], _made_where(of)) for name, of in found.items()}


def label_of(written: str, entry: Entry) -> PiiType | None:
    """The label in a section's header, if any."""
    if written and written not in set(PiiType):
        raise entry.error(f"Found the label {written} above. Allowed are {', '.join(PiiType)}.")
    return PiiType(written) if written else None


def _made_where(by_country: Mapping[str, Node]) -> MakeValue:
    return lambda maker, number: by_country.get(maker.country, by_country[""])(
        maker, number - 1, {}
    )


def _section(rows: Sequence[_Row]) -> Node:
    parts_of, draw = (
        [row for row in rows if row.part],
        one_of([row.option for row in rows if not row.part]),
    )

    def with_parts(maker: Maker, move: int, parts: Parts) -> Pieces:
        for row in parts_of:
            parts[row.part] = row.option.draw(maker, move, parts)
        return draw(maker, move, parts)

    return with_parts


def _rows_of(entries: Iterable[Entry], sections: Mapping[str, list[_Row]]) -> Iterator[_Row]:
    for entry in entries:
        match = _ROW.fullmatch(entry.text)
        assert match is not None
        part, label, share, weight, included, text = match.groups()
        if included:
            if text not in sections:
                raise entry.error(
                    f"Found no section [{text}] above. Correct the name, or move the section."
                )
            yield from sections[text]
            continue
        with entry.parsed():
            draw = parse(text)
        if label and label.islower():
            draw = valid(draw, label)
        elif label:
            draw = _labeled(draw, label_of(label, entry))
        yield _Row(Option(draw, int(share or 0), int(weight or 1)), part or "")


def _labeled(draw: Node, label: PiiType | None) -> Node:
    return lambda maker, move, parts: [(text_of(draw(maker, move, parts)), label)]


def valid(draw: Node, module: str) -> Node:
    """Draws a number until it is valid, but now and then at once."""

    def drawn(maker: Maker, move: int, parts: Parts) -> Pieces:
        pieces = draw(maker, move, parts)
        for _ in range(0 if maker.chance(WRONG) else MOST_DRAWS):
            if checker(module)(re.sub("[ .]", "", text_of(pieces))):
                break
            pieces = draw(maker, move, parts)
        return pieces

    return drawn


@cache
def checker(module: str) -> Callable[[str], bool]:
    """What says whether a number is valid: a module of python-stdnum, or for vehicles a rule of the
    library.
    """
    if module == "vin":
        return lambda number: any(span.label == PiiType.VIN for span in find_proven(number))
    if module == "iban":
        mod_97_10 = import_module("stdnum.iso7064.mod_97_10")
        return lambda number: mod_97_10.is_valid(number[4:] + number[:4])
    is_valid: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return is_valid
