"""Plain text of twelve European languages and of English: how many words are read of each file, and
the words.

Which files there are is told by the README of the data, `europe/README.md`.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from english_data import pieces

from seqlabel import OptionError, Tokenizer
from seqlabel.text import packed_documents

Name = TypeVar("Name")
LANGUAGES = ("de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "fi", "pl", "cs", "en")
KINDS = {
    "law": r"law|opinions|appeals",
    "docs": r"(ms|php|py|tech)doc|gnome|peps",
    "novels": r"novels|drama",
}
"""Kinds of text that are limited, and the names of their files."""
LEFT_OUT = ("pt_macmorpho.txt.xz",)
"""Files whose terms somebody has to confirm first."""
TOKENIZER = "ca"
"""Of spaCy's tokenizers, Catalan's serves all: it splits l' and dell' off, and leaves hyphens
inside words.
"""
MOST_SHARE = 0.2
WORDS_A_BYTE = 0.6
"""About how many words a packed byte has: 0.5 to 0.8 in these files."""
ENGLISH_WORDS = 3_000_000


def shared(sizes: Mapping[Name, float], wanted: float, *, times: float) -> dict[Name, float]:
    """Words divided in proportion to the roots of sizes, so that none gets more than `times` its
    size.
    """
    given: dict[Name, float] = {}
    # Those that would run out soonest come first, and leave the more for the others.
    order = sorted(sizes, key=lambda name: sizes[name])
    for number, name in enumerate(order):
        roots = sum(sizes[other] ** 0.5 for other in order[number:])
        given[name] = min(
            times * sizes[name], (wanted - sum(given.values())) * sizes[name] ** 0.5 / roots
        )
    return given


def files_of(data: Path, languages: Collection[str] = LANGUAGES) -> dict[str, list[Path]]:
    """The files of each language."""
    files = {
        code: sorted(
            (data / "web").glob("*.txt.xz")
            if code == "en"
            else (data / "europe").glob(f"{code}_*.txt.xz")
        )
        for code in languages
    }
    for code, found in files.items():
        if not found:
            raise OptionError(
                f"{data}: Found no text in {code}. Give the folder that holds europe and web."
            )
    return {
        code: [path for path in found if path.name not in LEFT_OUT] for code, found in files.items()
    }


def plan(
    data: Path, words: int, languages: Collection[str] = LANGUAGES, *, times: int = 4
) -> Iterator[tuple[str, Path, float]]:
    """How many words are read of each file of each language, none more than so many times."""
    files = {
        code: {path: WORDS_A_BYTE * path.stat().st_size for path in paths}
        for code, paths in files_of(data, languages).items()
    }
    totals = {
        code: ENGLISH_WORDS if code == "en" else sum(sizes.values())
        for code, sizes in files.items()
    }
    for code, wanted in shared(totals, words, times=times).items():
        others, rest = files[code], wanted
        for names in KINDS.values():
            limited = {path: size for path, size in others.items() if re.search(names, path.name)}
            others = {path: size for path, size in others.items() if path not in limited}
            for path, some in shared(limited, MOST_SHARE * wanted, times=1).items():
                rest -= some
                yield code, path, some
        for path, some in shared(others, rest, times=times).items():
            yield code, path, some


def plain_texts(data: Path, languages: Collection[str], words: int) -> Iterator[list[str]]:
    """About so many words of the languages together, in pieces of their files."""
    tokenize = Tokenizer(TOKENIZER)
    for _, path, wanted in plan(data, words, languages, times=1):
        for piece in pieces(partial(packed_documents, path), wanted):
            yield tokenize(piece).words
