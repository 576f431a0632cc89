"""Lists of values that stay or are always private, found by a look-up of words; 10,000 cost no more
than 10.

Nothing is labelled here, and no message quotes a value: a deny list is private itself.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from seqlabel.errors import DataError, OptionError
from seqlabel.io.records import LETTER_OR_DIGIT

LONGEST_VALUE = 96
"""The most characters that a value may have, so that a stream knows how long it must wait."""
MOST_WORDS = 16
_LONGEST_FOUND = 4 * LONGEST_VALUE
"""A value in a text has up to four characters of white space where it has one."""
MOST_BYTES = 50_000_000
"""The size of a list, at most: a path may lead to a device that never ends."""
_MOST_ALIKE = 64
"""The most values that are the same but for the punctuation around them, each of which is compared.
"""
_WORD = re.compile(r"\w+")
_GAP = re.compile(r"\s+")


@dataclass(frozen=True)
class Entry:
    """A value of a list. The repr holds no text.

    Args:
        text: The value.
        where: Where it stands, for messages.
    """

    text: str = field(repr=False)
    where: str

    @cached_property
    def form(self) -> re.Pattern[str]:
        """The pattern that finds the value where its first word stands."""
        parts = (re.escape(part) for part in self.text.split())
        before = r"(?<!\w)" if self.text[0].isalnum() or self.text[0] == "_" else ""
        after = r"(?!\w)" if self.text[-1].isalnum() or self.text[-1] == "_" else ""
        return re.compile(before + r"\s{1,4}".join(parts) + after, re.IGNORECASE)

    @cached_property
    def lead(self) -> int:
        """How many characters stand before the first word."""
        match = _WORD.search(self.text)
        return 0 if match is None else match.start()


def read_entries(words: Iterable[str], files: Iterable[Path | str], *, key: str) -> list[Entry]:
    """Collect the values of a list.

    Args:
        words: Values that stand in the settings.
        files: UTF-8 files with one value per line; blank lines and lines that begin with `# ` are
            left out.
        key: The list's name in the settings, for messages.

    Returns:
        The values, without white space around them.

    Raises:
        OptionError: For a value without a letter or digit, and for one that is too long.
        DataError: For a file that cannot be read or is not UTF-8. A `UserWarning` names a file
            without a value.
    """
    entries = [Entry(word.strip(), f"{key}.words[{number}]") for number, word in enumerate(words)]
    for path in files:
        lines = enumerate(_lines(path), start=1)
        values = [
            Entry(value.strip(), f"{path}, line {line}")
            for line, value in lines
            if _is_value(value)
        ]
        if not values:
            warnings.warn(
                f"{path}: the list of {key} has no value. Write one per line, or leave it out.",
                stacklevel=2,
            )
        entries += values
    for entry in entries:
        count = sum(1 for _ in _WORD.finditer(entry.text))
        if not count:
            raise OptionError(
                f"{entry.where}: the value has no letter or digit. Write the value, or use a "
                "pattern."
            )
        if len(entry.text) > LONGEST_VALUE or count > MOST_WORDS:
            raise OptionError(
                f"{entry.where}: the value has {len(entry.text)} characters in {count} words. A "
                f"value has at most {LONGEST_VALUE} in {MOST_WORDS}. Shorten it."
            )
    return entries


def _is_value(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("# ")


def _lines(path: Path | str) -> list[str]:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise DataError(
                f"{path}: the list has more than {MOST_BYTES:,} bytes. Divide it, or use patterns."
            )
        return data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise DataError(
            f"{path}: the list cannot be read ({error.strerror}). Check the path."
        ) from None
    except UnicodeDecodeError:
        raise DataError(
            f"{path}: the list is not UTF-8. Save it as UTF-8, one value per line."
        ) from None


class ValueFinder:
    """Finds listed values in texts as whole words, in any case, with any white space between their
    words.

    Each word of a text is looked up once, and for each number of words that a value beginning with
    it has, so the time does not grow with the list.

    Args:
        entries: The values.

    Raises:
        OptionError: For many values that differ only in the punctuation around them.

    Example:
        >>> list(ValueFinder([Entry("Project Falcon", "here")])("On project  FALCON."))
        [(3, 18)]
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        # By the first word, by how many words there are, and by all of them with what is between.
        self._by_word: dict[str, dict[int, dict[str, list[Entry]]]] = {}
        for entry in {entry.text: entry for entry in entries}.values():
            words = list(_WORD.finditer(entry.text))
            known = self._by_word.setdefault(words[0][0].casefold(), {}).setdefault(len(words), {})
            alike = known.setdefault(_key(entry.text, words[0].start(), words[-1].end()), [])
            alike.append(entry)
            if len(alike) > _MOST_ALIKE:
                raise OptionError(
                    f"{entry.where}: more than {_MOST_ALIKE} values differ only in the punctuation "
                    "around them. List the words alone, or use a pattern."
                )

    def __call__(self, text: str) -> Iterator[tuple[int, int]]:
        """Find the values in a text.

        Args:
            text: The text.

        Yields:
            The half-open place of each value; values may overlap.
        """
        words = list(_WORD.finditer(text))
        for number, word in enumerate(words):
            for count, known in self._by_word.get(word[0].casefold(), {}).items():
                if number + count > len(words):
                    continue
                start, end = word.start(), words[number + count - 1].end()
                if end - start > _LONGEST_FOUND:
                    continue
                for entry in known.get(_key(text, start, end), ()):
                    match = (
                        entry.form.match(text, start - entry.lead) if start >= entry.lead else None
                    )
                    if match is not None:
                        yield match.span()


def _key(text: str, start: int, end: int) -> str:
    return _GAP.sub(" ", text[start:end]).casefold()


def bare(text: str) -> str:
    """Write a value as lists compare it.

    Args:
        text: The value.

    Returns:
        The value without case and without punctuation around it, one space for each run of white
        space.
    """
    first, last = LETTER_OR_DIGIT.search(text), LETTER_OR_DIGIT.search(text[::-1])
    if first is None or last is None:
        return ""
    return _GAP.sub(" ", text[first.start() : len(text) - last.start()]).casefold()
