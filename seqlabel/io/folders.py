"""Folders that are made and replaced whole, so that a crash never leaves half of one; nothing here
knows a format.

A folder is filled next to its place and renamed into it, as `io.files` does it for a file. The
folder next to it has a random name and a lock, so that one without a lock was left by a killed run.
"""

import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seqlabel.errors import OptionError
from seqlabel.io.files import CAN_LOCK, flush_to_disk, hidden_name, lock, usual_mode


def make_folder(path: Path) -> Path:
    """Make a folder, and those above it, if it is not there.

    Args:
        path: The folder.

    Returns:
        The same path.

    Raises:
        OptionError: If the folder cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(
            f"{path}: Expected a path where a folder can be made, got: {error.strerror}. Pass "
            "another path."
        ) from error
    return path


@contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """Make a folder, and those above it, for what the block writes.

    If the block ends with an error and has written nothing, the folders that were made are removed.

    Args:
        path: The folder.

    Yields:
        The same path.

    Raises:
        OptionError: If the folder cannot be made.
    """
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    make_folder(path)
    try:
        yield path
    except BaseException:
        # A folder with something in it stays, and so do those above it.
        with suppress(OSError):
            for folder in made:
                folder.rmdir()
        raise


@contextmanager
def replace_folder(path: Path, *, holds: Collection[str] | None = None) -> Iterator[Path]:
    """Fill a new folder; it takes the place of the old one when the block ends well.

    A folder cannot be exchanged in one step on every system: the old one is first renamed to what
    `previous_folder` names, and `settle_folder` brings it back if the machine stopped just between
    the two renames. Until then only its owner may open the new folder; then it gets the permissions
    of the old one, or the usual ones.

    Args:
        path: The folder.
        holds: The names of files that the old folder may hold; None for any.

    Yields:
        A new folder next to `path` to fill.

    Raises:
        OptionError: Before anything is written, if `path` is a file, a link, or the working folder
            or one that holds it, or has a file that is not among `holds` and would be lost.
    """
    if _holds_working_folder(path):
        raise OptionError(
            f"{path}: Expected a folder that can be replaced, got the working folder or one that "
            "holds it. Pass the path of another folder."
        )
    if path.is_symlink():
        raise OptionError(
            f"{path}: Expected a folder, got a link. Pass the path of the folder itself, or remove "
            "the link."
        )

    settle_folder(path)
    if path.is_dir():
        lost = {file.name for file in path.iterdir()} - set(holds) if holds is not None else set()
    else:
        lost = {path.name} if path.exists() else set()

    if lost:
        raise OptionError(
            f"{path}: Expected a new folder or one with only the files to replace, got one with "
            f"{min(lost)!r}, which would be lost. Pass a new folder to save to."
        )

    path.parent.mkdir(parents=True, exist_ok=True)
    mode = usual_mode(path, new=0o777)
    with _working_folder(path) as unfinished:
        yield unfinished
        for file in unfinished.iterdir():
            flush_to_disk(file)
        unfinished.chmod(mode)
        previous = previous_folder(path)
        if path.exists():
            os.rename(path, previous)
        try:
            os.rename(unfinished, path)
        except OSError:
            settle_folder(path)
            raise
        shutil.rmtree(previous, ignore_errors=True)


@contextmanager
def _working_folder(path: Path) -> Iterator[Path]:
    """Make a folder with a random name and a lock, which is removed if it is still there at the
    end.

    What killed processes left is removed too: folders of this user that no process has locked.
    """
    while True:
        unfinished = path.with_name(hidden_name(path, f"{secrets.token_hex(8)}.new"))
        unfinished.mkdir(mode=0o700)
        with _locked_folder(unfinished) as locked:
            # Another process may have taken it for a leftover, in the moment before the lock.
            if not locked:
                continue
            try:
                # Without locks, leftovers look like folders that are being written.
                for leftover in _own_folders(path, "new") if CAN_LOCK else ():
                    with _locked_folder(leftover) as left:
                        if left:
                            shutil.rmtree(leftover, ignore_errors=True)
                for leftover in _own_folders(path, "previous") if path.exists() else ():
                    shutil.rmtree(leftover, ignore_errors=True)
                yield unfinished
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
            return


def _holds_working_folder(path: Path) -> bool:
    try:
        here = Path.cwd()
    except FileNotFoundError:
        # It was removed.
        return False
    return path.resolve() in (here, *here.parents)


@contextmanager
def _locked_folder(path: Path) -> Iterator[bool]:
    """Hold a lock on a folder; False if it is gone or another process has it."""
    if sys.platform == "win32":
        yield True
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        yield lock(descriptor) and path.exists()
    finally:
        os.close(descriptor)


def _own_folders(path: Path, suffix: str) -> list[Path]:
    """The folders that belong to another one, made by this user, the newest first."""
    names = re.compile(re.escape(hidden_name(path, "")) + f"[0-9a-f]{{16}}[.]{suffix}")
    try:
        folders = [
            folder
            for folder in path.parent.iterdir()
            if names.fullmatch(folder.name) and _is_own_folder(folder)
        ]
    except OSError:
        return []
    return sorted(folders, key=lambda folder: folder.lstat().st_mtime_ns, reverse=True)


def _is_own_folder(path: Path) -> bool:
    """Whether it is a folder, not a link to one, and of this user: what others planted is left
    alone.
    """
    try:
        about = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and (
        not hasattr(os, "geteuid") or about.st_uid == os.geteuid()
    )


def previous_folder(path: Path) -> Path:
    """Name a place for the old folder for the moment between the two renames of `replace_folder`.

    Args:
        path: The folder that is replaced.

    Returns:
        The path of the old folder; another one each time.
    """
    return path.with_name(hidden_name(path, f"{secrets.token_hex(8)}.previous"))


def settle_folder(path: Path) -> None:
    """Undo a replacement that was cut off between its two renames; do nothing otherwise.

    Args:
        path: The folder that was replaced.
    """
    # The working folder and the root have no name, and nothing replaces them.
    if path.name and not path.exists():
        for previous in _own_folders(path, "previous")[:1]:
            os.rename(previous, path)
