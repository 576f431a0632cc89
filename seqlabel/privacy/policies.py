"""Policies: what replaces a private value; texts are rewritten in `privacy.redacted`, values found elsewhere.

A value is replaced by its type, by nothing, by a mask of its form, a keyed hash, a pseudonym, or its encryption. The
first two and encryption are operators of `presidio-anonymizer` (the extra `seqlabel-rnn[pii]`); the others need no
package.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from types import ModuleType
from typing import Protocol

from seqlabel.errors import DataError, OptionError
from seqlabel.files import SURROGATE
from seqlabel.privacy.pseudonyms import PseudonymKind, digest, masked, normal, pseudonym

_HASH_KEY = 16
_AES_KEYS = (16, 24, 32)


class Policy(Protocol):
    """What stands in for private spans; the dataclasses of this module, or an own one."""

    def replacements(self) -> Callable[[str, str], str]:
        """A function from a span's text and label to what replaces it, called for one text's spans in their order."""
        ...


@dataclass(frozen=True)
class Replace:
    """The type in angle brackets, `<PERSON>`, by `presidio-anonymizer`.

    `numbered` tells the values of a text apart: `<PERSON_1>`, `<PERSON_2>`, by first appearance, with the same number
    for the same letters and digits in any case.
    """

    numbered: bool = False

    def replacements(self) -> Callable[[str, str], str]:
        """See `Policy`. Raises `OptionError` where `presidio-anonymizer` is missing."""
        operator = _presidio().Replace()
        numbers: dict[str, dict[str, int]] = {}

        def replacement(value: str, label: str) -> str:
            new = None
            if self.numbered:
                known = numbers.setdefault(label, {})
                new = f"<{label}_{known.setdefault(normal(value), len(known) + 1)}>"
            return str(operator.operate(text=value, params={"entity_type": label, "new_value": new}))

        return replacement


@dataclass(frozen=True)
class Remove:
    """Nothing: the span is cut out, by the operator `redact` of `presidio-anonymizer`."""

    def replacements(self) -> Callable[[str, str], str]:
        """See `Policy`. Raises `OptionError` where `presidio-anonymizer` is missing."""
        operator = _presidio().Redact()
        return lambda value, label: str(operator.operate(text=value, params={"entity_type": label}))


@dataclass(frozen=True)
class Mask:
    """The span's form: `X` and `x` for letters, `0` for digits, as long as before.

    White space, punctuation and ASCII's symbols stay; all else (combining marks, emoji, invisible characters) becomes
    `x`, and so does every character of a span that has only punctuation, which may be a password.
    """

    def replacements(self) -> Callable[[str, str], str]:
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

    def replacements(self) -> Callable[[str, str], str]:
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

    `kind` says where stand-ins come from; None lets the label decide, `FORM` for labels that are not known. Raises
    `OptionError` for a key that is not bytes, at least 16 of them, and for an unknown kind.
    """

    key: bytes = field(repr=False)
    kind: PseudonymKind | None = None

    def __post_init__(self) -> None:
        _check_key(self.key)
        if self.kind is not None and not isinstance(self.kind, PseudonymKind):
            raise OptionError(f"kind: allowed are {', '.join(PseudonymKind)} (`PseudonymKind`), and None")

    def replacements(self) -> Callable[[str, str], str]:
        """See `Policy`."""
        return lambda value, label: pseudonym(self.key, self.kind, value, label)


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

    def replacements(self) -> Callable[[str, str], str]:
        """See `Policy`. Raises `OptionError` without `presidio-anonymizer`, `DataError` for what is not Unicode."""
        operator = _presidio().Encrypt()

        def replacement(value: str, label: str) -> str:
            if SURROGATE.search(value):
                raise DataError(
                    "found a private span with half a surrogate pair, such as undecodable bytes leave; only valid "
                    "Unicode can be encrypted: read the file with errors='replace', or choose another policy"
                )
            return f"{ENCRYPTED}{operator.operate(text=value, params={'key': self.key})}>"

        return replacement


ENCRYPTED = "<ENCRYPTED:"
"""What a value that `Encrypt` wrote begins with."""
MARK = re.compile(rf"{ENCRYPTED}([A-Za-z0-9_+/=-]+)>")


def decryption(key: bytes) -> Callable[[str], str | None]:
    """A function from a stand-in of `Encrypt` to its value, None where the key does not decrypt it."""
    _check_key(key, lengths=_AES_KEYS)
    operator = _presidio().Decrypt()

    def decrypt(mark: str) -> str | None:
        match = MARK.fullmatch(mark)
        try:
            return (str(operator.operate(text=match[1], params={"key": key})) or None) if match else None
        except ValueError:
            return None

    return decrypt


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


class PolicyName(StrEnum):
    """The names of the policies of `seqlabel.privacy.policies`."""

    REPLACE = "replace"
    REMOVE = "remove"
    MASK = "mask"
    HASH = "hash"
    PSEUDONYM = "pseudonym"
    ENCRYPT = "encrypt"


_PLAIN: dict[str, type[Replace | Remove | Mask]] = {
    PolicyName.REPLACE: Replace,
    PolicyName.REMOVE: Remove,
    PolicyName.MASK: Mask,
}
_KEYED: dict[str, type[Hash | Pseudonym | Encrypt]] = {
    PolicyName.HASH: Hash,
    PolicyName.PSEUDONYM: Pseudonym,
    PolicyName.ENCRYPT: Encrypt,
}


def policy_named(name: str, *, key: bytes | None = None) -> Policy:
    """The policy with a name, with this key.

    Raises `OptionError` for a name that is not known, a key that is missing, not needed or too short, and where a
    policy's package is missing.
    """
    if name not in list(PolicyName):
        raise OptionError(f"policy: found {name!r}; allowed are {', '.join(PolicyName)}")
    if name in _KEYED and key is None:
        raise OptionError(f"policy {str(name)!r} needs a key, in a file or an environment variable, and found none")
    if name in _PLAIN and key is not None:
        raise OptionError(f"policy {str(name)!r} has no key; leave it out, or choose one of {', '.join(_KEYED)}")
    policy: Policy = _PLAIN[name]() if key is None else _KEYED[name](key)
    # Now, not at the first text, if its package is missing.
    policy.replacements()
    return policy
