"""Names, places and firms of a locale, each list cut into two halves.

Lists of names come from Faker's providers and from the material; what Faker makes by formula (streets and plates
abroad, national numbers) is drawn once for each locale, as Faker is slow.
"""

import importlib
import random
from collections.abc import Callable
from functools import cache
from typing import Any
from zlib import crc32

from .material import half, keyed, whole
from .splits import Split, part_of

DrawName = Callable[[random.Random, str, Split], tuple[str, str, str]]
"""Draws a first name, a last name, and the locale that they are from, for a text's locale."""

LOCALES = {locale: int(weight) for locale, (weight,) in keyed("locales").items()}
"""Where a text's people live, and how often."""

ENGLISH = tuple(locale for locale in LOCALES if locale.startswith("en_"))
HAS_NATIONAL_ID = whole("has_national_id")

FAMILY_FIRST = ("hu_HU", "ja_JP", "zh_CN", "ko_KR", "vi_VN")
UNSPACED = ("ja_JP", "zh_CN", "ko_KR")


@cache
def provider(kind: str, locale: str) -> Any:
    """Faker's class of lists of a kind, such as `person`, for a locale."""
    return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider


def _listed(kind: str, locale: str, *attributes: str) -> list[str]:
    lists = provider(kind, locale)
    return [str(entry).strip() for attribute in attributes for entry in getattr(lists, attribute, ())]


@cache
def first_names(locale: str, split: Split) -> tuple[str, ...]:
    attributes = ("first_names", "first_names_male", "first_names_female", "first_names_unisex")
    names = [name for name in _listed("person", locale, *attributes) if len(name) > (locale not in UNSPACED)]
    return part_of((name for name in names if "{" not in name), split)


@cache
def last_names(locale: str, split: Split) -> tuple[str, ...]:
    attributes = ("last_names", "unisex_last_names", "male_last_names", "last_names_male", "last_names_without_suffix")
    names = _listed("person", locale, *attributes)
    return part_of((name for name in names if "{" not in name and not name.isdigit() and name), split)


@cache
def romanised(split: Split) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return half("romanised_first", split), half("romanised_last", split)


@cache
def wordy(split: Split) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First and last names that are words of English too."""
    return half("wordy_first", split), half("wordy_last", split)


@cache
def invented(split: Split) -> tuple[str, ...]:
    """Invented surnames, so that a labeler learns their form and their place in the sentence, not a list."""
    heads, middles, tails = (whole(f"invented_{part}") for part in ("head", "middle", "tail"))
    return part_of((head + middle + tail for head in heads for middle in middles for tail in tails), split)


def coined_name(rng: random.Random, split: Split) -> str:
    """A name of random syllables, so that nothing but its place says that it is one.

    Training hides a share of the names that way; the halves begin their syllables otherwise.
    """
    halves, nuclei, codas = keyed("onsets"), whole("nuclei"), whole("codas")
    onsets = halves.get(split) or [onset for half in halves.values() for onset in half]
    parts = []
    for _ in range(rng.choice((1, 1, 2, 2, 2, 2, 3, 3))):
        parts += [rng.choice(onsets) if rng.random() < 0.85 else "", rng.choice(nuclei)]
        if rng.random() < 0.35:
            parts.append(rng.choice(codas))
    if rng.random() < 0.4:
        parts.append(rng.choice(codas))
    name = "".join(parts).capitalize()
    return name if len(name) > 1 else name + rng.choice(("n", "u", "i"))


@cache
def plain_words(split: Split) -> tuple[str, ...]:
    """Ordinary words, which are rare names."""
    return tuple(word for name in ("noun", "verb", "trait") for word in half(name, split) if word.isalpha())


def draw_name(rng: random.Random, locale: str, split: Split) -> tuple[str, str, str]:
    """First name, last name, and the locale that they are from."""
    luck = rng.random()
    if luck < 0.03:
        origin = rng.choice(whole("origins_other_scripts"))
    elif luck < 0.25 and locale in ENGLISH:
        origin = rng.choice(whole("origins_abroad"))
    elif locale in ("en_CA", "en_AU", "en_NZ"):
        origin = "en_US" if luck < 0.7 else "en_GB"
    elif locale == "en_IE":
        origin = "en_GB" if luck < 0.7 else "ga_IE"
    else:
        origin = {"de_AT": "de_DE", "de_CH": "de_DE", "nl_BE": "nl_NL"}.get(locale, locale)
    luck = rng.random()
    if origin in whole("origins_other_scripts"):
        luck = 1.0
    if luck < 0.20:
        first, last = (rng.choice(names) for names in romanised(split))
        return first, last, "romanised"
    first = rng.choice(first_names(origin, split))
    last = rng.choice(last_names(origin, split))
    if luck < 0.27:
        first = rng.choice(wordy(split)[0])
    if 0.24 < luck < 0.32:
        last = rng.choice(wordy(split)[1])
    elif 0.32 < luck < 0.38:
        last = rng.choice(invented(split))
    elif 0.38 < luck < 0.50:
        last = coined_name(rng, split)
    elif 0.50 < luck < 0.515:
        last = rng.choice(plain_words(split)).capitalize()
    if 0.46 < luck < 0.53:
        first = coined_name(rng, split)
    return first, last, origin


@cache
def cities(locale: str, split: Split) -> tuple[str, ...]:
    if locale not in ENGLISH or locale == "en_IN":
        drawn = [
            *_listed("address", locale, "cities", "real_city_names"),
            *drawn_values("city", locale, split),
        ]
        return part_of((city.removeprefix("с. ") for city in drawn if 2 < len(city) < 28), split)
    heads, tails = whole("city_heads"), whole("city_tails")
    made = [head + tail for head in heads for tail in tails if head.lower() != tail and head[-1] != tail[0]]
    known = whole(f"cities {locale}")
    # Towns that are real, and as many that sound so.
    return part_of(known, split) + part_of(random.Random(locale).sample(made, len(known)), split)


@cache
def regions(locale: str) -> tuple[str, ...]:
    if locale == "en_GB":
        return tuple(_listed("address", locale, "counties"))
    if locale == "en_IE":
        return tuple(f"Co. {county}" for county in _listed("address", locale, "counties"))
    if locale in ("en_US", "en_CA", "en_AU", "en_IN"):
        return tuple(_listed("address", locale, "states", "provinces"))
    return drawn_values("administrative_unit", locale, Split.TRAIN) + drawn_values(
        "administrative_unit", locale, Split.TEST
    )


def listed_countries(locale: str) -> tuple[str, ...]:
    return tuple(_listed("address", "fr_FR" if locale == "fr_BE" else locale, "countries"))


@cache
def state_codes(locale: str) -> tuple[str, ...]:
    return tuple(_listed("address", locale, "states_abbr", "provinces_abbr"))


@cache
def _faker(locale: str) -> Any:
    from faker import Faker

    return Faker(locale)


@cache
def drawn_values(kind: str, locale: str, split: Split) -> tuple[str, ...]:
    """Values of one of Faker's methods, at most 120; none where the locale lacks it."""
    faker = _faker(locale)
    make = getattr(faker, kind, None)
    if make is None:
        return ()
    faker.seed_instance(crc32(f"{kind} {locale} {split}".encode()))
    values = {" ".join(str(make()).split()) for _ in range(120)}
    return part_of(values, split)


@cache
def coined_firms(split: Split) -> tuple[str, ...]:
    """One-word names of firms, of which domains are made too."""
    heads, tails = whole("firm_heads"), whole("firm_tails")
    return part_of((head + tail for head in heads for tail in tails if head.lower() != tail), split)
