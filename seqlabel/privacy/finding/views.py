"""Text behind encodings as what it says, with the place of each character in the source; nothing is found here.

`Zo&euml;`, `Zo%C3%AB`, `Zo\\u00eb`, `Zo=C3=AB` and `Z<b>oë</b>` all say Zoë. What is shown goes through the finder, and
what is found comes back with the source's characters. Each sign is read once: `&amp;uuml;` says `&uuml;`.
"""

import html
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate, islice

from seqlabel.documents.document import Document

_Shown = list[tuple[str, int]]
"""Characters that are shown, each with the number of characters that it takes in the source."""

_INLINE = "a|abbr|b|big|code|em|font|i|mark|s|small|span|strong|sub|sup|tt|u|wbr"
_TAGS = rf"(?:</?(?:{_INLINE})(?:\s[^<>]{{0,300}})?/?>)+"
_ENCODED = re.compile(
    rf"""
    (?P<entity>&(?:\#[0-9]{{1,7}}|\#[xX][0-9A-Fa-f]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,30}});)
    |(?P<unicode>(?:\\u[0-9A-Fa-f]{{4}})+)
    |(?P<percent>(?:%[0-9A-Fa-f]{{2}})+)
    |(?P<plus>\+)
    |(?P<printable>(?:=[0-9A-F]{{2}}(?:=\r?\n(?==[0-9A-F]{{2}}))?)+)
    |(?P<unseen>=\r?\n
        |(?<=\w){_TAGS}(?=[\w\s])|(?<=\s){_TAGS}(?=\w)
        |(?<=\w)[\u00ad\u200b-\u200d\u2060\ufeff]+)
    """,
    re.VERBOSE,
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_FIELD = re.compile(
    r"""(?:(?<=[?&;])[\w.\[\]-]{1,64}=[^\s&"'<>]*|(?<![^\s"'])[\w.\[\]-]{1,64}=[^\s&"'<>]*(?=&[\w.\[\]-]{1,64}=))"""
)
"""A field of a query or of a form, in which `+` is a space."""
_WIDE_PRINTABLE = re.compile(r"=[C-F][0-9A-F]=[89AB][0-9A-F]")
_SOFT_END = re.compile(r"[^\s=]=\r?\n")
_OCTET = re.compile(r"[%=][0-9A-Fa-f]{2}(?:=\r?\n)?")
_PRINTABLE = re.compile(r"=[0-9A-F]{2}")


@dataclass(frozen=True)
class View:
    """What a text shows. The repr holds no text.

    Args:
        source: The text.
        text: What it shows.
        starts: Where each character of it begins in the source.
        ends: Where each ends there.
    """

    source: str
    text: str
    starts: list[int]
    ends: list[int]

    def __repr__(self) -> str:
        return f"View({len(self.text)} characters of {len(self.source)})"

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
    if not any(sign in text for sign in "&%\\=<") and (text.isascii() or not _UNSEEN.search(text)):
        return None
    spaces = _spaces(text)
    is_printable = "=" in text and _is_quoted_printable(text)
    shown: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    place = 0
    for match in _ENCODED.finditer(text):
        kind, start = match.lastgroup or "", match.start()
        if (kind == "plus" and start not in spaces) or (
            not is_printable and (kind == "printable" or text.startswith("=", start))
        ):
            continue
        characters = _decoded(kind, match.group())
        if characters is None:
            continue
        shown.append(text[place:start])
        starts.extend(range(place, start))
        ends.extend(range(place + 1, start + 1))
        shown.extend(character for character, _ in characters)
        edges = list(accumulate((length for _, length in characters), initial=start))
        starts.extend(edges[:-1])
        ends.extend(edges[1:])
        place = match.end()
    if not place:
        return None
    shown.append(text[place:])
    starts.extend(range(place, len(text)))
    ends.extend(range(place + 1, len(text) + 1))
    return View(text, "".join(shown), starts, ends)


def _decoded(kind: str, sign: str) -> _Shown | None:
    """What a sign shows; None where it is not one."""
    if kind == "unseen":
        return []
    if kind == "plus":
        return [(" ", 1)]
    if kind == "entity":
        found = html.unescape(sign)
        return [(found.replace("\xa0", " "), len(sign))] if len(found) == 1 else None
    try:
        if kind == "unicode":
            units = bytes.fromhex(sign.replace("\\u", ""))
            return [(one, 6 * len(one.encode("utf-16-be")) // 2) for one in units.decode("utf-16-be")]
        octets = _OCTET.findall(sign)
        found = bytes(int(octet[1:3], 16) for octet in octets).decode()
    except UnicodeDecodeError:
        return None
    if any(ord(one) < 32 and not one.isspace() for one in found):
        return None
    lengths = map(len, octets)
    return [(one, sum(islice(lengths, len(one.encode())))) for one in found]


def _spaces(text: str) -> frozenset[int]:
    """The places of `+` that are spaces."""
    if "+" not in text or "=" not in text:
        return frozenset()
    fields = (match for match in _FIELD.finditer(text) if "+" in match.group())
    return frozenset(place for one in fields for place in range(*one.span()) if text[place] == "+")


def _is_quoted_printable(text: str) -> bool:
    """Whether `=3D` is a sign; in most texts it is not."""
    if "quoted-printable" in text or _WIDE_PRINTABLE.search(text):
        return True
    return _SOFT_END.search(text) is not None and _PRINTABLE.search(text) is not None
