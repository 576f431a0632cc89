"""What replaces a private span, and the map between the offsets of both texts; what is private is found elsewhere.

A policy says what stands in for a span: its type, nothing, a mask of its form, a keyed hash, a pseudonym, or its
encryption. The first two and encryption are operators of `presidio-anonymizer` (the extra `seqlabel-rnn[pii]`); the
others need no package. Spans that overlap become one, their union, so that no private character survives.
"""

import base64
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import ModuleType
from typing import NamedTuple, Protocol

from seqlabel.errors import DataError, OptionError
from seqlabel.files import SURROGATE
from seqlabel.privacy.pseudonyms import Stock, digest, masked, normal, pseudonym

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
                new = f"<{label}_{known.setdefault(normal(value), len(known) + 1)}>"
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
        return lambda value, label: masked(value)


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
        return lambda value, label: base64.b32encode(digest(self.key, value))[: self.characters].decode()


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
            raise OptionError(f"stock: allowed are {', '.join(Stock)} (of seqlabel.privacy.policies.Stock), and None")

    def stand_ins(self) -> Callable[[str, str], str]:
        """See `Policy`."""
        return lambda value, label: pseudonym(self.key, self.stock, value, label)


@dataclass(frozen=True)
class Encrypt:
    """`<ENCRYPTED:…>`, by `presidio-anonymizer`; `restore` and `restore_text` undo it.

    Inside is base64 of AES in CBC mode with a random initial vector. Equal values look different. Their length
    shows, in steps of 16 bytes, and a change made by others is not noticed. Raises `OptionError` for a key that is
    not 16, 24 or 32 bytes.
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
            return f"{ENCRYPTED}{operator.operate(text=value, params={'key': self.key})}>"

        return stand_in


ENCRYPTED = "<ENCRYPTED:"
"""What a value that `Encrypt` wrote begins with."""
_MARK = re.compile(rf"{ENCRYPTED}([A-Za-z0-9_+/=-]+)>")


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
    lost = sum(not verdict.encrypted for verdict in redacted.verdicts)
    if lost:
        raise DataError(
            f"found {lost} of {len(redacted.verdicts)} private spans that were not encrypted; only a text redacted "
            f"with Encrypt alone can be restored so; restore_text puts back what is encrypted in any text"
        )
    decrypt = _decryption(key)
    pieces: list[str] = []
    place = 0
    for number, verdict in enumerate(redacted.verdicts):
        value = decrypt(redacted.text[verdict.new_start : verdict.new_end])
        # A wrong key can yield valid Unicode by chance, hardly of the same length.
        if value is None or len(value) != verdict.end - verdict.start:
            raise DataError(
                f"private span {number}, now at {verdict.new_start} to {verdict.new_end}, cannot be decrypted; "
                f"give the key and the text that encryption used and returned"
            )
        pieces += [redacted.text[place : verdict.new_start], value]
        place = verdict.new_end
    return "".join([*pieces, redacted.text[place:]])


@dataclass(frozen=True)
class Restored:
    """A text in which so many values were decrypted, and so many beginnings of encrypted values are left as they were.

    The repr holds no text.
    """

    text: str = field(repr=False)
    decrypted: int
    left: int


def restore_text(text: str, *, key: bytes) -> Restored:
    """A text in which every `<ENCRYPTED:…>` that this key decrypts is its value again; all else stays as it is.

    What was encrypted twice is decrypted once. A wrong key leaves everything, but for one value in millions that it
    turns into another one. Raises `OptionError` for a key of a wrong length or without `presidio-anonymizer`.
    """
    decrypt = _decryption(key)
    decrypted = 0

    def value(match: re.Match[str]) -> str:
        nonlocal decrypted
        found = decrypt(match[0])
        decrypted += found is not None
        return match[0] if found is None else found

    return Restored(_MARK.sub(value, text), decrypted, text.count(ENCRYPTED) - decrypted)


def _decryption(key: bytes) -> Callable[[str], str | None]:
    """A function from a stand-in of `Encrypt` to its value, None where the key does not decrypt it."""
    _check_key(key, lengths=_AES_KEYS)
    operator = _presidio().Decrypt()

    def decrypt(mark: str) -> str | None:
        match = _MARK.fullmatch(mark)
        try:
            return (str(operator.operate(text=match[1], params={"key": key})) or None) if match else None
        except ValueError:
            return None

    return decrypt


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
            "replacing, removing and encrypting need a package that is not installed: pip install 'seqlabel-rnn[pii]'"
        ) from error
    return operators


def _check_key(key: object, *, lengths: tuple[int, ...] = ()) -> None:
    needed = " or ".join(map(str, lengths)) if lengths else f"at least {_HASH_KEY}"
    if not isinstance(key, bytes):
        raise OptionError(f"key: found {type(key).__name__}; it is {needed} bytes, such as secrets.token_bytes(32)")
    if (lengths and len(key) not in lengths) or len(key) < _HASH_KEY:
        raise OptionError(f"key: found {len(key)} bytes; it is {needed} bytes, such as secrets.token_bytes(32)")
