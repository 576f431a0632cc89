"""The languages of the texts: English, and six that lie over its material.

A language's rules (`material/europe/rules`) and its values (`material/europe/lists`, and
`values.txt` for all) take the places of those with the same names, and records, logs and code are
written by the same functions. What a letter or a chat is made of is the same in all languages but
English and stands in `material/europe/common.txt`.
"""

import random
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from . import prose
from .labels import PiiType
from .maker import Maker, Slots, Value
from .material import FOLDER, Entry, half, read_folder, read_sections
from .slots import read_slots
from .splits import Split
from .values import read_values
from .world import cities, coined_firms, draw_part, first_names, last_names

Language = StrEnum("Language", "DE FR ES IT NL PT EN")
"""The languages of the texts."""
LANGUAGES = tuple(Language)
LOCALES: Mapping[Language, Mapping[str, int]] = {
    Language.DE: {"de_DE": 70, "de_AT": 18, "de_CH": 12},
    Language.FR: {"fr_FR": 75, "fr_BE": 10, "fr_CH": 15},
    Language.ES: {"es_ES": 70, "es_MX": 30},
    Language.IT: {"it_IT": 1},
    Language.NL: {"nl_NL": 70, "nl_BE": 30},
    Language.PT: {"pt_PT": 50, "pt_BR": 50},
    Language.EN: {"en_US": 60, "en_GB": 40},
}
"""The locales of a language, and how often each is drawn."""
_ABROAD = (
    "en_GB",
    "en_US",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "nl_NL",
    "pt_PT",
    "pl_PL",
    "tr_TR",
    "hr_HR",
    "ro_RO",
)
_SISTERS = {
    "de_AT": "de_DE",
    "de_CH": "de_DE",
    "fr_BE": "fr_FR",
    "pt_PT": "pt_BR",
    "pt_BR": "pt_PT",
}
"""Locales whose names are common in another one too."""


def draw_european_name(rng: random.Random, locale: str, split: Split) -> tuple[str, str, str]:
    """First name, last name, and the locale that they are from; most are of the text's own
    country.
    """
    luck = rng.random()
    if luck < 0.08:
        return (
            rng.choice(half("romanised_first", split)),
            rng.choice(half("romanised_last", split)),
            "romanised",
        )
    origin = (
        rng.choice(_ABROAD)
        if luck < 0.2
        else _SISTERS.get(locale, locale)
        if luck < 0.55
        else locale
    )
    first, last = (
        draw_part(rng, part, f"european_{part}_names", origin, split) for part in ("first", "last")
    )
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
        first = (
            f"{first}{'-' if origin[:2] in ('de', 'fr') else ' '}"
            f"{rng.choice(first_names(origin, split))}"
        )
    return first, last, origin


@cache
def slots_of(language: Language) -> Slots:
    """Read the rules and values of a language, over those of English where it is another one.

    Raises:
        DataError: The material has a broken template, or a slot or a label that does not exist.
    """
    if language is Language.EN:
        return read_slots()
    rules, lists = own_sections(language)
    own = {**read_sections(FOLDER / "europe" / "common.txt"), **rules}
    values = {**read_slots().values, **read_values(read_sections(FOLDER / "europe" / "values.txt"))}
    values["fact"] = Value(None, lambda maker, number: prose.fact(maker, number=number))
    values["coined"] = Value(None, lambda maker, number: maker.pick(coined_firms(maker.split)))
    values["city"] = Value(PiiType.LOCATION, _city)
    values |= read_values(lists)
    values = {name: value for name, value in values.items() if name not in own}
    return Slots({**read_folder("rules"), **own}, values, draw_european_name)


def own_sections(
    language: Language,
) -> tuple[dict[str, tuple[Entry, ...]], dict[str, tuple[Entry, ...]]]:
    """Read the rules of a language, and the lists of values, which both halves share."""
    folder = FOLDER / "europe"
    return read_sections(folder / "rules" / f"{language}.txt"), read_sections(
        folder / "lists" / f"{language}.txt"
    )


def maker_in(language: Language, rng: random.Random, split: Split) -> Maker:
    """A maker of a text in a language, in one of its locales."""
    locales = LOCALES[language]
    return Maker(
        rng,
        split,
        slots_of(language),
        locale=rng.choices(tuple(locales), tuple(locales.values()))[0],
    )


_REAL_CITIES = ("de_DE", "de_AT", "it_IT", "nl_NL", "nl_BE", "pt_PT")


def _city(maker: Maker, number: int) -> str:
    """A town of the material, or of Faker where that knows real ones."""
    if maker.locale in _REAL_CITIES and maker.chance(0.4):
        return maker.pick(cities(maker.locale, maker.split))
    return maker.template("town")
