"""Numbered placeholders such as `<PERSON_1>` in text that a language model wrote, whole or arriving
in pieces.

Which value a placeholder stands for is `privacy.session`'s business.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from seqlabel.errors import DataError, choose
from seqlabel.privacy.replacing.nested import Json


class Form(StrEnum):
    """How a value is written into the text around it."""

    TEXT = "text"
    """As it is."""
    JSON = "json"
    """Escaped, as inside a string of JSON: for the arguments of a tool call, which arrive as JSON.

    In a string that is itself JSON, as `arguments` is in a whole tool call, values are escaped once
    for each level."""


# Markdown escapes both signs, and JSON its backslashes; one alone may end a path, as in
# `C:\\Users\\<USERNAME_1>`.
_OPEN = r"(?P<escaped>\\{1,8})<|<|&lt;|\\u003[cC]"
_CLOSE = r"(?(escaped)\\{1,8}>|(?:>|&gt;|\\u003[eE]))"
_SPACE = r"[ \t\r\n]{0,3}"
_WORD = r"[A-Z][A-Z0-9]{0,15}"
_BETWEEN = rf"(?:{_SPACE}(?:\\{{0,8}}_|-){_SPACE}|[ \t]{{1,3}})"
PLACEHOLDER = re.compile(
    (
        rf"(?:{_OPEN}){_SPACE}(?P<label>{_WORD}(?:{_BETWEEN}{_WORD}){{0,3}}?)(?:{_BETWEEN}|)(?P<numb"
        rf"er>[0-9]{{1,9}}){_SPACE}{_CLOSE}"
    ),
    re.IGNORECASE,
)
"""A placeholder as models write it: in any case, with blanks or hyphens for underscores, `<` and
`>` also as HTML and JSON escape them, and all signs also as Markdown escapes them."""
LONGEST = 256
"""No match of `PLACEHOLDER` is longer, in characters."""
_BEGINNING = re.compile(r"\\{0,8}<|&(?:l(?:t;?)?)?|\\(?:u(?:0(?:0(?:3[cC]?)?)?)?)?")


def placeholder(label: str, number: int) -> str:
    """Write a placeholder as it is handed out.

    Args:
        label: What kind of value it stands for.
        number: Which of them.

    Returns:
        The placeholder, for instance `<PERSON_1>`.
    """
    return f"<{label}_{number}>"


def standard(match: re.Match[str]) -> tuple[str, int]:
    """Read a match of `PLACEHOLDER`.

    Args:
        match: The match.

    Returns:
        The label in capitals, its words joined by underscores, and the number.
    """
    words = re.findall(r"[A-Z0-9]+", match["label"].upper())
    return "_".join(words), int(match["number"])


@dataclass(frozen=True)
class Answer:
    """A text with its placeholders replaced by values; the repr shows no text.

    Args:
        text: The text.
        restored: How many placeholders were replaced.
        unknown: The placeholders, in standard form, that stay as they were written: those that were
            never handed out, and in JSON those inside of an escape or more than `MOST_LEVELS`
            strings deep.
    """

    text: str = field(repr=False)
    restored: int
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class RestoredObject:
    """A nested object with its placeholders replaced by values; the repr shows none of it.

    Args:
        found: The object.
        restored: How many placeholders were replaced.
        unknown: The placeholders, in standard form, that were never handed out and stay as they
            were written.
    """

    found: Json = field(repr=False)
    restored: int
    unknown: tuple[str, ...]


Value = Callable[[str, int], str | None]
"""The value of a label and a number; None for one that was never handed out."""


def fill(text: str, value: Value, *, form: Form = Form.TEXT) -> Answer:
    """Replace the placeholders of a text.

    Args:
        text: A text, for instance a model's answer.
        value: What each placeholder stands for.
        form: How values are written.

    Returns:
        The text, and how many placeholders were replaced and left.
    """
    filler = StreamFiller(value, form=form)
    filled = filler.feed(text) + filler.close()
    return Answer(filled, filler.restored, tuple(filler.unknown))


MOST_LEVELS = 8
"""The most levels of JSON in JSON at which a value is put back: each level can double its length.
"""
_PLAIN = re.compile(r'[^"\\]+')
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|[^u])", re.DOTALL)
_CUT_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")


class JsonStrings:
    """Reads JSON in pieces and tells in how many strings, one inside the other, its end is.

    A string is read as JSON itself if it begins with `{` or `[`. Nothing is checked beyond strings
    and escapes, so that nearly correct JSON is read too.

    Example:
        >>> strings = JsonStrings()
        >>> strings.feed(r'{"to": "Ann", "arguments": "{\\"to\\": \\"')
        >>> strings.escaped('"')
        '\\\\\\\\\\\\"'
    """

    def __init__(self, level: int = 1) -> None:
        self._level = level
        self._inside = False
        # The beginning of an escape that was cut.
        self._cut = ""
        # What is inside the string at hand: nothing yet, a text, or JSON.
        self._is_text = False
        self._inner: JsonStrings | None = None

    def feed(self, piece: str) -> None:
        """Read the next piece.

        Args:
            piece: A piece of any size, cut anywhere.
        """
        text = self._cut + piece
        self._cut = ""
        offset = 0
        while offset < len(text):
            if not self._inside:
                offset = text.find('"', offset) + 1 or len(text)
                self._inside = text[offset - 1] == '"'
                self._is_text = False
                self._inner = None
            elif plain := _PLAIN.match(text, offset):
                self._read(plain[0])
                offset = plain.end()
            elif text[offset] == '"':
                self._inside = False
                offset += 1
            elif escape := _ESCAPE.match(text, offset):
                self._read(_unescaped(escape[0]))
                offset = escape.end()
            elif _CUT_ESCAPE.fullmatch(text, offset):
                self._cut = text[offset:]
                offset = len(text)
            else:
                self._read("\\")
                offset += 1

    def escaped(self, value: str) -> str | None:
        """Escape a value for the place where the JSON ends so far.

        Args:
            value: The value.

        Returns:
            The value as it stands there; None inside of an escape, and where it would be too long.
        """
        depth = self._depth()
        if depth is None or depth > MOST_LEVELS:
            return None
        for _ in range(max(depth, 1)):
            value = json.dumps(value, ensure_ascii=False)[1:-1]
        return value

    def _read(self, text: str) -> None:
        """Read characters of the string at hand."""
        if self._is_text:
            return
        if self._inner is None:
            text = text.lstrip()
            self._is_text = text[:1] not in ("", "{", "[")
            if not text or self._is_text or self._level > MOST_LEVELS:
                return
            self._inner = JsonStrings(self._level + 1)
        self._inner.feed(text)

    def _depth(self) -> int | None:
        """How many strings are open; None inside of an escape."""
        if self._cut:
            return None
        if not self._inside:
            return 0
        inner = 0 if self._inner is None else self._inner._depth()
        return None if inner is None else 1 + inner


def _unescaped(escape: str) -> str:
    return chr(int(escape[2:], 16)) if escape[1] == "u" else _CONTROLS.get(escape[1], escape[1])


_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class StreamFiller:
    """Replaces placeholders in text that is still arriving, however it is cut; holds at most
    `LONGEST` characters.

    Args:
        value: What each placeholder stands for.
        form: How values are written.
    """

    def __init__(self, value: Value, *, form: Form = Form.TEXT) -> None:
        self._value = value
        self._strings = JsonStrings() if choose(Form, "form", form) is Form.JSON else None
        self._held = ""
        self._closed = False
        self.restored = 0
        """How many placeholders were replaced so far."""
        self.unknown: list[str] = []
        """The placeholders that were never handed out, in standard form, so far."""

    def feed(self, piece: str) -> str:
        """Take the next piece of text.

        Args:
            piece: A piece of any size, also one that ends inside a placeholder.

        Returns:
            What can leave: everything up to the first character that may still become part of a
            placeholder.

        Raises:
            DataError: After `close`.
        """
        if self._closed:
            raise DataError("The stream was closed. Begin a new one.")
        text = self._held + piece
        keep = self._safe(text)
        self._held = text[keep:]
        return self._filled(text[:keep])

    def close(self) -> str:
        """End the stream.

        Returns:
            What was held; nothing when it was closed before.
        """
        self._closed = True
        remaining = self._held
        self._held = ""
        return self._filled(remaining)

    def _filled(self, text: str) -> str:
        offset = 0
        pieces: list[str] = []
        for match in PLACEHOLDER.finditer(text):
            before = text[offset : match.start()]
            name = standard(match)
            value = self._value(*name)
            if self._strings is not None:
                self._strings.feed(before)
                value = None if value is None else self._strings.escaped(value)
                self._strings.feed(match[0])
            if value is None:
                self.unknown.append(placeholder(*name))
            else:
                self.restored += 1
            pieces += [before, match[0] if value is None else value]
            offset = match.end()
        remaining = text[offset:]
        if self._strings is not None:
            self._strings.feed(remaining)
        return "".join([*pieces, remaining])

    def _safe(self, text: str) -> int:
        """Return how many characters of the text no later character can change."""
        offset = 0
        while True:
            beginning = _BEGINNING.search(text, offset)
            if beginning is None:
                return len(text)
            whole = PLACEHOLDER.match(text, beginning.start())
            if whole is not None:
                offset = whole.end()
            elif len(text) - beginning.start() >= LONGEST or not _PREFIX.fullmatch(
                text, beginning.start()
            ):
                offset = beginning.start() + 1
            else:
                return beginning.start()


# The beginning of a placeholder, which ends inside its opening, inside its content, or inside its
# closing.
_PREFIX = re.compile(
    rf"(?:{_BEGINNING.pattern})[A-Z0-9_\- \t\r\n\\]*(?:&(?:g(?:t)?)?|\\(?:u(?:0(?:0(?:3)?)?)?)?)?",
    re.IGNORECASE,
)
