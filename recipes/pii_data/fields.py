"""Names of fields and columns, dozens for each kind of value, and the ways that programs and people write them.

The plainest names of a kind are in both halves; of the others each half has its own.
"""

from functools import cache

from .maker import Maker
from .material import FOLDER, read_sections, texts_of
from .splits import Split, part_of

_PLAINEST, _PRIVATE, _NEUTRAL = (
    texts_of(read_sections(FOLDER / "fields" / f"{part}.txt")) for part in ("plainest", "private", "neutral")
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
    """A name as people say it, with spaces: with `own` in the text's language, in English where that lacks it."""
    if own and maker.has(f"field_{kind}"):
        return maker.template(f"field_{kind}")
    return maker.pick(_names(kind, maker.split))


FORMAL, PROGRAM = "tttsslu", "_____cccppkjUd"
"""Styles of forms (title, small, capitals, sentence) and of programs (snake, camel, Pascal, kebab, joined, dotted)."""


class Naming:
    """How one program or form writes all its field names."""

    def __init__(self, maker: Maker, styles: str) -> None:
        self._maker = maker
        self._style = maker.pick(styles)
        self._prefix = maker.shared("prefixes") if maker.chance(0.12) else ""
        # Programs are mostly written in English, forms in the language of who fills them in.
        self._own = maker.has("field_name") and maker.chance(0.9 if self._style in FORMAL else 0.4)

    def __call__(self, kind: str) -> str:
        name = field_name(self._maker, kind, own=self._own)
        style = self._style
        if style in "tuls":
            if self._maker.chance(0.02):
                name = f"{self._maker.shared('prefixes')} {name}"
            return {
                "t": name.title().replace("'S", "'s"),
                "u": name.upper(),
                "l": name,
                "s": name[0].upper() + name[1:],
            }[style]
        words = "".join(letter if letter.isalnum() else " " for letter in name).split()
        if self._prefix and self._maker.chance(0.8):
            words = [self._prefix, *words]
        if style == "c":
            return words[0] + "".join(word.title() for word in words[1:])
        if style == "p":
            return "".join(word.title() for word in words)
        if style == "k":
            return "-".join(words)
        if style == "j":
            return "".join(words)
        if style == "d":
            return ".".join((words[0], "_".join(words[1:]))) if len(words) > 1 else words[0]
        return "_".join(words).upper() if style == "U" else "_".join(words)
