"""Texts of the frequent words of a language in any order, some with a private value among them; no
templates.

They teach that these words name no person, wherever they stand, and that a value is told by its
form where no template surrounds it. The words are wordfreq's; names of people, towns and countries
are left out.
"""

import random
from collections.abc import Iterator
from functools import cache

from seqlabel import OptionError

from .europe import LOCALES, Language, maker_in, slots_of
from .maker import Pieces, finish
from .material import half, whole
from .splits import Split, words
from .world import cities, first_names, last_names, listed_countries

MOST, FREQUENT = 8_000, 250
"""How many words of a language are used, and how many of these are drawn half of the time."""
FUNCTION_WORDS, COMMONEST = 100, 400
"""The first words are kept even if they are names, the next ones unless they are so in their own
language.
"""
LONG_PART = 5
_VALUES = (
    *words(
        "full full full full first first first last last last name name city city city org org "
        "org street street"
    ),
    *words("address address phone phone phone email email date date iban natid tax plate"),
)
_WITH_VALUE = 0.4
_JOINTS = (" ",) * 14 + (", ", ", ", ". ", ": ", " – ", "\n", " (", "; ")


@cache
def common_words(language: Language) -> tuple[str, ...]:
    """The most frequent words of a language but for names, the commonest first.

    Raises:
        OptionError: wordfreq is not installed.
    """
    try:
        from wordfreq import top_n_list
    except ImportError as error:
        raise OptionError(
            "Common words need the package wordfreq. Install it with pip install wordfreq, or "
            "give --common-texts 0."
        ) from error
    own, all_names = _names(language), frozenset[str]().union(*map(_names, Language))
    found = [word for word in top_n_list(language, MOST) if word.isalpha() and len(word) > 1]
    return tuple(
        word
        for rank, word in enumerate(found)
        if rank < FUNCTION_WORDS or word not in (own if rank < COMMONEST else all_names)
    )


@cache
def _names(language: Language) -> frozenset[str]:
    """Names of people, towns and countries where a language is spoken, folded."""
    names: set[str] = {
        *half("wordy_first", Split.ALL),
        *half("wordy_last", Split.ALL),
        *whole("countries"),
    }
    for locale in LOCALES[language]:
        names.update(
            first_names(locale, Split.ALL), last_names(locale, Split.ALL), listed_countries(locale)
        )
        names.update(cities(locale, Split.ALL) if locale != "fr_BE" else ())
    if language is not Language.EN:
        names.update(slots_of(language).rules["town"])
    # Shorter parts of names are articles and the like.
    parts = (
        part for name in names for part in name.replace("-", " ").split() if len(part) >= LONG_PART
    )
    return frozenset(name.casefold() for name in (*names, *parts))


def common_texts(
    count: int, *, seed: int, split: Split, language: Language
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Generate texts of common words, with the spans of the values in them.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the material that the values are made from.
        language: The language of words and values.

    Yields:
        Texts as `generate` yields them.

    Raises:
        OptionError: wordfreq is not installed.
    """
    known, rng = common_words(language), random.Random(f"common {language} {split} {seed}")
    for _ in range(count):
        maker = maker_in(language, rng, split)
        # Nouns of German, headlines, and words at the beginning of a sentence have capitals.
        capitals = (
            1.0
            if maker.chance(0.06)
            else 0.35
            if language is Language.DE
            else maker.pick((0.0, 0.05, 0.2))
        )
        length = maker.number(3, 24)
        places = (
            {maker.number(0, length) for _ in range(maker.number(1, 2))}
            if maker.chance(_WITH_VALUE)
            else set()
        )
        pieces: Pieces = []
        joint = ". "
        for place in range(length + 1):
            if place in places:
                pieces += [*maker.kind(maker.pick(_VALUES)), (joint := maker.pick(_JOINTS), None)]
            word = maker.pick(known[:FREQUENT] if maker.chance(0.5) else known)
            if joint in (". ", "\n") or maker.chance(capitals):
                word = word[0].upper() + word[1:]
            joint = maker.pick(_JOINTS)
            pieces.append((word + joint, None))
        text, label = pieces[-1]
        yield finish(
            [
                *pieces[:-1],
                (text.rstrip(" (,;:–\n"), label),
                (maker.pick((".", ".", "", "!", "?")), None),
            ]
        )
