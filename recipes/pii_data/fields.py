"""Names of fields and columns, dozens for each kind of value, and the ways that programs and people
write them.

The plainest names of a kind are in both halves; of the others each half has its own.
"""

import re
from collections.abc import Sequence
from functools import cache

from .changes import CHANGES
from .maker import Maker
from .material import FOLDER, read_sections, texts_of
from .splits import Split, part_of

_PLAINEST, _PRIVATE, _NEUTRAL = (
    texts_of(read_sections(FOLDER / "fields" / f"{part}.txt"))
    for part in ("plainest", "private", "neutral")
)
NEUTRAL_KINDS = tuple(_NEUTRAL)
KINDS = tuple(_PRIVATE)


@cache
def _names(kind: str, split: Split) -> tuple[str, ...]:
    if kind in _NEUTRAL:
        return part_of(_NEUTRAL[kind], split)
    plainest = _PLAINEST[kind]
    rest = part_of((name for name in _PRIVATE[kind] if name not in plainest), split)
    # Plain names are drawn half as often as all the others together, not once in a dozen.
    return plainest * max(1, len(rest) // (2 * len(plainest))) + rest


def field_name(maker: Maker, kind: str, *, own: bool = True) -> str:
    """A name as people say it, with spaces: with `own` in the text's language, in English where
    that lacks it.
    """
    if own and maker.has(f"field_{kind}"):
        return maker.template(f"field_{kind}")
    return maker.pick(_names(kind, maker.split))


FORMAL = ("title", "title", "title", "sentence", "sentence", "lower", "upper")
PROGRAM = (
    *("snake",) * 5,
    "camel",
    "camel",
    "pascal",
    "pascal",
    "kebab",
    "joined",
    "constant",
    "dotted",
)
"""How forms and programs write names of fields, by what `changes` calls it."""


class Naming:
    """How one program or form writes all its field names."""

    def __init__(self, maker: Maker, styles: Sequence[str]) -> None:
        self._maker = maker
        self._style = maker.pick(styles)
        self._prefix = maker.shared("prefixes") if maker.chance(0.12) else ""
        # Programs are mostly written in English, forms in the language of who fills them in.
        self._own = maker.has("field_name") and maker.chance(0.9 if self._style in FORMAL else 0.4)

    def __call__(self, kind: str) -> str:
        name = field_name(self._maker, kind, own=self._own)
        if self._style in FORMAL:
            prefix = self._maker.shared("prefixes") if self._maker.chance(0.02) else ""
            return CHANGES[self._style](f"{prefix} {name}" if prefix else name).replace("'S", "'s")
        prefix = self._prefix if self._maker.chance(0.8) else ""
        return CHANGES[self._style](" ".join(re.findall(r"[^\W_]+", f"{prefix} {name}")))
