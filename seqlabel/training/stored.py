"""Files of checkpoints as they are stored: format, content, checksums; weights in torch are in
`checkpoints`.
"""

import hashlib
from pathlib import Path

from safetensors import safe_open

from seqlabel.errors import CheckpointError

FORMAT = 2
"""The version of the format of folders; another one is refused instead of misread."""


def read_part(path: Path, *, sha256: str | None = None) -> bytes:
    """Read a file of a checkpoint.

    Args:
        path: The file.
        sha256: The checksum that its content must have, in hexadecimal digits; None for any
            content.

    Returns:
        Its content.

    Raises:
        CheckpointError: It is missing, not a regular file, not readable, or has another checksum.
    """
    # A device or a FIFO would be read for ever.
    if not path.is_file():
        raise CheckpointError(
            f"{path}: there is no such file. The checkpoint is incomplete or elsewhere: restore "
            "it or correct the path."
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot be read ({error.strerror}). Make the file readable."
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256:
        raise CheckpointError(
            f"{path}: is damaged, cut off or another model's, as its content is not the one that "
            "config.json was written for. Copy the folder again, or train the model again."
        )
    return data


def check_format(path: Path, found: object) -> None:
    """Refuse a file of another format than this library reads.

    Args:
        path: The file, for the message.
        found: The version of the format that the file states.

    Raises:
        CheckpointError: `found` is not `FORMAT`.
    """
    if found != FORMAT:
        raise CheckpointError(
            f"{path}: expected format {FORMAT}, got {found!r}. Load it with the seqlabel that "
            "wrote it."
        )


def has_compact_weights(path: Path) -> bool:
    """Return whether a model's weights were written compactly.

    Args:
        path: A safetensors file.

    Returns:
        Whether numbers are stored in 16 or 8 bits.
    """
    with safe_open(path, framework="np") as file:
        return any(file.get_slice(name).get_dtype() in ("F16", "I8") for name in file.keys())  # noqa: SIM118
