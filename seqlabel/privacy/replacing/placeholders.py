"""Numbered placeholders such as `<PERSON_1>` in text that a language model wrote, whole or arriving in pieces.

Which value a placeholder stands for is `privacy.session`'s business.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from seqlabel.errors import DataError, choose
from seqlabel.privacy.records.nested import Json


class Form(StrEnum):
    """How a value is written into the text around it."""

    TEXT = "text"
    """As it is."""
    JSON = "json"
    """Escaped, as inside a string of JSON: for the arguments of a tool call, which arrive as JSON."""


_OPEN = r"<|&lt;|\\u003[cC]"
_CLOSE = r">|&gt;|\\u003[eE]"
_SPACE = r"[ \t\r\n]{0,3}"
_WORD = r"[A-Z][A-Z0-9]{0,15}"
_BETWEEN = rf"(?:{_SPACE}(?:\\?_|-){_SPACE}|[ \t]{{1,3}})"
PLACEHOLDER = re.compile(
    rf"(?:{_OPEN}){_SPACE}(?P<label>{_WORD}(?:{_BETWEEN}{_WORD}){{0,3}}?)(?:{_BETWEEN}|)(?P<number>[0-9]{{1,9}}){_SPACE}(?:{_CLOSE})",
    re.IGNORECASE,
)
"""A placeholder as models write it: in any case, with blanks or hyphens for underscores, `<` and `>` also as HTML and
JSON escape them, and the underscore also as Markdown escapes it."""
LONGEST = 192
"""No match of `PLACEHOLDER` is longer, in characters."""
_BEGINNING = re.compile(r"<|&(?:l(?:t;?)?)?|\\(?:u(?:0(?:0(?:3[cC]?)?)?)?)?")


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
        unknown: The placeholders, in standard form, that were never handed out and stay as they were written.
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
        unknown: The placeholders, in standard form, that were never handed out and stay as they were written.
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
    form = choose(Form, "form", form)
    restored = 0
    unknown: list[str] = []

    def replacement(match: re.Match[str]) -> str:
        nonlocal restored
        name = standard(match)
        found = value(*name)
        if found is None:
            unknown.append(placeholder(*name))
            return match[0]
        restored += 1
        return json.dumps(found, ensure_ascii=False)[1:-1] if form is Form.JSON else found

    return Answer(PLACEHOLDER.sub(replacement, text), restored, tuple(unknown))


class StreamFiller:
    """Replaces placeholders in text that is still arriving, however it is cut; holds at most `LONGEST` characters.

    Args:
        value: What each placeholder stands for.
        form: How values are written.
    """

    def __init__(self, value: Value, *, form: Form = Form.TEXT) -> None:
        self._value = value
        self._form = choose(Form, "form", form)
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
            What can leave: everything up to the first character that may still become part of a placeholder.

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
        rest, self._held = self._held, ""
        return self._filled(rest)

    def _filled(self, text: str) -> str:
        answer = fill(text, self._value, form=self._form)
        self.restored += answer.restored
        self.unknown += answer.unknown
        return answer.text

    def _safe(self, text: str) -> int:
        """Return how many characters of the text no later character can change."""
        place = 0
        while True:
            beginning = _BEGINNING.search(text, place)
            if beginning is None:
                return len(text)
            whole = PLACEHOLDER.match(text, beginning.start())
            if whole is not None:
                place = whole.end()
            elif len(text) - beginning.start() >= LONGEST or not _may_become(text[beginning.start() :]):
                place = beginning.start() + 1
            else:
                return beginning.start()


def _may_become(text: str) -> bool:
    """Return whether more text could make a placeholder of one that begins here."""
    return _PREFIX.fullmatch(text) is not None


# The beginning of a placeholder, which ends inside its opening, inside what stands between, or inside its closing.
_PREFIX = re.compile(
    rf"(?:{_BEGINNING.pattern})[A-Z0-9_\- \t\r\n\\]*(?:&(?:g(?:t)?)?|\\(?:u(?:0(?:0(?:3)?)?)?)?)?", re.IGNORECASE
)
