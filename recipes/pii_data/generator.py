"""Texts with private data and their spans, drawn from all styles; the styles themselves are in
modules of their own.
"""

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import chain, islice

from seqlabel import OptionError
from seqlabel.errors import choose

from . import neutral, prose, records
from .europe import Language, maker_in, slots_of
from .maker import Maker, Pieces, finish, pieces_of, text_of
from .noise import disturb
from .slots import STYLES
from .splits import Split

_MODULES = {"prose": prose, "records": records, "neutral": neutral}
Style = StrEnum("Style", {name.upper(): name for name in STYLES["english"]})
"""What a text looks like; any of them can be left out."""


@dataclass(frozen=True)
class Writer:
    """How a style is written, how often it is drawn, and whether it is running text, to which more
    can happen.
    """

    write: Callable[[Maker], Pieces | str]
    weight: int
    running: bool

    def pieces(self, maker: Maker) -> Pieces:
        written = self.write(maker)
        return pieces_of(written) if isinstance(written, str) else written


def writers_of(section: str) -> dict[Style, Writer]:
    """The writers of a section of `styles.toml`, in its order."""
    writers = {}
    for name, row in STYLES[section].items():
        settings = {
            key: of for key, of in row.items() if key not in ("weight", "running", "writer")
        }
        if "writer" in row:
            module, function = row["writer"].split(".")
            write = partial(getattr(_MODULES[module], function), **settings)
        elif settings:
            write = partial(prose.lines if "lines" in settings else prose.body, **settings)
        else:
            write = partial(Maker.rule, name=f"text_{name}")
        writers[Style(name)] = Writer(write, row["weight"], row["running"])
    return writers


_ENGLISH, _EUROPEAN = writers_of("english"), writers_of("europe")
ALL_STYLES, EUROPEAN_STYLES = tuple(Style), tuple(_EUROPEAN)
"""The styles of English, and those of the other languages, which have fewer."""
MIXED = 0.06
"""How often a second text about the same people, of any of the styles, follows the first."""
Text = tuple[str, list[tuple[int, int, str]]]


def generate(
    count: int,
    *,
    seed: int,
    split: Split,
    styles: Collection[Style] = ALL_STYLES,
    languages: Collection[Language] = (Language.EN,),
) -> Iterator[Text]:
    """Generate texts with the spans of their private values.

    The same arguments and version of Faker give the same texts, but for a few national numbers
    abroad: Faker derives the birth dates in them from today's date. Texts of the two splits share
    no template, no name and no other listed value.

    Args:
        count: How many texts, of several languages as many in each, in turns.
        seed: Seed of all chance.
        split: The half of the material that the texts are made from.
        styles: The styles that the texts are drawn from, in any order; other languages than English
            lack some.
        languages: The languages, in any order.

    Returns:
        An iterator over texts, each with its spans `(start, end, label)` in characters, half-open,
        in order, without overlap; the labels are those of `PiiType`.

    Raises:
        OptionError: `count` is negative, a split, a style or a language does not exist, or a
            language has none of the styles.
        DataError: A file of the material is broken.
    """
    if count < 0:
        raise OptionError(f"count: Found {count}. Give 0 or more.")
    split = choose(Split, "split", split)
    chosen = {choose(Style, "styles", style) for style in styles}
    spoken = sorted({choose(Language, "languages", language) for language in languages})
    if not spoken:
        raise OptionError(f"languages: Found none. Give some of {', '.join(Language)}.")
    sources = []
    for language in spoken:
        known = _ENGLISH if language is Language.EN else _EUROPEAN
        writers = [writer for style, writer in known.items() if style in chosen]
        if not writers:
            raise OptionError(f"styles: Found none of {language}. Give some of {', '.join(known)}.")
        sources.append(_written(language, split, seed, writers))
    return islice(chain.from_iterable(zip(*sources, strict=True)), count)


def _written(
    language: Language, split: Split, seed: int, writers: Sequence[Writer]
) -> Iterator[Text]:
    """Texts of some writers, drawn by their weights, each of a maker of its own; now and then two
    in one text.
    """
    rng = random.Random(f"{language} {split} {seed}")
    weights = [writer.weight for writer in writers]
    while True:
        (writer,) = rng.choices(writers, weights)
        maker = (
            Maker(rng, split, slots_of(language))
            if language is Language.EN
            else maker_in(language, rng, split)
        )
        pieces = writer.pieces(maker)
        if maker.chance(MIXED):
            (other,) = rng.choices(writers, weights)
            pieces = [*pieces, (maker.pick(("\n\n", "\n", "\n---\n")), None), *other.pieces(maker)]
        yield finish(disturb(maker, pieces, running=writer.running))


_NOBODYS = ("clinic", "clinic", "clinic", "terms", "neutral", "lookalike")


def harmless_texts(count: int, *, seed: int, split: Split, language: Language) -> Iterator[Text]:
    """Generate notes of wards, contracts and every day that name nobody, some of them in lower
    case.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the sentences.
        language: Another language than English.

    Yields:
        Texts as `generate` gives them, without spans.
    """
    rng = random.Random(f"harmless {language} {split} {seed}")
    for _ in range(count):
        maker = maker_in(language, rng, split)
        rule, joint = maker.pick(_NOBODYS), maker.pick((" ", " ", "\n", "\n- "))
        text = joint.join(text_of(maker.rule(rule)) for _ in range(maker.number(1, 6)))
        yield (text.lower() if maker.chance(0.15) else text), []
