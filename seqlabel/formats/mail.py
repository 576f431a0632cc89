"""Messages of mail (`.eml`, `.mbox`) as what they show: headers, and parts of text whatever encodes them.

What is not text, and the structure of a message, stay as they are. A header, a part in base64 and a line in
quoted-printable are encoded anew where their text changes; all else keeps its bytes.
"""

import base64
import quopri
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_string
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.message import Message
from functools import partial
from itertools import pairwise

from seqlabel.formats.format import Format
from seqlabel.io.records import Cell, Record, WholeInput, as_it_is

_FROM = re.compile(r"^From [^\n]*\n", re.MULTILINE)
_HEAD_END = re.compile(r"(?:\A|(?<=\n))\r?\n")
_FIELD = re.compile(r"^([!-9;-~]+):[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_STRUCTURE = frozenset(("content-type", "content-transfer-encoding", "mime-version"))
_QUOTED_LINE = re.compile(r"(?:[^\n]*=\r?\n)*[^\n]*\n|(?:[^\n]*=\r?\n)*[^\n]+\Z")


def _read(record: Record) -> Record:
    """Find the texts of one message, or of several behind lines that begin with `From `."""
    raw = record.raw
    separators = list(_FROM.finditer(raw)) if raw.startswith("From ") else []
    begins = [line.end() for line in separators] or [0]
    places = zip(begins, [*(line.start() for line in separators[1:]), len(raw)], strict=True)
    unread: list[str] = []
    cells = tuple(cell for begin, after in places for cell in _cells(raw, begin, after, unread))
    return replace(record, cells=cells, unread=tuple(unread))


def _cells(raw: str, start: int, end: int, unread: list[str]) -> Iterator[Cell]:
    """The texts of a message or of a part of one; the kinds of attachments that are no text are added to `unread`."""
    gap = _HEAD_END.search(raw, start, end)
    head, body = (gap.start(), gap.end()) if gap else (end, end)
    for field in _FIELD.finditer(raw, start, head):
        if field[1].lower() not in _STRUCTURE:
            yield _header(*field.span(2), field[2], field[1])
    message = message_from_string(raw[start:head])
    boundary = message.get_boundary()
    if message.get_content_maintype() == "multipart" and boundary:
        line = re.compile(rf"^--{re.escape(boundary)}(?:--)?[ \t]*\r?\n?", re.MULTILINE)
        for left, right in pairwise(line.finditer(raw, body, end)):
            yield from _cells(raw, left.end(), right.start(), unread)
    elif message.get_content_type() == "message/rfc822":
        yield from _cells(raw, body, end, unread)
    elif message.get_content_maintype() == "text" and body < end:
        yield _body(raw[body:end], body, end, message)
    elif body < end:
        unread.append(message.get_content_type())


def _header(start: int, end: int, value: str, name: str) -> Cell:
    kept = value.removesuffix("\r")
    end -= len(value) - len(kept)
    if "=?" in kept:
        try:
            shown = str(make_header(decode_header(kept)))
            return Cell(start, end, shown, lambda text: Header(text, "utf-8").encode(), name)
        except (HeaderParseError, LookupError, ValueError):
            pass
    return Cell(start, end, kept, as_it_is, name)


def _body(raw: str, start: int, end: int, message: "Message[str, str]") -> Cell:
    charset = message.get_content_charset("utf-8")
    coding = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        if coding == "base64":
            text = base64.b64decode(raw.encode()).decode(charset)
            return Cell(start, end, text, partial(_base64, charset=charset, line="\r\n" if "\r\n" in raw else "\n"))
        if coding == "quoted-printable":
            lines = _QUOTED_LINE.findall(raw)
            shown = [quopri.decodestring(line.encode()).decode(charset) for line in lines]
            return Cell(start, end, "".join(shown), partial(_quoted, lines=lines, shown=shown, charset=charset))
    except (LookupError, ValueError):
        # What cannot be decoded is read as it stands.
        pass
    return Cell(start, end, raw, as_it_is)


def _base64(text: str, *, charset: str, line: str) -> str:
    return base64.encodebytes(text.encode(charset, "replace")).decode().replace("\n", line)


def _quoted(text: str, *, lines: list[str], shown: list[str], charset: str) -> str:
    new = text.splitlines(keepends=True)
    if len(new) != len(lines):
        lines, shown = [""] * len(new), [""] * len(new)
    return "".join(
        line if one == before else quopri.encodestring(one.encode(charset, "replace")).decode()
        for line, before, one in zip(lines, shown, new, strict=True)
    )


MAIL = Format("mail", (".eml", ".mbox"), parts="attachments", records=lambda *_: WholeInput(_read))
"""A message of mail, or several in one file."""
