"""Texts with private data in six more languages, drawn from the styles; English ones are the generator's own.

A language lies over the English material: its rules (`material/europe/rules`) and its values (`material/europe/lists`
and `europe_numbers`) take the places of those with the same names, and records, logs and code are written by the same
functions. What a letter or a chat is made of is the same in all languages and stands in `material/europe/common.txt`.
"""

import random
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from functools import cache, partial

from seqlabel import OptionError
from seqlabel.errors import choose

from . import europe_numbers, prose
from .generator import Style, generate, writers_of, written
from .labels import PiiType
from .maker import Maker, Slots, Value
from .material import FOLDER, Entry, read_folder, read_sections
from .slots import read_slots
from .splits import Split
from .world import cities, coined_firms, coined_name, first_names, last_names, romanised


class Language(StrEnum):
    """The languages of the texts."""

    DE = "de"
    FR = "fr"
    ES = "es"
    IT = "it"
    NL = "nl"
    PT = "pt"
    EN = "en"


LANGUAGES = tuple(Language)
_LOCALES = {
    Language.DE: {"de_DE": 70, "de_AT": 18, "de_CH": 12},
    Language.FR: {"fr_FR": 75, "fr_BE": 10, "fr_CH": 15},
    Language.ES: {"es_ES": 70, "es_MX": 30},
    Language.IT: {"it_IT": 1},
    Language.NL: {"nl_NL": 70, "nl_BE": 30},
    Language.PT: {"pt_PT": 50, "pt_BR": 50},
    Language.EN: {"en_US": 60, "en_GB": 40},
}
_ABROAD = ("en_GB", "en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pt_PT", "pl_PL", "tr_TR", "hr_HR", "ro_RO")
_SISTERS = {"de_AT": "de_DE", "de_CH": "de_DE", "fr_BE": "fr_FR", "pt_PT": "pt_BR", "pt_BR": "pt_PT"}
"""Locales whose names are common in another one too."""


_WRITERS = writers_of("europe")
EUROPEAN_STYLES = tuple(_WRITERS)
"""The styles of all languages but English, which has more."""


def draw_european_name(rng: random.Random, locale: str, split: Split) -> tuple[str, str, str]:
    """First name, last name, and the locale that they are from; most are of the text's own country."""
    luck = rng.random()
    if luck < 0.08:
        first, last = (rng.choice(names) for names in romanised(split))
        return first, last, "romanised"
    origin = rng.choice(_ABROAD) if luck < 0.2 else _SISTERS.get(locale, locale) if luck < 0.55 else locale
    first, last = (rng.choice(names(origin, split)) for names in (first_names, last_names))
    if rng.random() < 0.06:
        first = coined_name(rng, split)
    if rng.random() < 0.12:
        last = coined_name(rng, split)
    luck, second = rng.random(), rng.choice(last_names(origin, split))
    if origin[:2] == "es" and luck < 0.5:
        last = f"{last} {second}"
    elif origin[:2] == "pt" and luck < 0.6:
        last = f"{last} {rng.choice(('', '', '', 'da ', 'de ', 'dos '))}{second}"
    elif origin[:2] in ("de", "fr", "nl") and luck < 0.06:
        last = f"{last}-{second}"
    elif origin[:2] == "de" and luck < 0.08:
        last = f"von {last}"
    if luck > 0.93:
        first = f"{first}{'-' if origin[:2] in ('de', 'fr') else ' '}{rng.choice(first_names(origin, split))}"
    return first, last, origin


@cache
def language_slots(language: Language) -> Slots:
    """Read the rules and values of a language that is not English, over those of English.

    Raises:
        DataError: The material has a broken template, or a slot or a label that does not exist.
    """
    rules, lists = own_sections(language)
    own = {**read_sections(FOLDER / "europe" / "common.txt"), **rules}
    values: dict[str, Value] = {**read_slots().values, **europe_numbers.MAKERS.values}
    values["fact"] = Value(None, lambda maker, number: prose.fact(maker, number=number))
    values["coined"] = Value(None, lambda maker, number: maker.pick(coined_firms(maker.split)))
    values["city"] = Value(PiiType.LOCATION, _city)
    for header, entries in lists.items():
        name, _, label = header.partition(" ")
        if label and label not in set(PiiType):
            raise entries[0].error(f"Found the label {label} above. Allowed are {', '.join(PiiType)}.")
        pattern = partial(_patterned, tuple(entry.text for entry in entries))
        values[name] = Value(PiiType(label) if label else None, pattern)
    values = {name: value for name, value in values.items() if name not in own}
    return Slots({**read_folder("rules"), **own}, values, draw_european_name)


def own_sections(language: Language) -> tuple[dict[str, tuple[Entry, ...]], dict[str, tuple[Entry, ...]]]:
    """Read the rules of a language, and the lists of values, which both halves share."""
    folder = FOLDER / "europe"
    return read_sections(folder / "rules" / f"{language}.txt"), read_sections(folder / "lists" / f"{language}.txt")


def locales_of(language: Language) -> Mapping[str, int]:
    """The locales of a language, and how often each is drawn."""
    return _LOCALES[language]


_REAL_CITIES = ("de_DE", "de_AT", "it_IT", "nl_NL", "nl_BE", "pt_PT")


def _city(maker: Maker, number: int) -> str:
    """A town of the material, or of Faker where that knows real ones."""
    if maker.locale in _REAL_CITIES and maker.chance(0.4):
        return maker.pick(cities(maker.locale, maker.split))
    return maker.template("town")


def _patterned(patterns: tuple[str, ...], maker: Maker, number: int) -> str:
    """A value from one of its patterns: of slots, and of the signs #, % and ? of forms.

    Its slots belong to no other person in the text.
    """
    pattern = "".join(maker.form(sign) if sign in "#%?" else sign for sign in maker.pick(patterns))
    return "".join(text for text, _ in maker.another().expand(pattern))


def generate_european(
    count: int,
    *,
    seed: int,
    split: Split,
    styles: Collection[Style] = tuple(Style),
    languages: Collection[Language] = LANGUAGES,
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Generate texts in several languages, as many in each, with the spans of their private values.

    The same arguments and version of Faker give the same texts, but for a few national numbers (`generate`).

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the material that the texts are made from.
        styles: The styles that the texts are drawn from, in any order; a language may lack some.
        languages: The languages, in any order.

    Yields:
        Texts as `generate` yields them, one language after another in turn.

    Raises:
        OptionError: A number, the split, a style or a language does not exist, or a language has none of the styles.
        DataError: A file of the material is broken.
    """
    split = choose(Split, "split", split)
    spoken = sorted({choose(Language, "languages", language) for language in languages})
    if count < 0 or not spoken:
        raise OptionError(f"count, languages: Found {count} and {len(spoken)}. Give 0 or more, and some languages.")
    share = -(-count // len(spoken))
    sources = [_texts_of(share, seed, split, styles, language) for language in spoken]
    for number in range(count):
        yield next(sources[number % len(spoken)])


def _texts_of(
    count: int, seed: int, split: Split, styles: Collection[Style], language: Language
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    if language is Language.EN:
        yield from generate(count, seed=seed, split=split, styles=styles)
        return
    chosen = [choose(Style, "styles", style) for style in styles]
    writers = [_WRITERS[style] for style in EUROPEAN_STYLES if style in chosen]
    if not writers:
        raise OptionError(f"styles: Found none of {language}. Give some of {', '.join(EUROPEAN_STYLES)}.")
    rng, slots, locales = random.Random(f"{language} {split} {seed}"), language_slots(language), _LOCALES[language]

    def make() -> Maker:
        return Maker(rng, split, slots, locale=rng.choices(tuple(locales), tuple(locales.values()))[0])

    yield from written(count, rng, writers, make, ("\n\n", "\n", "\n---\n"))


_NOBODYS = ("clinic", "clinic", "clinic", "terms", "neutral", "lookalike")


def harmless_texts(
    count: int, *, seed: int, split: Split, language: Language
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Generate notes of wards, contracts and every day that name nobody, some of them in lower case.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the sentences.
        language: Another language than English.

    Yields:
        Texts as `generate` yields them, without spans.
    """
    rng, slots = random.Random(f"harmless {language} {split} {seed}"), language_slots(language)
    for _ in range(count):
        maker = Maker(rng, split, slots, locale=rng.choice(tuple(_LOCALES[language])))
        rule, joint = maker.pick(_NOBODYS), maker.pick((" ", " ", "\n", "\n- "))
        sentences = ["".join(text for text, _ in maker.rule(rule)) for _ in range(maker.number(1, 6))]
        text = joint.join(sentences)
        yield (text.lower() if maker.chance(0.15) else text), []
