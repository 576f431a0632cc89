"""Texts with private data and their spans, drawn from all styles; the styles themselves are in modules of their own."""

import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from seqlabel import OptionError
from seqlabel.errors import choose

from . import logs, neutral, prose, records
from .maker import Maker, Pieces, finish
from .noise import disturb
from .slots import read_slots
from .splits import Split


class Style(StrEnum):
    """What a text looks like; any of them can be left out."""

    PROSE = "prose"
    NEWS = "news"
    SHORT = "short"
    LETTER = "letter"
    EMAIL = "email"
    CHAT = "chat"
    TRANSCRIPT = "transcript"
    SUPPORT = "support"
    MEDICAL = "medical"
    LEGAL = "legal"
    MEETING = "meeting"
    CV = "cv"
    REVIEW = "review"
    SOCIAL = "social"
    TRAVEL = "travel"
    FINANCE = "finance"
    SCREEN = "screen"
    PLAIN = "plain"
    FORM = "form"
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XML = "xml"
    YAML = "yaml"
    CONFIG = "config"
    SQL = "sql"
    CODE = "code"
    LOG = "log"
    TRACE = "trace"
    NEUTRAL = "neutral"
    MACHINE = "machine"


@dataclass(frozen=True)
class _Writer:
    """How a style is written, how often it is drawn, and whether it is running text, to which more can happen."""

    write: Callable[[Maker], Pieces]
    weight: int
    running: bool


_WRITERS = {
    Style.PROSE: _Writer(prose.prose, 14, True),
    Style.NEWS: _Writer(prose.news, 4, True),
    Style.SHORT: _Writer(prose.short, 16, True),
    Style.LETTER: _Writer(prose.letter, 4, True),
    Style.EMAIL: _Writer(prose.email, 8, True),
    Style.CHAT: _Writer(prose.chat, 7, True),
    Style.TRANSCRIPT: _Writer(prose.transcript, 4, True),
    Style.SUPPORT: _Writer(prose.support, 6, True),
    Style.MEDICAL: _Writer(prose.medical, 5, True),
    Style.LEGAL: _Writer(prose.legal, 3, True),
    Style.MEETING: _Writer(prose.meeting, 3, True),
    Style.CV: _Writer(prose.cv, 2, True),
    Style.REVIEW: _Writer(prose.review, 3, True),
    Style.SOCIAL: _Writer(prose.social, 3, True),
    Style.TRAVEL: _Writer(prose.travel, 3, True),
    Style.FINANCE: _Writer(prose.finance, 4, True),
    Style.SCREEN: _Writer(prose.screen, 6, False),
    Style.PLAIN: _Writer(prose.plain, 11, True),
    Style.FORM: _Writer(records.form, 10, False),
    Style.TABLE: _Writer(records.table, 3, False),
    Style.CSV: _Writer(records.csv, 5, False),
    Style.JSON: _Writer(records.json_text, 7, False),
    Style.XML: _Writer(records.xml, 3, False),
    Style.YAML: _Writer(records.yaml, 3, False),
    Style.CONFIG: _Writer(records.config, 4, False),
    Style.SQL: _Writer(records.sql, 3, False),
    Style.CODE: _Writer(records.code, 4, False),
    Style.LOG: _Writer(logs.log, 6, False),
    Style.TRACE: _Writer(logs.trace, 2, False),
    Style.NEUTRAL: _Writer(neutral.neutral, 16, False),
    Style.MACHINE: _Writer(neutral.machines, 18, False),
}
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
    writers = [_WRITERS[style] for style in styles]
    weights = [writer.weight for writer in writers]
    slots = read_slots()
    for writer in rng.choices(writers, weights, k=count):
        maker = Maker(rng, split, slots)
        pieces = writer.write(maker)
        if maker.chance(MIXED):
            other = rng.choices(writers, weights)[0]
            pieces = [*pieces, (maker.pick(("\n\n", "\n", "\n---\n", "\n\n\n")), None), *other.write(maker)]
        yield finish(disturb(maker, pieces, running=writer.running))
