"""Which words a text has: spaCy's, or spaCy's cut at the marks that forms, logs and code write without a space."""

import re
from collections.abc import Iterator
from enum import StrEnum

import spacy

from seqlabel.documents import Document
from seqlabel.spacy_documents import tokenise


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

    Raises `OptionError` for a language that spaCy does not know. Threads may share it.
    """

    def __init__(self, language: str, words: Words = Words.SPACY) -> None:
        self._tokenizer = spacy.blank(language).tokenizer
        self.words = words

    def __call__(self, text: str) -> Document:
        """A text as a document of its words."""
        document = tokenise(self._tokenizer, text)
        if self.words is Words.SPACY or not _MARK.search(text):
            return document
        return Document(text, tuple(cut for start, end in document.offsets for cut in _cut(text, start, end)))


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
