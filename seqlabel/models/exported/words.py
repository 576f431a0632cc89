"""The words of English text, the hashed features of words, and the spans of tags; the network is run by `run.py`.

The rules of words are in `words.json`; `english.py` reads them.
"""

import re
import runpy
from collections.abc import Sequence
from functools import cache, reduce
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

_MARKS = r"""=,:;|<>{}()\[\]/\\@"#&?%+*~`“”‘«»"""
_PIECE = re.compile(rf"[{_MARKS}]|(?<=[0-9]Z)\.\Z|(?:[^{_MARKS}'’.]|(?!(?<=[0-9]Z)\.\Z)\.|\b['’]\b)+|['’]")
_CONTRACTION = re.compile(r"(?:n['’]t|['’]\w{1,2})\Z", re.IGNORECASE)
_BASE = 0x100000001B3


class EnglishWords:
    """Cuts English text into words, by the rules in `words.json`; cut at marks too where words are `fine`."""

    def __init__(self, rules: dict[str, Any], *, fine: bool) -> None:
        english = runpy.run_path(str(Path(__file__).with_name("english.py")))["EnglishRules"]
        self._pieces = english(rules["special"], rules["inner"], rules["patterns"]).pieces
        self._fine = fine

    def __call__(self, text: str) -> list[tuple[int, int]]:
        """Find the half-open character offsets of the words of a text."""
        offsets: list[tuple[int, int]] = []
        # A run of more than 256 characters without white space is cut after every 256.
        for match in re.finditer(r"\S{1,256}", text):
            ends = accumulate(map(len, self._pieces(match.group())), initial=match.start())
            for start, end in pairwise(ends):
                whole = not self._fine or _CONTRACTION.match(text, start, end)
                offsets += [(start, end)] if whole else [piece.span() for piece in _PIECE.finditer(text, start, end)]
        return offsets


def no_words(text: str) -> list[tuple[int, int]]:
    """Stand for the words of a text in a language without rules."""
    raise ValueError("Found a text in a language whose words are not found here. Give words to `tag`.")


@cache
def _shape(character: str) -> int:
    kind = "d" if character.isdigit() else "X" if character.isupper() else "x" if character.isalpha() else character
    return ord(character if ord(character) >> 16 else kind)


def features(word: str, buckets: int) -> list[int]:
    """Hash a word's shape and its runs of 2 to 4 characters, each to one of some buckets."""
    short, long = (word, 0) if len(word) <= 64 else (word[:32] + word[-32:], len(word))
    shape = [_shape(character) for character in short]
    kept = [code for place, code in enumerate(shape) if place < 2 or not code == shape[place - 1] == shape[place - 2]]
    total = sum((code + 1) * _BASE**place for place, code in enumerate(kept))
    hashes = [total * _BASE + 103 + long * 0x9E3779B97F4A7C15]
    codes = [0xE000, *map(ord, short.lower()), 0xE001]
    for n in (2, 3, 4):
        runs = (codes[start : start + n] for start in range(len(codes) - n + 1))
        hashes += [reduce(lambda number, code: number * _BASE + code, run, n) for run in runs]
    return [_scrambled(number) % buckets for number in hashes]


def _scrambled(number: int) -> int:
    """Spread the bits of a number, modulo 2^64 (the finaliser of MurmurHash3)."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 1):
        number &= (1 << 64) - 1
        number = (number ^ number >> 33) * factor
    return number


def spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Read the spans of tags of any scheme: half-open runs of words, and their labels."""
    found: list[tuple[int, int, str]] = []
    is_open = False
    for place, tag in enumerate(tags):
        prefix, _, label = tag.partition("-")
        if is_open and prefix in tuple("IEL") and label == found[-1][2]:
            found[-1] = (found[-1][0], place + 1, label)
        elif tag != "O":
            found.append((place, place + 1, label))
        is_open = tag != "O" and prefix not in tuple("ESLU")
    return found
