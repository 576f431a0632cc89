"""Multiword tokens, such as Italian `della`, split into the words that they stand for; tokenizers
are elsewhere.

The closed lists of the languages that have them are in `multiword.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.text.languages import language_of

_LOOK = 400
"""How many words of a text show its language."""


@dataclass(frozen=True)
class MultiwordTokens:
    """The multiword tokens of a language.

    Args:
        code: The language's code, as spaCy has it.
        frequent: Words that are frequent in the language and rare in others.
        words: The words that each token stands for, in small letters.
        example: A text, and its words with spaces between them.
    """

    code: str
    frequent: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    example: tuple[str, str]

    def split(self, token: str) -> tuple[str, ...]:
        """Split a token.

        Args:
            token: A token as it is written.

        Returns:
            The words that it stands for, in its letters' case; nothing for any other word.
        """
        words = self.words.get(token.lower().replace("’", "'"), ())
        if not words:
            return ()
        if "’" in token:
            words = tuple(word.replace("'", "’") for word in words)
        if len(token) > 1 and token.isupper():
            return tuple(word.upper() for word in words)
        if token[0].isupper():
            return (words[0].capitalize(), *words[1:])
        return words


@cache
def multiword_tokens() -> Mapping[str, MultiwordTokens]:
    """Read the multiword tokens of all languages that have a list.

    Returns:
        The tokens by the language's name.
    """
    tables: dict[str, MultiwordTokens] = {}
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    for name, row in rows.items():
        words: dict[str, tuple[str, ...]] = {}
        for line in row["words"].split("\n"):
            token, *parts = line.split() or [""]
            if token:
                words[token] = tuple(parts)
        text, example = row["example"]
        tables[name] = MultiwordTokens(
            row["code"], tuple(row["frequent"].split()), words, (text, example)
        )
    return tables


def split_multiwords(document: Document, language: str | None = None) -> Document:
    """Split the multiword tokens among a document's words.

    The words share the characters of their token: the last one has the letters at its end that they
    have in common, or the last letter, the first one the others.

    Args:
        document: A document without layers.
        language: The code of its language; None where the words are to show it.

    Returns:
        The document with `multiwords`; without any where its language has no list, or is not clear
        from its words.

    Example:
        >>> words = ["il", "libro", "della", "scuola"]
        >>> document = split_multiwords(Document.from_words(words), "it")
        >>> document.words, document.multiwords
        (['il', 'libro', 'di', 'la', 'scuola'], {2: ('di', 'la')})
    """
    tables = multiword_tokens()
    document = _joined(document)
    words = document.words
    if language is None:
        name = language_of(words[:_LOOK], _frequent())
        table = None if name is None else tables.get(name)
    else:
        table = next((table for table in tables.values() if table.code == language), None)
    if table is None:
        return document

    offsets: list[tuple[int, int]] = []
    multiwords: dict[int, tuple[str, ...]] = {}
    for word, (start, end) in zip(words, document.offsets, strict=True):
        parts = table.split(word)
        if len(parts) != 2 or end - start < 2:
            offsets.append((start, end))
            continue
        multiwords[len(offsets)] = parts
        middle = end - _letters_in_common(word, parts[1])
        offsets += [(start, middle), (middle, end)]
    return (
        replace(document, offsets=tuple(offsets), multiwords=multiwords) if multiwords else document
    )


def _joined(document: Document) -> Document:
    """Join words of letters with no space between them: spaCy's Catalan cuts `al`, `als` and `del`
    in any language.
    """
    offsets: list[tuple[int, int]] = []
    for start, end in document.offsets:
        before = offsets[-1] if offsets and offsets[-1][1] == start else None
        if before and document.text[before[0] : end].isalpha():
            offsets[-1] = (before[0], end)
        else:
            offsets.append((start, end))
    return (
        document
        if len(offsets) == len(document.offsets)
        else replace(document, offsets=tuple(offsets))
    )


@cache
def _frequent() -> Mapping[str, tuple[str, ...]]:
    return {name: table.frequent for name, table in multiword_tokens().items()}


def _letters_in_common(token: str, word: str) -> int:
    """How many letters at the end of a token are those at the end of its last word: one at least,
    and not all.
    """
    for count in range(min(len(word), len(token) - 1), 0, -1):
        if token[-count:].lower() == word[-count:].lower():
            return count
    return 1
