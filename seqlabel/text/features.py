"""The hashed features of a word, in plain Python, without the library; exported models take this
file along.

`hashing` describes them and hashes many words; the compiled steps do the same a hundred times as
fast.
"""

from collections.abc import Iterable
from functools import cache, lru_cache, reduce
from typing import Any

MAX_CHARACTERS = 64
"""A longer word is hashed by its first and last 32 characters; its exact length is a feature of its
shape.
"""

MULTIPLIER = 0x9E3779B97F4A7C15
_BASE = 0x100000001B3
_SHAPE = 103


def shorten(word: str) -> str:
    """Shorten a long word to the characters that are hashed.

    Args:
        word: The word.

    Returns:
        Its first and last characters, or all of a word of at most `MAX_CHARACTERS`.
    """
    if len(word) <= MAX_CHARACTERS:
        return word
    return word[: MAX_CHARACTERS // 2] + word[-MAX_CHARACTERS // 2 :]


@cache
def shape(character: str) -> int:
    """Say what a character is in a word's shape.

    Args:
        character: A character.

    Returns:
        The code of X, x or d for a capital, another letter or a digit; of any other character, and
        of those beyond the basic plane, its own.
    """
    kind = (
        "d"
        if character.isdigit()
        else "X"
        if character.isupper()
        else "x"
        if character.isalpha()
        else character
    )
    return ord(character if ord(character) >> 16 else kind)


@lru_cache(1 << 14)
def features(word: str, buckets: int) -> tuple[int, ...]:
    """Hash a word's shape and its runs of 2 to 4 characters, each to one of some buckets.

    Args:
        word: The word.
        buckets: Their number.

    Returns:
        The buckets, the shape's first.
    """
    short = shorten(word)
    codes = [shape(character) for character in short]
    kept = [
        code
        for index, code in enumerate(codes)
        if index < 2 or not code == codes[index - 1] == codes[index - 2]
    ]
    hashes = [whole(kept, _SHAPE) + (len(word) * MULTIPLIER if len(word) > MAX_CHARACTERS else 0)]
    # Word borders are characters of their own; private-use codes, which no text has.
    codes = [0xE000, *map(ord, short.lower()), 0xE001]
    for n in (2, 3, 4):
        runs = (codes[start : start + n] for start in range(len(codes) - n + 1))
        hashes += [reduce(lambda number, code: number * _BASE + code, run, n) for run in runs]
    return tuple(scrambled(number) % buckets for number in hashes)


def whole(codes: Iterable[int], kind: int) -> int:
    """Hash all codes of a word.

    Args:
        codes: The codes.
        kind: Their kind.

    Returns:
        A polynomial of the codes, not yet modulo 2^64.
    """
    total: int = sum((code + 1) * _BASE**index for index, code in enumerate(codes))
    return total * _BASE + kind


def scrambled(number: Any) -> Any:
    """Spread the bits of a number, so that the remainder by any number of buckets is even.

    Args:
        number: The number, of which the last 64 bits count, or a NumPy array of such numbers.

    Returns:
        A number of 64 bits (the finaliser of MurmurHash3), or an array of them.
    """
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 1):
        number = number & ((1 << 64) - 1)
        number = (number ^ number >> 33) * factor
    return number
