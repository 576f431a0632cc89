"""Writing files so that a crash never leaves half of one, and JSON files; nothing here knows a format.

Text is read in `seqlabel.text_files`. Files and folders are written beside their place and renamed into it. The file
beside is a part: it has a random name, is made anew, never through a link, only its owner may open it, and its writer
holds a lock on it, so that a part without one is what a killed run left behind.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed or replaced.
    fcntl = None  # type: ignore[assignment]

from seqlabel.errors import DataError, OptionError

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, as `surrogateescape` leaves for a byte that is not UTF-8; no file can hold it."""


PRIVATE_MODE = 0o600
"""The permissions of a file that only its owner may read and write."""
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_THERE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_LONGEST_NAME = 160


@contextmanager
def create_file(path: Path, *, mode: int = PRIVATE_MODE) -> Iterator[BinaryIO]:
    """Create a file that is not there yet, never through a link.

    Args:
        path: The file.
        mode: Its permissions.

    Yields:
        The file, open for writing bytes. It is flushed to the disk at the end, and removed after an error.

    Raises:
        FileExistsError: If there is anything at that path.
        OSError: If the file cannot be made or written.
    """
    with os.fdopen(os.open(path, _NEW, mode), "wb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def open_own_file(path: Path, *, write: bool = False) -> BinaryIO:
    """Open a regular file that belongs to this user, never through a link.

    Args:
        path: The file.
        write: Whether it is opened for writing as well.

    Returns:
        The file, open for bytes.

    Raises:
        OptionError: For a link, a folder, a device, or a file of another user, who may have planted it.
        OSError: If the file is missing or cannot be opened.
    """
    try:
        descriptor = os.open(path, _THERE | (os.O_RDWR if write else os.O_RDONLY))
    except OSError as error:
        if path.is_symlink():
            raise OptionError(f"{path}: is a link, where seqlabel makes files only. Remove it.") from error
        raise
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or (hasattr(os, "geteuid") and about.st_uid != os.geteuid()):
        os.close(descriptor)
        raise OptionError(f"{path}: is not a regular file of this user, as seqlabel makes. Remove it.")
    return os.fdopen(descriptor, "r+b" if write else "rb")


def hidden_name(path: Path, suffix: str) -> str:
    """Name a hidden file that belongs to another file.

    Args:
        path: The other file.
        suffix: What the hidden file is, such as `journal`.

    Returns:
        A name for the same folder; a long name is cut and made unique, so that the result is a valid name too.
    """
    name = path.name
    if len(os.fsencode(name)) > _LONGEST_NAME:
        unique = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
        name = f"{os.fsencode(name)[: _LONGEST_NAME - 20].decode('utf-8', 'ignore')}~{unique}"
    return f".{name}.{suffix}"


@dataclass(frozen=True)
class Part:
    """A file that is written beside an output, and takes its place when it is complete.

    Args:
        target: The output.
        path: The part.
        file: The part, open for reading and writing bytes, and locked.
    """

    target: Path
    path: Path
    file: BinaryIO = field(repr=False)

    @classmethod
    def create(cls, target: Path, *, alone: bool = False) -> "Part":
        """Create a part, and remove those that killed runs left behind.

        Args:
            target: The output.
            alone: Whether another process that writes the same output is an error.

        Returns:
            A new and empty part.

        Raises:
            OptionError: With `alone`, if another process writes the same output.
            OSError: If the part cannot be made.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        while True:
            path = target.with_name(hidden_name(target, f"{secrets.token_hex(8)}.part"))
            file = os.fdopen(os.open(path, _NEW, PRIVATE_MODE), "r+b")
            _lock(file)
            part = cls(target, path, file)
            # Another process may have taken it for one left behind, in the moment before the lock.
            if part._is_there():
                break
            file.close()
        if not remove_parts(target, keep=path.name) and alone:
            part.discard()
            raise _in_use(target)
        return part

    @classmethod
    def reopen(cls, target: Path, name: str) -> "Part":
        """Open the part that an interrupted run kept.

        Args:
            target: The output.
            name: The part's name.

        Returns:
            The part, with what was written to it.

        Raises:
            OptionError: If this is not the name of a part of this output, if it is not a file of this user, or if
                another process writes it.
            OSError: If the part is missing.
        """
        if not _part_names(target).fullmatch(name):
            raise OptionError(f"{target}: its journal names a file that is not a part of it. Run without --resume.")
        path = target.with_name(name)
        file = open_own_file(path, write=True)
        if not _lock(file):
            file.close()
            raise _in_use(target)
        if not remove_parts(target, keep=name):
            file.close()
            raise _in_use(target)
        return cls(target, path, file)

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(self.path.lstat(), os.fstat(self.file.fileno()))
        except OSError:
            return False

    def flush(self) -> None:
        """Flush what was written to the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def publish(self, mode: int) -> None:
        """Let the part take the output's place.

        Args:
            mode: The output's permissions.
        """
        self.flush()
        os.chmod(self.path, mode)
        if fcntl is None:
            self.file.close()
        # Elsewhere the lock is held until the part has become the output.
        os.replace(self.path, self.target)
        self.file.close()

    def discard(self) -> None:
        """Close and remove the part; does nothing for one that was published."""
        if not self.file.closed:
            with suppress(OSError):
                self.file.close()
            self.path.unlink(missing_ok=True)


def remove_parts(target: Path, *, keep: str = "") -> bool:
    """Remove the parts of an output that no process writes any more.

    Args:
        target: The output.
        keep: The name of a part that stays.

    Returns:
        Whether there is no other part left, so that no other process writes the output.
    """
    names = _part_names(target)
    alone = True
    for found in target.parent.iterdir():
        if found.name == keep or not names.fullmatch(found.name):
            continue
        try:
            with open_own_file(found) as file:
                if fcntl is None or _lock(file):
                    found.unlink(missing_ok=True)
                else:
                    alone = False
        except FileNotFoundError:
            pass
        except (OSError, OptionError):
            # Planted, or another user's; it is never opened for writing.
            continue
    return alone


def _part_names(target: Path) -> re.Pattern[str]:
    return re.compile(re.escape(hidden_name(target, "")) + "[0-9a-f]{16}[.]part")


def _in_use(target: Path) -> OptionError:
    return OptionError(f"{target}: another run is writing it. Wait for that run, or give another --output.")


def _lock(file: BinaryIO) -> bool:
    """Lock a file for as long as it is open; False if another open file has it locked."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def usual_mode(path: Path) -> int:
    """Find the permissions that a file has when it is written anew.

    Args:
        path: The file.

    Returns:
        The permissions of the old file; where there is none, read and write without what the umask takes away.
    """
    if path.is_file():
        return stat.S_IMODE(path.stat().st_mode)
    return 0o666 & ~_umask()


def _umask() -> int:
    # There is no way to read it alone; a file made by another thread in between is private.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def opens_through(path: Path) -> bool:
    """Say how an output is written: straight into a device, a pipe or an open file, or to a file that is replaced.

    Args:
        path: The output.

    Returns:
        True for what `open_through` opens; False for a regular file, and where there is nothing.

    Raises:
        OptionError: For a folder, and for a link, whose target would be lost or overwritten.
    """
    if _descriptor(path) is not None:
        return True
    if path.is_symlink():
        raise OptionError(f"{path}: is a link. Give the path of the file itself, or remove the link.")
    if path.is_dir():
        raise OptionError(f"{path}: is a folder. Give the path of a file, or remove the folder.")
    return path.exists() and not path.is_file()


def open_through(path: Path) -> BinaryIO:
    """Open a device, a pipe or an open file for writing.

    Args:
        path: An output for which `opens_through` is true, such as `/dev/stdout` or a FIFO.

    Returns:
        The file, open for writing bytes; nothing in it is replaced.
    """
    descriptor = _descriptor(path)
    return os.fdopen(os.open(path, os.O_WRONLY) if descriptor is None else os.dup(descriptor), "wb")


_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


def _descriptor(path: Path) -> int | None:
    """The number of the open file that a path stands for, such as 1 for `/dev/stdout`."""
    if path.parent in (Path("/dev/fd"), Path("/proc/self/fd")) and path.name.isdecimal():
        return int(path.name)
    return _STREAMS.get(str(path))


@contextmanager
def open_output(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open an output that is written piece by piece: a file anew, or a device, a pipe or an open file as it is.

    A file takes its place when the block ends well; what `open_through` opens gets every piece at once.

    Args:
        path: The output.
        mode: The permissions of a file; None keeps those of the old one, or gives a new one the default.

    Yields:
        The output, open for writing bytes.

    Raises:
        OptionError: For a folder and for a link.
        OSError: If the output cannot be written.
    """
    if opens_through(path):
        try:
            with open_through(path) as file:
                yield file
        except OSError as error:
            # What is written at the end fails without a name.
            error.filename = error.filename or str(path)
            raise
        return
    part = Part.create(path)
    try:
        yield part.file
        part.publish(usual_mode(path) if mode is None else mode)
    finally:
        part.discard()


@contextmanager
def replace_file(path: Path, *, mode: int | None = None) -> Iterator[Path]:
    """Write a file anew, so that there is always the old one or the new one in its place.

    On any error, a full disk included, the new file is removed and the old one is as it was. A device, a pipe or an
    open file is not replaced: the new content is written into it.

    Args:
        path: The file.
        mode: Its permissions; None keeps those of the old file, or gives a new one the default.

    Yields:
        A path beside `path`, or in a private temporary folder, to write to; its content is at `path` when the block
        ends well.

    Raises:
        OptionError: For a folder and for a link.
    """
    if opens_through(path):
        with tempfile.TemporaryDirectory(prefix="seqlabel") as folder:
            elsewhere = Path(folder) / path.name
            yield elsewhere
            with elsewhere.open("rb") as written, open_output(path) as file:
                shutil.copyfileobj(written, file)
        return
    part = Part.create(path)
    try:
        yield part.path
        _flush_to_disk(part.path)
        part.publish(usual_mode(path) if mode is None else mode)
    finally:
        part.discard()


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
        raise OptionError(f"{path}: a folder cannot be made there ({error.strerror}). Give another one.") from error
    return path


@contextmanager
def replace_folder(path: Path, *, holds: Collection[str] | None = None) -> Iterator[Path]:
    """Fill a folder anew; it takes the place of the old one when the block ends well.

    A folder cannot be exchanged in one step on every system: the old one is first renamed to what `previous_folder`
    names, and `settle_folder` brings it back if the machine stopped just between the two renames. Until then only its
    owner may open the new folder; then it gets the permissions of the old one, or the usual ones.

    Args:
        path: The folder.
        holds: The names of files that the old folder may hold; None for any.

    Yields:
        A new folder beside `path` to fill.

    Raises:
        OptionError: Before anything is written, if `path` is a file, a link, or the working folder or one that holds
            it, or has a file that is not among `holds` and would be lost.
    """
    if _holds_working_folder(path):
        raise OptionError(
            f"{path}: is the working folder or holds it, so it cannot be replaced. Give the path of another folder."
        )
    if path.is_symlink():
        raise OptionError(f"{path}: is a link. Give the path of the folder itself, or remove the link.")
    settle_folder(path)
    if holds is not None and path.exists():
        foreign = sorted({file.name for file in path.iterdir()} - set(holds)) if path.is_dir() else [path.name]
        if foreign:
            raise OptionError(f"{path}: Found {foreign[0]!r}, which would be lost. Give a new folder to save to.")
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.is_dir() else 0o777 & ~_umask()
    with _folder_beside(path) as beside:
        yield beside
        for file in beside.iterdir():
            _flush_to_disk(file)
        beside.chmod(mode)
        previous = previous_folder(path)
        if path.exists():
            os.rename(path, previous)
        try:
            os.rename(beside, path)
        except OSError:
            settle_folder(path)
            raise
        shutil.rmtree(previous, ignore_errors=True)


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """Make a folder with a random name and a lock, which is removed if it is still there at the end.

    What killed processes left is removed too: folders of this user that no process has locked.
    """
    while True:
        beside = path.with_name(hidden_name(path, f"{secrets.token_hex(8)}.new"))
        beside.mkdir(mode=0o700)
        with _locked_folder(beside) as locked:
            # Another process may have taken it for one left behind, in the moment before the lock.
            if not locked:
                continue
            try:
                # Without locks, what is left cannot be told from what is being written.
                for found in _own_folders(path, "new") if fcntl is not None else ():
                    with _locked_folder(found) as left:
                        if left:
                            shutil.rmtree(found, ignore_errors=True)
                for found in _own_folders(path, "previous") if path.exists() else ():
                    shutil.rmtree(found, ignore_errors=True)
                yield beside
            finally:
                shutil.rmtree(beside, ignore_errors=True)
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
    if fcntl is None:
        yield True
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        locked = path.exists()
    except OSError:
        locked = False
    try:
        yield locked
    finally:
        os.close(descriptor)


def _own_folders(path: Path, suffix: str) -> list[Path]:
    """The folders that belong to another one, made by this user, the newest first."""
    names = re.compile(re.escape(hidden_name(path, "")) + f"[0-9a-f]{{16}}[.]{suffix}")
    try:
        found = [one for one in path.parent.iterdir() if names.fullmatch(one.name) and _is_own_folder(one)]
    except OSError:
        return []
    return sorted(found, key=lambda one: one.lstat().st_mtime_ns, reverse=True)


def _is_own_folder(path: Path) -> bool:
    """Whether it is a folder, not a link to one, and of this user: what others planted is left alone."""
    try:
        about = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and (not hasattr(os, "geteuid") or about.st_uid == os.geteuid())


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


def _flush_to_disk(path: Path) -> None:
    if path.is_file():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def write_json(path: Path, value: Any, *, mode: int | None = None) -> None:
    """Write a JSON file, indented and with a final newline, in place of the old one if there is one.

    Args:
        path: The file.
        value: What JSON can hold.
        mode: The file's permissions; None keeps those of the old file, or gives a new one the default.
    """
    with replace_file(path, mode=mode) as beside:
        beside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Args:
        path: The file.

    Returns:
        The value in it.

    Raises:
        DataError: If the file is missing or is not JSON; the message names file and line.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8, so it is not JSON that seqlabel wrote") from error
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path}, line {error.lineno}: is not JSON ({error.msg}). The file may be cut off: restore it."
        ) from error
    except ValueError as error:
        # Python reads no number of thousands of digits.
        raise DataError(f"{path}: has a number that is too long. Restore the file.") from error
