"""Which words a text has: spaCy's, or spaCy's cut at the marks that forms, logs and code write without a space."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import pairwise

import spacy
from spacy.tokens import Doc

from seqlabel.choices import choose
from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.files import SURROGATE


def tokenise(tokenizer: Callable[[str], Doc], text: str) -> Document:
    """Find the words of a text with a spaCy tokeniser.

    Args:
        tokenizer: The tokeniser of a pipeline.
        text: The text.

    Returns:
        A document of the tokens, without those that are white space.
    """
    words = [token for token in tokenizer(text) if not token.is_space]
    return Document(text, tuple((word.idx, word.idx + len(word)) for word in words))


class Words(StrEnum):
    """What the words of a text are."""

    SPACY = "spacy"
    """What spaCy's tokeniser for the language finds, without white space."""
    FINE = "fine"
    """The same, cut also at marks between which values stand in forms, logs, tables and code: `user=ann;ip=10.0.0.1`.

    Dots, hyphens and underscores stay inside words, and so do apostrophes between letters.
    """


class Tokeniser:
    """Cuts texts into words. What a run of characters without white space is cut into depends on nothing around it.

    A run of more than 256 characters is cut after every 256 of them, whatever is there, and counted in `cut_runs`:
    spaCy's time grows with the square of a run's length. spaCy also keeps every different word that it meets, about
    0.5 KB each; after 32,768 strings its tokeniser is made anew, so that memory stays bounded on any text.

    Raises `OptionError` for a language that spaCy does not know. Threads may share it.
    """

    def __init__(self, language: str, words: Words = Words.SPACY) -> None:
        self.words = choose(Words, "words", words)
        self._language = language
        try:
            self._nlp = spacy.blank(language)
        except ImportError as error:
            raise OptionError(
                f"language: spaCy has no {language!r}, or it needs a package that is not installed; give one of its "
                f"codes, such as 'en', or 'xx' for any language"
            ) from error
        self.cut_runs = 0

    def __call__(self, text: str) -> Document:
        """A text as a document of its words. Raises `DataError` for what is no text, or has half of a character."""
        if not isinstance(text, str):
            raise DataError(f"found {type(text).__name__} for a text; give str, or a Document of words")
        # Here, as what spaCy raises holds the text.
        half = SURROGATE.search(text)
        if half is not None:
            raise DataError(
                f"found a surrogate, which is half of a character, at character {half.start()} of a text; "
                f"read the file with errors='replace'"
            )
        offsets: list[tuple[int, int]] = []
        runs = [match.span() for match in _LONG_RUN.finditer(text)]
        self.cut_runs += len(runs)
        for begin, stop in pairwise(_borders(text, runs)):
            offsets += [(start + begin, end + begin) for start, end in self._spacy_words(text[begin:stop])]
        if self.words is Words.FINE and _MARK.search(text):
            offsets = [cut for start, end in offsets for cut in _cut(text, start, end)]
        return Document(text, tuple(offsets))

    def _spacy_words(self, text: str) -> tuple[tuple[int, int], ...]:
        nlp = self._nlp
        offsets = tokenise(nlp.tokenizer, text).offsets
        if len(nlp.vocab.strings) > _MOST_STRINGS:
            # Another one, not this one emptied: another thread may still use it.
            self._nlp = spacy.blank(self._language)
        return offsets


def _borders(text: str, runs: list[tuple[int, int]]) -> list[int]:
    """Where a text is cut so that no run is too long: at its ends, and around and inside long runs."""
    inside = (place for start, end in runs for place in (*range(start, end, _LONGEST_RUN), end))
    return sorted({0, *inside, len(text)})


_LONGEST_RUN = 256
_LONG_RUN = re.compile(rf"\S{{{_LONGEST_RUN + 1},}}+")
_MOST_STRINGS = 1 << 15
_MARKS = r"""=,:;|<>{}()\[\]/\\@"#&?%+*~`“”‘«»"""
_MARK = re.compile(f"[{_MARKS}'’]")
_PIECE = re.compile(rf"[{_MARKS}]|(?:[^{_MARKS}'’]|\b['’]\b)+|['’]")
_CONTRACTION = re.compile(r"(?:n['’]t|['’]\w{1,2})\Z", re.IGNORECASE)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start == 1 or _CONTRACTION.match(text, start, end):
        yield start, end
        return
    place = start
    for piece in _PIECE.finditer(text, start, end):
        yield piece.span()
        place = piece.end()
    assert place == end
