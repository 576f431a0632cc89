"""Checksums of what a trainable pipe stores, and the one error for what cannot be read; spaCy writes the parts."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import srsly

from seqlabel.errors import CheckpointError

CHECKSUMS = "checksums.json"
"""The file, and the key in bytes, that has the SHA-256 of each part."""
PARTS = ("cfg", "vocab", "model")
"""The files that spaCy writes for a trainable pipe; the vocabulary is a folder on disk."""


@contextmanager
def refused_if_damaged(pipe: str) -> Iterator[None]:
    """Raise `CheckpointError` for whatever fails inside a context that loads a pipe.

    Args:
        pipe: The name of the pipe, for the error.

    Yields:
        Nothing.

    Raises:
        CheckpointError: If something fails.
    """
    try:
        yield
    except CheckpointError:
        raise
    # The errors of spaCy, thinc, MessagePack and JSON for damaged data have no class in common that is narrower.
    except Exception as error:
        raise CheckpointError(
            f"{pipe}: Found data that cannot be loaded ({type(error).__name__}). Load what was saved, with the config "
            f"it was saved with."
        ) from error


def with_checksums(data: bytes) -> bytes:
    """Add checksums to a pipe's bytes.

    Args:
        data: The parts, as spaCy's `to_bytes` packs them.

    Returns:
        The same parts and their checksums, as MessagePack.
    """
    parts = srsly.msgpack_loads(data)
    packed: bytes = srsly.msgpack_dumps({CHECKSUMS: {name: _digest(part) for name, part in parts.items()}, **parts})
    return packed


def check_bytes(data: bytes, *, pipe: str, exclude: Iterable[str]) -> None:
    """Compare a pipe's bytes with their checksums.

    Args:
        data: The result of `with_checksums`.
        pipe: The name of the pipe, for errors.
        exclude: The parts that are not loaded.

    Raises:
        CheckpointError: If a part is missing or differs.
    """
    parts = srsly.msgpack_loads(data)
    if not isinstance(parts, dict) or CHECKSUMS not in parts:
        raise CheckpointError(f"{pipe}: Found {len(data):,} bytes that are not those of a pipe. Load what was saved.")
    _compare(parts[CHECKSUMS], lambda name: _digest(parts[name]) if name in parts else None, pipe=pipe, exclude=exclude)


def write_checksums(folder: Path) -> None:
    """Write the checksums of a pipe's files beside them.

    Args:
        folder: The pipe's folder.
    """
    files = [file for part in PARTS for file in (folder / part, *sorted((folder / part).rglob("*"))) if file.is_file()]
    srsly.write_json(folder / CHECKSUMS, {file.relative_to(folder).as_posix(): _file_digest(file) for file in files})


def check_files(folder: Path, *, pipe: str, exclude: Iterable[str]) -> None:
    """Compare a pipe's files with their checksums.

    Args:
        folder: The pipe's folder.
        pipe: The name of the pipe, for errors.
        exclude: The parts that are not loaded.

    Raises:
        CheckpointError: If a file is missing or differs.
    """
    if not (folder / CHECKSUMS).is_file():
        raise CheckpointError(f"{pipe}: Found no {CHECKSUMS} in {folder}. Load what was saved.")
    checksums = srsly.read_json(folder / CHECKSUMS)
    _compare(checksums, lambda name: _file_digest(folder / name), pipe=pipe, exclude=exclude)


def _compare(checksums: Any, digest: Callable[[str], str | None], *, pipe: str, exclude: Iterable[str]) -> None:
    excluded = set(exclude)
    for name, expected in checksums.items():
        part = name.split("/")[0]
        if part not in PARTS:
            raise CheckpointError(f"{pipe}: Found damaged checksums. Load what was saved.")
        if part not in excluded and digest(name) != expected:
            raise CheckpointError(
                f"{pipe}: Found that {name!r} is missing or is not what was saved. Copy or save the pipe again."
            )


def _digest(part: str | bytes) -> str:
    return hashlib.sha256(part.encode() if isinstance(part, str) else part).hexdigest()


def _file_digest(file: Path) -> str | None:
    if not file.is_file():
        return None
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
