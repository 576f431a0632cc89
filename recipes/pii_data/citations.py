"""Legal texts full of citations, in which nothing is private: numbers of reporters and statutes,
and the parties of published cases. Forms and words are in `citations.toml`.
"""

import random
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .maker import Maker
from .material import whole
from .slots import read_slots
from .splits import Split
from .world import coined_firms

Text = tuple[str, list[tuple[int, int, str]]]
_SLOT = re.compile(r"\{(#+|\w+)\}")


@cache
def _forms() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def citation_texts(count: int, *, seed: int, split: Split) -> Iterator[Text]:
    """Texts of one to three sentences with citations.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the names.

    Yields:
        Texts, without private values.
    """
    maker = Maker(random.Random(f"citations {split} {seed}"), split, read_slots())
    for _ in range(count):
        yield _drawn(maker.another(), "text"), []


def _drawn(maker: Maker, name: str) -> str:
    """A form of this name with all its slots filled."""
    if name == "####":
        return str(maker.number(1890, 2025))
    if name.startswith("#"):
        return str(maker.number(1, 10 ** len(name) - 1))
    if name == "last":
        return maker.person(maker.number(1, 40)).last
    if name == "firm":
        return f"{maker.pick(coined_firms(maker.split))} {maker.pick(whole('filled_firm_endings'))}"
    form = maker.pick(_forms()[name])
    text = _SLOT.sub(lambda slot: _drawn(maker, slot[1]), form)
    return text[:1].upper() + text[1:] if name in ("sentence", "holding", "provision") else text
