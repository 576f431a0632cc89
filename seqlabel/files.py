"""Writing files so that a crash never leaves half of one, and JSON files; nothing here knows a format.

Text is read in `seqlabel.text_files`. Files and folders are written beside their place and renamed into it.
"""

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqlabel.errors import DataError, OptionError

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, as `surrogateescape` leaves for a byte that is not UTF-8; no file can hold it."""


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; when the block ends well the new file takes the old one's place.

    On any error, a full disk included, the new file is removed and the old one is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    try:
        yield beside
        _flush_to_disk(beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def make_folder(path: Path) -> Path:
    """`path` itself, made if it is not there. Raises `OptionError` where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(f"{path}: no folder can be made there ({error.strerror}); give another one") from error
    return path


@contextmanager
def replace_folder(path: Path, *, holds: Collection[str] | None = None) -> Iterator[Path]:
    """Give a new folder beside `path` to fill; when the block ends well it takes the place of the old folder.

    With `holds`, raises `OptionError`, before anything is written, if `path` is a file or holds one whose name is not
    among them: that is somebody else's, and would be lost.

    A folder cannot be exchanged in one step on every system: the old one is first renamed to what `previous_folder`
    names, and `settle_folder` brings it back if the machine stopped just between the two renames.
    """
    settle_folder(path)
    if holds is not None and path.exists():
        foreign = sorted({file.name for file in path.iterdir()} - set(holds)) if path.is_dir() else [path.name]
        if foreign:
            raise OptionError(f"{path}: found {foreign[0]!r}, which would be lost; give a new folder for what is saved")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir()
        yield beside
        for file in beside.iterdir():
            _flush_to_disk(file)
        previous = previous_folder(path)
        if path.exists():
            shutil.rmtree(previous, ignore_errors=True)
            os.rename(path, previous)
        try:
            os.rename(beside, path)
        except OSError:
            settle_folder(path)
            raise
        shutil.rmtree(previous, ignore_errors=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(path: Path) -> Path:
    # One name for every process, so that what a killed one left behind is overwritten by the next.
    return path.with_name(f".{path.name}.new")


def previous_folder(path: Path) -> Path:
    """Where `replace_folder` keeps the old folder for the moment between its two renames."""
    return path.with_name(f".{path.name}.previous")


def settle_folder(path: Path) -> None:
    """Undo a replacement that was cut off between its two renames; does nothing otherwise."""
    previous = previous_folder(path)
    if previous.is_dir() and not path.exists():
        os.rename(previous, path)


def _flush_to_disk(path: Path) -> None:
    if path.is_file():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file, indented and with a final newline, in place of the old one if there is one."""
    with replace_file(path) as beside:
        beside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """The value in a JSON file. Raises `DataError`, naming file and line, if it is missing or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8, so it is not JSON that seqlabel wrote") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}: is not JSON ({error.msg}); the file may be cut off") from error
