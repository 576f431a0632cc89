"""Messages of mail (`.eml`, `.mbox`, `.mht`) as what they show: headers, and parts of text whatever
encodes them.

What is not text stays as it is and is named. A header, a part in base64 and a line in
quoted-printable are encoded again where their text changes; all else keeps its bytes. Headers and
parameters are in `formats.mail_headers`.
"""

import base64
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from seqlabel.formats.cards import card_texts
from seqlabel.formats.format import Exchange, Format
from seqlabel.formats.html import HTML_MARKUP
from seqlabel.formats.mail_headers import (
    BASE64_WORD,
    Head,
    MessageIds,
    boundary_cell,
    decoded,
    read_head,
    unpacked,
    written_texts,
)
from seqlabel.formats.markup import embedded_in, texts_in
from seqlabel.formats.shown import shown_texts
from seqlabel.io.records import Cell, Encoded, Record, WholeInput

_FROM = re.compile(r"^From ([^\r\n]*)\r?\n", re.MULTILINE)
_DATED_FROM = re.compile(r"(?<=\n)^From ([^\r\n]*[0-9]{4}[^\r\n]*)\r?\n", re.MULTILINE)
"""Where a file does not begin as a mailbox does, only a line with a year separates messages."""
_HEAD_END = re.compile(r"(?:\A|(?<=\n))\r?\n")
_QUOTED_LINE = re.compile(r"(?:[^\n]*=\r?\n)*[^\n]*\n|(?:[^\n]*=\r?\n)*[^\n]+\Z")
_BASE64_LINE = re.compile(r"[ \t]*[A-Za-z0-9+/]*=*[ \t]*\r?\n?")
_UUENCODED = re.compile(r"^begin [0-7]{3,4} [^\n]+\n[!-`]", re.MULTILINE)
_PAGES = frozenset(("text/html", "application/xhtml+xml", "text/x-amp-html", "text/watch-html"))
_MESSAGES = frozenset(
    ("message/rfc822", "message/global", "message/global-headers", "text/rfc822-headers")
)
"""Parts that are messages, or the headers of one."""
_REPORTS = re.compile(
    r"message/(?:(?:global-)?(?:delivery-status|disposition-notification)|feedback-report)"
)
"""Parts that are blocks of headers."""
_CARDS = re.compile(r"text/(?:calendar|x-vcalendar|directory|(?:x-)?vcard)|application/ics")
_TEXTS = re.compile(
    r"text/.*|application/(?:json|xml|x-ndjson|(?:x-)?yaml|sql|javascript|x-www-form-urlencoded|"
    r".*\+(?:json|xml))"
)
_KEYS = re.compile(r"Autocrypt(?:-[\w-]+)?|X-Face|Face", re.IGNORECASE)
"""Headers with a key, which names its owner, or a picture, in base64."""
_CODINGS = frozenset(("", "7bit", "8bit", "binary"))
"""How a body may be written as it is shown."""
_ENCODED_PART = re.compile(
    r"^Content-Transfer-Encoding:[ \t]*(?:base64|quoted-printable)", re.IGNORECASE | re.MULTILINE
)
_DEEPEST = 50
"""How deep parts may be in parts to be read."""
_KINDS = frozenset(
    ("application", "audio", "font", "image", "message", "model", "multipart", "text", "video")
)


def _read(record: Record) -> Record:
    """Find the texts of one message, or of several after lines that begin with `From `."""
    raw = record.raw
    separators = list((_FROM if raw.startswith("From ") else _DATED_FROM).finditer(raw))
    edges = [(0, 0), *((line.start(), line.end()) for line in separators), (len(raw), len(raw))]
    reader = _Reader(raw)
    for line in separators:
        reader.as_written(*line.span(1), name="From ")
    for (_, begin), (after, _) in pairwise(edges):
        if begin < after:
            reader.message(begin, after)
    cells = sorted([*reader.cells, *reader.ids.cells()], key=lambda cell: cell.span)
    return replace(record, cells=tuple(cells), unread=tuple(reader.unread))


class _Reader:
    """The texts of messages and of their parts, as they are met.

    Args:
        raw: All characters of the file.
    """

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self.cells: list[Cell] = []
        self.ids = MessageIds()
        self.unread: list[str] = []
        self._boundaries = self._depth = 0

    def as_written(self, start: int, end: int, *, name: str = "") -> None:
        """Read characters as they are, but for encoded words."""
        self.cells += written_texts(self._raw, start, end, name)

    def message(self, start: int, end: int) -> None:
        """Read a message, or a part of one; the kinds of parts that are not text are added to
        `unread`.
        """
        raw = self._raw
        gap = _HEAD_END.search(raw, start, end)
        stop, body = (gap.start(), gap.end()) if gap else (end, end)

        head = read_head(raw, start, stop, self.ids)
        self.cells += head.cells
        self.unread += [cell.name for cell in head.cells if _KEYS.fullmatch(cell.name)]

        kind = head.content.get_content_type()
        main = kind.partition("/")[0]
        is_decoded = _coding(head) not in ("base64", "quoted-printable")

        if self._depth >= _DEEPEST:
            self.as_written(body, end)
            self.unread.append("parts in parts")
        elif main == "multipart" and is_decoded:
            self._multipart(head, body, end)
        elif kind in _MESSAGES and is_decoded:
            self._depth += 1
            self.message(body, end)
            self._depth -= 1
        elif _REPORTS.fullmatch(kind) and is_decoded:
            self._report(body, end)
        elif (
            main in ("message", "multipart")
            or _TEXTS.fullmatch(kind)
            or _CARDS.fullmatch(kind)
            or kind in _PAGES
        ):
            self._body(head, body, end)
            if kind in _MESSAGES or main == "multipart":
                # Its own encodings are not undone.
                self.unread.append(f"{kind} in {_coding(head)}" if not is_decoded else kind)
        elif body < end:
            # What a header says that is not a kind may be anything.
            self.unread.append(kind if main in _KINDS else "other")

    def _report(self, start: int, end: int) -> None:
        """Read blocks of headers with empty lines between them, such as why a message was not
        delivered.
        """
        offset = start
        for gap in re.compile(r"(?<=\n)\r?\n").finditer(self._raw, start, end):
            self.cells += read_head(self._raw, offset, gap.start(), self.ids).cells
            offset = gap.end()
        self.cells += read_head(self._raw, offset, end, self.ids).cells

    def _multipart(self, head: Head, body: int, end: int) -> None:
        """Read the parts, and what is before the first and after the last one, which mail programs
        do not show.
        """
        boundary = head.content.get_boundary()
        if not boundary:
            self._outside_parts(body, end)
            return
        self._depth += 1
        line = re.compile(
            rf"^--({re.escape(boundary)})(?P<last>--)?[ \t]*(?:\r?\n|\Z)", re.MULTILINE
        )
        boundaries: list[tuple[int, int]] = []
        start = body
        is_part = False
        for match in line.finditer(self._raw, body, end):
            self._piece(start, match.start(), is_part=is_part)
            boundaries.append(match.span(1))
            start = match.end()
            is_part = not match["last"]
        self._piece(start, end, is_part=is_part)
        self._depth -= 1
        self._boundaries += 1
        cell = boundary_cell(self._raw, head, boundaries, self._boundaries)
        if cell is not None:
            self.cells.append(cell)

    def _piece(self, start: int, end: int, *, is_part: bool) -> None:
        if is_part and start < end:
            self.message(start, end)
        else:
            self._outside_parts(start, end)

    def _outside_parts(self, start: int, end: int) -> None:
        """Read what is in no part; parts whose boundary is missing are there as they are
        written.
        """
        self.as_written(start, end)
        if _ENCODED_PART.search(self._raw, start, end):
            self.unread.append("parts without a boundary")

    def _body(self, head: Head, start: int, end: int) -> None:
        """Read a part of text, decoded."""
        raw = self._raw[start:end]
        charset = head.content.get_content_charset("utf-8")
        coding = _coding(head)
        kind = head.content.get_content_type()

        if coding == "base64":
            stop, data = _base64_block(raw)
            self.as_written(start + stop, end)
            text, charset = decoded(data, charset)
            write = partial(_base64, charset=charset, line="\r\n" if "\r\n" in raw else "\n")
            self._encoded(Encoded(start, start + stop, text, write), kind)
        elif coding == "quoted-printable":
            lines: list[str] = _QUOTED_LINE.findall(raw)
            shown = [
                decoded(quopri.decodestring(line.encode("utf-8", "surrogateescape")), charset)
                for line in lines
            ]
            # One charset for all lines: the first that fits them.
            charset = next((used for _, used in shown if used != charset), charset)
            texts = [text for text, _ in shown]
            write = partial(_quoted, lines=lines, shown=texts, charset=charset)
            self._encoded(Encoded(start, end, "".join(texts), write), kind)
        else:
            cells, unread = _texts_of_kind(kind, self._raw, start, end)
            self.cells += cells
            self.unread += unread
            if coding not in _CODINGS:
                self.unread.append("a part of unknown encoding")

        if coding != "base64" and _UUENCODED.search(raw):
            self.unread.append("uuencoded file")

    def _encoded(self, part: Encoded, kind: str) -> None:
        cells, unread = _texts_of_kind(kind, part.raw, 0, len(part.raw))
        self.cells += [replace(cell, inside=part) for cell in cells]
        self.unread += unread


def _texts_of_kind(kind: str, raw: str, start: int, end: int) -> tuple[list[Cell], list[str]]:
    """Read a decoded body as what its kind says that it is, and name what is not read of it."""
    # Headers that a page or a calendar quotes are not decoded.
    words = ["encoded words"] if BASE64_WORD.search(raw, start, end) else []
    if kind in _PAGES:
        embedded = [f"embedded {kind_of_part}" for kind_of_part in embedded_in(raw, start, end)]
        return texts_in(raw, HTML_MARKUP, start, end), [*embedded, *words]
    if _CARDS.fullmatch(kind):
        cells, unread = card_texts(raw, start, end)
        return cells, [*unread, *words]
    return list(written_texts(raw, start, end)), []


def _coding(head: Head) -> str:
    return str(head.content.get("Content-Transfer-Encoding", "")).split("(")[0].strip().lower()


def _base64_block(raw: str) -> tuple[int, bytes]:
    """Find the end of the lines that are base64, and decode them; a list's footer may follow them
    as plain text.
    """
    stop = 0
    first = 0
    data: list[str] = []
    for line in raw.splitlines(keepends=True):
        if not _BASE64_LINE.fullmatch(line):
            break
        stop += len(line)
        packed = line.strip()
        data.append(packed)
        first = first or len(packed)
        # The last line is shorter than the others, or padded.
        if packed and (packed.endswith("=") or len(packed) < first):
            break
    return stop, unpacked("".join(data))


def _base64(text: str, *, charset: str, line: str) -> str:
    return base64.encodebytes(text.encode(charset, "replace")).decode().replace("\n", line)


def _quoted(text: str, *, lines: Sequence[str], shown: Sequence[str], charset: str) -> str:
    new = text.splitlines(keepends=True)
    if len(new) != len(lines):
        lines = [""] * len(new)
        shown = [""] * len(new)
    return "".join(_quoted_lines(zip(lines, shown, new, strict=True), charset))


def _quoted_lines(lines: Iterator[tuple[str, str, str]], charset: str) -> Iterator[str]:
    for line, before, new in lines:
        yield (
            line if new == before else quopri.encodestring(new.encode(charset, "replace")).decode()
        )


_SHOWN = frozenset(("", "Subject", "title"))
"""The names of texts that a reader of mail sees: bodies, pages and subjects."""
_EXCHANGE = Exchange("attachments", lambda *_: WholeInput(_read))
MAIL = Format(
    "mail",
    (".eml", ".mbox", ".mht", ".mhtml"),
    texts=shown_texts(_EXCHANGE, lambda cell: cell.name in _SHOWN),
    exchange=_EXCHANGE,
)
"""A message of mail, or several in one file."""
