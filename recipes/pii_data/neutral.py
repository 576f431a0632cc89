"""Texts of all trades about no person: code, logs, settings, tables, manuals, recipes, notes, sums,
reviews.

Nothing in them is private; only times in logs are labelled, as they are in all logs. Sentences that
stand among others are rules in `material/rules/plain.txt`; these are whole texts, so that a labeler
learns what programs, machines, kitchens and wards write when they write about no person. Their
shapes are in `styles.toml`.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .maker import Maker, Pieces, marked
from .material import whole
from .prose import lines


def neutral(maker: Maker, shapes: Sequence[Mapping[str, Any]]) -> Pieces | str:
    """A text of some trade, about no person."""
    if maker.chance(0.1):
        return _table(maker)
    shape = dict(maker.weighted(*((shape["weight"], shape) for shape in shapes)))
    del shape["weight"]
    return partial(lines, **shape)(maker)


def machines(maker: Maker) -> str:
    """Values that machines made, alone or in what programs and people write about them."""
    if maker.chance(0.25):
        count = maker.weighted((6, 1), (2, 2), (2, maker.number(3, 8)))
        gap = maker.pick(("\n", "\n", ", ", " ", "\t", "; ", " | "))
        return gap.join(marked(maker.another().value("machine")) for _ in range(count))
    rule = maker.pick(whole("machine_rules"))
    gap = maker.pick(("\n", "\n", "\n", " " if rule.endswith("_talk") else "\n\n"))
    count = maker.weighted((5, 1), (3, 2), (3, maker.number(3, 6)))
    return gap.join(marked(maker.another().rule(rule)) for _ in range(count))


def _table(maker: Maker) -> str:
    """Rows of goods, measurements or machines."""
    listed = whole("columns")
    places = sorted(maker.rng.sample(range(len(listed)), maker.number(2, 7)))
    names, values = zip(*(listed[place].split(" ", 1) for place in places), strict=True)
    gap = maker.pick((",", ",", ";", "\t", " | ", "  "))
    people = [maker.another() for _ in range(maker.number(1, 8))]
    rows = [[marked(row.expand(value)) for value in values] for row in people]
    if maker.chance(0.6):
        rows = [[name.replace("_", maker.pick("_ ")) for name in names], *rows]
    return "\n".join(
        gap.join(cell.replace(",", ".") if gap == "," else cell for cell in row) for row in rows
    )
