"""Names of columns and fields that say whose their values are, so that a short value is read after
its column's name.

A cell says little by itself: `Page` may be a surname and `4471` a customer. After `surname: ` and
`customer_id: ` the finder knows. Other names would only add false alarms: `token` is also what a
column of words is called. How values are found is in `privacy.finding.finder`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path

LONGEST = 64
"""The most characters of a value that is read after the name of its column; a longer one says
itself what it is.
"""
_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_WORDS = {key: frozenset(words.split()) for key, words in _TABLE.items()}
_OF_NAMES = _WORDS["before_name"]
_BEFORE = _OF_NAMES | _WORDS["persons"] | {"name", "birth", "street"}
"""The words before `name`, or before `first` and the like."""
_LETTERS = re.compile(r"[^\W\d_]+")
_HUMP = re.compile("(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zß-ÿ])")
_PLACE_IN_LIST = re.compile(r"\[[0-9]*\]")
_STEP = re.compile(r"(?<!\\)\.(?![\s.]|$)")
"""A dot of a path, and not one that is escaped or ends a shortened word, as in `Tel. No.`."""


def cue_of(path: str, value: str) -> str:
    """Return the text after which a value of a column or field is read.

    Args:
        path: The name of the column, or the path of the field, as `to.emails[0]`; empty for none.
        value: The value.

    Returns:
        The name with a colon and a space, if it says that its values are a person's and the value
        is one line of at most `LONGEST` characters, and not a word for none; else nothing. Of a
        path the last part, with the one before it if only both say it.

    Example:
        >>> (cue_of("rows[0].lastName", "Best"),
        ...  cue_of("patient.id", "4471"), cue_of("title", "Best"))
        ('lastName: ', 'patient id: ', '')
    """
    if (
        not path
        or not value
        or len(value) > LONGEST
        or "\n" in value
        or value.strip().casefold() in _WORDS["missing"]
    ):
        return ""
    return _cue(path)


@lru_cache(maxsize=1024)
def holds_secrets(path: str) -> bool:
    """Return whether a column's or field's name says that its values are passwords or other
    secrets.

    Args:
        path: The name of the column, or the path of the field.

    Returns:
        Whether it does.

    Example:
        >>> holds_secrets("db_password"), holds_secrets("user")
        (True, False)
    """
    *_, last = _words(_steps(path)[-1]) or [""]
    return _is_secret(last)


@lru_cache(maxsize=1024)
def _cue(path: str) -> str:
    parts = _steps(path)
    for said in (parts[-1], " ".join(parts[-2:])):
        if len(said) <= LONGEST and _is_personal(_words(said)):
            return f"{said.rstrip(':')}: "
    return ""


def _steps(path: str) -> list[str]:
    """The last two parts of a path, or a column's name, with single spaces and composed letters."""
    parts = _STEP.split(_PLACE_IN_LIST.sub("", path))[-2:]
    return [
        " ".join(unicodedata.normalize("NFC", part).replace("\\.", ".").split()) for part in parts
    ]


def _words(said: str) -> list[str]:
    """The words of a name in small letters, without the `s` of a genitive."""
    words = [word.casefold() for run in _LETTERS.findall(said) for word in _HUMP.split(run)]
    return [word for index, word in enumerate(words) if word != "s" or index == 0]


def _is_personal(words: Sequence[str]) -> bool:
    words = list(words)
    while len(words) > 1 and words[-1] in _WORDS["which"]:
        words.pop()
    numbered = False
    while len(words) > 1 and words[-1] in _WORDS["of_numbers"]:
        numbered = True
        words.pop()
    *before, last = words or [""]
    if before and last in ("name", "names", *_OF_NAMES):
        return _is_in(before[-1], _BEFORE)
    if before and last in ("key", "token"):
        return before[-1] in _WORDS["of_keys"]
    if before and last in ("by", "to"):  # created_by, assigned_to
        return before[-1].endswith("ed")
    if before and last == "date":
        return before[-1] == "birth"
    if before and last == "license":
        return _is_in(before[-1], ("driver", "driving"))
    if last in _OF_NAMES:
        return False
    lists = ("persons", "values", *(["numbers"] if numbered else ()))
    return any(_is_in(last, _WORDS[name]) for name in lists) or _is_secret(last)


def _is_secret(word: str) -> bool:
    return _is_in(word, _WORDS["secrets"]) or word.endswith("password")


def _is_in(word: str, words: Collection[str]) -> bool:
    return word in words or word.removesuffix("s") in words or word.removesuffix("es") in words
