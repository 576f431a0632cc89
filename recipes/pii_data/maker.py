"""The engine of the generator: what a text is made of, and templates that are filled from a text's own world.

A text is a list of pieces, each a string with its label or None, so that no offset is counted before the very end.

In a template `{name}` is a slot: a rule, of which one alternative is drawn and expanded in turn, or a value. A number
behind it, `{name2}`, is another one's; the same slot in the same text has the same value. Behind a rule's name the
number moves all slots in it. `{^rule}` begins with a capital. `[a|b|]` draws one of some alternatives, which may hold
slots and brackets. A backslash takes a character as it is.
"""

import random
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TypeVar

from .labels import PiiType
from .splits import Split, part_of
from .world import LOCALES, draw_name

T = TypeVar("T")
Piece = tuple[str, PiiType | None]
Pieces = list[Piece]

_LOCALE_NAMES = tuple(LOCALES)
_LOCALE_WEIGHTS = tuple(LOCALES.values())

Slot = tuple[str, int, bool]
Node = str | Slot | list["Template"]
Template = tuple[Node, ...]

_TOKEN = re.compile(r"\\(.)|\{(\^?)([a-z_]+)(\d?)\}|([\[|\]])|([^\\{\[|\]]+|[{])", re.S)


class Person:
    """Somebody whom a text is about: a name, its origin, pronouns."""

    def __init__(self, rng: random.Random, locale: str, split: Split) -> None:
        self.first, self.last, self.origin = draw_name(rng, locale, split)
        if rng.random() < 0.05:
            self.last = f"{self.last}-{draw_name(rng, 'en_GB', split)[1]}"
        self.middle = rng.choice("ABCDEFGHJKLMNPRSTW")
        self.pronouns = rng.choice((("he", "his", "him"), ("she", "her", "her"), ("they", "their", "them")))
        self.titles = {"he": ("Mr", "Mr."), "she": ("Ms", "Mrs", "Ms.", "Mrs.", "Miss"), "they": ("Mx", "Mr", "Ms")}[
            self.pronouns[0]
        ]


class Maker:
    """One text's world: a stream of chance, a half of the material, a place, people, and the values given so far."""

    def __init__(self, rng: random.Random, split: Split, *, locale: str | None = None) -> None:
        self.rng = rng
        self.split = split
        self.locale = locale or rng.choices(_LOCALE_NAMES, _LOCALE_WEIGHTS)[0]
        self._values: dict[tuple[str, int], Pieces] = {}
        self._people: dict[int, Person] = {}

    @property
    def country(self) -> str:
        return self.locale[3:]

    def another(self) -> "Maker":
        """A maker for somebody else in the same place, from the same stream of chance."""
        return Maker(self.rng, self.split, locale=self.locale)

    def person(self, number: int = 1) -> Person:
        if number not in self._people:
            self._people[number] = Person(self.rng, self.locale, self.split)
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

    def form_of(self, forms: str) -> str:
        """One of some forms, with bars between, its signs drawn."""
        return self.form(self.pick(_parted(forms)))

    def template(self, alternatives: Iterable[str]) -> str:
        """One of the alternatives that are of this half."""
        return self.pick(_half(tuple(alternatives), self.split))

    def expand(self, template: str, *, move: int = 0) -> Pieces:
        """The pieces of a template, its slots filled; `move` is added to the slots' numbers."""
        pieces: Pieces = []
        self._fill(parse(template), move, pieces)
        return pieces

    def one_of(self, *alternatives: str) -> Pieces:
        return self.expand(self.template(alternatives))

    def value(self, name: str, number: int = 1) -> Pieces:
        """The pieces of a value; the same name and number give the same pieces."""
        pieces = self._values.get((name, number))
        if pieces is None:
            label, make = VALUES[name]
            made = make(self, number)
            pieces = [(made, label)] if isinstance(made, str) else made
            self._values[name, number] = pieces
        return pieces

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
                if name in RULES:
                    self._fill(parse(self.pick(_rule(name, self.split))), move + number - 1, pieces)
                else:
                    pieces += self.value(name, number + move)
                if capital:
                    _capitalise(pieces, begin)


VALUES: dict[str, tuple[PiiType | None, Callable[[Maker, int], str | Pieces]]] = {}
"""The makers of values by the names of their slots; filled by the module `values`."""
RULES: dict[str, tuple[str, ...]] = {}
"""The alternatives of rules by the names of their slots; filled by the modules that hold sentences."""


_MakeValue = Callable[[Maker, int], str | Pieces]


def enter_value(name: str, label: PiiType | None = None) -> Callable[[_MakeValue], _MakeValue]:
    """Enter the maker of a value that has one label, or whose pieces say their own."""

    def enter(make: _MakeValue) -> _MakeValue:
        assert name not in VALUES, f"two values are called {name}"
        VALUES[name] = (label, make)
        return make

    return enter


def enter_rule(name: str, text: str) -> None:
    """Enter the alternatives of a rule, one a line; a line that is indented deeper goes on from the one before."""
    lines = textwrap.dedent(text).strip().replace("\n    ", " ").splitlines()
    RULES[name] = tuple(line.replace("\\n", "\n") for line in lines)


_SIGNS = {
    "#": "0123456789",
    "%": "123456789",
    "?": "ABCDEFGHJKLMNPRSTUVWXYZ",
    "&": "abcdefghijklmnopqrstuvwxyz",
    "*": "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789",
    "~": "0123456789abcdef",
    "@": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
}


@cache
def _parted(forms: str) -> tuple[str, ...]:
    return tuple(forms.split("|"))


@cache
def _half(alternatives: tuple[str, ...], split: Split) -> tuple[str, ...]:
    return part_of(alternatives, split)


@cache
def _rule(name: str, split: Split) -> tuple[str, ...]:
    # A rule may repeat an alternative to have it drawn more often.
    half = set(part_of(RULES[name], split))
    return tuple(alternative for alternative in RULES[name] if alternative in half)


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
            raise ValueError(f"a bracket is closed that was not opened: {template}")
        else:
            levels[-1][-1].append(escaped or mark or literal)
    if len(levels) > 1:
        raise ValueError(f"a bracket is not closed: {template}")
    return tuple(levels[0][0])


def _capitalise(pieces: Pieces, begin: int) -> None:
    for place in range(begin, len(pieces)):
        text, label = pieces[place]
        if text:
            if label is None:
                pieces[place] = (text[0].upper() + text[1:], None)
            return


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


_JOINED = (PiiType.PERSON, PiiType.LOCATION)
