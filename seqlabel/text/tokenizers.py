"""Which words a text has: spaCy's, these cut at the marks of forms and logs, or with multiword
tokens split.

English is cut by `seqlabel.text.english`, which gives spaCy's words without importing spaCy.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from seqlabel.documents.document import Document
from seqlabel.errors import DataError, check_type, choose
from seqlabel.io.files import SURROGATE
from seqlabel.names import LateModule
from seqlabel.text.english import english_rules

if TYPE_CHECKING:
    from seqlabel.text import multiword, spacy_words
else:
    # Few labelers need their tables.
    multiword = LateModule("seqlabel.text.multiword")
    spacy_words = LateModule("seqlabel.text.spacy_words")


class Words(StrEnum):
    """The kinds of words that a text is cut into."""

    SPACY = "spacy"
    """The words that spaCy's tokeniser for the language finds, without white space."""
    FINE = "fine"
    """The same, cut also at marks between which values stand in forms, logs, tables and code:
    `user=ann;ip=10.0.0.1`.

    Dots, hyphens and underscores stay inside words, and so do apostrophes between letters; the full
    stop after a time in UTC (`10:00:00Z.`) is a word.
    """
    SYNTACTIC = "syntactic"
    """The words of treebanks: spaCy's, with multiword tokens of Italian, Spanish, French and
    Portuguese split by closed lists (`seqlabel.text.multiword`). A tokeniser for another language
    takes the list of the language that a text has most function words of.
    """


class Tokenizer:
    """Cuts texts into words. What a run of characters without white space is cut into depends on
    nothing around it.

    A run of more than 256 characters is cut after every 256 of them, whatever is there: the time to
    cut a run grows with the square of its length. What is remembered of words stays bounded on any
    text.

    Raises `OptionError` for a language that spaCy does not know. Threads may share it.
    """

    def __init__(self, language: str, words: Words = Words.SPACY) -> None:
        check_type("language", language, str, "spaCy's code of a language, such as 'de'")
        self.words = choose(Words, "words", words)
        self._find: Callable[[str], list[tuple[int, int]]]
        if language == "en":
            self._find = _EnglishWords(fine=self.words is Words.FINE)
        else:
            self._find = partial(
                _found, spacy_words.SpacyWords(language), fine=self.words is Words.FINE
            )
        self._language = language

    def __repr__(self) -> str:
        return f"Tokenizer({self._language!r}, {self.words})"

    def __call__(self, text: str) -> Document:
        """A text as a document of its words. Raises `DataError` for other types and for unpaired
        surrogates.
        """
        return self.split(self.whole(text))

    def whole(self, text: str) -> Document:
        """Cut a text into words, and leave multiword tokens whole.

        Args:
            text: Any text.

        Returns:
            A document of its words.

        Raises:
            DataError: For other types and for unpaired surrogates.
        """
        if not isinstance(text, str):
            raise DataError(
                f"Expected a text as str, or a Document of words, got {type(text).__name__}."
            )
        # Here, as what spaCy raises holds the text.
        half = SURROGATE.search(text)
        if half is not None:
            raise DataError(
                "Expected whole characters, got half of one, a surrogate, at character "
                f"{half.start()} of a text. Read the file with errors='replace'."
            )
        return Document(text, tuple(self._find(text)))

    def split(self, document: Document) -> Document:
        """Split the multiword tokens among words, where this tokeniser's words are the syntactic
        ones.

        Args:
            document: A document without layers.

        Returns:
            The document with the words that they stand for; with other words the same one.
        """
        if self.words is not Words.SYNTACTIC:
            return document
        codes = [table.code for table in multiword.multiword_tokens().values()]
        return multiword.split_multiwords(
            document, self._language if self._language in codes else None
        )


_RUN = re.compile(r"\S{1,256}")
_PART = re.compile(r"(?:\s++|\S{1,256}+(?!\S))++|\S{1,256}")
"""A part of a text whose runs are no longer, or 256 characters of one that is."""
_MOST_RUNS = 1 << 15


class _EnglishWords:
    """The words of English text, run by run; runs that were met before are found again.

    Args:
        fine: Whether words are cut at marks too (`Words.FINE`).
    """

    def __init__(self, *, fine: bool) -> None:
        self._fine = fine
        self._known: dict[str, tuple[tuple[int, int], ...]] = {}

    def __call__(self, text: str) -> list[tuple[int, int]]:
        """Find the words of a text.

        Args:
            text: The text.

        Returns:
            The half-open character offsets of the words.
        """
        known = self._known
        offsets: list[tuple[int, int]] = []
        for match in _RUN.finditer(text):
            run = match.group()
            begin = match.start()
            words = known.get(run)
            if words is None:
                words = self._words(run)
                if len(known) >= _MOST_RUNS:
                    # Another one, not this one emptied: another thread may still use it.
                    known = self._known = {}
                known[run] = words
            offsets += [(begin + start, begin + end) for start, end in words]
        return offsets

    def _words(self, run: str) -> tuple[tuple[int, int], ...]:
        ends = list(accumulate(map(len, english_rules().pieces(run)), initial=0))
        offsets = list(pairwise(ends))
        return tuple(_finer(run, offsets) if self._fine else offsets)


def _found(
    find: Callable[[str], tuple[tuple[int, int], ...]], text: str, *, fine: bool
) -> list[tuple[int, int]]:
    """The words that spaCy finds in a text, or these cut at marks too."""
    offsets: list[tuple[int, int]] = []
    for part in _PART.finditer(text):
        words = find(part.group())
        begin = part.start()
        offsets += [
            (begin + start, begin + end)
            for start, end in (_finer(part.group(), words) if fine else words)
        ]
    return offsets


def _finer(text: str, offsets: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Words cut also at marks."""
    if not _MARK.search(text):
        return list(offsets)
    return [cut for start, end in offsets for cut in _cut(text, start, end)]


_MARKS = r"""=,:;|<>{}()\[\]/\\@"#&?%+*~`“”‘«»"""
_MARK = re.compile(rf"[{_MARKS}'’]|[0-9]Z\.")
# A piece of a word; the full stop after a time in UTC, `10:00:00Z.`, is one.
_PIECE = re.compile(
    rf"[{_MARKS}]|(?<=[0-9]Z)\.\Z|(?:[^{_MARKS}'’.]|(?!(?<=[0-9]Z)\.\Z)\.|\b['’]\b)+|['’]"
)
_CONTRACTION = re.compile(r"(?:n['’]t|['’]\w{1,2})\Z", re.IGNORECASE)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start == 1 or _CONTRACTION.match(text, start, end):
        yield start, end
        return
    offset = start
    for piece in _PIECE.finditer(text, start, end):
        yield piece.span()
        offset = piece.end()
    assert offset == end
