"""Encoded text as what it says, with the place of each character in the source; nothing is found
here.

`Zo&euml;`, `Zo%C3%AB`, `Zo\\u00eb`, `Zo=C3=AB`, `Z<b>oë</b>` and `Ｚｏë` all say Zoë. What is shown
goes through the finder, and what is found comes back with the source's characters. Signs that show
signs (`&amp;euml;`, `%25C3`) are read up to three times. What cannot be read stays as it is, and
hides nothing next to it.
"""

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, islice

from seqlabel.documents.document import Document

_Piece = tuple[int, int, str, list[int]]
"""A sign: its half-open characters in the source, what it shows, and how many characters each of
these takes there.
"""
_Place = tuple[int, int]

_LEVELS = 3
"""How often a text is read, where signs show signs."""
_LONGEST_FIELD = 512

# Characters that Unicode lets programs ignore. Control characters are not among them: they may
# stand between words.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-"
    "\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-"
    "\U000e0fff"
)
# Full-width signs, and the letters of mathematics.
_FOLDED = "\uff01-\uff5e\U0001d400-\U0001d7ff"
_INLINE = "a|abbr|b|big|code|em|font|i|mark|s|small|span|strong|sub|sup|tt|u|wbr"
# Without attributes, since these may be private.
_TAG = rf"</?(?:{_INLINE})/?>"
_ESCAPE = r"(?:\\{1,8}(?:u001[bB]|x1[bB]|033|e)|%1[bB]|&#(?:27|[xX]1[bB]);|\x1b)"

# Each begins with its sign, for which a search is fast.
_ENTITIES = re.compile(r"&(?:#[0-9]{1,64}|#[xX][0-9A-Fa-f]{1,64}|[A-Za-z][A-Za-z0-9]{1,30});")
_UNITS = re.compile(r"(?:\\{1,8}|%)u(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})")
_OCTETS = re.compile(r"(?:%|\\{1,8}x)[0-9A-Fa-f]{2}(?:(?:%|\\{1,8}x)[0-9A-Fa-f]{2})*")
_PRINTABLE = re.compile(r"=[0-9A-F]{2}(?:(?:=\r?\n)?=[0-9A-F]{2})*|=\r?\n")
_TAGS = re.compile(rf"{_TAG}(?:{_TAG})*")
_COLORS = re.compile(rf"{_ESCAPE}\[[0-?]{{0,32}}[@-~]")
_UNSEEN_RUNS = re.compile(f"[{_UNSEEN}]+")
_FOLDED_RUNS = re.compile(f"[{_FOLDED}]+")

_OCTET = re.compile(r"(?:[%=]|\\{1,8}x)([0-9A-Fa-f]{2})(?:=\r?\n)?")
_SOFT_END = re.compile(r"^[^\n]{50,75}=\r?$", re.MULTILINE)
_PRINTABLE_SIGNS = re.compile(
    # A letter beyond ASCII, four signs in a row or two of some, blanks between words, or one at the
    # end of a line.
    (
        r"(?:=[0-9A-F]{2}){4}|=[C-F][0-9A-F](?:=\r?\n)?=[89AB][0-9A-F]|=(?:20|09|3D)=(?:20|09|3D)|=2"
        r"0[\w.,']{1,40}=20\w|^[^\n=]{30,75}=20\r?$"
    ),
    re.MULTILINE,
)
_ENCODED_WORD = re.compile(r"=\?[\w-]{1,40}\?[Qq]\?[^?\s]{1,80}\?=")
_UNDERSCORE = re.compile("_")
_PLUS_SIGNS = re.compile(r"\++")
_NAME = r"[\w.\[\]-]{1,64}"
_FIELD = re.compile(
    rf"(?P<mark>\A|[\s\"'?&]|&amp;){_NAME}=(?=(?P<value>[^\s&\"'<>=]{{1,{_LONGEST_FIELD}}}))"
)
_NEXT_FIELD = re.compile(rf"[^\s&\"'<>]{{0,{_LONGEST_FIELD}}}&{_NAME}=")


@dataclass(frozen=True, repr=False)
class View:
    """What a text shows. The repr holds no text.

    Args:
        source: The text.
        text: The text that it shows.
        starts: Where each character of it begins in the source.
        ends: Where each ends there.
        changed: The half-open parts of `text` that stand in the source otherwise, in order; an
            empty one is a place where something was left out.
    """

    source: str
    text: str
    starts: list[int]
    ends: list[int]
    changed: list[_Place]

    def place(self, start: int, end: int) -> _Place:
        """Find the characters of the source that show a part of the view.

        Args:
            start: The first character of the part.
            end: The end of the part, exclusive.

        Returns:
            The first character in the source, and the end, exclusive.
        """
        return (self.starts[start], self.ends[end - 1]) if start < end else (0, 0)

    def shown(self, start: int, end: int) -> _Place:
        """Find what shows a part of the source: the other way round.

        Args:
            start: The first character of the part.
            end: The end of the part, exclusive.

        Returns:
            The first character in the view, and the end, exclusive.
        """
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def is_changed(self, start: int, end: int) -> bool:
        """Return whether a part of the view stands otherwise in the source.

        Args:
            start: The first character of the part.
            end: The end of the part, exclusive.

        Returns:
            Whether a change meets or touches the part.
        """
        index = bisect_left(self.changed, (start, -1))
        if index < len(self.changed) and self.changed[index][0] <= end:
            return True
        return index > 0 and self.changed[index - 1][1] >= start

    def on_source(self, document: Document) -> Document:
        """Move words and layers to the source.

        Args:
            document: A document with the text of the view.

        Returns:
            The same words, where they stand in the source.
        """
        return replace(
            document,
            text=self.source,
            offsets=tuple(self.place(*span) for span in document.offsets),
        )


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
    view = _read(text, is_first=True)
    if view is None:
        return None
    for _ in range(_LEVELS - 1):
        # Only what was shown can make a new sign.
        if not any(map(_may_be_sign, (view.text[start:end] for start, end in view.changed))):
            break
        deeper = _read(view.text, is_first=False)
        if deeper is None:
            break
        view = _composed(view, deeper)
    return view


def _may_be_sign(shown: str) -> bool:
    """Whether what signs show may be, or complete, a sign itself."""
    if shown.isascii():
        return any(sign in shown for sign in "&%\\=<>;\x1b")
    return True


def _composed(outer: View, inner: View) -> View:
    """The view that shows what `inner` does of the source of `outer`."""
    changed = set(inner.changed)
    for start, end in outer.changed:
        if start < end:
            changed.add(inner.shown(start, end))
        else:
            changed.update((offset, offset) for offset in inner.shown(start, end)[:1])
    starts = [outer.starts[start] for start in inner.starts]
    ends = [outer.ends[end - 1] for end in inner.ends]
    return View(outer.source, inner.text, starts, ends, sorted(changed))


def _read(text: str, *, is_first: bool) -> View | None:
    """Read each sign of a text once."""
    pieces = sorted(_pieces(text, is_first=is_first), key=lambda piece: piece[0])
    if not pieces:
        return None
    shown: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    changed: list[_Place] = []
    offset = length = 0
    for start, end, characters, lengths in pieces:
        if start < offset:
            continue
        shown += (text[offset:start], characters)
        edges = list(accumulate(lengths, initial=start))
        starts += range(offset, start)
        starts += edges[:-1]
        ends += range(offset + 1, start + 1)
        ends += edges[1:]
        length += start - offset
        changed.append((length, length + len(characters)))
        length += len(characters)
        offset = end
    shown.append(text[offset:])
    starts += range(offset, len(text))
    ends += range(offset + 1, len(text) + 1)
    return View(text, "".join(shown), starts, ends, changed)


def _pieces(text: str, *, is_first: bool) -> Iterator[_Piece]:
    """The signs of a text, in any order."""
    if "\x1b" in text or ("[" in text and any(sign in text for sign in ("\\", "%1", "&#"))):
        yield from (_dropped(match) for match in _COLORS.finditer(text))
    if "&" in text:
        yield from _entities(text)
    if "\\" in text or "%u" in text:
        yield from _units(text)
    if "%" in text or "\\x" in text:
        for run in _OCTETS.finditer(text):
            yield from _octets(text, run.start(), run.end())
    # What quoted-printable shows is text, and `=3D20` shows no blank.
    if "=" in text and is_first and _is_quoted_printable(text):
        for run in _PRINTABLE.finditer(text):
            is_break = run.group()[1] in "\r\n"
            yield from (_dropped(run),) if is_break else _octets(text, run.start(), run.end())

    if "<" in text:
        yield from (
            _dropped(match) for match in _TAGS.finditer(text) if _is_inside(text, *match.span())
        )
    if not text.isascii():
        yield from (_dropped(match) for match in _UNSEEN_RUNS.finditer(text))
        for match in _FOLDED_RUNS.finditer(text):
            folded = unicodedata.normalize("NFKC", match.group())
            if len(folded) == len(match.group()) and folded != match.group():
                yield match.start(), match.end(), folded, [1] * len(folded)

    # RFC 2047, of headers: `=?utf-8?q?Zo=C3=AB_Lee?=`.
    for word in _ENCODED_WORD.finditer(text) if "=?" in text else ():
        yield from _spaces(text, _UNDERSCORE, *word.span())
    # A plus sign that a sign shows is one.
    if is_first and "+" in text and "=" in text:
        for field in _FIELD.finditer(text):
            start, end = field.span("value")
            is_field = field["mark"] in ("?", "&", "&amp;") or _NEXT_FIELD.match(text, end)
            if is_field:
                yield from _spaces(text, _PLUS_SIGNS, start, end)


def _dropped(match: re.Match[str]) -> _Piece:
    return match.start(), match.end(), "", []


def _spaces(text: str, signs: re.Pattern[str], start: int, end: int) -> Iterator[_Piece]:
    """The places where signs show spaces, one per sign; a run of them is one piece, since the time
    grows with the pieces.
    """
    for run in signs.finditer(text, start, end):
        length = run.end() - run.start()
        yield run.start(), run.end(), " " * length, [1] * length


def _entities(text: str) -> Iterator[_Piece]:
    """The entities that show one character."""
    for match in _ENTITIES.finditer(text):
        shown = html.unescape(match.group())
        if len(shown) == 1:
            yield (
                match.start(),
                match.end(),
                shown.replace("\xa0", " "),
                [match.end() - match.start()],
            )


def _units(text: str) -> Iterator[_Piece]:
    """The escapes of units of UTF-16, in pairs where these are one character, and of whole
    characters in braces.
    """
    high: tuple[int, int, int] | None = None
    for match in _UNITS.finditer(text):
        start, end = match.span()
        code = int(match[1] or match[2], 16)
        if high is not None and high[1] == start and 0xDC00 <= code < 0xE000:
            start = high[0]
            code = 0x10000 + ((high[2] - 0xD800) << 10) + (code - 0xDC00)
        high = (start, end, code) if 0xD800 <= code < 0xDC00 else None
        if code < 0x110000 and not 0xD800 <= code < 0xE000 and _is_text(chr(code)):
            yield start, end, chr(code), [end - start]


def _octets(text: str, start: int, end: int) -> Iterator[_Piece]:
    """The characters that a run of octets shows in UTF-8; octets that show none are left out."""
    matches = list(_OCTET.finditer(text, start, end))
    octets = bytes(int(match[1], 16) for match in matches)
    sizes = [match.end() - match.start() for match in matches]

    try:
        whole = octets.decode()
    except UnicodeDecodeError:
        whole = ""
    if whole and all(map(_is_text, whole)):
        remaining = iter(sizes)
        yield (
            start,
            end,
            whole,
            [sum(islice(remaining, len(character.encode()))) for character in whole],
        )
        return

    offset = 0
    while offset < len(octets):
        size = _character_size(octets[offset])
        try:
            shown = octets[offset : offset + size].decode()
        except UnicodeDecodeError:
            shown = ""
        if len(shown) == 1 and _is_text(shown):
            first = matches[offset].start()
            length = sum(sizes[offset : offset + size])
            yield first, first + length, shown, [length]
            offset += size
        else:
            offset += 1


def _character_size(first: int) -> int:
    """How many octets a character of UTF-8 has, by the first one."""
    if first < 0x80:
        return 1
    if first < 0xE0:
        return 2
    return 3 if first < 0xF0 else 4


def _is_text(shown: str) -> bool:
    """Whether a character is not a control character; colours of a terminal, say, are not text."""
    return ord(shown) >= 0x20 or shown.isspace()


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _is_inside(text: str, start: int, end: int) -> bool:
    """Whether tags stand inside a word, or before one."""
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    if _is_letter(before) and (_is_letter(after) or after.isspace()):
        return True
    # `<b>ann</b>@example.org`
    return "@" in (before, after) or (before.isspace() and _is_letter(after))


def _is_quoted_printable(text: str) -> bool:
    """Whether `=3D` is a sign; in most texts it is not."""
    if "quoted-printable" in text or _PRINTABLE_SIGNS.search(text) or _ENCODED_WORD.search(text):
        return True
    return _SOFT_END.search(text) is not None and re.search("=[0-9A-F]{2}", text) is not None
