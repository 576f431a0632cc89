"""Keys: made, read, checked, and one derived from another per purpose; what is done with them is in
other modules.

A key is in a file or, as hexadecimal digits, in an environment variable; never in a command or a
config. From this master key HKDF-SHA256 (RFC 5869) derives one key for each purpose, so that a hash
tells nothing about a pseudonym.
"""

import codecs
import hmac
import os
import secrets
import stat
import warnings
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from seqlabel.errors import OptionError
from seqlabel.io.files import create_file

KEY_BYTES = 32
"""How long a new key is."""
_SHORTEST_KEY = 16
# Of 16 random bytes, and of the 15 steps from one to the next, fewer than 8 differ once in 48
# billion keys.
_FEWEST_BYTES = _FEWEST_STEPS = 8


class Purpose(StrEnum):
    """The use of a derived key."""

    HASH = "hash"
    PSEUDONYM = "pseudonym"
    ENCRYPTION = "encryption"
    KEY_ID = "key id"
    JOURNAL = "journal"


def derived(key: bytes, purpose: Purpose, *, length: int = KEY_BYTES, salt: bytes = b"") -> bytes:
    """Derive a key for one purpose by HKDF-SHA256.

    Args:
        key: The master key.
        purpose: The use of the derived key.
        length: How many bytes to derive.
        salt: Bytes that are not secret and make another key of the same one.

    Returns:
        The derived bytes, from which neither the master key nor another purpose's key can be
        computed.
    """
    inner = hmac.digest(salt or bytes(32), key, "sha256")
    info = f"seqlabel 1 {purpose}".encode()
    block = b""
    blocks = b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(inner, block + info + bytes([number]), "sha256")
        blocks += block
    return blocks[:length]


def check_key(key: object) -> None:
    """Refuse keys that are too short or can be guessed.

    Args:
        key: What was given for a key.

    Raises:
        OptionError: For anything but at least 16 bytes, for fewer than 8 different bytes, such as
            zeros, or fewer than 8 different steps from byte to byte, such as 0, 1, 2, …, and for
            printable text, such as a pass phrase, in UTF-8, UTF-16 or Latin-1. The message never
            shows the key.
    """
    weakness = _weakness(key)
    if weakness is not None:
        raise OptionError(f"key: {weakness}. {_ADVICE}")


_ADVICE = "Make a key with `seqlabel keygen FILE` or secrets.token_bytes(32)."


def _weakness(key: object) -> str | None:
    """Why a key is invalid or can be guessed."""
    if not isinstance(key, bytes):
        return f"expected at least {_SHORTEST_KEY} bytes, got {type(key).__name__}"
    if len(key) < _SHORTEST_KEY:
        return f"expected at least {_SHORTEST_KEY} bytes, got {len(key)} bytes"
    if len(set(key)) < _FEWEST_BYTES:
        return f"expected at least {_FEWEST_BYTES} different bytes, got {len(set(key))}"
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if len(steps) < _FEWEST_STEPS:
        return (
            f"expected at least {_FEWEST_STEPS} different steps from byte to byte, got {len(steps)}"
        )
    if _is_printable(key):
        return "it is printable text, such as a pass phrase, so it can be guessed"
    return None


def _is_printable(key: bytes) -> bool:
    # In UTF-16, all letters of most scripts share one of their two bytes; NUL is that of spaces and
    # digits.
    plain = key.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)
    if any(len(set(plain[start::2]) - {0}) < 2 for start in (0, 1)):
        return True
    letters = key.replace(b"\0", b"")
    try:
        text = letters.decode("utf-8")
    except UnicodeDecodeError:
        text = letters.decode("latin-1")
        # Any bytes are Latin-1; in text of European languages few of them are outside ASCII.
        if 8 * sum(character.isascii() for character in text) < 7 * len(text):
            return False
    return all(character.isprintable() or character.isspace() for character in text)


def key_of_file(path: Path | str) -> bytes:
    """Read a key from a file. A `UserWarning` says if other users may read it too.

    Args:
        path: The file, whose bytes are the key as they are.

    Returns:
        The file's bytes.

    Raises:
        OptionError: If the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise OptionError(
                    f"key file {path}: expected a regular file, got something else. Pass the "
                    "file that holds the key."
                )
            key = file.read()
    except OSError as error:
        raise OptionError(
            f"key file {path}: cannot be read ({error.strerror}). Pass the file whose bytes are "
            "the key."
        ) from error
    if os.name != "nt" and about.st_mode & 0o077:
        warnings.warn(
            f"key file {path}: other users may open it (mode {stat.S_IMODE(about.st_mode):04o}). "
            f"Run chmod 600 on it, and make a new key if others may have read this one.",
            stacklevel=2,
        )
    return key


def key_of_variable(name: str) -> bytes:
    """Read a key from an environment variable.

    Args:
        name: The variable, which holds the key in hexadecimal digits.

    Returns:
        The key.

    Raises:
        OptionError: If there is no such variable, or if it holds anything else.
    """
    written = os.environ.get(name)
    if written is None:
        raise OptionError(
            f"key: there is no environment variable {name}. Set it to 64 hexadecimal digits."
        )
    try:
        return bytes.fromhex(written)
    except ValueError:
        # Not chained: the message of the other error would show a part of the key.
        raise OptionError(
            f"key: the environment variable {name} does not hold hexadecimal digits. Set it to "
            "64 of them."
        ) from None


def write_key(path: Path | str) -> None:
    """Write a new random key to a new file that only its owner may read.

    Args:
        path: The file to make.

    Raises:
        OptionError: If there is something at that path already, or if nothing can be written there.
    """
    try:
        with create_file(Path(path)) as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    except FileExistsError:
        raise OptionError(
            f"{path}: is there already, and texts may be encrypted with it. Pass the name of a "
            "new file."
        ) from None
    except OSError as error:
        raise OptionError(
            f"{path}: cannot be written ({error.strerror}). Pass another file."
        ) from error
