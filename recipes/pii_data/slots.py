"""What the slots of templates stand for: rules, forms, words and rows of the material, and the
makers of values.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .maker import MakeValue, Slots, Value
from .makers import VALUES
from .material import Entry, read_folder
from .prose import body
from .values import read_values

STYLES = tomllib.loads((Path(__file__).parent / "styles.toml").read_text(encoding="utf-8"))
"""The styles of texts, and the sentences inside of some."""


@cache
def read_slots() -> Slots:
    """Read the rules, forms, words and rows of values, and check that every slot of a rule is
    there.

    Raises:
        DataError: A rule has a broken template or a slot that does not exist, a section has a label
            that does not exist, or a name is used twice. The message names file and line.
    """
    values, words = dict(VALUES), read_folder("words")
    sections = {
        name: tuple(map(_as_form, entries)) for name, entries in read_folder("forms").items()
    }
    sections |= read_folder("values")
    read = [
        *read_values(sections).items(),
        *((name, Value(None, _word_of(name))) for name in words),
    ]
    values |= {name: Value(None, _body_of(row)) for name, row in STYLES["bodies"].items()}
    first = {header.split()[0]: entries[0] for header, entries in {**sections, **words}.items()}
    for name, value in read:
        if name in values:
            raise first[name].error(
                f"Found the name {name} for a second value. Rename one of them."
            )
        values[name] = value
    return Slots(read_folder("rules"), values)


def _as_form(entry: Entry) -> Entry:
    return entry._replace(text=f"{{={entry.text}}}")


def _body_of(row: Mapping[str, Any]) -> MakeValue:
    return lambda maker, number: body(maker, **row)


def _word_of(name: str) -> MakeValue:
    return lambda maker, number: maker.listed(name)
