"""Writing files so that a crash never leaves half of one, and JSON files; nothing here knows a
format.

Text is read in `io.text_files`, and folders are replaced in `io.folders`. A file is written next to
its place, as a part, and renamed into it. A part is a new file, never opened through a link, only
its owner may open it, and its writer holds a lock on it: a part without a lock was left by a killed
run. The parts of an output have numbered names, so that those of killed runs are found without
listing the folder, however many files it has.
"""

import ctypes
import hashlib
import json
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from seqlabel.errors import DataError, OptionError

if sys.platform != "win32":
    import fcntl

CAN_LOCK = sys.platform != "win32"
"""Whether this system locks files and folders; on Windows a file that is open cannot be removed or
replaced.
"""

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, as `surrogateescape` leaves for a byte that is not UTF-8; no file can hold it.
"""


PRIVATE_MODE = 0o600
"""The permissions of a file that only its owner may read and write."""
_NEW = (
    os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)
_THERE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_SYNCFS = (
    getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if sys.platform == "linux" else None
)
_LONGEST_NAME = 160
_PARTS = 3
"""Parts of one output that have numbered names; others, where all of these are taken, have random
ones.
"""
_PART_NAME = re.compile(r"(?:[0-9]|[0-9a-f]{16})[.]part")


@contextmanager
def create_file(path: Path, *, mode: int = PRIVATE_MODE) -> Iterator[BinaryIO]:
    """Create a file that is not there yet, never through a link.

    Args:
        path: The file.
        mode: Its permissions.

    Yields:
        The file, open for writing bytes. It is flushed to the disk at the end, and removed after an
        error.

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
        OptionError: For a link, a folder, a device, or a file of another user, who may have planted
            it.
        OSError: If the file is missing or cannot be opened.
    """
    try:
        descriptor = os.open(path, _THERE | (os.O_RDWR if write else os.O_RDONLY))
    except OSError as error:
        if path.is_symlink():
            raise OptionError(
                f"{path}: is a link, where seqlabel makes files only. Remove it."
            ) from error
        raise
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or (hasattr(os, "geteuid") and about.st_uid != os.geteuid()):
        os.close(descriptor)
        raise OptionError(
            f"{path}: is not a regular file of this user, as seqlabel makes. Remove it."
        )
    return os.fdopen(descriptor, "r+b" if write else "rb")


def hidden_name(path: Path, suffix: str) -> str:
    """Name a hidden file that belongs to another file.

    Args:
        path: The other file.
        suffix: The suffix of the hidden file, such as `journal`.

    Returns:
        A name for the same folder; a long name is cut and made unique, so that the result is a
        valid name too.
    """
    name = path.name
    if len(os.fsencode(name)) > _LONGEST_NAME:
        unique = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
        name = f"{os.fsencode(name)[: _LONGEST_NAME - 20].decode('utf-8', 'ignore')}~{unique}"
    return f".{name}.{suffix}"


@dataclass(frozen=True)
class Part:
    """A file that is written next to an output, and takes its place when it is complete.

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
        """Create a part, and remove those that killed runs left.

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
        part = None
        in_use = False
        for path in _part_paths(target):
            if not remove_if_left(path):
                # Another process writes it, or another user planted it, which does no harm: the
                # next number is free.
                in_use = in_use or _is_locked(path)
            elif part is None:
                part = cls._new(target, path)
        if alone and in_use:
            if part is not None:
                part.discard()
            raise _in_use(target)
        if part is None:
            prefix = hidden_name(target, "")
            for path in target.parent.iterdir():
                if path.name.startswith(prefix) and _PART_NAME.fullmatch(
                    path.name.removeprefix(prefix)
                ):
                    remove_if_left(path)
        while part is None:
            part = cls._new(
                target, target.with_name(hidden_name(target, f"{secrets.token_hex(8)}.part"))
            )
        return part

    @classmethod
    def _new(cls, target: Path, path: Path) -> "Part | None":
        """Make and lock a part; None where another process was faster."""
        try:
            file = os.fdopen(os.open(path, _NEW, PRIVATE_MODE), "r+b")
        except FileExistsError:
            return None
        part = cls(target, path, file)
        # Another process may have taken it for one that was left, in the moment before the lock.
        if lock(file) and part._is_there():
            return part
        file.close()
        return None

    @classmethod
    def reopen(cls, target: Path, name: str) -> "Part":
        """Open the part that an interrupted run kept.

        Args:
            target: The output.
            name: The part's name, as `name_in_journal` gives it.

        Returns:
            The part, with what was written to it.

        Raises:
            OptionError: If this is not the name of a part of this output, if it is not a file of
                this user, or if another process writes it.
            OSError: If the part is missing.
        """
        if not _PART_NAME.fullmatch(name):
            raise OptionError(
                f"{target}: its journal names a file that is not a part of it. Run without "
                "--resume."
            )
        path = target.with_name(hidden_name(target, name))
        file = open_own_file(path, write=True)
        others = [other for other in _part_paths(target) if other != path]
        alone = lock(file) and not any(_is_locked(other) for other in others)
        if not alone:
            file.close()
            raise _in_use(target)
        for other in others:
            remove_if_left(other)
        return cls(target, path, file)

    @property
    def name_in_journal(self) -> str:
        """What tells the part from others of the same output; it does not hold the output's
        name.
        """
        return self.path.name.removeprefix(hidden_name(self.target, ""))

    def _is_there(self) -> bool:
        return _is_at(self.path, self.file)

    def flush(self) -> None:
        """Flush what was written to the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def publish(self, mode: int, *, flushed: bool = False) -> None:
        """Let the part take the output's place.

        Args:
            mode: The output's permissions.
            flushed: Whether `flush_together` has flushed it to the disk.
        """
        if not flushed:
            self.flush()
        os.chmod(self.path, mode)
        if not CAN_LOCK:
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


def remove_if_left(path: Path) -> bool:
    """Remove a part that no process writes any more.

    Args:
        path: The part.

    Returns:
        Whether there is no file at that path now; False for one that is being written, and for one
        that was planted: a link, or a file of another user.
    """
    try:
        with open_own_file(path) as file:
            # Only the process that holds the lock of the file at this path may remove it.
            if CAN_LOCK and not (lock(file) and _is_at(path, file)):
                return False
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return True
    except (OSError, OptionError):
        return False
    return True


def _is_locked(path: Path) -> bool:
    """Whether a part is being written by another process."""
    try:
        with open_own_file(path) as file:
            return CAN_LOCK and not lock(file)
    except (OSError, OptionError):
        return False


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Whether an open file is still the one at a path."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(file.fileno()))
    except OSError:
        return False


def _part_paths(target: Path) -> list[Path]:
    return [target.with_name(hidden_name(target, f"{number}.part")) for number in range(_PARTS)]


def _in_use(target: Path) -> OptionError:
    return OptionError(
        f"{target}: another run is writing it. Wait for that run, or give another --output."
    )


def lock(file: BinaryIO | int) -> bool:
    """Lock a file or a folder for as long as it is open.

    Args:
        file: The open file, or the descriptor of an open file or folder.

    Returns:
        False if it is locked elsewhere; always True where the system has no locks.
    """
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def usual_mode(path: Path, *, new: int = 0o666) -> int:
    """Find the permissions that a file or a folder has when it is replaced.

    Args:
        path: The file or the folder.
        new: The permissions of a new one, of which the umask takes some away.

    Returns:
        The permissions of the old one, or those of a new one where there is none.
    """
    if path.is_file() or path.is_dir():
        return stat.S_IMODE(path.stat().st_mode)
    # There is no way to read the umask alone; a file made by another thread in between is private.
    mask = os.umask(0o077)
    os.umask(mask)
    return new & ~mask


def check_other_output(source: Path, target: Path) -> None:
    """Check that a file is not about to be replaced by what is made of it.

    Args:
        source: The file.
        target: The output.

    Raises:
        OptionError: They are the same file.
    """
    if target.resolve() == source.resolve():
        raise OptionError(
            f"{source}: Expected another file as output, got the input itself. Pass another "
            "--output."
        )


def opens_through(path: Path) -> bool:
    """Say how an output is written: straight into a device, a pipe or an open file, or to a file
    that is replaced.

    Args:
        path: The output.

    Returns:
        True for what `open_through` opens; False for a regular file, and where no file exists.

    Raises:
        OptionError: For a folder, and for a link, whose target would be lost or overwritten.
    """
    if _descriptor(path) is not None:
        return True
    if path.is_symlink():
        raise OptionError(
            f"{path}: Expected a file, got a link. Pass the path of the file itself, or remove "
            "the link."
        )
    if path.is_dir():
        raise OptionError(
            f"{path}: Expected a file, got a folder. Pass the path of a file, such as "
            f"{path / 'output'}."
        )
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
    """Open an output that is written piece by piece: a file that is replaced, or a device, a pipe
    or an open file as it is.

    A file takes its place when the block ends well; what `open_through` opens gets every piece at
    once.

    Args:
        path: The output.
        mode: The permissions of a file; None keeps those of the old one, or gives a new one the
            default.

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


def write_file(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Replace a file, so that there is always the old one or the new one in its place; see
    `open_output`.

    On any error, a full disk included, the new file is removed and the old one is as it was.

    Args:
        path: The file.
        content: Its content.
        mode: Its permissions; None keeps those of the old file, or gives a new one the default.

    Raises:
        OptionError: For a folder and for a link.
    """
    with open_output(path, mode=mode) as file:
        file.write(content)


def flush_to_disk(path: Path) -> None:
    """Flush a file that was written and closed to the disk.

    Args:
        path: The file; nothing happens for a folder.
    """
    if path.is_file():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def flush_together(parts: Sequence[Part]) -> None:
    """Flush parts to the disk: with one call for each file system where the system has one, which
    is Linux's.

    Args:
        parts: The parts.

    Raises:
        OSError: If the disk fails or is full.
    """
    systems: dict[int, int] = {}
    for part in parts:
        part.file.flush()
        if len(parts) == 1 or _SYNCFS is None:
            os.fsync(part.file.fileno())
        else:
            systems[os.fstat(part.file.fileno()).st_dev] = part.file.fileno()
    for descriptor in systems.values():
        if _SYNCFS is not None and _SYNCFS(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def write_json(path: Path, value: Any, *, mode: int | None = None) -> None:
    """Write a JSON file, indented and with a final newline, in place of the old one if there is
    one.

    Args:
        path: The file.
        value: What JSON can hold.
        mode: The file's permissions; None keeps those of the old file, or gives a new one the
            default.
    """
    write_file(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode(), mode=mode)


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
            f"{path}, line {error.lineno}: is not JSON ({error.msg}). The file may be cut off: "
            "restore it."
        ) from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or as many lists in one another.
        raise DataError(
            f"{path}: is not JSON that seqlabel wrote ({error}). Restore the file."
        ) from error
