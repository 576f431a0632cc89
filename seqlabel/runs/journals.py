"""What a run over a file counts, and the journal by which an interrupted one is continued; nothing
is redacted here.

No count and no journal has any of the text in it.
"""

import json
import os
import secrets
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from pydantic import NonNegativeInt, TypeAdapter, ValidationError

from seqlabel.errors import DataError
from seqlabel.io.csv_records import Header
from seqlabel.io.files import PRIVATE_MODE, Part, open_own_file, write_json
from seqlabel.runs.progress import with_noun

_BYTES = {"ser_json_bytes": "hex", "val_json_bytes": "hex"}


@dataclass
class Summary:
    """The counts of findings in files and streams.

    Args:
        records: How many records have texts.
        withheld: How many of them were withheld.
        kept: How many of them were kept although they could not be read.
        found: How often each label was found.
        unread: How many kinds of parts hold text and were not read: attachments, fields, columns.
    """

    records: NonNegativeInt = 0
    withheld: NonNegativeInt = 0
    kept: NonNegativeInt = 0
    found: Counter[str] = field(default_factory=Counter)
    unread: NonNegativeInt = 0

    def add(self, other: "Summary") -> None:
        """Count another file's records too.

        Args:
            other: The other file's summary.
        """
        self.records += other.records
        self.withheld += other.withheld
        self.kept += other.kept
        self.unread += other.unread
        self.found += other.found

    def as_json(self) -> dict[str, Any]:
        """Give the numbers in a form for JSON.

        Returns:
            The numbers, with the most frequent label first.
        """
        labels = dict(self.found.most_common())
        counts = {
            "records": self.records,
            "withheld": self.withheld,
            "kept": self.kept,
            "unread": self.unread,
        }
        return {**counts, "found": labels}

    def line(self) -> str:
        """Give the numbers in one line.

        Returns:
            How many records and findings there are, and how many records were not read.
        """
        total = self.found.total()
        records, *others = self._records()
        return ", ".join([records, with_noun(total, "finding"), *others])

    def table(self) -> str:
        """Give the numbers in a form for people.

        Returns:
            A line for each label, the most frequent first, and one for the records.
        """
        width = max(map(len, self.found), default=0)
        lines = [f"{label:<{width}}  {count:>9,}" for label, count in self.found.most_common()]
        return "\n".join([*lines, ", ".join(self._records())])

    def _records(self) -> list[str]:
        said = [with_noun(self.records, "record")]
        said += [f"{self.withheld:,} withheld"] if self.withheld else []
        return said + ([f"{self.kept:,} kept and reported"] if self.kept else [])


@dataclass(frozen=True)
class Place:
    """How far a file is done.

    Args:
        document: Random bytes that tell the file from others.
        offset: The byte that the next record begins with.
        line: The line that it begins in.
        length: How many bytes of the output are done.
        header: The names of a table's columns, once they are read.
        done: Whether all is done.
        summary: What was found until here.
    """

    document: bytes = field(default_factory=lambda: secrets.token_bytes(8))
    offset: NonNegativeInt = 0
    line: NonNegativeInt = 1
    length: NonNegativeInt = 0
    header: Header | None = None
    done: bool = False
    summary: Summary = field(default_factory=Summary)
    __pydantic_config__: ClassVar[dict[str, str]] = _BYTES


@dataclass
class Progress:
    """The last place that was reached.

    Places are exchanged whole: an interruption comes between two steps of Python, and would find
    half of a new one.
    """

    place: Place = field(default_factory=Place)


@dataclass(frozen=True)
class Journal:
    """The record next to an output while it is written.

    Args:
        salt: Random bytes.
        made_of: What the output depends on: the file and the options. Of the key one byte is in a
            digest, which depends on `salt`.
        part: The part that the output is written to, by its `name_in_journal`.
        progress: How far it is.
    """

    salt: bytes
    made_of: dict[str, Any]
    part: str
    progress: Progress
    __pydantic_config__: ClassVar[dict[str, str]] = _BYTES

    def write(self, path: Path, *, durable: bool = True) -> None:
        """Write it, in place of an older one.

        Args:
            path: The file.
            durable: Whether it is flushed to the disk. One that is not may be empty after the
                machine has stopped, and then counts as none.
        """
        value = _adapter().dump_python(self, mode="json")
        if durable:
            write_json(path, value, mode=PRIVATE_MODE)
            return
        part = Part.create(path)
        try:
            part.file.write(json.dumps(value).encode())
            part.file.flush()
            part.publish(PRIVATE_MODE, flushed=True)
        finally:
            part.discard()

    @classmethod
    def read(cls, path: Path) -> "Journal | None":
        """Read it.

        Args:
            path: The file.

        Returns:
            The journal; None where there is none, or an empty one.

        Raises:
            DataError: The file is not a journal.
            OptionError: It is a link, or it belongs to another user.
        """
        try:
            with open_own_file(path) as file:
                content = file.read()
            return _adapter().validate_json(content, strict=True) if content else None
        except FileNotFoundError:
            return None
        except ValidationError:
            raise DataError(
                f"{path}: is not a journal that seqlabel wrote, or it is damaged. Run without "
                "--resume to start again."
            ) from None


@cache
def _adapter() -> TypeAdapter[Journal]:
    """What reads and writes journals; runs over stdin have none."""
    return TypeAdapter(Journal)


def is_done(place: Place, target: Path) -> bool:
    """Return whether an output is there, as its run left it or longer.

    Args:
        place: How far the run got.
        target: The output.

    Returns:
        Whether it is.
    """
    return place.done and target.is_file() and target.stat().st_size >= place.length


def resumed(kept: Journal | None, target: Path) -> tuple[Part, Progress]:
    """Open the part of an output that is continued.

    Args:
        kept: The journal of the run that is resumed; None to start again.
        target: The output.

    Returns:
        The part and the progress of that run, or new ones if no run can be resumed.
    """
    if kept is not None and not kept.progress.place.done:
        with suppress(FileNotFoundError):
            part = Part.reopen(target, kept.part)
            if os.fstat(part.file.fileno()).st_size >= kept.progress.place.length:
                return part, kept.progress
            part.discard()
    return Part.create(target, alone=True), Progress()
