"""The files that a command reads where folders are named among its inputs; how a file is read is not known here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FolderFiles:
    """The files of a folder and its folders, in the order of their paths.

    Args:
        read: Those that are read.
        left_out: Those that are not, since they are not text.
        hidden: Those that are hidden, or in a hidden folder, and not read either.
    """

    read: list[Path]
    left_out: list[Path]
    hidden: list[Path]


def files_of_folder(folder: Path, is_read: Callable[[Path], bool]) -> FolderFiles:
    """Find the files of a folder and of all folders in it.

    Args:
        folder: The folder.
        is_read: Whether a file is read, by its name and its first bytes.

    Returns:
        The files.
    """
    files = FolderFiles([], [], [])
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            files.hidden.append(path)
        elif is_read(path):
            files.read.append(path)
        else:
            files.left_out.append(path)
    return files
