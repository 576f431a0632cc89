"""Names, places and firms of a locale, each list cut into two halves.

Lists of names come from Faker's providers and from the material; what Faker makes by formula
(streets and plates abroad, national numbers) is drawn once for each locale, as Faker is slow.
"""

import importlib
import random
from collections.abc import Callable
from functools import cache
from typing import Any
from zlib import crc32

from .material import half, keyed, weighted, whole
from .splits import Split, part_of

DrawName = Callable[[random.Random, str, Split], tuple[str, str, str]]
"""Draws a first name, a last name, and the locale that they are from, for a text's locale."""

LOCALES = {locale: int(weight) for locale, (weight,) in keyed("locales").items()}
"""Where a text's people live, and how often."""

ENGLISH = tuple(locale for locale in LOCALES if locale.startswith("en_"))
HAS_NATIONAL_ID = whole("has_national_id")

FAMILY_FIRST = ("hu_HU", "ja_JP", "zh_CN", "ko_KR", "vi_VN")
UNSPACED = ("ja_JP", "zh_CN", "ko_KR")
_RELATED = {
    **dict.fromkeys(("en_CA", "en_AU", "en_NZ"), "en_US"),
    "en_IE": "en_GB",
    **dict.fromkeys(("de_AT", "de_CH"), "de_DE"),
    "nl_BE": "nl_NL",
}
"""Where the names of a country are listed that has few of its own."""


@cache
def provider(kind: str, locale: str) -> Any:
    """Faker's class of lists of a kind, such as `person`, for a locale."""
    return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider


def _listed(kind: str, locale: str, *attributes: str) -> list[str]:
    lists = provider(kind, locale)
    return [
        str(entry).strip() for attribute in attributes for entry in getattr(lists, attribute, ())
    ]


@cache
def first_names(locale: str, split: Split) -> tuple[str, ...]:
    attributes = ("first_names", "first_names_male", "first_names_female", "first_names_unisex")
    names = [
        name
        for name in _listed("person", locale, *attributes)
        if len(name) > (locale not in UNSPACED)
    ]
    return part_of((name for name in names if "{" not in name), split)


@cache
def last_names(locale: str, split: Split) -> tuple[str, ...]:
    attributes = (
        "last_names",
        "unisex_last_names",
        "male_last_names",
        "last_names_male",
        "last_names_without_suffix",
    )
    names = _listed("person", locale, *attributes)
    return part_of(
        (name for name in names if "{" not in name and not name.isdigit() and name), split
    )


@cache
def invented(split: Split) -> tuple[str, ...]:
    """Invented surnames, so that a labeler learns their form and their place in the sentence, not a
    list.
    """
    heads, middles, tails = (whole(f"invented_{part}") for part in ("head", "middle", "tail"))
    return part_of(
        (head + middle + tail for head in heads for middle in middles for tail in tails), split
    )


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
    return tuple(
        word for name in ("noun", "verb", "trait") for word in half(name, split) if word.isalpha()
    )


def draw_part(rng: random.Random, part: str, shares: str, origin: str, split: Split) -> str:
    """A `first` or `last` name of an origin: listed, a word too, invented, or coined, by the
    weights of a list.
    """
    weights, kinds = zip(*weighted(shares), strict=True)
    match rng.choices(kinds, weights)[0]:
        case "listed":
            return rng.choice((first_names if part == "first" else last_names)(origin, split))
        case "wordy":
            return rng.choice(half(f"wordy_{part}", split))
        case "coined":
            return coined_name(rng, split)
        case "invented":
            return rng.choice(invented(split))
        case _:
            return rng.choice(plain_words(split)).capitalize()


def draw_name(rng: random.Random, locale: str, split: Split) -> tuple[str, str, str]:
    """First name, last name, and the locale that they are from."""
    luck = rng.random()
    if luck < 0.03:
        # Nothing of other scripts is romanised or coined.
        origin = rng.choice(whole("origins_other_scripts"))
        return rng.choice(first_names(origin, split)), rng.choice(last_names(origin, split)), origin
    if luck < 0.22:
        return (
            rng.choice(half("romanised_first", split)),
            rng.choice(half("romanised_last", split)),
            "romanised",
        )
    origin = (
        rng.choice(whole("origins_abroad"))
        if luck < 0.4 and locale in ENGLISH
        else _RELATED.get(locale, locale)
    )
    first, last = (
        draw_part(rng, part, f"{part}_names", origin, split) for part in ("first", "last")
    )
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
    made = [
        head + tail
        for head in heads
        for tail in tails
        if head.lower() != tail and head[-1] != tail[0]
    ]
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


def fresh_value(rng: random.Random, kind: str, locale: str) -> str:
    """Another value of one of Faker's methods, which is slower than `drawn_values`."""
    faker = _faker(locale)
    faker.seed_instance(rng.getrandbits(32))
    return str(getattr(faker, kind)())


@cache
def coined_firms(split: Split) -> tuple[str, ...]:
    """One-word names of firms, of which domains are made too."""
    heads, tails = whole("firm_heads"), whole("firm_tails")
    return part_of((head + tail for head in heads for tail in tails if head.lower() != tail), split)
