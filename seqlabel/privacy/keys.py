"""Keys of policies: from a file or an environment variable, never from a command or a config."""

import os
from pathlib import Path

from seqlabel.errors import OptionError


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
