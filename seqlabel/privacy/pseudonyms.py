"""Values that stand in for others: masks of their form, and made-up ones that a key chooses; policies are elsewhere."""

import hmac
import re
import struct
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from itertools import count, groupby


class Stock(StrEnum):
    """Where pseudonyms come from."""

    PERSON = "person"
    """Words that could be names; made of syllables, so that they are nobody's in particular."""
    PLACE = "place"
    """Words that could be places; codes of up to three capitals keep their form."""
    ORGANISATION = "organisation"
    """Words that could be firms; codes of up to three capitals keep their form."""
    INTERNET = "internet"
    """E-mail addresses and URLs of names, under the top-level domain `example`, which is reserved (RFC 2606)."""
    DATE = "date"
    """Other months, weekdays, days and years in the same notation; the year is from 1930 to 2025."""
    FORM = "form"
    """Other letters and digits of the same form; check digits and ranges are not kept."""


def pseudonym(key: bytes, stock: Stock | None, value: str, label: str) -> str:
    """What stands in for a value; its label decides where no stock is given. See `Pseudonym` of `policies`."""
    stock = stock or _STOCKS.get(label.upper(), Stock.FORM)
    if all(_kind(character) is _Kind.KEPT for character in value):
        # A smiley or a password of punctuation; nothing of it may stay.
        return _made_up(key, Stock.PERSON, value)
    if stock is Stock.FORM:
        return "".join(_same_form(key, value))
    if stock is Stock.DATE:
        return _other_date(key, value)
    if stock is Stock.INTERNET:
        return _other_address(key, value)
    return _other_words(key, stock, value)


def digest(key: bytes, value: str) -> bytes:
    """The HMAC-SHA256 of a value's UTF-8."""
    return hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")


class _Kind(StrEnum):
    """What becomes of a character: nothing, another digit, or, for all that could tell something, another letter."""

    KEPT = "kept"
    DIGIT = "digit"
    LETTER = "letter"


def _kind(character: str) -> _Kind:
    category = unicodedata.category(character)
    if category[0] == "N":
        return _Kind.DIGIT
    if category[0] in "PZ" or character.isspace() or (category[0] == "S" and character.isascii()):
        return _Kind.KEPT
    return _Kind.LETTER


def masked(value: str) -> str:
    """The form of a value. See `seqlabel.privacy.policies.Mask`."""
    kinds = [_kind(character) for character in value]
    if all(kind is _Kind.KEPT for kind in kinds):
        return "x" * len(value)
    masks = {_Kind.DIGIT: "0", _Kind.LETTER: "x"}
    return "".join(
        "X" if kind is _Kind.LETTER and character.isupper() else masks.get(kind, character)
        for character, kind in zip(value, kinds, strict=True)
    )


def _is_attached(character: str) -> bool:
    """Whether a character is a combining mark or invisible, and so no letter of its own."""
    return unicodedata.category(character)[0] == "M" or unicodedata.category(character) == "Cf"


def _folded(value: str) -> str:
    visible = "".join(character for character in value if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())


def normal(value: str) -> str:
    """What the same values have in common: letters and digits, or all of it where there are none."""
    folded = _folded(value)
    return "".join(character for character in folded if _kind(character) is not _Kind.KEPT) or folded


def _numbers(key: bytes, purpose: str, value: str) -> Iterator[int]:
    """Endlessly many numbers below 2³² that look random without the key."""
    for block in count():
        yield from struct.unpack(">8I", digest(key, f"{purpose}:{block}:{value}"))


def _same_form(key: bytes, value: str) -> list[str]:
    """For each character of a value another one of its kind; none for what is attached to the one before."""
    numbers = _numbers(key, "form", normal(value))
    visible = [character for character in value if not _is_attached(character)]
    while True:
        drawn = [_drawn(character, numbers) for character in visible]
        if all(_kind(character) is _Kind.KEPT for character in visible) or normal("".join(drawn)) != normal(value):
            break
    rest = iter(drawn)
    return ["" if _is_attached(character) else next(rest) for character in value]


def _drawn(character: str, numbers: Iterator[int]) -> str:
    kind = _kind(character)
    if kind is _Kind.KEPT:
        return character
    if kind is _Kind.DIGIT:
        return str(next(numbers) % 10)
    letter = "abcdefghijklmnopqrstuvwxyz"[next(numbers) % 26]
    return letter.upper() if character.isupper() else letter


def _runs(value: str) -> Iterator[tuple[_Kind, int, int]]:
    """The half-open offsets of the longest runs of one kind."""
    place = 0
    for kind, group in groupby(value, _kind):
        end = place + len(list(group))
        yield kind, place, end
        place = end


def _other_words(key: bytes, stock: Stock, value: str) -> str:
    form = _same_form(key, value)
    pieces: list[str] = []
    for kind, start, end in _runs(value):
        run = value[start:end]
        letters = [character for character in run if not _is_attached(character)]
        is_initial = len(letters) == 1 and (run.isupper() or run.islower())
        is_code = stock is not Stock.PERSON and len(letters) <= 3 and run.isupper()
        if kind is not _Kind.LETTER or is_initial or is_code or not letters:
            pieces += form[start:end]
        else:
            pieces.append(_made_up(key, stock, run))
    return "".join(pieces)


def _made_up(key: bytes, stock: Stock, run: str) -> str:
    """A word with the case of `run`; capitalised where that is mixed or has none."""
    folded = _folded(run)
    numbers = _numbers(key, stock, folded)
    while (word := "".join(part[next(numbers) % len(part)] for part in (*_BEGINNINGS, _ENDINGS[stock]))) == folded:
        pass
    if run.isupper():
        return word.upper()
    return word if run.islower() else word.capitalize()


# Five letters before the ending, so that no two choices make the same word.
_BEGINNINGS = ("bcdfghjklmnprstv", "aeiou", "lnrsv", "aeiou", "bdgklmrv")
_ENDINGS: dict[Stock, tuple[str, ...]] = {
    Stock.PERSON: (
        *("a", "an", "ar", "as", "e", "el", "en", "er", "et", "ey", "i", "ia", "ic", "im", "in", "is"),
        *("o", "old", "olt", "on", "or", "os", "ow", "und", "us", "win", "y", "ya", "yn", "yr", "ys", "ez"),
    ),
    Stock.PLACE: (
        *("burg", "bury", "by", "dale", "field", "ford", "gate", "ham", "haven", "hill", "holm", "hurst", "land"),
        *("leigh", "mere", "minster", "mont", "mouth", "port", "shire", "stead", "stoke", "stow", "thorpe", "ton"),
        *("vale", "ville", "wald", "well", "wick", "wood", "worth"),
    ),
    Stock.ORGANISATION: (
        *("a", "co", "corp", "dex", "dyne", "ex", "form", "gen", "graph", "ia", "ica", "ix", "lab", "line", "link"),
        *("mark", "max", "nova", "on", "plan", "plex", "point", "prime", "sys", "tech", "tel", "tron", "us", "vex"),
        *("ware", "works", "zone"),
    ),
}
_STOCKS = {
    **dict.fromkeys(("PERSON", "PER", "NAME", "USERNAME"), Stock.PERSON),
    **dict.fromkeys(("LOCATION", "LOC", "GPE", "FAC", "ADDRESS", "CITY", "COUNTRY"), Stock.PLACE),
    **dict.fromkeys(("ORGANISATION", "ORGANIZATION", "ORG"), Stock.ORGANISATION),
    **dict.fromkeys(("EMAIL", "EMAIL_ADDRESS", "URL"), Stock.INTERNET),
    **dict.fromkeys(("DATE", "DATE_OF_BIRTH", "DATE_TIME"), Stock.DATE),
}

_ADDRESS = re.compile(
    r"(?P<scheme>\w+://)?(?P<user>[^/?#]*@)?(?P<host>[^/?#:]*?)(?P<top>\.[^\W\d_]+)?(?P<rest>[/?#:].*)?", re.DOTALL
)


def _other_address(key: bytes, value: str) -> str:
    parts = _ADDRESS.fullmatch(value)
    assert parts is not None, "every part may be empty, and what a host must not hold begins the rest"
    user, host, rest = (_other_words(key, Stock.PERSON, parts[name] or "") for name in ("user", "host", "rest"))
    top = parts["top"] or ""
    return "".join([parts["scheme"] or "", user, host, ".EXAMPLE" if top.isupper() else top and ".example", rest])


_YEARS = tuple(map(str, range(1930, 2026)))
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DATE_WORDS = (
    _MONTHS,
    tuple(month[:3] for month in _MONTHS),
    _DAYS,
    tuple(day[:3] for day in _DAYS),
    ("st", "nd", "rd", "th"),
    ("am", "pm"),
)


def _other_date(key: bytes, value: str) -> str:
    form = _same_form(key, value)
    numbers = _numbers(key, Stock.DATE, normal(value))
    pieces: list[str] = []
    for kind, start, end in _runs(value):
        run = _folded(value[start:end])
        choices = next((words for words in _DATE_WORDS if run in words), ())
        if kind is _Kind.DIGIT and len(run) <= 2:
            # Up to 12 it is a day, a month or an hour, whichever comes first.
            choices = tuple(str(number).zfill(len(run)) for number in range(1, 10 if len(run) == 1 else 13))
        elif kind is _Kind.DIGIT and len(run) == 4:
            choices = _YEARS
        others = [choice for choice in choices if choice != run]
        if not others:
            pieces += form[start:end]
            continue
        word = others[next(numbers) % len(others)]
        if value[start:end].isupper():
            word = word.upper()
        pieces.append(word if value[start:end].islower() else word[0].upper() + word[1:])
    return "".join(pieces)
