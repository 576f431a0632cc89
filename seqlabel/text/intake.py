"""Text that arrives in pieces cut anywhere → documents of whole words; what cannot be words is
withheld and counted.

Labels are not known here (`seqlabel.models.stream`).
"""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.io.files import SURROGATE

WITHHELD = "\ufffd"
"""Unicode's replacement character stands in the stream's text for what was withheld from it."""


@dataclass(frozen=True)
class Withheld:
    """Counts of what a stream has withheld so far and will never yield; they hold no text.

    `runs` are unbroken runs of characters that were longer than allowed, each now one `WITHHELD`;
    `characters` is how many they had, with white space beyond the same length; `undecodable` are
    bytes that are not UTF-8 and characters that are half of one (surrogates), each now a
    `WITHHELD`.
    """

    runs: int = 0
    characters: int = 0
    undecodable: int = 0


_RUN = re.compile(r"\s+|\S+")


class Intake:
    """Takes the pieces of one stream, and gives the words that are whole.

    A run of characters without white space is held until it ends, since what `tokenize` makes of it
    may depend on its end; one of more than `longest_run` characters is withheld. Raises
    `OptionError` for a `longest_run` below 1.
    """

    def __init__(self, tokenize: Callable[[str], Document], *, longest_run: int) -> None:
        if longest_run < 1:
            raise OptionError(
                "longest_run: expected a number of characters without white space, at least 1, "
                f"got {longest_run}."
            )
        self.withheld = Withheld()
        self._tokenize = tokenize
        self._longest = longest_run
        # A byte that is not UTF-8 becomes a surrogate of its own, so that it can be counted.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._run: list[str] = []
        self._length = 0
        self._is_space = True

    def words(self, words: Sequence[str]) -> Document:
        """Take words that are whole.

        Args:
            words: The next words, none of them empty.

        Returns:
            A document of these words, with a space after each; one that is too long is now
            `WITHHELD`.
        """
        kept: list[str] = []
        offsets: list[tuple[int, int]] = []
        start = 0
        for word in map(self._clean, words):
            if len(word) > self._longest:
                self._withhold(runs=1, characters=len(word))
                word = WITHHELD
            kept.append(word)
            offsets.append((start, start + len(word)))
            start += len(word) + 1
        # Nothing follows the last space.
        return Document(" ".join([*kept, ""]), tuple(offsets))

    def text(self, piece: str | bytes) -> Document:
        """Take text that may be cut anywhere.

        Args:
            piece: The next characters, or the next bytes of UTF-8.

        Returns:
            A document of the runs, of characters and of white space, that are now whole, cut into
            words.

        Raises:
            DataError: For characters inside a UTF-8 character that began in bytes.
        """
        if isinstance(piece, str):
            if self._decoder.getstate()[0]:
                raise DataError(
                    "Expected bytes until the UTF-8 character that began in bytes is whole, got a "
                    "string. Pass the rest of the bytes first."
                )
        else:
            piece = self._decoder.decode(piece)
        return self._tokenize("".join(self._whole_runs(self._clean(piece))))

    def rest(self) -> Document:
        """Take the end of the stream.

        Returns:
            A document of what was held, as if it were whole.
        """
        tail = self._clean(self._decoder.decode(b"", final=True))
        return self._tokenize("".join([*self._whole_runs(tail), *self._ended()]))

    def _whole_runs(self, text: str) -> Iterator[str]:
        for match in _RUN.finditer(text):
            run = match.group()
            if run[0].isspace() is not self._is_space:
                yield from self._ended()
                self._is_space = not self._is_space
            room = max(self._longest - self._length, 0)
            self._length += len(run)
            if self._is_space:
                yield run[:room]
                self._withhold(characters=len(run[room:]))
            elif self._length <= self._longest:
                self._run.append(run)
            else:
                # All of it, now and later.
                self._withhold(
                    runs=bool(room or self._run), characters=sum(map(len, self._run)) + len(run)
                )
                self._run = []

    def _ended(self) -> Iterator[str]:
        if not self._is_space:
            yield WITHHELD if self._length > self._longest else "".join(self._run)
        self._run = []
        self._length = 0

    def _clean(self, text: str) -> str:
        if text.isascii():
            return text
        text, count = SURROGATE.subn(WITHHELD, text)
        if count:
            self._withhold(undecodable=count)
        return text

    def _withhold(self, *, runs: int = 0, characters: int = 0, undecodable: int = 0) -> None:
        old = self.withheld
        self.withheld = Withheld(
            old.runs + runs, old.characters + characters, old.undecodable + undecodable
        )
