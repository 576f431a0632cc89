"""Reports of records that cannot be read: of each file the first ones, then how many more; reading is elsewhere."""

import re

from seqlabel.commands.console import say, with_options_named

_PLACE = re.compile(r"(?P<file>.*?), (?:lines? [0-9]+(?: to [0-9]+)?|row [0-9]+|object [0-9]+): ", re.DOTALL)
_MOST = 5


class RecordReports:
    """Says what is reported, but of the records of a file only the first ones; `end` says how many more there are.

    `count` is the number of records.

    Args:
        most: How many records of a file are named.
    """

    def __init__(self, most: int = _MOST) -> None:
        self.count = 0
        self._most = most
        self._counts: dict[str, int] = {}

    def __call__(self, message: str) -> None:
        """Take a line.

        Args:
            message: The line; one on a record begins with the name of the file and the record's place.
        """
        place = _PLACE.match(message)
        if place is None:
            say(message)
            return
        self.count += 1
        if place["file"] not in self._counts:
            self.end()
        count = self._counts[place["file"]] = self._counts.get(place["file"], 0) + 1
        if count <= self._most:
            say(with_options_named(message))

    def end(self) -> None:
        """Say how many records of the last file were not named."""
        for name, count in self._counts.items():
            if count > self._most:
                more = count - self._most
                say(f"{name}: and {more:,} more record{'s' * (more > 1)} like these")
        self._counts.clear()
