"""Masks and pseudonyms: values that keep the form of others, or are chosen by a key; policies are
elsewhere.
"""

import hmac
import re
import struct
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, groupby
from typing import TYPE_CHECKING

from seqlabel.names import LateModule
from seqlabel.privacy.replacing.locale_names import LocaleNames
from seqlabel.privacy.replacing.machine_pseudonyms import (
    Draw,
    other_card,
    other_iban,
    other_ip,
    other_mac,
)
from seqlabel.privacy.replacing.words import MONTHS, ORDINALS, TITLES, WORDS, cased, suffix
from seqlabel.privacy.rules.kinds import KINDS

if TYPE_CHECKING:
    from seqlabel.privacy.replacing import time_pseudonyms
else:
    # Its patterns take longer to compile than the rest of the module, and many policies need none.
    time_pseudonyms = LateModule("seqlabel.privacy.replacing.time_pseudonyms")


class PseudonymKind(StrEnum):
    """The look of pseudonyms: words of a kind, a valid value, or another value of the same form."""

    PERSON = "person"
    PLACE = "place"
    ORGANISATION = "organisation"
    INTERNET = "internet"
    DATE = "date"
    AGE = "age"
    IP = "ip"
    MAC = "mac"
    CARD = "card"
    IBAN = "iban"
    FORM = "form"


@dataclass(frozen=True)
class Style:
    """The look of pseudonyms under one key.

    Args:
        names: The names that names of persons are replaced by; None makes them of syllables.
        weeks: How far dates are shifted; None chooses each by itself.
        month_first: Whether 3/4/2020 is in March.
    """

    names: LocaleNames | None = None
    weeks: int | None = None
    month_first: bool = False


def weeks_of(key: bytes, subject: str) -> int:
    """Choose how far the dates of a person or a session are shifted: from one to ten years, to and
    fro.

    Args:
        key: The key of pseudonyms.
        subject: ID of the person whose dates they are.

    Returns:
        A number of weeks, 52 to 520 or negative.
    """
    numbers = _numbers(key, "shift", subject)
    return (52 + next(numbers) % 469) * (1 - next(numbers) % 2 * 2)


def pseudonym(key: bytes, value: str, label: str, style: Style) -> str:
    """Choose the pseudonym of a value; see `Pseudonym` of `privacy.replacing.policies`.

    Args:
        key: The key of pseudonyms.
        value: The value.
        label: The value's label, which says what the pseudonym looks like.
        style: What names and dates become.

    Returns:
        The pseudonym, which differs from the value.
    """
    kind = _KIND_OF_LABEL.get(label.upper(), PseudonymKind.FORM)
    if kind is PseudonymKind.DATE and value.endswith("Z."):
        # English words are cut so that the full stop after "00Z" is a part of it.
        return pseudonym(key, value[:-1], label, style) + "."
    if kind is PseudonymKind.DATE and style.weeks is not None:
        moved = time_pseudonyms.shifted(value, style.weeks, month_first=style.month_first)
        if moved is not None:
            return moved
    if kind in _VALID:
        other = _VALID[kind](value, lambda canonical: _numbers(key, kind, canonical))
        if other is not None:
            return other
    if all(_sign(character) is _Sign.KEPT for character in value):
        # A smiley or a password of punctuation; nothing of it may stay.
        return _made_up(key, PseudonymKind.PERSON, value)
    if kind is PseudonymKind.DATE:
        return _other_date(key, value)
    if kind is PseudonymKind.INTERNET:
        return _other_address(key, value, style.names)
    if kind is PseudonymKind.PERSON:
        return _other_name(key, value, style.names)
    if kind in _ENDINGS:
        return _other_words(key, kind, value)
    return "".join(_same_form(key, value))


def digest(key: bytes, value: str) -> bytes:
    """Compute the HMAC-SHA256 of a value's UTF-8.

    Args:
        key: The key.
        value: The value.

    Returns:
        32 bytes.
    """
    return hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")


class _Sign(StrEnum):
    """The replacement of a character: nothing, another digit, or, for all that could tell
    something, another letter.
    """

    KEPT = "kept"
    DIGIT = "digit"
    LETTER = "letter"


def _sign(character: str) -> _Sign:
    category = unicodedata.category(character)
    if category[0] == "N":
        return _Sign.DIGIT
    if category[0] in "PZ" or character.isspace() or (category[0] == "S" and character.isascii()):
        return _Sign.KEPT
    return _Sign.LETTER


def masked(value: str) -> str:
    """Mask a value; see `Mask` of `privacy.replacing.policies`.

    Args:
        value: The value.

    Returns:
        The value's form.
    """
    signs = [_sign(character) for character in value]
    if all(sign is _Sign.KEPT for sign in signs):
        return "x" * len(value)
    masks = {_Sign.DIGIT: "0", _Sign.LETTER: "x"}
    return "".join(
        "X" if sign is _Sign.LETTER and character.isupper() else masks.get(sign, character)
        for character, sign in zip(value, signs, strict=True)
    )


def _is_attached(character: str) -> bool:
    """Whether a character is a combining mark or invisible, and so no letter of its own."""
    return unicodedata.category(character)[0] == "M" or unicodedata.category(character) == "Cf"


def _folded(value: str) -> str:
    visible = "".join(character for character in value if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())


def normal(value: str) -> str:
    """Normalise a value, so that the same values become equal.

    Args:
        value: The value.

    Returns:
        Its letters and digits without case, or all of it where there are none.
    """
    folded = _folded(value)
    return (
        "".join(character for character in folded if _sign(character) is not _Sign.KEPT) or folded
    )


def _numbers(key: bytes, purpose: str, value: str) -> Iterator[int]:
    """Endlessly many numbers below 2³² that look random without the key."""
    for block in count():
        yield from struct.unpack(">8I", digest(key, f"{purpose}:{block}:{value}"))


def _same_form(key: bytes, value: str) -> list[str]:
    """For each character of a value another one of its kind; none for what is attached to the one
    before.
    """
    numbers = _numbers(key, "form", normal(value))
    visible = [character for character in value if not _is_attached(character)]
    while True:
        drawn = [_drawn(character, numbers) for character in visible]
        if all(_sign(character) is _Sign.KEPT for character in visible) or normal(
            "".join(drawn)
        ) != normal(value):
            break
    characters = iter(drawn)
    return ["" if _is_attached(character) else next(characters) for character in value]


def _drawn(character: str, numbers: Iterator[int]) -> str:
    sign = _sign(character)
    if sign is _Sign.KEPT:
        return character
    if sign is _Sign.DIGIT:
        return str(next(numbers) % 10)
    letter = "abcdefghijklmnopqrstuvwxyz"[next(numbers) % 26]
    return letter.upper() if character.isupper() else letter


def _runs(value: str) -> Iterator[tuple[_Sign, int, int]]:
    """The half-open offsets of the longest runs of one kind."""
    offset = 0
    for sign, group in groupby(value, _sign):
        end = offset + len(list(group))
        yield sign, offset, end
        offset = end


_TITLES = re.compile(
    rf"(?:(?:miss|rev|{'|'.join(sorted(TITLES))})\b\.?\s+)+(?=.*[^\W\d_]{{2}})",
    re.IGNORECASE | re.DOTALL,
)
_POSSESSIVE = re.compile(r"(?<=[^\W\d_]{2})['’][sS]$")


def _other_name(key: bytes, value: str, names: LocaleNames | None) -> str:
    """Another name with the title and the possessive of the value."""
    title = match[0] if (match := _TITLES.match(value)) else ""
    ending = match[0] if (match := _POSSESSIVE.search(value, len(title))) else ""
    name = value[len(title) : len(value) - len(ending)]
    return title + _other_words(key, PseudonymKind.PERSON, name, names) + ending


def _other_words(
    key: bytes, kind: PseudonymKind, value: str, names: LocaleNames | None = None
) -> str:
    form = _same_form(key, value)
    pieces: list[str] = []
    for sign, start, end in _runs(value):
        run = value[start:end]
        letters = [character for character in run if not _is_attached(character)]
        is_initial = len(letters) == 1 and (run.isupper() or run.islower())
        is_code = kind is not PseudonymKind.PERSON and len(letters) <= 3 and run.isupper()
        if sign is not _Sign.LETTER or is_initial or is_code or not letters:
            pieces += form[start:end]
        else:
            pieces.append(_made_up(key, kind, run) if names is None else _named(key, run, names))
    return "".join(pieces)


def _named(key: bytes, run: str, names: LocaleNames) -> str:
    """A name of a locale with the case of `run`; as the locale writes it where that is mixed or has
    none.
    """
    folded = _folded(run)
    others = [name for name in names.like(folded) if _folded(name) != folded]
    name = others[next(_numbers(key, "name", folded)) % len(others)]
    return name.upper() if run.isupper() else name.lower() if run.islower() else name


def _made_up(key: bytes, kind: PseudonymKind, run: str) -> str:
    """A word with the case of `run`; capitalised where that is mixed or has none."""
    folded = _folded(run)
    numbers = _numbers(key, kind, folded)
    while (
        word := "".join(part[next(numbers) % len(part)] for part in (*_BEGINNINGS, _ENDINGS[kind]))
    ) == folded:
        pass
    return cased(run, word)


# Five letters before the ending, so that no two choices make the same word.
_BEGINNINGS = ("bcdfghjklmnprstv", "aeiou", "lnrsv", "aeiou", "bdgklmrv")
_ENDINGS = {
    kind: WORDS[kind]
    for kind in (PseudonymKind.PERSON, PseudonymKind.PLACE, PseudonymKind.ORGANISATION)
}
_KIND_OF_LABEL = {
    name: PseudonymKind(kind.pseudonym)
    for kind in KINDS.values()
    for name in (kind.label, kind.presidio, *kind.aliases)
}
_VALID: dict[PseudonymKind, Callable[[str, Draw], str | None]] = {
    PseudonymKind.DATE: lambda value, draw: time_pseudonyms.other_iso(value, draw),
    PseudonymKind.AGE: lambda value, draw: time_pseudonyms.other_age(value, draw),
    PseudonymKind.IP: other_ip,
    PseudonymKind.MAC: other_mac,
    PseudonymKind.CARD: other_card,
    PseudonymKind.IBAN: other_iban,
}

_ADDRESS = re.compile(
    (
        r"(?P<scheme>\w+://)?(?P<user>[^/?#]*@)?(?P<host>[^/?#:]*?)(?P<top>\.[^\W\d_]+)?(?P<rest>[/?"
        r"#:].*)?"
    ),
    re.DOTALL,
)


def _other_address(key: bytes, value: str, names: LocaleNames | None) -> str:
    parts = _ADDRESS.fullmatch(value)
    assert parts is not None, (
        "every part may be empty, and what a host must not hold begins the rest"
    )
    user, host, path = (
        _other_words(key, PseudonymKind.PERSON, parts[name] or "")
        for name in ("user", "host", "rest")
    )
    # The same names as in the text, where an address may have them.
    if (
        names is not None
        and (named := _other_words(key, PseudonymKind.PERSON, parts["user"] or "", names)).isascii()
    ):
        user = named
    top = parts["top"] or ""
    return "".join(
        [
            parts["scheme"] or "",
            user,
            host,
            ".EXAMPLE" if top.isupper() else top and ".example",
            path,
        ]
    )


_YEARS = tuple(map(str, range(1930, 2026)))
_SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
_SHORT_DAYS = tuple(name[:3] for name in WORDS["days"])
_DATE_WORDS = (
    MONTHS,
    _SHORT_MONTHS,
    WORDS["days"],
    _SHORT_DAYS,
    ("am", "pm"),
    ("thirty", "twenty"),
)
# With and without "twenty" before them, these are days of each month.
_ORDINALS = ORDINALS[:8]
_SUFFIXES = frozenset(("st", "nd", "rd", "th"))
_DATE_KEPT = frozenset(WORDS["not_of_dates"])


def _other_date(key: bytes, value: str) -> str:
    form = _same_form(key, value)
    numbers = _numbers(key, PseudonymKind.DATE, normal(value))
    pieces: list[str] = []
    for sign, start, end in _runs(value):
        run = _folded(value[start:end])
        choices = next((words for words in _DATE_WORDS if run in words), ())
        if sign is _Sign.DIGIT and len(run) <= 2:
            # Up to 12 it is a day, a month or an hour, whichever comes first.
            choices = tuple(
                str(number).zfill(len(run)) for number in range(1, 10 if len(run) == 1 else 13)
            )
        elif sign is _Sign.DIGIT and len(run) == 4:
            choices = _YEARS
        elif run in ORDINALS:
            choices = _ORDINALS
        elif run in _SUFFIXES and pieces and pieces[-1].isdigit():
            choices = (suffix(int(pieces[-1])),)
        others = [choice for choice in choices if choice != run or run in _SUFFIXES]
        if run in _DATE_KEPT or not others:
            pieces += value[start:end] if run in _DATE_KEPT else form[start:end]
            continue
        pieces.append(cased(value[start:end], others[next(numbers) % len(others)]))
    new = "".join(pieces)
    return "".join(form) if new == value else new
