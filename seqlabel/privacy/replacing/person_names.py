"""Names of persons: their words without titles, and whether two of them can be one person's; no
text is read here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from seqlabel.privacy.replacing.pseudonyms import normal
from seqlabel.privacy.replacing.words import ALSO_NAMES, FEMALE, MALE, TITLES

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
        words: Its words, folded, without titles; empty for a name that cannot be compared.
        gender: The gender of the title; None without a title, or with one of either.
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
        named = [
            word for index, word in enumerate(words) if not _is_title(word, len(words) - index - 1)
        ] or words
        outside = (match[1],) if (match := _LAST_WORD.search(before)) else ()
        titles = [*outside, *(word for word in words if word not in named)]
        genders = {gender for word in titles if (gender := _gender(word))}
        folded = tuple(folded_word for word in named if (folded_word := normal(word)))
        return cls(folded, genders.pop() if len(genders) == 1 else None)

    @property
    def length(self) -> tuple[int, int]:
        """How full the name is: its words, and their letters."""
        return len(self.words), sum(map(len, self.words))

    def fits(self, other: "PersonName") -> bool:
        """Return whether both can be one person's: titles agree, and the words of one are, or
        shorten, the other's.

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

    def is_in(self, value: str) -> bool:
        """Return whether a value of another kind, such as an address of mail, has the whole name in
        it.

        Args:
            value: The value.

        Returns:
            Whether two or more whole words of the name are words of the value, or together are one
            (`annlee`).
        """
        whole = [word for word in self.words if len(word) > 1]
        parts = {normal(part) for part in re.split(r"[\W\d_]+", value)}
        return len(whole) > 1 and (parts.issuperset(whole) or "".join(whole) in parts)


_Key = str | frozenset[str] | tuple[str, ...]
_MOST_WORDS = 8
"""The most words of a name that parts of it are looked up by; a longer one is found by all of its
words alone.
"""


class NameIndex:
    """Names that are found by the words of others that they fit, without comparing all.

    Two names that fit are equal, or one has all whole words of the other. So the names to compare
    are those that have all whole words of a name, and those whose whole words are some of its own.
    """

    def __init__(self) -> None:
        self._names: dict[int, PersonName] = {}
        # Items by a word, by the whole words, and by all words of their names.
        self._by: defaultdict[_Key, set[int]] = defaultdict(set)

    def add(self, item: int, name: PersonName) -> None:
        """Add an item under its name, instead of the one that it had.

        Args:
            item: The item.
            name: Its name.
        """
        for key in _keys(self._names[item]) if item in self._names else ():
            self._by[key].discard(item)
        self._names[item] = name
        for key in _keys(name):
            self._by[key].add(item)

    def remove(self, items: Iterable[int]) -> None:
        """Remove items, and each word that no other name has.

        Args:
            items: The items; those that were not added are passed over.
        """
        for item in items:
            name = self._names.pop(item, PersonName(()))
            for key in _keys(name):
                self._by[key].discard(item)
        # Words of names that items had before stay with an empty set until now.
        self._by = defaultdict(set, {key: numbers for key, numbers in self._by.items() if numbers})

    def same(self, name: PersonName) -> list[int]:
        """Find the items whose names have the same words and fit.

        Args:
            name: The name.

        Returns:
            The items.
        """
        return list(self._fitting(name, self._of(name.words)))

    def fitting(self, name: PersonName) -> Iterator[int]:
        """Find the items whose names fit a name.

        Args:
            name: The name.

        Yields:
            Each item once.
        """
        whole = sorted(_whole(name))
        if whole:
            # Those that have all whole words of the name, and those whose whole words are some of
            # them.
            rarest, *others = sorted(map(self._of, whole), key=len)
            yield from self._fitting(name, rarest.intersection(*others))
            for size in range(len(whole) if len(whole) <= _MOST_WORDS else 0):
                for some in combinations(whole, size):
                    yield from self._fitting(name, self._of(frozenset(some)))
        else:
            yield from self._fitting(name, set().union(*map(self._of, name.words)))

    def _of(self, key: _Key) -> set[int]:
        return self._by.get(key, set())

    def _fitting(self, name: PersonName, items: Iterable[int]) -> Iterator[int]:
        return (item for item in items if name.fits(self._names[item]))


def _keys(name: PersonName) -> Iterable[_Key]:
    """What a name is looked up by; nothing for one that fits no other."""
    return {*name.words, _whole(name), name.words} if name.words else ()


def _whole(name: PersonName) -> frozenset[str]:
    """The words of a name that are not initials."""
    return frozenset(word for word in name.words if len(word) > 1)


_LAST_WORD = re.compile(r"(?<!\w)(\w+\.?)\s+\Z")


def _is_title(word: str, after: int) -> bool:
    """Return whether a word before `after` others of a name is a title."""
    plain = word.casefold().removesuffix(".")
    return plain in TITLES or (plain in ALSO_NAMES and (word.endswith(".") or after > 1))


def _gender(title: str) -> Gender | None:
    plain = title.casefold().removesuffix(".")
    return Gender.MALE if plain in MALE else Gender.FEMALE if plain in FEMALE else None


def _shortens(short: Sequence[str], name: Sequence[str]) -> bool:
    """Return whether a name's words or initials, one whole word at least, stand in a longer name in
    the same order.
    """
    if not short or len(short) > len(name) or short == name:
        return False
    words = iter(name)
    whole = False
    for word in short:
        for other in words:
            if word == other or (len(word) == 1 and other.startswith(word)):
                whole = whole or word == other
                break
        else:
            return False
    return whole
