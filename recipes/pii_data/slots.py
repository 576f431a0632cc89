"""What the slots of templates stand for: the rules, forms and words of the material, and the makers of values."""

from collections.abc import Sequence
from functools import cache

from . import dates, networks, papers, people, places, telephones, things
from .maker import MakeValue, Slots, Value
from .material import Entry, read_folder
from .values import label_of, read_values

_MODULES = (people, networks, telephones, places, dates, papers, things)


@cache
def read_slots() -> Slots:
    """Read the rules, forms, words and rows of values, and check that every slot of a rule is there.

    Raises:
        DataError: A rule has a broken template or a slot that does not exist, a form has a label that does not
            exist, or a name is used twice. The message names file and line.
    """
    values = {name: value for module in _MODULES for name, value in module.MAKERS.values.items()}
    for name, entries in read_folder("words").items():
        _enter(values, name, entries, Value(None, _word_of(name)))
    for header, entries in read_folder("forms").items():
        name, _, label = header.partition(" ")
        forms = tuple(entry.text for entry in entries)
        _enter(values, name, entries, Value(label_of(label, entries[0]), _form_of(forms)))
    sections = read_folder("values")
    for name, value in read_values(sections).items():
        _enter(values, name, next(of for header, of in sections.items() if header.split()[0] == name), value)
    return Slots(read_folder("rules"), values)


def _enter(values: dict[str, Value], name: str, entries: Sequence[Entry], value: Value) -> None:
    if name in values:
        raise entries[0].error(f"Found the name {name} for a second value. Rename one of them.")
    values[name] = value


def _word_of(name: str) -> MakeValue:
    return lambda maker, number: maker.listed(name)


def _form_of(forms: Sequence[str]) -> MakeValue:
    return lambda maker, number: maker.form(maker.pick(forms))
