"""The engine of the generator: what a text is made of, and templates that are filled from a text's own world.

A text is a list of pieces, each a string with its label or None, so that no offset is counted before the very end.

In a template `{name}` is a slot: a rule, of which one alternative is drawn and expanded in turn, or a value. A number
behind it, `{name2}`, is another person's; the same slot in the same text has the same value. Behind a rule's name the
number moves all slots in it. `{^rule}` begins with a capital. `[a|b|]` draws one of some alternatives, which may hold
slots and brackets. A backslash takes a character as it is.
"""

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from seqlabel.privacy.rules import find_patterns

from .labels import PiiType
from .material import Entry, half, texts_of, whole
from .splits import Split, part_of
from .world import LOCALES, DrawName, draw_name

T = TypeVar("T")
Piece = tuple[str, str | None]
Pieces = list[Piece]

_LOCALE_NAMES = tuple(LOCALES)
_LOCALE_WEIGHTS = tuple(LOCALES.values())

Slot = tuple[str, int, bool]
Node = str | Slot | list["Template"]
Template = tuple[Node, ...]

_TOKEN = re.compile(r"\\(.)|\{(\^?)([a-z_]+)(\d?)\}|([\[|\]])|([^\\{\[|\]]+|[{])", re.S)


class Person:
    """A person whom a text is about: a name, its origin, pronouns."""

    def __init__(self, rng: random.Random, locale: str, split: Split, draw: DrawName = draw_name) -> None:
        self.first, self.last, self.origin = draw(rng, locale, split)
        if rng.random() < 0.05:
            self.last = f"{self.last}-{draw_name(rng, 'en_GB', split)[1]}"
        self.middle = rng.choice("ABCDEFGHJKLMNPRSTW")
        self.pronouns = rng.choice((("he", "his", "him"), ("she", "her", "her"), ("they", "their", "them")))
        self.titles = {"he": ("Mr", "Mr."), "she": ("Ms", "Mrs", "Ms.", "Mrs.", "Miss"), "they": ("Mx", "Mr", "Ms")}[
            self.pronouns[0]
        ]


_SIGNS = {
    "#": "0123456789",
    "%": "123456789",
    "?": "ABCDEFGHJKLMNPRSTUVWXYZ",
    "&": "abcdefghijklmnopqrstuvwxyz",
    "*": "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789",
    "~": "0123456789abcdef",
    "@": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
}


class Maker:
    """One text's world: a stream of chance, a half of the material, a place, people, and the values given so far."""

    def __init__(self, rng: random.Random, split: Split, slots: "Slots", *, locale: str | None = None) -> None:
        self.rng = rng
        self.split = split
        self._slots = slots
        self.locale = locale or rng.choices(_LOCALE_NAMES, _LOCALE_WEIGHTS)[0]
        self._values: dict[tuple[str, int], Pieces] = {}
        self._people: dict[int, Person] = {}

    @property
    def country(self) -> str:
        return self.locale[3:]

    def another(self) -> "Maker":
        """A maker for another person in the same place, from the same stream of chance."""
        return Maker(self.rng, self.split, self._slots, locale=self.locale)

    def person(self, number: int = 1) -> Person:
        if number not in self._people:
            self._people[number] = Person(self.rng, self.locale, self.split, self._slots.draw_name)
        return self._people[number]

    def weighted(self, *choices: tuple[int, T]) -> T:
        """One of some values, drawn by their weights."""
        luck = self.rng.random() * sum(weight for weight, _ in choices)
        for weight, value in choices:
            luck -= weight
            if luck < 0:
                return value
        return choices[-1][1]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, entries: Sequence[T]) -> T:
        return entries[int(self.rng.random() * len(entries))]

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return low + int(self.rng.random() * (high - low + 1))

    def form(self, form: str) -> str:
        """A form, its signs drawn: # digit, % not 0, ? capital, & small letter, * capital or digit, @ any, ~ hex."""
        rng = self.rng.random
        return "".join(signs[int(rng() * len(signs))] if (signs := _SIGNS.get(sign)) else sign for sign in form)

    def form_of(self, name: str) -> str:
        """One of the forms of a list, its signs drawn."""
        return self.form(self.pick(whole(f"{name}_forms")))

    def listed(self, name: str) -> str:
        """One entry of a list that is of this half, of the rule of that name where the language has its own."""
        return self.template(name) if self.has(name) else self.pick(half(name, self.split))

    def shared(self, name: str) -> str:
        """One entry of a list that both halves share."""
        return self.pick(whole(name))

    def has(self, rule: str) -> bool:
        """Whether there is a rule of a name."""
        return rule in self._slots.rules

    def template(self, rule: str) -> str:
        """One alternative of a rule, as it is written."""
        return self.pick(self._slots.half(rule, self.split))

    def expand(self, template: str, *, move: int = 0) -> Pieces:
        """The pieces of a template, its slots filled; `move` is added to the slots' numbers."""
        pieces: Pieces = []
        self._fill(parse(template), move, pieces)
        return pieces

    def rule(self, name: str, *, move: int = 0) -> Pieces:
        """The pieces of one alternative of a rule."""
        return self.expand(self.template(name), move=move)

    def kind(self, name: str) -> Pieces:
        """The pieces of a slot: of a rule or a value."""
        return self.rule(name) if name in self._slots.rules else self.value(name)

    def value(self, name: str, number: int = 1) -> Pieces:
        """The pieces of a value; the same name and number give the same pieces."""
        pieces = self._values.get((name, number))
        if pieces is None:
            value = self._slots.values[name]
            made = value.make(self, number)
            if value.label is None and isinstance(made, str):
                while _proven_private(made):
                    made = value.make(self, number)
            pieces = [(made, value.label)] if isinstance(made, str) else made
            self._values[name, number] = pieces
        return pieces

    def anew(self, name: str, number: int = 1) -> Pieces:
        """The pieces of a value that is made for this place alone."""
        value = self._slots.values[name]
        made = value.make(self, number)
        return [(made, value.label)] if isinstance(made, str) else made

    def text(self, name: str, number: int = 1) -> str:
        """A value as plain text."""
        return "".join(text for text, _ in self.value(name, number))

    def _fill(self, template: Template, move: int, pieces: Pieces) -> None:
        for node in template:
            if isinstance(node, str):
                pieces.append((node, None))
            elif isinstance(node, list):
                self._fill(node[int(self.rng.random() * len(node))], move, pieces)
            else:
                name, number, capital = node
                begin = len(pieces)
                if name in self._slots.rules:
                    self._fill(parse(self.template(name)), move + number - 1, pieces)
                else:
                    pieces += self.value(name, number + move)
                if capital:
                    capitalise(pieces, begin)


_CHECKED = (PiiType.CARD, PiiType.IBAN, PiiType.ACCOUNT, PiiType.SSN, PiiType.NATIONAL_ID, PiiType.TAX_ID, PiiType.VIN)
_LEAST_CHECKED = 8


def _proven_private(value: str) -> bool:
    """Whether the number of an order or a counter happens to have the check digit of a card, an IBAN or the like."""
    # The count of digits spares most values the search.
    return sum(map(str.isdigit, value)) >= _LEAST_CHECKED and any(
        span.label in _CHECKED for span in find_patterns(value)
    )


MakeValue = Callable[[Maker, int], str | Pieces]


@dataclass(frozen=True)
class Value:
    """How a value is made, and its label: None where it is not private, or its pieces have their own."""

    label: PiiType | None
    make: MakeValue


class Makers:
    """The makers of values of one module, by the names of their slots."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}

    def enter(self, name: str, label: PiiType | None = None) -> Callable[[MakeValue], MakeValue]:
        """Enter the decorated maker under a name."""

        def enter(make: MakeValue) -> MakeValue:
            assert name not in self.values, f"two values are called {name}"
            self.values[name] = Value(label, make)
            return make

        return enter


class Slots:
    """What the slots of templates stand for: the alternatives of rules, and the makers of values; and whose names."""

    def __init__(
        self, rules: Mapping[str, Sequence[Entry]], values: Mapping[str, Value], draw_name: DrawName = draw_name
    ) -> None:
        for name, entries in rules.items():
            if name in values:
                raise entries[0].error(f"Found a rule with the name of a value, {name}. Rename one of them.")
            for entry in entries:
                _check(entry, rules.keys() | values.keys())
        self.rules = texts_of(rules)
        self.values = values
        self.draw_name = draw_name
        self._halves: dict[tuple[str, Split], tuple[str, ...]] = {}

    def half(self, rule: str, split: Split) -> tuple[str, ...]:
        """The alternatives of a rule that are of one split, in the rule's order."""
        found = self._halves.get((rule, split))
        if found is None:
            # A rule may repeat an alternative to have it drawn more often.
            entries = set(part_of(self.rules[rule], split))
            found = self._halves[rule, split] = tuple(entry for entry in self.rules[rule] if entry in entries)
        return found


def _check(entry: Entry, known: Set[str]) -> None:
    try:
        names = slots_of(entry.text)
    except ValueError as error:
        raise entry.error(f"Found {error}. Open and close each, or put a backslash before it.") from None
    for name in names:
        if name not in known:
            raise entry.error(f"Found the slot {{{name}}}, which is neither a rule nor a value. Correct its name.")


def slots_of(template: str) -> set[str]:
    """The names of the slots of a template, those in brackets included. Raises `ValueError` as `parse` does."""
    return _slots_of(parse(template))


def _slots_of(template: Template) -> set[str]:
    names: set[str] = set()
    for node in template:
        if isinstance(node, tuple):
            names.add(node[0])
        elif isinstance(node, list):
            names = names.union(*map(_slots_of, node))
    return names


@cache
def parse(template: str) -> Template:
    """A template taken apart. Raises `ValueError` for brackets that do not match."""
    levels: list[list[list[Node]]] = [[[]]]
    for match in _TOKEN.finditer(template):
        escaped, capital, name, number, mark, literal = match.groups()
        if name is not None:
            levels[-1][-1].append((name, int(number or 1), bool(capital)))
        elif mark == "[":
            levels.append([[]])
        elif mark == "]" and len(levels) > 1:
            options = levels.pop()
            levels[-1][-1].append([tuple(option) for option in options])
        elif mark == "|" and len(levels) > 1:
            levels[-1].append([])
        elif mark == "]":
            raise ValueError("a bracket that closes but was not opened")
        else:
            levels[-1][-1].append(escaped or mark or literal)
    if len(levels) > 1:
        raise ValueError("a bracket that is not closed")
    return tuple(levels[0][0])


def capitalise(pieces: Pieces, begin: int = 0) -> None:
    """Begin pieces with a capital, where their first letter is nothing private."""
    for place in range(begin, len(pieces)):
        text, label = pieces[place]
        if text:
            if label is None:
                pieces[place] = (text[0].upper() + text[1:], None)
            return


_JOINED = (PiiType.PERSON, PiiType.LOCATION)


def finish(pieces: Iterable[Piece]) -> tuple[str, list[tuple[int, int, str]]]:
    """The text of pieces and its spans, without the white space at a value's ends.

    Two parts of a name or of a place with only a space between them are one span; other neighbours stay apart.
    """
    texts: list[str] = []
    spans: list[tuple[int, int, str]] = []
    place = 0
    for text, label in pieces:
        if label is not None and (stripped := text.strip()):
            start = place + len(text) - len(text.lstrip())
            end = start + len(stripped)
            if (
                label in _JOINED
                and spans
                and spans[-1][1] == start - 1
                and spans[-1][2] == label
                and texts[-1][-1:] == " "
            ):
                start = spans.pop()[0]
            spans.append((start, end, str(label)))
        texts.append(text)
        place += len(text)
    return "".join(texts), spans
