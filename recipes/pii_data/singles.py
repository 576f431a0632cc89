"""Single values in plain surroundings: secrets, what looks like some, telephone and identity
numbers, firms.

The texts are short and name nobody, so that the form of the value and the few words beside it are
all there is to learn from. Forms, frames and names are in `material/lists/keys.txt`, numbers of
twelve languages in `material/europe/numbers.txt`, single lines of firms, of machines and of screens
in `material/rules/lines.txt`.
"""

import random
import re
from collections.abc import Iterator
from functools import cache

from .labels import PiiType
from .maker import Maker, Pieces, finish, parse, text_of
from .material import FOLDER, read_sections, texts_of, weighted, whole
from .slots import read_slots
from .splits import Split, part_of
from .values import valid

Text = tuple[str, list[tuple[int, int, str]]]
_OF_PROGRAMS, _LINES = (
    ("secret", "no_secret", "harmless", "alike"),
    ("firm_line", "system_line", "plain_screen"),
)
LOWER = 0.15
"""How often a number's name is in lower case."""
_PLAIN_NUMBER = re.compile(r"(?:\{=[#%*\d]+\})+")
_IN_CODE = re.compile(r"[/<]\{name\}|\{name\}=")


def single_values(count: int, *, seed: int, split: Split) -> Iterator[Text]:
    """Texts of a few words with a value, or with something that only looks like one.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the frames and names.

    Yields:
        Texts with their spans `(start, end, label)`.
    """
    maker = Maker(random.Random(f"keys {split} {seed}"), split, read_slots())
    for _ in range(count):
        kind = maker.weighted(*weighted("single_kinds"))
        pieces = _drawn(maker, kind)
        # Some stand in a file with others.
        while maker.chance(0.6 if kind in _LINES else 0.3):
            pieces = [
                *pieces,
                ("\n", None),
                *_drawn(maker, maker.pick(_OF_PROGRAMS) if kind in _OF_PROGRAMS else kind),
            ]
        yield finish(pieces)


def identity_texts(count: int, *, seed: int, split: Split) -> Iterator[Text]:
    """Generate texts of a line or some, with a number of a person or a firm in each line.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the frames.

    Yields:
        Texts as `generate` yields them.
    """
    maker = Maker(random.Random(f"identities {split} {seed}"), split, read_slots())
    for _ in range(count):
        pieces = _number(maker)
        while maker.chance(0.3):
            pieces = [*pieces, ("\n", None), *_number(maker)]
        yield finish(pieces)


def _drawn(maker: Maker, kind: str) -> Pieces:
    """A value of a kind; a telephone's country is any, and a line of a firm is in lower case or
    capitals at times.
    """
    if kind == "alike":
        frame = maker.listed("alike_frames" if maker.chance(0.8) else "key_frames named")
        return of_row(maker, maker.listed("alike_rows"), frame)
    if kind == "identity":
        return of_row(maker, maker.listed("id_rows"), maker.listed("id_frames"))
    if kind == "telephone":
        locales = whole("telephone_locales")
        locale = maker.pick(locales[:24] if maker.chance(0.75) else locales)
        return Maker(maker.rng, maker.split, read_slots(), locale=locale).kind(kind)
    pieces = maker.another().kind(kind)
    luck = maker.rng.random() if kind == "firm_line" else 1.0
    case = str.lower if luck < 0.25 else str.upper if luck < 0.33 else str
    return [(case(text), label) for text, label in pieces]


def _number(maker: Maker) -> Pieces:
    row = maker.pick(numbers()["number_rows"])
    return of_row(
        maker,
        row,
        maker.pick(part_of(numbers()[f"number_frames {row.split('|')[3]}"], maker.split)),
    )


@cache
def numbers() -> dict[str, tuple[str, ...]]:
    """The rows and frames of numbers of twelve languages."""
    return texts_of(read_sections(FOLDER / "europe" / "numbers.txt"))


def of_row(maker: Maker, row: str, frame: str) -> Pieces:
    """A frame filled with a row's value: its label, names, form, and perhaps language and module of
    python-stdnum.
    """
    label, names, form, *more = row.split("|")
    name = maker.pick(names.split(","))
    name = (
        re.sub(r"\W", "_", name)
        if _IN_CODE.search(frame)
        else name.lower()
        if maker.chance(LOWER)
        else name
    )
    if label and "{name}" not in frame and _PLAIN_NUMBER.fullmatch(form):
        frame = "{name} {value}"
    draw = valid(parse(form), more[1]) if len(more) > 1 else parse(form)
    kind = PiiType(label) if label else None
    values = {part: [(text_of(draw(maker, 0, {})), kind)] for part in ("value", "other")}
    return parse(frame)(maker, 0, {"name": [(name, None)], **values})
