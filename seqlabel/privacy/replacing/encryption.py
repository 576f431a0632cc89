"""Encrypted values in a text: how one is written and read; texts are put back in
`privacy.replacing.restored`.

A value becomes `<ENCRYPTED:v2:…>`. Inside is base64 of a header, which can be read without the key,
and the value encrypted with AES-256-GCM-SIV (RFC 8452), which authenticates the header too: the
version, four bytes that tell keys apart, the value's label, and its position: a random number of
the text or file, the record and field in it, and the value's number there. A changed value is not
decrypted, and one that was moved has a position that does not fit.
"""

import base64
import re
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, NamedTuple

from seqlabel.errors import DataError, OptionError
from seqlabel.io.files import SURROGATE
from seqlabel.names import needed
from seqlabel.privacy.replacing.keys import Purpose, derived

ENCRYPTED = "<ENCRYPTED:"
"""The prefix of an encrypted value."""
MARK = re.compile(rf"{ENCRYPTED}v(?P<version>[0-9]{{1,3}}):(?P<data>[A-Za-z0-9_+/=-]+)>")
"""An encrypted value, whatever its form and its key."""

_VERSION = 2
_HEADER = struct.Struct(">B4s8sQIIB")
_NONCE = 12
_TAG = 16
_BLOCK = 16
_DOCUMENT = 8


class Origin(NamedTuple):
    """Where a text is.

    Args:
        document: Random bytes that tell this file, stream or text from others.
        record: The number of the record in it, such as a line.
        field: The number of the text in the record.
    """

    document: bytes
    record: int = 0
    field: int = 0

    @classmethod
    def new(cls) -> "Origin":
        """Make the place of a text that stands alone.

        Returns:
            A place in a document of its own.
        """
        return cls(secrets.token_bytes(_DOCUMENT))


@dataclass
class Numbering:
    """Numbers the encrypted values of one text, in the order in which they are encrypted.

    Args:
        place: Where the text is.
        numbers: The numbers of its next values.
    """

    place: Origin = field(default_factory=Origin.new)
    numbers: "count[int]" = field(default_factory=count)


class Opened(NamedTuple):
    """A value that was decrypted.

    Args:
        value: The value.
        label: Its label.
        place: Where its text was.
        number: Its number in the text.
    """

    value: str
    label: str
    place: Origin
    number: int


class Refusal(StrEnum):
    """Why a value is not decrypted."""

    FOREIGN = "foreign"
    """It was encrypted with another key or by another version, or is not an encrypted value."""
    CHANGED = "changed"
    """It was encrypted with this key, and changed since."""


def encryption(key: bytes) -> Callable[[str, str, Numbering], str]:
    """Make the function that encrypts values.

    Args:
        key: The master key.

    Returns:
        A function from a value, its label and the numbering of its text to what replaces the value.
        It raises `DataError` for a value that is not valid Unicode.

    Raises:
        OptionError: Where the package `cryptography` is missing or has no AES-GCM-SIV.
    """
    cipher = _cipher(key)
    key_id = _key_id(key)

    def encrypt(value: str, label: str, numbering: Numbering) -> str:
        if SURROGATE.search(value):
            raise DataError(
                "A private span holds half a surrogate pair, such as undecodable bytes leave, "
                "and only valid Unicode "
                "can be encrypted. Read the file with errors='replace', or choose another policy."
            )
        name = label.encode("utf-8", "surrogatepass")
        if len(name) > 255:
            raise DataError(
                f"A label has {len(name)} bytes; one that is encrypted has at most 255. Shorten it."
            )
        origin = numbering.place
        header = _HEADER.pack(
            _VERSION,
            key_id,
            origin.document,
            origin.record,
            origin.field,
            next(numbering.numbers),
            len(name),
        )
        nonce = secrets.token_bytes(_NONCE)
        sealed = cipher.encrypt(nonce, _padded(value.encode()), header + name)
        data = base64.urlsafe_b64encode(header + name + nonce + sealed).decode().rstrip("=")
        return f"{ENCRYPTED}v{_VERSION}:{data}>"

    return encrypt


def decryption(key: bytes) -> Callable[[str], Opened | Refusal]:
    """Make the function that decrypts values.

    Args:
        key: The master key.

    Returns:
        A function from an encrypted value to what is in it, or to the reason why it cannot be
        decrypted.

    Raises:
        OptionError: Where the package `cryptography` is missing or has no AES-GCM-SIV.
    """
    cipher = _cipher(key)
    key_id = _key_id(key)
    from cryptography.exceptions import InvalidTag

    def decrypt(mark: str) -> Opened | Refusal:
        match = MARK.fullmatch(mark)
        if match is None or match["version"] != str(_VERSION):
            return Refusal.FOREIGN
        try:
            # The key's id alone, because the rest may be damaged.
            if base64.urlsafe_b64decode(match["data"][:8])[1:5] != key_id:
                return Refusal.FOREIGN
        except ValueError:
            return Refusal.FOREIGN
        try:
            data = base64.b64decode(
                match["data"] + "=" * (-len(match["data"]) % 4), altchars=b"-_", validate=True
            )
            version, _, document, record, number_of_field, number, length = _HEADER.unpack_from(
                data
            )
            end = _HEADER.size + length
            plain = cipher.decrypt(data[end : end + _NONCE], data[end + _NONCE :], data[:end])
        except (ValueError, struct.error, InvalidTag):
            return Refusal.CHANGED
        if version != _VERSION:
            return Refusal.CHANGED
        label = data[_HEADER.size : end].decode("utf-8", "surrogatepass")
        return Opened(_unpadded(plain), label, Origin(document, record, number_of_field), number)

    return decrypt


def _key_id(key: bytes) -> bytes:
    return derived(key, Purpose.KEY_ID, length=4)


def _padded(value: bytes) -> bytes:
    # So that the length shows in steps only, as a block cipher's does.
    return value + b"\x80" + bytes(-(len(value) + 1) % _BLOCK)


def _unpadded(plain: bytes) -> str:
    return plain[: plain.rindex(b"\x80")].decode()


def _cipher(key: bytes) -> Any:
    ciphers = needed(
        "cryptography.hazmat.primitives.ciphers.aead", needed_for="Encrypting", extra="pii"
    )
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return ciphers.AESGCMSIV(derived(key, Purpose.ENCRYPTION))
    except UnsupportedAlgorithm:
        raise OptionError(
            "The package cryptography is built with an OpenSSL before 3.2, which has no "
            "AES-GCM-SIV. Install cryptography from PyPI, which brings its own."
        ) from None
