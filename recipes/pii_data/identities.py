"""Numbers of people and firms in plain surroundings, from rows: how one looks, what it is called, when it is valid.

The rows and frames are in `material/europe/numbers.txt`. Check digits are python-stdnum's, and right nine times in ten.
"""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from .maker import Maker, Pieces, finish
from .material import FOLDER, read_sections, texts_of
from .papers import WRONG
from .slots import read_slots
from .splits import Split, part_of

MOST_DRAWS = 1_000
"""How often a form is drawn, at most, until its check digits are right: two are so once in 97 times."""
ANOTHER_LINE, LOWER = 0.3, 0.15
"""How often a text has one more line, and a number's name is in lower case."""
_SLOT = re.compile(r"«(name|id)»")
_BIRTH = {"{D}": (1, 28), "{M}": (1, 12), "{Y}": (30, 99)}


def identity_texts(count: int, *, seed: int, split: Split) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Generate texts of a line or some, with a number or two in each.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the frames.

    Yields:
        Texts as `generate` yields them.
    """
    maker = Maker(random.Random(f"identities {split} {seed}"), split, read_slots())
    for _ in range(count):
        pieces = _line(maker)
        while maker.chance(ANOTHER_LINE):
            pieces += [("\n", None), *_line(maker)]
        yield finish(pieces)


def number_of(maker: Maker, form: str, module: str) -> str:
    """A number in a form; one in ten is not looked at by the module of python-stdnum, most others are valid."""
    is_valid = _checker("" if maker.chance(WRONG) else module)
    for _ in range(MOST_DRAWS):
        dated = re.sub(r"\{[DMY]\}", lambda birth: f"{maker.number(*_BIRTH[birth[0]]):02}", form)
        if is_valid(re.sub("[ .]", "", number := maker.form(dated))):
            break
    return number


def _line(maker: Maker) -> Pieces:
    label, language, names, form, module = maker.pick(_sections()["rows"]).split("|")
    name = maker.pick(names.split(","))
    frame = maker.pick(part_of(_sections()[f"frames {language}"], maker.split))
    filled = {"name": lambda: (name.lower() if maker.chance(LOWER) else name, None)}
    filled["id"] = lambda: (number_of(maker, form, module), label)
    return [filled[part]() if place % 2 else (part, None) for place, part in enumerate(_SLOT.split(frame))]


@cache
def _sections() -> dict[str, tuple[str, ...]]:
    return texts_of(read_sections(FOLDER / "europe" / "numbers.txt"))


@cache
def _checker(module: str) -> Callable[[str], bool]:
    """What says whether a number is valid, which any is where no module is named."""
    if not module:
        return lambda number: True
    is_valid: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return is_valid
