"""What replaces a private span, and the map between the offsets of both texts; what is private is found elsewhere.

A policy says what stands in for a span: its type, nothing, a mask of its form, a keyed hash, a pseudonym, or its
encryption. The first two and encryption are operators of `presidio-anonymizer` (the extra `seqlabel[pii]`); the others
need no package. Spans that overlap become one, their union, so that no private character survives.
"""

import base64
import hmac
import re
import struct
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count, groupby
from operator import attrgetter
from types import ModuleType
from typing import NamedTuple, Protocol

from seqlabel.errors import DataError, OptionError
from seqlabel.files import SURROGATE

_HASH_KEY = 16
_AES_KEYS = (16, 24, 32)


@dataclass(frozen=True)
class Verdict:
    """A private span: its label, its half-open offsets in the old and in the new text, and its score.

    `score` is None where the span came without one. `encrypted` says whether `restore` can undo the replacement.
    """

    label: str
    start: int
    end: int
    new_start: int
    new_end: int
    score: float | None = None
    encrypted: bool = False


@dataclass(frozen=True)
class Redacted:
    """A text without its private spans, and a verdict on each of them in the order of the text.

    `old_length` is the number of characters of the original, of which nothing else is kept. The repr holds no text,
    because what was not found is still in it.
    """

    text: str
    verdicts: tuple[Verdict, ...]
    old_length: int

    def __repr__(self) -> str:
        found = Counter(verdict.label for verdict in self.verdicts)
        labels = ", ".join(f"{label} {number}" for label, number in sorted(found.items()))
        return f"Redacted({len(self.text)} characters for {self.old_length}; {labels or 'nothing private'})"

    def to_new(self, start: int, end: int) -> tuple[int, int]:
        """Where the old text's characters `start` to `end - 1` are in the new one, as half-open offsets.

        An end inside a replaced span widens to the whole of what replaces it, which is empty for a removed one. An
        empty interval gives an empty one, except inside a replaced span. Raises `DataError` outside the text.
        """
        return _mapped(start, end, self.verdicts, (self.old_length, _OLD), (len(self.text), _NEW))

    def to_old(self, start: int, end: int) -> tuple[int, int]:
        """Where the new text's characters `start` to `end - 1` come from in the old one, as `to_new`.

        An empty interval at a place from which spans were removed gives these spans.
        """
        return _mapped(start, end, self.verdicts, (len(self.text), _NEW), (self.old_length, _OLD))


_Offsets = Callable[[Verdict], tuple[int, int]]
_OLD: _Offsets = attrgetter("start", "end")
_NEW: _Offsets = attrgetter("new_start", "new_end")


def _mapped(
    start: int, end: int, verdicts: Sequence[Verdict], source: tuple[int, _Offsets], target: tuple[int, _Offsets]
) -> tuple[int, int]:
    """The offsets in a target text of those in a source text; of both, the length and where a verdict is in it."""
    (length, here), (new_length, there) = source, target
    if not 0 <= start <= end <= length:
        raise DataError(f"found offsets {start} to {end}; in this text of {length} characters 0 ≤ start ≤ end ≤ length")
    first, last = start, new_length - (length - end)
    before = bisect_right(verdicts, start, key=lambda verdict: here(verdict)[0]) - 1
    if before >= 0:
        (_, stop), (new_start, new_stop) = here(verdicts[before]), there(verdicts[before])
        first = new_start if start < stop else new_stop + start - stop
    after = bisect_left(verdicts, end, key=lambda verdict: here(verdict)[1])
    if after < len(verdicts):
        (begin, _), (new_start, new_stop) = here(verdicts[after]), there(verdicts[after])
        last = new_stop if end > begin else new_start + end - begin
    # Without a character between them, what was removed lies before the start and behind the end.
    return min(first, last), max(first, last)


class Policy(Protocol):
    """What stands in for private spans; the dataclasses of this module, or an own one."""

    def stand_ins(self) -> Callable[[str, str], str]:
        """A function from a span's text and label to what replaces it, called for one text's spans in their order."""
        ...


@dataclass(frozen=True)
class Replace:
    """The type in angle brackets, `<PERSON>`, by `presidio-anonymizer`.

    `numbered` tells the values of a text apart: `<PERSON_1>`, `<PERSON_2>`, by first appearance, with the same number
    for the same letters and digits in any case.
    """

    numbered: bool = False

    def stand_ins(self) -> Callable[[str, str], str]:
        """See `Policy`. Raises `OptionError` where `presidio-anonymizer` is missing."""
        operator = _presidio().Replace()
        numbers: dict[str, dict[str, int]] = {}

        def stand_in(value: str, label: str) -> str:
            new = None
            if self.numbered:
                known = numbers.setdefault(label, {})
                new = f"<{label}_{known.setdefault(_normal(value), len(known) + 1)}>"
            return str(operator.operate(text=value, params={"entity_type": label, "new_value": new}))

        return stand_in


@dataclass(frozen=True)
class Remove:
    """Nothing: the span is cut out, by the operator `redact` of `presidio-anonymizer`."""

    def stand_ins(self) -> Callable[[str, str], str]:
        """See `Policy`. Raises `OptionError` where `presidio-anonymizer` is missing."""
        operator = _presidio().Redact()
        return lambda value, label: str(operator.operate(text=value, params={"entity_type": label}))


@dataclass(frozen=True)
class Mask:
    """The span's form: `X` and `x` for letters, `0` for digits, as long as before.

    White space, punctuation and ASCII's symbols stay; all else (combining marks, emoji, invisible characters) becomes
    `x`, and so does every character of a span that has only punctuation, which may be a password.
    """

    def stand_ins(self) -> Callable[[str, str], str]:
        """See `Policy`."""
        return lambda value, label: _masked(value)


@dataclass(frozen=True)
class Hash:
    """The first `characters` of the HMAC-SHA256 of the span's exact UTF-8 text, in base32 (five bits a character).

    Raises `OptionError` for a key that is not bytes, at least 16 of them, and for less than 8 or more than 51
    characters.
    """

    key: bytes = field(repr=False)
    characters: int = 16

    def __post_init__(self) -> None:
        _check_key(self.key)
        if not 8 <= self.characters <= 51:
            raise OptionError(f"characters: found {self.characters}; a hash has 8 to 51 characters of five bits")

    def stand_ins(self) -> Callable[[str, str], str]:
        """See `Policy`."""
        return lambda value, label: base64.b32encode(_digest(self.key, value))[: self.characters].decode()


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


@dataclass(frozen=True)
class Pseudonym:
    """A stand-in that is the same for the same value wherever it appears, for one key; keep it as secret as the texts.

    HMAC-SHA256 of the value, Unicode-normalised (NFKC), case-folded and without invisible characters, chooses it; no
    state is kept, so that several processes and later runs agree. Each word is chosen by itself, so that
    "Ann LEE", "Lee" and "a. lee" get the same surname. Case, number of words, initials and punctuation stay;
    letters and digits that are not words are chosen by the whole value.

    Two values can get the same stand-in. A word of `PERSON`, `PLACE` or `ORGANISATION` is one of 512,000: among 1,000
    different words about one pair shares its stand-in, among 10,000 about 98; whole names of two words hardly ever do.
    `FORM` and `DATE` have only as many stand-ins as there are values of that form, and short ones collide often. A
    stand-in differs from its value; that it is nobody's real name or number cannot be promised.

    `stock` says where stand-ins come from; None lets the label decide, `FORM` for labels that are not known. Raises
    `OptionError` for a key that is not bytes, at least 16 of them, and for an unknown stock.
    """

    key: bytes = field(repr=False)
    stock: Stock | None = None

    def __post_init__(self) -> None:
        _check_key(self.key)
        if self.stock is not None and not isinstance(self.stock, Stock):
            raise OptionError(f"stock: allowed are {', '.join(Stock)} (of seqlabel.redaction.Stock), and None")

    def stand_ins(self) -> Callable[[str, str], str]:
        """See `Policy`."""

        def stand_in(value: str, label: str) -> str:
            stock = self.stock or _STOCKS.get(label.upper(), Stock.FORM)
            if all(_kind(character) is _Kind.KEPT for character in value):
                # A smiley or a password of punctuation; nothing of it may stay.
                return _made_up(self.key, Stock.PERSON, value)
            if stock is Stock.FORM:
                return "".join(_same_form(self.key, value))
            if stock is Stock.DATE:
                return _other_date(self.key, value)
            if stock is Stock.INTERNET:
                return _other_address(self.key, value)
            return _other_words(self.key, stock, value)

        return stand_in


@dataclass(frozen=True)
class Encrypt:
    """AES in CBC mode with a random initial vector, in base64, by `presidio-anonymizer`; `restore` undoes it.

    Equal values look different. Their length shows, in steps of 16 bytes, and a change made by others is not noticed.
    Raises `OptionError` for a key that is not 16, 24 or 32 bytes.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_key(self.key, lengths=_AES_KEYS)

    def stand_ins(self) -> Callable[[str, str], str]:
        """See `Policy`. Raises `OptionError` without `presidio-anonymizer`, `DataError` for what is not Unicode."""
        operator = _presidio().Encrypt()

        def stand_in(value: str, label: str) -> str:
            if SURROGATE.search(value):
                raise DataError(
                    "found a private span with half a surrogate pair, such as undecodable bytes leave; only valid "
                    "Unicode can be encrypted: read the file with errors='replace', or choose another policy"
                )
            return str(operator.operate(text=value, params={"key": self.key}))

        return stand_in


def redact_characters(
    text: str,
    spans: Iterable[tuple[int, int, str]],
    policy: Policy,
    *,
    scores: Sequence[float] = (),
    by_label: Mapping[str, Policy] | None = None,
) -> Redacted:
    """Replace spans `(start, end, label)` of characters as `policy` says, or, for labels in `by_label`, as these say.

    Spans may come in any order; `scores` has one for each, or none. Spans that overlap become one, their union, with
    the label and the score of the longest, of equally long ones that with the highest score, then of the first. All
    other characters stay as they are.

    Raises `DataError` for spans that are empty or leave the text, and for another number of scores.
    """
    policies = by_label or {}
    stand_ins: dict[str | None, Callable[[str, str], str]] = {}
    pieces: list[str] = []
    verdicts: list[Verdict] = []
    place = new_place = 0
    for start, end, label, score in _united(text, list(spans), scores):
        known = label if label in policies else None
        chosen = policies.get(label, policy)
        if known not in stand_ins:
            stand_ins[known] = chosen.stand_ins()
        stand_in = stand_ins[known](text[start:end], label)
        pieces += [text[place:start], stand_in]
        new_start = new_place + start - place
        place, new_place = end, new_start + len(stand_in)
        verdicts.append(Verdict(label, start, end, new_start, new_place, score, isinstance(chosen, Encrypt)))
    pieces.append(text[place:])
    return Redacted("".join(pieces), tuple(verdicts), len(text))


def restore(redacted: Redacted, *, key: bytes) -> str:
    """The original text of one in which every private span was encrypted with this key.

    Raises `OptionError` for a key of a wrong length or without `presidio-anonymizer`, `DataError` for spans that were
    not encrypted, and for such as this key does not decrypt.
    """
    _check_key(key, lengths=_AES_KEYS)
    lost = sum(not verdict.encrypted for verdict in redacted.verdicts)
    if lost:
        raise DataError(
            f"found {lost} of {len(redacted.verdicts)} private spans that were not encrypted; "
            f"only a text redacted with Encrypt alone can be restored"
        )
    operator = _presidio().Decrypt()
    pieces: list[str] = []
    place = 0
    for number, verdict in enumerate(redacted.verdicts):
        try:
            new = redacted.text[verdict.new_start : verdict.new_end]
            value = str(operator.operate(text=new, params={"key": key}))
        except ValueError:
            value = ""
        # A wrong key can yield valid Unicode by chance, hardly of the same length.
        if len(value) != verdict.end - verdict.start:
            raise DataError(
                f"private span {number}, now at {verdict.new_start} to {verdict.new_end}, cannot be decrypted; "
                f"give the key and the text that encryption used and returned"
            )
        pieces += [redacted.text[place : verdict.new_start], value]
        place = verdict.new_end
    return "".join([*pieces, redacted.text[place:]])


class _Private(NamedTuple):
    start: int
    end: int
    label: str
    score: float | None


def _united(text: str, spans: list[tuple[int, int, str]], scores: Sequence[float]) -> list[_Private]:
    """The spans in the order of the text, those that overlap as one."""
    if scores and len(scores) != len(spans):
        raise DataError(f"found {len(scores)} scores for {len(spans)} spans; give one for each, or none")
    for number, (start, end, _) in enumerate(spans):
        if not 0 <= start < end <= len(text):
            raise DataError(
                f"span {number} has offsets {start} to {end} in a text of {len(text)} characters; "
                f"0 ≤ start < end ≤ length"
            )
    found = [_Private(*span, scores[number] if scores else None) for number, span in enumerate(spans)]
    united: list[_Private] = []
    best: _Private | None = None
    for span in sorted(found, key=lambda span: (span.start, span.end, span.label)):
        if best is not None and span.start < united[-1].end:
            best = max(best, span, key=lambda span: (span.end - span.start, span.score or 0.0))
            united[-1] = _Private(united[-1].start, max(united[-1].end, span.end), best.label, best.score)
        else:
            best = span
            united.append(span)
    return united


def _presidio() -> ModuleType:
    try:
        from presidio_anonymizer import operators
    except ImportError as error:
        raise OptionError(
            "replacing, removing and encrypting need a package that is not installed: pip install 'seqlabel[pii]'"
        ) from error
    return operators


def _check_key(key: object, *, lengths: tuple[int, ...] = ()) -> None:
    needed = " or ".join(map(str, lengths)) if lengths else f"at least {_HASH_KEY}"
    if not isinstance(key, bytes):
        raise OptionError(f"key: found {type(key).__name__}; it is {needed} bytes, such as secrets.token_bytes(32)")
    if (lengths and len(key) not in lengths) or len(key) < _HASH_KEY:
        raise OptionError(f"key: found {len(key)} bytes; it is {needed} bytes, such as secrets.token_bytes(32)")


def _digest(key: bytes, value: str) -> bytes:
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


def _masked(value: str) -> str:
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


def _normal(value: str) -> str:
    """What the same values have in common: letters and digits, or all of it where there are none."""
    folded = _folded(value)
    return "".join(character for character in folded if _kind(character) is not _Kind.KEPT) or folded


def _numbers(key: bytes, purpose: str, value: str) -> Iterator[int]:
    """Endlessly many numbers below 2³² that look random without the key."""
    for block in count():
        yield from struct.unpack(">8I", _digest(key, f"{purpose}:{block}:{value}"))


def _same_form(key: bytes, value: str) -> list[str]:
    """For each character of a value another one of its kind; none for what is attached to the one before."""
    numbers = _numbers(key, "form", _normal(value))
    visible = [character for character in value if not _is_attached(character)]
    while True:
        drawn = [_drawn(character, numbers) for character in visible]
        if all(_kind(character) is _Kind.KEPT for character in visible) or _normal("".join(drawn)) != _normal(value):
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
    numbers = _numbers(key, Stock.DATE, _normal(value))
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
