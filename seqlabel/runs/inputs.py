"""The files that a command reads where folders are named among its inputs; how a file is read is
not known here.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class FoundFiles:
    """The files of a folder and its folders, in the order of their paths, or those of several
    folders and files that were named.

    Args:
        read: Those that are read.
        left_out: Those that are not read, and folders that cannot be opened or are links, each with
            the reason.
        hidden: Those that are hidden, or in a hidden folder, and not read either.
    """

    read: list[Path] = field(default_factory=list)
    left_out: dict[Path, str] = field(default_factory=dict)
    hidden: list[Path] = field(default_factory=list)

    def add(self, other: "FoundFiles") -> None:
        """Add the files of another folder.

        Args:
            other: The files.
        """
        self.read.extend(other.read)
        self.left_out.update(other.left_out)
        self.hidden.extend(other.hidden)


def files_of_folder(folder: Path, is_read: Callable[[Path], bool]) -> FoundFiles:
    """Find the files of a folder and of all folders in it; links to files are followed, those to
    folders are not.

    Args:
        folder: The folder.
        is_read: Whether a file is read, by its name and its first bytes. One that cannot be opened
            is read, so that it is reported when its turn comes.

    Returns:
        The files.
    """
    files = FoundFiles()

    def leave_out(error: OSError) -> None:
        files.left_out[Path(error.filename)] = f"a folder that cannot be opened ({error.strerror})"

    paths: list[Path] = []
    for directory, folders, names in os.walk(folder, onerror=leave_out):
        links = [name for name in folders if (Path(directory) / name).is_symlink()]
        paths += [Path(directory) / name for name in (*names, *links)]

    for path in sorted(paths):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            files.hidden.append(path)
        elif path.is_file():
            is_text = _is_read_or_closed(path, is_read)
            if is_text:
                files.read.append(path)
            else:
                files.left_out[path] = "not text"
        else:
            files.left_out[path] = _kind(path)
    return files


def _is_read_or_closed(path: Path, is_read: Callable[[Path], bool]) -> bool:
    try:
        return is_read(path)
    except OSError:
        return True


def _kind(path: Path) -> str:
    if path.is_dir():
        return "a link to a folder"
    return "a link to a file that is missing" if path.is_symlink() else "a pipe or a device"
