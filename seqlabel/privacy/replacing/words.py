"""Words that pseudonyms are made of and values known by, from `words.toml`: titles, ends of names,
months, ordinals.
"""

import tomllib
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
WORDS: dict[str, tuple[str, ...]] = {name: tuple(words.split()) for name, words in _TABLE.items()}
"""The words of each row of the table."""
TITLES = frozenset(WORDS["titles"])
"""Titles that are not names."""
ALSO_NAMES = frozenset(WORDS["titles_or_names"])
"""Titles that are names too."""
MALE = frozenset(WORDS["male"])
"""Titles of men."""
FEMALE = frozenset(WORDS["female"])
"""Titles of women."""
MONTHS = WORDS["months"]
"""The months."""
ORDINALS = WORDS["ordinals"]
"""The 31 days in words, from `first` on."""
ORDINAL = "(?:" + "|".join(word.replace("-", "[ -]") for word in reversed(ORDINALS)) + ")"
"""A regular expression for such a day, in small letters; a blank may stand for the hyphen."""


def suffix(day: int) -> str:
    """Return the ending of an ordinal number in digits.

    Args:
        day: The number, 1 to 31.

    Returns:
        `st`, `nd`, `rd` or `th`.
    """
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day not in (11, 12, 13) else "th"


def cased(written: str, word: str) -> str:
    """Write a word in capitals, in small letters or with a capital, as another is written.

    Args:
        written: The other word.
        word: The word, in small letters.

    Returns:
        The word; capitalised where the case of the other is mixed.
    """
    return word.upper() if written.isupper() else word if written.islower() else word.capitalize()
