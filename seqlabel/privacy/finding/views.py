"""Text behind encodings as what it says, with the place of each character in the source; nothing is found here.

`Zo&euml;`, `Zo%C3%AB`, `Zo\\u00eb`, `Zo=C3=AB` and `Z<b>oë</b>` all say Zoë. What is shown goes through the finder, and
what is found comes back with the source's characters. Each sign is read once: `&amp;uuml;` says `&uuml;`.
"""

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, islice

from seqlabel.documents.document import Document

_Shown = list[tuple[str, int]]
"""Characters that are shown, each with the number of characters that it takes in the source."""

_UNSEEN = "\u00ad\u200b-\u200d\u2060\ufeff"
_INLINE = "a|abbr|b|big|code|em|font|i|mark|s|small|span|strong|sub|sup|tt|u|wbr"
# Without attributes, since these may be private.
_TAG = rf"</?(?:{_INLINE})/?>"
# Each begins with its sign, for which a search is fast.
_PATTERNS = {
    "entity": re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"),
    "unicode": re.compile(r"\\u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*"),
    "percent": re.compile(r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*"),
    "printable": re.compile(r"=[0-9A-F]{2}(?:(?:=\r?\n)?=[0-9A-F]{2})*|=\r?\n"),
    "tags": re.compile(rf"{_TAG}(?:{_TAG})*"),
    "unseen": re.compile(f"[{_UNSEEN}]+"),
}
_SIGNS = {"entity": "&", "unicode": "\\u", "percent": "%", "printable": "=", "tags": "<"}
_SOFT_END = re.compile(r"^[^\n]{50,75}=\r?$", re.MULTILINE)
_WIDE = re.compile(r"=[C-F][0-9A-F](?:=\r?\n)?=[89AB][0-9A-F]")
_OCTET = re.compile(r"[%=][0-9A-Fa-f]{2}(?:=\r?\n)?")
_NAME = r"[\w.\[\]-]{1,64}"
_NAME_BEFORE = re.compile(rf"(?:\A|[\s\"'?&]|&amp;){_NAME}\Z")
_ENCODED_WORD = re.compile(r"=\?[\w-]{1,40}\?[Qq]\?[^?\s]{1,80}\?=")
_NEXT_FIELD = re.compile(rf"[^\s&\"'<>]*&{_NAME}=")
_OUTSIDE = re.compile(r"[\s&\"'<>]")
_LONGEST_FIELD = 512


@dataclass(frozen=True, repr=False)
class View:
    """What a text shows. The repr holds no text.

    Args:
        source: The text.
        text: The text that it shows.
        starts: Where each character of it begins in the source.
        ends: Where each ends there.
    """

    source: str
    text: str
    starts: list[int]
    ends: list[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Find the characters of the source that show a part of the view.

        Args:
            start: The first character of the part.
            end: The one behind it.

        Returns:
            The first character in the source, and the one behind them.
        """
        return (self.starts[start], self.ends[end - 1]) if start < end else (0, 0)

    def shown(self, start: int, end: int) -> tuple[int, int]:
        """Find what shows a part of the source: the other way round.

        Args:
            start: The first character of the part.
            end: The one behind it.

        Returns:
            The first character in the view, and the one behind them.
        """
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def on_source(self, document: Document) -> Document:
        """Move words and layers to the source.

        Args:
            document: A document with the text of the view.

        Returns:
            The same words, where they stand in the source.
        """
        return replace(document, text=self.source, offsets=tuple(self.place(*one) for one in document.offsets))


def view_of(text: str) -> View | None:
    """Read what a text shows.

    Args:
        text: The text.

    Returns:
        The view; None for a text that hides nothing, as nearly all do.

    Example:
        >>> view = view_of("to=Zo%C3%AB+Lee&x=1")
        >>> view.text, view.place(3, 10)
        ('to=Zoë Lee&x=1', (3, 15))
    """
    found = sorted(_found(text), key=lambda one: one[0].start())
    if not found:
        return None
    shown: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    place = 0
    for match, characters in found:
        start = match.start()
        if start < place:
            continue
        shown += [text[place:start], *(character for character, _ in characters)]
        edges = list(accumulate((length for _, length in characters), initial=start))
        starts += [*range(place, start), *edges[:-1]]
        ends += [*range(place + 1, start + 1), *edges[1:]]
        place = match.end()
    shown.append(text[place:])
    starts += range(place, len(text))
    ends += range(place + 1, len(text) + 1)
    return View(text, "".join(shown), starts, ends)


def _found(text: str) -> Iterator[tuple[re.Match[str], _Shown]]:
    """The signs of a text, each with what it shows."""
    for kind, pattern in _PATTERNS.items():
        if text.isascii() if kind == "unseen" else _SIGNS[kind] not in text:
            continue
        if kind == "printable" and not _is_quoted_printable(text):
            continue
        for match in pattern.finditer(text):
            characters = _decoded(kind, match)
            if characters is not None:
                yield match, characters
    # RFC 2047, of headers: `=?utf-8?q?Zo=C3=AB_Lee?=`.
    for word in _ENCODED_WORD.finditer(text) if "=?" in text else ():
        yield from ((match, [(" ", 1)]) for match in re.compile("_").finditer(text, *word.span()))
    if "+" in text and "=" in text:
        yield from ((match, [(" ", 1)]) for match in re.finditer(r"\+", text) if _is_space(text, match.start()))


def _decoded(kind: str, match: re.Match[str]) -> _Shown | None:
    """What a sign shows; None where it is not one."""
    text, sign, (start, end) = match.string, match.group(), match.span()
    if kind in ("tags", "unseen"):
        before, behind = text[max(start - 1, 0) : start], text[end : end + 1]
        is_inside = _is_letter(before) and (kind == "unseen" or _is_letter(behind) or behind.isspace())
        # `<b>ann</b>@example.org`
        is_inside = is_inside or (kind == "tags" and "@" in (before, behind))
        return [] if is_inside or (before.isspace() and _is_letter(behind) and kind == "tags") else None
    if kind == "entity":
        found = html.unescape(sign)
        return [(found.replace("\xa0", " "), len(sign))] if len(found) == 1 else None
    try:
        if kind == "unicode":
            found = bytes.fromhex(sign.replace("\\u", "")).decode("utf-16-be")
            lengths = [6 * len(one.encode("utf-16-be")) // 2 for one in found]
        else:
            octets = _OCTET.findall(sign)
            found = bytes(int(octet[1:3], 16) for octet in octets).decode()
            rest = map(len, octets)
            lengths = [sum(islice(rest, len(one.encode()))) for one in found]
    except UnicodeDecodeError:
        return None
    # Signs of control, such as colours of a terminal, are not text.
    return None if any(ord(one) < 32 and not one.isspace() for one in found) else list(zip(found, lengths, strict=True))


def _is_letter(one: str) -> bool:
    return one.isalnum() or one == "_"


def _is_space(text: str, place: int) -> bool:
    """Whether a `+` is a space: it stands in a field of a query, or of a form with several."""
    begin = max(place - _LONGEST_FIELD, 0)
    equals = text.rfind("=", begin, place)
    if equals < 0 or _OUTSIDE.search(text, equals, place):
        return False
    name = _NAME_BEFORE.search(text[max(equals - 70, 0) : equals])
    return name is not None and (name.group()[0] in "?&" or _NEXT_FIELD.match(text, place) is not None)


def _is_quoted_printable(text: str) -> bool:
    """Whether `=3D` is a sign; in most texts it is not."""
    if "quoted-printable" in text or _WIDE.search(text) or _ENCODED_WORD.search(text):
        return True
    return _SOFT_END.search(text) is not None and re.search("=[0-9A-F]{2}", text) is not None
