"""Case and punctuation as two layers of tags, taken from words as they are written, and given back
to bare words.
"""

from collections.abc import Iterable, Iterator

from seqlabel.documents.document import Document, Tags
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError

_MARKS = {
    ",": "COMMA",
    ".": "PERIOD",
    "...": "PERIOD",
    "?": "QUESTION",
    "!": "EXCLAMATION",
    ":": "COLON",
    ";": "COLON",
}
_SIGNS = {"COMMA": ",", "PERIOD": ".", "QUESTION": "?", "EXCLAMATION": "!", "COLON": ":"}
_WRITE = {"TITLE": str.capitalize, "UPPER": str.upper}
NO_MARK = "NONE"
"""The tag of a word that no mark follows."""
CASES = TagSet("case", ("LOWER", "TITLE", "UPPER", "MIXED"))
"""How a word is written: `MIXED` is what the other three cannot say, such as McKay."""
MARKS = TagSet("mark", (NO_MARK, *sorted(set(_MARKS.values()))))
"""The mark that follows a word."""


def unformatted(
    words: Iterable[str], *, row: int = 200, has_case: bool = True
) -> Iterator[Document]:
    """Take case and punctuation off words and keep them as tags.

    Args:
        words: Words and marks as a tokeniser finds them. The first mark after a word is the word's;
            further marks and other punctuation are left out.
        row: Words per document, at least 1; the last one may have fewer.
        has_case: Whether the text has case. Without it the tags of the layer `case` are None.

    Yields:
        Documents of words in lower case with the layers `case` and `mark`.

    Raises:
        OptionError: `row` is less than 1.

    Example:
        >>> (document,) = unformatted(["Ana", ",", "it", "rains", "!"])
        >>> document.words, document.tags["case"].labels, document.tags["mark"].labels
        (['ana', 'it', 'rains'], ('TITLE', 'LOWER', 'LOWER'), ('COMMA', 'NONE', 'EXCLAMATION'))
    """
    if row < 1:
        raise OptionError(f"row: expected a number of at least 1, got {row}.")
    kept: list[tuple[str, str, str]] = []
    for word in words:
        if any(character.isalnum() for character in word):
            kept.append((word.lower(), _case_of(word), NO_MARK))
        elif kept and word in _MARKS and kept[-1][2] == NO_MARK:
            kept[-1] = (*kept[-1][:2], _MARKS[word])
    for start in range(0, len(kept), row):
        lowered, cases, marks = zip(*kept[start : start + row], strict=True)
        case_tags = Tags(cases if has_case else (None,) * len(cases))
        yield Document.from_words(lowered, tags={CASES.layer: case_tags, MARKS.layer: Tags(marks)})


def formats_of(document: Document) -> list[tuple[str | None, str | None]]:
    """Return the case and the mark of each word.

    Args:
        document: A document with the layers `case` and `mark`.

    Returns:
        A pair of tags per word.
    """
    return list(
        zip(document.tags[CASES.layer].labels, document.tags[MARKS.layer].labels, strict=True)
    )


def formatted(document: Document) -> str:
    """Return the words of a document with their case and marks.

    Args:
        document: A document with the layers `case` and `mark`; a word of case `MIXED` stays in
            lower case.

    Returns:
        The text, words separated by spaces.
    """
    written: list[str] = []
    for word, (case, mark) in zip(document.words, formats_of(document), strict=True):
        write_case = _WRITE.get(str(case), str)
        written.append(write_case(word) + _SIGNS.get(str(mark), ""))
    return " ".join(written)


def _case_of(word: str) -> str:
    if word == word.lower():
        return "LOWER"
    if word == word.upper() and len(word) > 1:
        return "UPPER"
    return "TITLE" if word == word[:1].upper() + word[1:].lower() else "MIXED"
