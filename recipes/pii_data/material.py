"""The generator's material, read from the text files beside: rules, forms, lists, names of fields;
no chance here.

A file holds sections. A section is a line `[name]`, `[name key]` or `[name key @US,GB]`, and below
it one entry per line; an entry that stands twice is drawn twice as often. Lines that begin with
`;; ` are comments, and empty lines separate. In an entry `\\n` is a line's end, `\\t` a tabulator,
`\\s` a space where an editor would strip it, and a lone `\\e` an empty entry.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seqlabel import DataError

from .splits import Split, part_of

FOLDER = Path(__file__).parent / "material"

_HEADER = re.compile(r"\[([a-z_]+(?: [A-Za-z_]+)?(?: @[A-Z,]+)?)\]")
_ESCAPES = {"n": "\n", "t": "\t", "s": " ", "e": ""}
_ESCAPE = re.compile(r"\\(.?)", re.S)


class Entry(NamedTuple):
    """An entry and where it stands, for messages."""

    text: str
    path: Path
    line: int

    def error(self, message: str) -> DataError:
        return DataError(f"{self.path}, line {self.line}: {message}")

    @contextmanager
    def parsed(self) -> Iterator[None]:
        """Say of a template that cannot be parsed where it stands."""
        try:
            yield
        except ValueError as error:
            raise self.error(
                f"Found {error}. Open and close each, or put a backslash before it."
            ) from None


def read_sections(*paths: Path) -> dict[str, tuple[Entry, ...]]:
    """Read the sections of some files, in the order of the files and lines.

    Raises:
        DataError: An entry stands before the first section, a section is empty or stands twice, or
            a line ends in a lone backslash. The message names file and line.
    """
    sections: dict[str, list[Entry]] = {}
    headers: dict[str, Entry] = {}
    for path in paths:
        name = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            entry = Entry(_ESCAPE.sub(_unescaped, line), path, number)
            if not line or line.startswith(";; "):
                continue
            if header := _HEADER.fullmatch(line):
                name = header[1]
                if name in sections:
                    raise entry.error(
                        f"Found the section [{name}] for the second time. Merge the two."
                    )
                headers[name] = entry
                sections[name] = []
            elif not name:
                raise entry.error(
                    "Found an entry before the first section. Put a line such as [name] above it."
                )
            elif len(line) - len(line.rstrip("\\")) & 1:
                raise entry.error("Found a backslash at the line's end. Write two, or remove it.")
            else:
                sections[name].append(entry)
    for name, entries in sections.items():
        if not entries:
            raise headers[name].error(
                f"Found no entry in the section [{name}]. Add one, or remove the section."
            )
    return {name: tuple(entries) for name, entries in sections.items()}


def _unescaped(match: re.Match[str]) -> str:
    # Other escapes are the templates' own.
    return _ESCAPES.get(match[1], match[0])


def read_folder(*names: str) -> dict[str, tuple[Entry, ...]]:
    """Read the sections of all files of some folders of the material."""
    return read_sections(
        *(path for name in names for path in sorted((FOLDER / name).glob("*.txt")))
    )


def texts_of(sections: Mapping[str, tuple[Entry, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(entry.text for entry in entries) for name, entries in sections.items()}


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    return texts_of(read_folder("lists", "words"))


def whole(name: str) -> tuple[str, ...]:
    """Return a list as it stands; both splits share it."""
    return _lists()[name]


def is_list(name: str) -> bool:
    return name in _lists()


@cache
def half(name: str, split: Split) -> tuple[str, ...]:
    """Return the entries of a list that are of one split."""
    return part_of(whole(name), split)


@cache
def keyed(name: str) -> dict[str, tuple[str, ...]]:
    """Return a list whose entries begin with a key and a space, as the values of each key."""
    values: dict[str, list[str]] = {}
    for entry in whole(name):
        key, _, value = entry.partition(" ")
        values.setdefault(key, []).append(value)
    return {key: tuple(found) for key, found in values.items()}


@cache
def weighted(name: str) -> tuple[tuple[int, str], ...]:
    """Return a list whose entries begin with a weight and a space, as weights and entries."""
    return tuple(
        (int(weight), value) for weight, _, value in (entry.partition(" ") for entry in whole(name))
    )
