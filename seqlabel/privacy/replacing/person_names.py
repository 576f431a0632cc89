"""Names of persons: their words without titles, and whether two of them can be one person's; no text is read here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from seqlabel.privacy.replacing.pseudonyms import normal
from seqlabel.privacy.replacing.titles import ALSO_NAMES, FEMALE, MALE, TITLES

REACH = 16
"""How many characters before a name are read for a title."""


class Gender(StrEnum):
    """What a title tells of a person's gender."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True)
class PersonName:
    """A name as it is compared with others.

    Args:
        words: Its words, folded, without titles; none for a name that is no other name's.
        gender: What its title tells; None where there is no title or it tells nothing.
    """

    words: tuple[str, ...]
    gender: Gender | None = None

    @classmethod
    def read(cls, value: str, before: str = "") -> "PersonName":
        """Read a name.

        Args:
            value: The name, with or without titles.
            before: `REACH` characters before it, whose last word may be a title.

        Returns:
            The name.
        """
        words = [word for word in re.split(r"[\s,]+", value) if word]
        named = [word for place, word in enumerate(words) if not _is_title(word, len(words) - place - 1)] or words
        outside = (match[1],) if (match := _LAST_WORD.search(before)) else ()
        titles = [*outside, *(word for word in words if word not in named)]
        genders = {gender for word in titles if (gender := _gender(word))}
        folded = tuple(one for word in named if (one := normal(word)))
        return cls(folded, genders.pop() if len(genders) == 1 else None)

    @property
    def length(self) -> tuple[int, int]:
        """How full the name is: its words, and their letters."""
        return len(self.words), sum(map(len, self.words))

    def fits(self, other: "PersonName") -> bool:
        """Tell whether both can be one person's: titles agree, and the words of one are, or shorten, the other's.

        `Lee`, `A. Lee` and `Ann` shorten `Ann Lee`; `A.` alone does not.

        Args:
            other: The other name.

        Returns:
            Whether they fit.
        """
        if self.gender and other.gender and self.gender != other.gender:
            return False
        same = bool(self.words) and self.words == other.words
        return same or _shortens(self.words, other.words) or _shortens(other.words, self.words)


_LAST_WORD = re.compile(r"(?<!\w)(\w+\.?)\s+\Z")


def _is_title(word: str, after: int) -> bool:
    """Tell whether a word before `after` others of a name is a title."""
    plain = word.casefold().removesuffix(".")
    return plain in TITLES or (plain in ALSO_NAMES and (word.endswith(".") or after > 1))


def _gender(title: str) -> Gender | None:
    plain = title.casefold().removesuffix(".")
    return Gender.MALE if plain in MALE else Gender.FEMALE if plain in FEMALE else None


def _shortens(short: Sequence[str], name: Sequence[str]) -> bool:
    """Tell whether a name's words or initials, one whole word at least, stand in a longer name in the same order."""
    if not short or len(short) > len(name) or short == name:
        return False
    rest = iter(name)
    whole = False
    for word in short:
        for other in rest:
            if word == other or (len(word) == 1 and other.startswith(word)):
                whole = whole or word == other
                break
        else:
            return False
    return whole
