"""The engine of the generator: what a text is made of, and templates that are filled from a text's
own world.

A text is a list of pieces, each a string with its label or None, so that no offset is counted
before the very end.

In a template `{name}` is a slot: a rule, of which one alternative is drawn and expanded in turn, or
a value. A number behind it, `{name2}`, is another person's; the same slot in the same text has the
same value. Behind a rule's name the number moves all slots in it. `{^rule}` begins with a capital.
`{!name}` is drawn again: an entry of a list that is of this half, or another such value; `{*name}`
is an entry of a list that both halves share, `{>name}` one that is a template and knows the parts
of this one. A change stands behind a colon: `{name:lower}` is one of `CHANGES`, `{name:3}` the
first three letters, `{name:X=part}` has a part for each X.

`[a|b|]` draws one of some alternatives, which may hold slots and brackets; of `[5%a|b]` the first
is taken so often. `{=1-9}` is a number, `{=1-9:02}` one of two digits, `{=1990-2026:near_date}` a
day of these years in one of the forms of the list `near_date_forms`; other `{=…}` are forms as of
`Maker.form`. `{=~×8}` has a form's sign, or one of the list `alphabets`, eight times, `{=~×8-12}`
eight to twelve times, `{=~×part}` as often as a part says. A backslash takes a character as it is.
"""

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import NamedTuple, TypeVar

from seqlabel.privacy.rules import find_proven

from .changes import CHANGES
from .dates import written_day
from .labels import PiiType
from .material import Entry, half, is_list, keyed, texts_of, whole
from .splits import Split, part_of
from .world import LOCALES, DrawName, draw_name

T = TypeVar("T")
Piece = tuple[str, str | None]
Pieces = list[Piece]

_LOCALE_NAMES = tuple(LOCALES)
_LOCALE_WEIGHTS = tuple(LOCALES.values())


class Person:
    """A person whom a text is about: a name, its origin, pronouns."""

    def __init__(
        self, rng: random.Random, locale: str, split: Split, draw: DrawName = draw_name
    ) -> None:
        self.first, self.last, self.origin = draw(rng, locale, split)
        if rng.random() < 0.05:
            self.last = f"{self.last}-{draw_name(rng, 'en_GB', split)[1]}"
        self.middle = rng.choice("ABCDEFGHJKLMNPRSTW")
        self.pronouns = rng.choice(
            (("he", "his", "him"), ("she", "her", "her"), ("they", "their", "them"))
        )
        self.titles = {
            "he": ("Mr", "Mr."),
            "she": ("Ms", "Mrs", "Ms.", "Mrs.", "Miss"),
            "they": ("Mx", "Mr", "Ms"),
        }[self.pronouns[0]]


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
    """One text's world: a stream of chance, a half of the material, a place, people, and the values
    given so far.
    """

    def __init__(
        self, rng: random.Random, split: Split, slots: "Slots", *, locale: str | None = None
    ) -> None:
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
        weights, values = zip(*choices, strict=True)
        return self.rng.choices(values, weights)[0]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, entries: Sequence[T]) -> T:
        return entries[int(self.rng.random() * len(entries))]

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return low + int(self.rng.random() * (high - low + 1))

    def form(self, form: str) -> str:
        """A form, its signs drawn: # digit, % not 0, ? capital, & small letter, * capital or digit,
        @ any, ~ hex.
        """
        rng = self.rng.random
        return "".join(
            signs[int(rng() * len(signs))] if (signs := _SIGNS.get(sign)) else sign for sign in form
        )

    def listed(self, name: str) -> str:
        """One entry of a list that is of this half, of the rule of that name where the language has
        its own.
        """
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
        return list(parse(template)(self, move, {}))

    def rule(self, name: str, *, move: int = 0) -> Pieces:
        """The pieces of one alternative of a rule."""
        return self.expand(self.template(name), move=move)

    def kind(self, name: str, number: int = 1) -> Pieces:
        """The pieces of a slot: of a rule or a value."""
        return self.rule(name, move=number - 1) if self.has(name) else self.value(name, number)

    def value(self, name: str, number: int = 1) -> Pieces:
        """The pieces of a value; the same name and number give the same pieces."""
        pieces = self._values.get((name, number))
        if pieces is None:
            pieces = self.fresh(name, number)
            while _proven_private(pieces):
                pieces = self.fresh(name, number)
            self._values[name, number] = pieces
        return pieces

    def fresh(self, name: str, number: int = 1) -> Pieces:
        """The pieces of a value that is made for this place alone."""
        value = self._slots.values[name]
        made = value.make(self, number)
        if isinstance(made, str):
            return [(made, value.label)]
        return made if value.label is None else [(text_of(made), value.label)]

    def text(self, name: str, number: int = 1) -> str:
        """A value as plain text."""
        return text_of(self.value(name, number))


def text_of(pieces: Pieces) -> str:
    return "".join(text for text, _ in pieces)


_MARKED = re.compile("\ue000([A-Z_]+)\ue001([^\ue002]*)\ue002")


def marked(pieces: Pieces) -> str:
    """Pieces as a text in which private characters of Unicode are around what has a label."""
    return "".join(
        text if label is None else f"\ue000{label}\ue001{text}\ue002" for text, label in pieces
    )


def unmarked(text: str) -> str:
    """A marked text as it is read."""
    return _MARKED.sub(r"\2", text)


def pieces_of(text: str) -> Pieces:
    """The pieces of a marked text."""
    parts = _MARKED.split(text)
    labeled = zip(parts[::3], [None, *map(PiiType, parts[1::3])], [None, *parts[2::3]], strict=True)
    return [
        piece
        for plain, label, value in labeled
        for piece in ((value or "", label), (plain, None))
        if piece[0]
    ]


_CHECKED = (
    PiiType.CARD,
    PiiType.IBAN,
    PiiType.ACCOUNT,
    PiiType.SSN,
    PiiType.NATIONAL_ID,
    PiiType.TAX_ID,
    PiiType.VIN,
)
_LEAST_CHECKED = 8


def _proven_private(pieces: Pieces) -> bool:
    """Whether the number of an order or a counter happens to have the check digit of a card, an
    IBAN or the like.
    """
    text = text_of(pieces)
    # The count of digits spares most values the search.
    return (
        sum(map(str.isdigit, text)) >= _LEAST_CHECKED
        and all(label is None for _, label in pieces)
        and any(span.label in _CHECKED for span in find_proven(text))
    )


MakeValue = Callable[[Maker, int], str | Pieces]


@dataclass(frozen=True)
class Value:
    """How a value is made, and its label: None where it is not private, or its pieces have their
    own.
    """

    label: PiiType | None
    make: MakeValue


class Slots:
    """What the slots of templates stand for: the alternatives of rules, and the makers of values;
    and whose names.
    """

    def __init__(
        self,
        rules: Mapping[str, Sequence[Entry]],
        values: Mapping[str, Value],
        draw_name: DrawName = draw_name,
    ) -> None:
        for name, entries in rules.items():
            if name in values:
                raise entries[0].error(
                    f"Found a rule with the name of a value, {name}. Rename one of them."
                )
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
            found = self._halves[rule, split] = tuple(
                entry for entry in self.rules[rule] if entry in entries
            )
        return found


def _check(entry: Entry, known: Set[str]) -> None:
    with entry.parsed():
        parse(entry.text)
    for name in slots_of(entry.text):
        if name not in known:
            raise entry.error(
                f"Found the slot {{{name}}}, which is neither a rule nor a value. Correct its name."
            )


Parts = dict[str, Pieces]
Node = Callable[[Maker, int, Parts], Pieces]
"""Draws pieces for a maker; the number is added to those of slots; what was drawn before has a
name.
"""

_TOKEN = re.compile(
    (
        r"\\(.)|\{([\^!*>]?)([a-z_]+(?: "
        r"[A-Za-z_]+)?)(\d?)(?::([^}]+))?\}|\{=([^{}]+)\}|([\[|\]])|([^\\{\[|\]]+|[{\\])"
    ),
    re.S,
)
_SHARE = re.compile(r"(\d+)%")
_NUMBER = re.compile(r"(\d+)-(\d+)(?::(\w+))?")
_REPEATED = re.compile(r"([a-z_0-9]{2,}|.)×(\w+)(?:-(\d+))?")
_PUT = re.compile(r"(.)=([a-z_]+)")


class Option(NamedTuple):
    """One of some alternatives, and the share of draws, in per cent, or else the weight that it
    has.
    """

    draw: Node
    share: int = 0
    weight: int = 1


def slots_of(template: str) -> set[str]:
    """The names of the slots of a template that are rules or values, those in brackets included."""
    return {match[3] for match in _TOKEN.finditer(template) if match[3] and match[2] in ("", "^")}


@cache
def parse(template: str) -> Node:
    """What draws a template. Raises `ValueError` for brackets that do not match."""
    levels: list[list[Option]] = [[]]
    rows: list[list[Node]] = [[]]
    shares = [0]
    for escaped, sigil, name, number, change, form, mark, literal in _TOKEN.findall(template):
        if mark == "[":
            levels.append([])
            rows.append([])
            shares.append(0)
        elif mark and len(levels) > 1:
            levels[-1].append(Option(_row(rows.pop()), shares.pop()))
            if mark == "|":
                rows.append([])
                shares.append(0)
            else:
                rows[-1].append(one_of(levels.pop()))
        elif mark == "]":
            raise ValueError("a bracket that closes but was not opened")
        elif name:
            rows[-1].append(_slot(sigil, name, int(number or 1) - 1, change))
        elif form:
            rows[-1].append(_form(form))
        else:
            if (
                len(levels) > 1
                and not rows[-1]
                and not shares[-1]
                and (share := _SHARE.match(literal))
            ):
                shares[-1], literal = int(share[1]), literal[share.end() :]
            rows[-1].append(_literal(escaped or mark or literal))
    if len(levels) > 1:
        raise ValueError("a bracket that is not closed")
    return _row(rows[0])


def _row(nodes: Sequence[Node]) -> Node:
    """Pieces one after another; neighbours without a label are one."""
    if len(nodes) == 1:
        return nodes[0]

    def draw(maker: Maker, move: int, parts: Parts) -> Pieces:
        pieces: Pieces = []
        for node in nodes:
            for text, label in node(maker, move, parts):
                if label is None and pieces and pieces[-1][1] is None:
                    pieces[-1] = (pieces[-1][0] + text, None)
                elif text:
                    pieces.append((text, label))
        return pieces

    return draw


def one_of(options: Sequence[Option]) -> Node:
    """Draws one of some: those with a share as often as it says, else one of the others by its
    weight.
    """
    shared = [one for one in options if one.share]
    others = [one for one in options if not one.share] or shared[-1:]
    nodes, weights = [one.draw for one in others], list(accumulate(one.weight for one in others))

    def draw(maker: Maker, move: int, parts: Parts) -> Pieces:
        luck = 100 * maker.rng.random() if shared else 0.0
        for one in shared:
            luck -= one.share
            if luck < 0:
                return one.draw(maker, move, parts)
        return maker.rng.choices(nodes, cum_weights=weights)[0](maker, move, parts)

    return draw


def _literal(text: str) -> Node:
    return lambda maker, move, parts: [(text, None)]


def _form(form: str) -> Node:
    if match := _NUMBER.fullmatch(form):
        low, high, shape = int(match[1]), int(match[2]), match[3] or ""
        if is_list(f"{shape}_forms"):
            return lambda maker, move, parts: [
                (written_day(maker.rng, low, high, shape, maker.country), None)
            ]
        written = CHANGES.get(shape) or (lambda number: format(int(number), shape))
        return lambda maker, move, parts: [(written(str(maker.number(low, high))), None)]
    if match := _REPEATED.fullmatch(form):
        signs, least, most = match.groups()

        def repeated(maker: Maker, move: int, parts: Parts) -> Pieces:
            count = int(text_of(parts[least]) if least in parts else least)
            count = maker.number(count, int(most)) if most else count
            name = text_of(parts[signs]) if signs in parts else signs
            if len(name) == 1:
                return [(maker.form(name * count), None)]
            return [("".join(maker.rng.choices(alphabets()[name], k=count)), None)]

        return repeated
    return lambda maker, move, parts: [(maker.form(form), None)]


@cache
def alphabets() -> Mapping[str, str]:
    """The letters that random values are made of, by name."""
    return {name: letters for name, (letters,) in keyed("alphabets").items()}


def _slot(sigil: str, name: str, number: int, change: str) -> Node:
    def draw(maker: Maker, move: int, parts: Parts) -> Pieces:
        if sigil == "*":
            return [(maker.shared(name), None)]
        if sigil == ">":
            return parse(maker.listed(name))(maker, move, parts)
        if sigil == "!" and not maker.has(name):
            return (
                [(maker.listed(name), None)]
                if is_list(name)
                else maker.fresh(name, number + move + 1)
            )
        return parts[name] if name in parts else maker.kind(name, number + move + 1)

    def with_capital(maker: Maker, move: int, parts: Parts) -> Pieces:
        pieces = list(draw(maker, move, parts))
        capitalize(pieces)
        return pieces

    def changed(maker: Maker, move: int, parts: Parts) -> Pieces:
        return [(change_text(text, parts), label) for text, label in draw(maker, move, parts)]

    def change_text(text: str, parts: Parts) -> str:
        if put := _PUT.fullmatch(change):
            return text.replace(put[1], text_of(parts[put[2]]))
        return CHANGES[change](text) if change in CHANGES else text[: int(change)]

    return changed if change else with_capital if sigil == "^" else draw


def capitalize(pieces: Pieces) -> None:
    """Begin pieces with a capital, where their first letter is nothing private."""
    for place, (text, label) in enumerate(pieces):
        if text:
            if label is None:
                pieces[place] = (text[0].upper() + text[1:], None)
            return


_JOINED = (PiiType.PERSON, PiiType.LOCATION)


def finish(pieces: Iterable[Piece]) -> tuple[str, list[tuple[int, int, str]]]:
    """The text of pieces and its spans, without the white space at a value's ends.

    Two parts of a name or of a place with only a space between them are one span; other neighbours
    stay apart.
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
