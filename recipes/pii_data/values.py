r"""Values that are written as rows, from the files in `material/values`; what needs arithmetic has a maker in Python.

A section `[name LABEL]`, or `[name]` of what is not private, is a value; `@` and countries behind it limit it to these.
Its rows are read from the top. `part = …`, or `part LABEL = …`, draws what `{part}` stands for below. A row with a
share, `5% …`, is taken that often, and only then drawn. Rows with weights, `3 …`, are all drawn, and then one is taken.
A row with neither is taken. `> name` stands for the rows of another section.

In a row `{name}` is a part, or a value of the text's world; `{!name}` is drawn anew: an entry of a list that is of this
half, or another such value; `{*name}` is an entry of a list that both halves share, `{#name}` a form of a list with its
signs drawn, `{>name}` another section that knows the parts of this one. A change stands behind a colon: `{name:lower}`
is one of `CHANGES`, `{name:3}` the first three letters, `{name:X=part}` has a part for each X. `<1-9>` is a number,
`<1-9:02>` one of two digits; other `<…>` are forms as of `Maker.form`. `<~*8>` has a form's sign, or one of the list
`alphabets`, eight times, `<~*8-12>` eight to twelve times, `<~*part>` as often as a part says. `[a|b]` draws all and
takes one, `[?a|b]` takes one and draws it, `[5%a|b]` takes the first so often.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from .dates import number_in_words, ordinal
from .labels import PiiType
from .maker import Maker, MakeValue, Pieces, Value
from .material import Entry, is_list, keyed
from .networks import ascii_of

Parts = dict[str, Pieces]
Node = Callable[[Maker, int, Parts], Pieces]

_SPOKEN = {".": " dot ", "_": " underscore ", "-": " dash ", "+": " plus ", "@": " at "}
CHANGES: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "capital": str.capitalize,
    "ascii": ascii_of,
    "trimmed": lambda text: text.strip(".-"),
    "bare": lambda text: text.removeprefix("The "),
    "leet": lambda text: text.replace("e", "3").replace("o", "0"),
    "signs": lambda text: text.translate(str.maketrans("aeios", "@310$")),
    "words": lambda text: number_in_words(int(text)),
    "ordinal": lambda text: ordinal(int(text)),
    "spoken": lambda text: re.sub(r"[._+@-]", lambda sign: _SPOKEN[sign[0]], text.lower()),
}
_ROW = re.compile(r"(?:([a-z_]+)(?: ([A-Z_]+))? = |(\d+)% |(\d+) |(> ))?(.*)", re.S)
_TOKEN = re.compile(
    r"\\(.)|\{([!*#>]?)([a-z_]+(?: [A-Za-z_]+)?)(?::([^}]+))?\}|<([^<>]+)>|(\[\??|[|\]])"
    r"|([^\\{<\[|\]]+|[<\\])|(.)",
    re.S,
)
_NUMBER = re.compile(r"(\d+)-(\d+)(?::(\w+))?")
_REPEATED = re.compile(r"([a-z_0-9]{2,}|.)\*(\w+)(?:-(\d+))?")
_SHARE = re.compile(r"(\d+)%")


class _Row(NamedTuple):
    """A row of a section: what it draws, and the part that it makes, or its share or weight."""

    draw: Node
    part: str = ""
    label: PiiType | None = None
    share: int = 0
    weight: int = 0


def read_values(sections: Mapping[str, Sequence[Entry]]) -> dict[str, Value]:
    """The values of sections that `read_sections` gave, by name.

    Raises:
        DataError: A row is broken, or a label does not exist. The message names file and line.
    """
    rows: dict[str, list[_Row]] = {}
    found: dict[str, dict[str, Value]] = {}
    for header, entries in sections.items():
        title, _, countries = header.partition(" @")
        name, _, label = title.partition(" ")
        rows[title if countries else name] = list(_rows_of(entries, rows))
        value = _value_of(rows[title if countries else name], label_of(label, entries[0]))
        found.setdefault(name, {}).update(dict.fromkeys(countries.split(","), value))
    for name, of in found.items():
        if "" not in of:
            entry = next(entries[0] for header, entries in sections.items() if header.split()[0] == name)
            raise entry.error(f"Found {name} for some countries alone. Add a section for the others.")
    return {name: Value(next(iter(of.values())).label, _made_where(of)) for name, of in found.items()}


def label_of(written: str, entry: Entry) -> PiiType | None:
    """The label in a section's header, if any."""
    if written and written not in set(PiiType):
        raise entry.error(f"Found the label {written} above. Allowed are {', '.join(PiiType)}.")
    return PiiType(written) if written else None


def _made_where(by_country: Mapping[str, Value]) -> MakeValue:
    return lambda maker, number: by_country.get(maker.country, by_country[""]).make(maker, number)


def _value_of(rows: Sequence[_Row], label: PiiType | None) -> Value:
    def make(maker: Maker, number: int) -> str | Pieces:
        pieces = _drawn(rows, maker, number, {})
        return pieces if label is None and any(of for _, of in pieces) else text_of(pieces)

    return Value(label, make)


def text_of(pieces: Pieces) -> str:
    return "".join(text for text, _ in pieces)


def _drawn(rows: Sequence[_Row], maker: Maker, number: int, parts: Parts) -> Pieces:
    """The pieces of the row that is taken."""
    weighted: list[tuple[int, Pieces]] = []
    luck = -1.0
    for row in rows:
        if row.share:
            luck = (maker.rng.random() * 100 if luck < 0 else luck) - row.share
            if luck >= 0:
                continue
        made = row.draw(maker, number, parts)
        if row.part:
            parts[row.part] = [(text_of(made), row.label)] if row.label else made
        elif row.weight:
            weighted.append((row.weight, made))
        else:
            return made
    return maker.weighted(*weighted)


def _rows_of(entries: Iterable[Entry], sections: Mapping[str, list[_Row]]) -> Iterator[_Row]:
    for entry in entries:
        match = _ROW.fullmatch(entry.text)
        assert match is not None
        part, label, share, weight, included, text = match.groups()
        if included and text not in sections:
            raise entry.error(f"Found no section [{text}] above. Correct the name, or move the section.")
        if included:
            yield from sections[text]
            continue
        try:
            draw = _parsed(text, sections)
        except ValueError as error:
            raise entry.error(f"Found {error}. Open and close each, or put a backslash before it.") from None
        yield _Row(draw, part or "", label_of(label or "", entry), int(share or 0), int(weight or 0))


def _parsed(text: str, sections: Mapping[str, list[_Row]]) -> Node:
    """What draws a template. Raises `ValueError` for brackets that do not match."""
    levels: list[tuple[str, list[list[Node]]]] = [("", [[]])]
    shares: list[list[int]] = [[]]
    for match in _TOKEN.finditer(text):
        escaped, sigil, name, change, form, mark, literal, other = match.groups()
        if mark in ("[", "[?"):
            levels.append((mark, [[]]))
            shares.append([0])
            continue
        if other:
            raise ValueError("a brace that is no slot")
        if mark in ("|", "]") and len(levels) == 1:
            raise ValueError("a bracket that is not open")
        if mark == "|":
            levels[-1][1].append([])
            shares[-1].append(0)
            continue
        if mark == "]":
            kind, options = levels.pop()
            node = _choice(kind, [_row(option) for option in options], shares.pop())
        elif name is not None:
            node = _slot(sigil, name, change or "", sections)
        elif form is not None:
            node = _form(form)
        else:
            literal = escaped or literal
            if not levels[-1][1][-1] and len(levels) > 1 and (share := _SHARE.match(literal)):
                shares[-1][-1], literal = int(share[1]), literal[share.end() :]
            node = _literal(literal)
        levels[-1][1][-1].append(node)
    if len(levels) > 1:
        raise ValueError("a bracket that is not closed")
    return _row(levels[0][1][0])


def _row(nodes: Sequence[Node]) -> Node:
    """Pieces one after another; neighbours without a label are one."""
    if len(nodes) == 1:
        return nodes[0]

    def draw(maker: Maker, number: int, parts: Parts) -> Pieces:
        pieces: Pieces = []
        for node in nodes:
            for text, label in node(maker, number, parts):
                if label is None and pieces and pieces[-1][1] is None:
                    pieces[-1] = (pieces[-1][0] + text, None)
                elif text:
                    pieces.append((text, label))
        return pieces

    return draw


def _literal(text: str) -> Node:
    return lambda maker, number, parts: [(text, None)]


def _choice(kind: str, options: Sequence[Node], shares: Sequence[int]) -> Node:
    def first(maker: Maker, number: int, parts: Parts) -> Pieces:
        return maker.pick(options)(maker, number, parts)

    def every(maker: Maker, number: int, parts: Parts) -> Pieces:
        return maker.pick([option(maker, number, parts) for option in options])

    rows = [_Row(option, share=share) for option, share in zip(options, shares, strict=True)]
    if any(shares):
        return lambda maker, number, parts: _drawn(rows, maker, number, parts)
    return first if kind == "[?" else every


def _form(form: str) -> Node:
    if match := _NUMBER.fullmatch(form):
        low, high, shape = int(match[1]), int(match[2]), match[3] or ""
        if change := CHANGES.get(shape):
            return lambda maker, number, parts: [(change(str(maker.number(low, high))), None)]
        return lambda maker, number, parts: [(format(maker.number(low, high), shape), None)]
    if match := _REPEATED.fullmatch(form):
        signs, least, most = match.groups()

        def repeated(maker: Maker, number: int, parts: Parts) -> Pieces:
            count = int(text_of(parts[least]) if least in parts else least)
            count = maker.number(count, int(most)) if most else count
            name = text_of(parts[signs]) if signs in parts else signs
            if len(name) == 1:
                return [(maker.form(name * count), None)]
            return [("".join(maker.pick(alphabets()[name]) for _ in range(count)), None)]

        return repeated
    return lambda maker, number, parts: [(maker.form(form), None)]


@cache
def alphabets() -> Mapping[str, str]:
    """The letters that random values are made of, by name."""
    return {name: letters for name, (letters,) in keyed("alphabets").items()}


def _slot(sigil: str, name: str, change: str, sections: Mapping[str, list[_Row]]) -> Node:
    def draw(maker: Maker, number: int, parts: Parts) -> Pieces:
        match sigil:
            case "*":
                return [(maker.shared(name), None)]
            case "#":
                return [(maker.form_of(name), None)]
            case ">":
                return _drawn(sections[name], maker, number, parts)
            case "!":
                return [(maker.listed(name), None)] if is_list(name) else maker.anew(name, number)
        return parts[name] if name in parts else maker.value(name, number)

    def changed(maker: Maker, number: int, parts: Parts) -> Pieces:
        text = text_of(draw(maker, number, parts))
        if change.startswith("X="):
            return [(text.replace("X", text_of(parts[change[2:]])), None)]
        return [(CHANGES[change](text) if change in CHANGES else text[: int(change)], None)]

    return changed if change else draw
