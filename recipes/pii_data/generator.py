"""Texts with private data and their spans, drawn from all styles; the styles themselves are in modules of their own."""

import random
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from seqlabel import OptionError
from seqlabel.errors import choose

from . import logs, neutral, prose, records
from .maker import Maker, Pieces, finish
from .noise import disturb
from .slots import read_slots
from .splits import Split

_TABLE = tomllib.loads((Path(__file__).parent / "styles.toml").read_text(encoding="utf-8"))
_MODULES = {"prose": prose, "records": records, "logs": logs, "neutral": neutral}
Style = StrEnum("Style", {name.upper(): name for name in _TABLE["english"]})
"""What a text looks like; any of them can be left out."""


@dataclass(frozen=True)
class Writer:
    """How a style is written, how often it is drawn, and whether it is running text, to which more can happen."""

    write: Callable[[Maker], Pieces]
    weight: int
    running: bool


def writers_of(section: str) -> dict[Style, Writer]:
    """The writers of a section of `styles.toml`, in its order."""
    return {
        Style(name): Writer(_write(name, row), row["weight"], row["running"]) for name, row in _TABLE[section].items()
    }


def _write(style: str, row: Mapping[str, Any]) -> Callable[[Maker], Pieces]:
    if "rules" in row:
        return partial(prose.body, **{name: of for name, of in row.items() if name not in ("weight", "running")})
    if "writer" in row:
        module, name = row["writer"].split(".")
        write: Callable[[Maker], Pieces] = getattr(_MODULES[module], name)
        return write
    return lambda maker: maker.rule(f"text_{style}")


_WRITERS = writers_of("english")
ALL_STYLES = tuple(Style)
MIXED = 0.06
"""How often a second text about the same people, of any of the styles, follows the first."""


def generate(
    count: int, *, seed: int, split: Split, styles: Collection[Style] = ALL_STYLES
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Generate texts with the spans of their private values.

    The same seed, split, styles and version of Faker give the same texts, but for a few national numbers abroad: Faker
    derives the birth dates in them from today's date. Texts of the two splits share no template, no name and no other
    listed value.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the material that the texts are made from.
        styles: The styles that the texts are drawn from, in any order.

    Returns:
        An iterator over texts, each with its spans `(start, end, label)` in characters, half-open, in order, without
        overlap; the labels are those of `PiiType`.

    Raises:
        OptionError: `count` is negative, `styles` is empty, or the split or a style does not exist.
        DataError: A file of the material is broken.
    """
    if count < 0:
        raise OptionError(f"count: Found {count}. Give 0 or more.")
    split = choose(Split, "split", split)
    chosen = [choose(Style, "styles", style) for style in styles]
    if not chosen:
        raise OptionError(f"styles: Found none. Give some of {', '.join(Style)}.")
    return _generate(count, random.Random(f"{split} {seed}"), split, sorted(set(chosen)))


def _generate(
    count: int, rng: random.Random, split: Split, styles: list[Style]
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    slots, gaps = read_slots(), ("\n\n", "\n", "\n---\n", "\n\n\n")
    return written(count, rng, [_WRITERS[style] for style in styles], lambda: Maker(rng, split, slots), gaps)


def written(
    count: int, rng: random.Random, writers: Sequence[Writer], make: Callable[[], Maker], gaps: Sequence[str]
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Texts of some writers, drawn by their weights, each of a maker of its own; now and then two in one text."""
    weights = [writer.weight for writer in writers]
    for writer in rng.choices(writers, weights, k=count):
        maker = make()
        pieces = writer.write(maker)
        if maker.chance(MIXED):
            other = rng.choices(writers, weights)[0]
            pieces = [*pieces, (maker.pick(gaps), None), *other.write(maker)]
        yield finish(disturb(maker, pieces, running=writer.running))
