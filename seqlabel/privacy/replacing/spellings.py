"""Values as texts spelled them, found again letter by letter; how a value is found first is not
here.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

Key = tuple[str, int]
"""The label and the number of a placeholder."""
_WORD = re.compile(r"\w+")
_LEAST_SIGNS = 3
"""How many letters and digits a value needs, such as `Lee`."""
_LEAST_DIGITS = 5
"""How many digits a value without letters needs, so that `2020` is not searched."""
_OFTEN_WORDS = ("DATE", "AGE")
"""Labels whose values are everyday words, such as `May`, unless they have a digit."""


class Spelling(NamedTuple):
    """A place where a text has a known value.

    Args:
        start: Its first character.
        end: The end, exclusive.
        key: The placeholder that the value got.
    """

    start: int
    end: int
    key: Key


class Spellings:
    """Finds known values in texts, in time that grows with the text and not with the number of
    values.

    A value of one word without a digit is found as it was spelled, others in any case. Values of
    fewer than three letters and digits, numbers of fewer than five digits, and dates and ages
    without a digit are not searched: they would be found everywhere.
    """

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        # Values by their first word, folded, with the place of that word.
        self._by_word: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def __iter__(self) -> Iterator[tuple[str, Key]]:
        return iter(self._keys.items())

    def add(self, value: str, key: Key) -> None:
        """Add a value; nothing happens for one that is not searched.

        Args:
            value: The value as a text spelled it.
            key: Its placeholder.
        """
        word = _WORD.search(value)
        if word is not None and _is_searched(value, key[0]):
            self._keys[value] = key
            self._by_word[word[0].casefold()][value] = word.start()

    def remove(self, keys: Collection[Key]) -> None:
        """Remove all values of placeholders.

        Args:
            keys: The placeholders.
        """
        gone = [value for value, key in self._keys.items() if key in keys]
        for value in gone:
            del self._keys[value]
        by_word: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for word, values in self._by_word.items():
            kept = {value: key for value, key in values.items() if value in self._keys}
            if kept:
                by_word[word] = kept
        self._by_word = by_word

    def find(self, text: str) -> list[Spelling]:
        """Find known values in a text.

        Args:
            text: The text.

        Returns:
            Where they are, in order; where one has another in it, the longer one.
        """
        spellings: list[Spelling] = []
        end = 0
        for word in _WORD.finditer(text):
            if word.start() < end:
                continue
            longest = None
            for value, at in self._by_word.get(word[0].casefold(), {}).items():
                start = word.start() - at
                stop = start + len(value)
                if (
                    start >= end
                    and _is_at(text, start, stop, value)
                    and (longest is None or stop > longest.end)
                ):
                    longest = Spelling(start, stop, self._keys[value])
            if longest is not None:
                spellings.append(longest)
                end = longest.end
        return spellings


def _is_searched(value: str, label: str) -> bool:
    signs = [sign for sign in value if sign.isalnum()]
    has_digit = any(map(str.isdigit, signs))
    if label in _OFTEN_WORDS and not has_digit:
        return False
    return len(signs) >= (_LEAST_SIGNS if any(map(str.isalpha, signs)) else _LEAST_DIGITS)


def _is_at(text: str, start: int, end: int, value: str) -> bool:
    """Whether a text has a value at a place, not as a part of a longer word."""
    there = text[start:end]
    if there != value and (_is_plain_word(value) or there.casefold() != value.casefold()):
        return False
    return not (_WORD.match(value[-1]) and _WORD.match(text[end : end + 1]))


def _is_plain_word(value: str) -> bool:
    """Whether a value is one word of letters, which in small letters may be an everyday one
    (`Will`).
    """
    return value.isalpha()
