"""Reports of what is not read: of each file the first records that cannot be, and files that are
left out; reading is elsewhere.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from seqlabel.commands.console import note, say, with_options_named

_PLACE = re.compile(
    r"(?P<file>.*?), (?:lines? [0-9]+(?: to [0-9]+)?|row [0-9]+|object [0-9]+): ", re.DOTALL
)
_MOST = 5
"""Records of a file that are named."""


def say_what_is_left_out(left_out: Mapping[Path, str], hidden: Sequence[Path]) -> None:
    """Name the files that are not read.

    Args:
        left_out: Those that are not text and the like, each with the reason.
        hidden: Those that are hidden.
    """
    for path, why in left_out.items():
        say(f"{path}: {why}, left out")
    if hidden:
        count = f"{len(hidden):,} hidden file{'s' if len(hidden) > 1 else ''}"
        note(f"{count} left out, such as {hidden[0]}. Name a file itself to have it read.")


class RecordReports:
    """Says what is reported, but of the records of a file only the first ones; `count` is the
    number of all.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def __call__(self, message: str) -> None:
        """Take a line.

        Args:
            message: The line; one on a record begins with the name of the file and the record's
                place.
        """
        match = _PLACE.match(message)
        if match is None:
            say(message)
            return
        self._counts[match["file"]] += 1
        if self._counts[match["file"]] <= _MOST:
            say(with_options_named(message))
        elif self._counts[match["file"]] == _MOST + 1:
            say(f"{match['file']}: more records are like these, and are not named")

    @property
    def count(self) -> int:
        """The number of records of all files."""
        return self._counts.total()
