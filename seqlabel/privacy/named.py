"""What a command or a config says about redaction → a policy and its key; the policies themselves are in `policies`.

A key is never written in a command or a config: it is in a file, or, as hexadecimal digits, in an environment variable.
"""

import os
from enum import StrEnum
from pathlib import Path

from seqlabel.errors import OptionError
from seqlabel.privacy.policies import Encrypt, Hash, Mask, Policy, Pseudonym, Remove, Replace


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
    policy.stand_ins()
    return policy


def key_of_file(path: Path | str) -> bytes:
    """The bytes of a file, as they are. Raises `OptionError` if it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise OptionError(
            f"key file {path}: cannot be read ({error.strerror}); give the file whose bytes are the key"
        ) from error


def key_of_variable(name: str) -> bytes:
    """The key in an environment variable, in hexadecimal digits. Raises `OptionError` if there is none."""
    written = os.environ.get(name)
    if written is None:
        raise OptionError(f"key: found no environment variable {name}; set it to 64 hexadecimal digits")
    try:
        return bytes.fromhex(written)
    except ValueError:
        # Not chained: the message of the other error would show a part of the key.
        raise OptionError(f"key: the environment variable {name} does not hold hexadecimal digits") from None
