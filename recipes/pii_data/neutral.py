"""Texts of all trades about no person: code, logs, settings, tables, manuals, recipes, notes, sums, reviews.

Nothing in them is private; only times in logs are labelled, as they are in all logs. Sentences that stand among others
are rules in `material/rules/plain.txt`; these are whole texts, so that a labeler learns what programs, machines,
kitchens and wards write when they write about no person.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .maker import Maker, Pieces
from .material import whole


@dataclass(frozen=True)
class _Lines:
    """At most some lines of rules, each after a head, now and then under a beginning."""

    rules: Sequence[str]
    most: int
    beginning: str = ""
    head: str = "no_head"
    gaps: Sequence[str] = ("\n",)


_SHAPES = tuple(
    (row.pop("weight"), _Lines(**row))
    for row in tomllib.loads((Path(__file__).parent / "styles.toml").read_text(encoding="utf-8"))["neutral"]
)


def neutral(maker: Maker) -> Pieces:
    """A text of some trade, about no person."""
    if maker.chance(0.1):
        return _table(maker)
    if maker.chance(0.1):
        return _trace(maker)
    shape = maker.weighted(*_SHAPES)
    pieces: Pieces = []
    if shape.beginning and maker.chance(0.5):
        pieces = maker.rule(shape.beginning)
    head, gap = maker.template(shape.head), maker.pick(shape.gaps)
    for place in range(maker.number(1, shape.most)):
        line = maker.another().expand(f"{head}{{{maker.pick(shape.rules)}}}")
        pieces += [(gap if place else "", None), *line]
    return pieces


def machines(maker: Maker) -> Pieces:
    """Values that machines made, alone or in what programs and people write about them."""
    if maker.chance(0.25):
        gap = maker.pick(("\n", "\n", ", ", " ", "\t", "; ", " | "))
        parts = [
            maker.another().value("machine") for _ in range(maker.weighted((6, 1), (2, 2), (2, maker.number(3, 8))))
        ]
        return [piece for place, part in enumerate(parts) for piece in ([(gap, None)] if place else []) + part]
    rule = maker.weighted(
        (10, "machine_text"),
        (6, "machine_talk"),
        (5, "count_talk"),
        (2, "clinic_talk"),
        (3, "term_talk"),
        (2, "ui_talk"),
    )
    gap = maker.pick(("\n", "\n", "\n", " " if rule.endswith("_talk") else "\n\n"))
    pieces: Pieces = []
    for place in range(maker.weighted((5, 1), (3, 2), (3, maker.number(3, 6)))):
        pieces += [(gap if place else "", None), *maker.another().rule(rule)]
    return pieces


def _trace(maker: Maker) -> Pieces:
    frames = [maker.another().expand("{frame_line}\n") for _ in range(maker.number(1, 6))]
    failure = maker.expand("{failure_line}\n")
    # Python names the error last, most others first.
    if maker.chance(0.4):
        parts = [[("Traceback (most recent call last):\n", None)], *frames, failure]
    else:
        parts = [maker.expand('[Exception in thread "main" |]'), failure, *frames]
    return [piece for part in parts for piece in part]


def _table(maker: Maker) -> Pieces:
    """Rows of goods, measurements or machines."""
    listed = whole("columns")
    places = sorted(maker.rng.sample(range(len(listed)), maker.number(2, 7)))
    columns = [listed[place].split(" ", 1) for place in places]
    gap = maker.pick((",", ",", ";", "\t", " | ", "  "))
    pieces: Pieces = []
    if maker.chance(0.6):
        pieces = [(gap.join(name.replace("_", maker.pick("_ ")) for name, _ in columns) + "\n", None)]
    for place in range(maker.number(1, 8)):
        row = maker.another()
        pieces.append(("\n" if place else "", None))
        for column, (_, value) in enumerate(columns):
            cell = row.expand(value)
            if gap == ",":
                cell = [(text.replace(",", "."), label) for text, label in cell]
            pieces += [(gap if column else "", None), *cell]
    return pieces
