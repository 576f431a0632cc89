"""Calendars and address cards (`.ics`, `.vcf`) as the values of their lines, folded ones joined;
mail uses it too.

Pictures and other files in base64 stay as they are and are named. Ids of events stay valid and
distinct.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import NamedTuple

from seqlabel.formats.format import Exchange, Format
from seqlabel.formats.mail_headers import MessageIds, decoded, is_charset
from seqlabel.formats.shown import shown_texts
from seqlabel.io.exchanged import Piece
from seqlabel.io.records import LETTER_OR_DIGIT, Cell, Record, WholeInput, as_it_is

_WRITTEN_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_FIELD = re.compile(
    r"(?:[\w-]+\.)?(?P<name>[A-Za-z][\w-]*)(?P<about>(?:;(?:[^\":;]|\"[^\"]*\")*)*):", re.ASCII
)
_PARAMETER = re.compile(
    r";(?P<name>[\w-]+)=(?:\"(?P<quoted>[^\"]*)\"|(?P<plain>[^;\":]*))", re.ASCII
)
_QUOTED_PRINTABLE = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])", re.IGNORECASE)
_BASE64 = re.compile(r";(?:ENCODING=)?\"?(?:B|BASE64)\"?(?=[;:])", re.IGNORECASE)
_EMBEDDED = re.compile(r"\s*data:[^,]{0,200};base64,", re.IGNORECASE)
_CHARSET = re.compile(r";CHARSET=\"?([\w-]+)", re.IGNORECASE)
_ESCAPE = re.compile(r"\\[nN,;\\:\"]")
_OCTETS = re.compile(r"(?:=[0-9A-Fa-f]{2})+")
_NAMES = {
    "ADR": "address",
    "ATTENDEE": "attendee",
    "BDAY": "birthday",
    "EMAIL": "email",
    "FN": "full name",
    "LABEL": "address",
    "N": "full name",
    "NICKNAME": "nickname",
    "ORGANIZER": "attendee",
    "TEL": "phone",
}
"""What properties are called, so that a short value is read as what it is."""
_PARAMETER_NAMES = {"CN": "full name", "EMAIL": "email", "SORT-AS": "full name"}
_IDS = frozenset(("UID", "RELATED-TO", "X-WR-RELCALID"))
_STRUCTURE = re.compile(
    "BEGIN|END|VERSION|CALSCALE|METHOD|CLASS|TRANSP|STATUS|SEQUENCE|PRIORITY|REV|TZOFFSETFROM|TZOFFSETTO|RRULE|ACTION|TRIGGER|DTSTAMP|DTSTART|DTEND|CREATED|LAST-MODIFIED|DURATION|KIND|MAILER"
)
_STRUCTURAL_VALUE = re.compile(r"(?!.*=[0-9A-F]{2})[A-Z0-9.,:;=+/-]{0,80}", re.IGNORECASE)
_STRUCTURAL_PARAMETER = re.compile(
    "ALTID|CHARSET|CUTYPE|ENCODING|FBTYPE|FMTTYPE|INDEX|LANGUAGE|LEVEL|MEDIATYPE|PARTSTAT|PID|PREF|RANGE|RELATED|RELTYPE|ROLE|RSVP|TYPE|TZID|VALUE"
)
_STRUCTURAL_NAMES = re.compile(r"(?:;[A-Za-z0-9-]{1,30})+")
_PLAIN_TEXTS = frozenset(("COMMENT", "DESCRIPTION", "FN", "LOCATION", "NOTE", "SUMMARY", "TITLE"))
"""Properties with one text, in which a comma or a semicolon is escaped; in others they may stand
between values.
"""
_STRUCTURAL_WORDS = re.compile(r"[\w/,.+ -]{0,40}", re.ASCII)


class _Segment(NamedTuple):
    """What one written line adds to a folded one.

    Args:
        start: Its first character.
        stop: The end of its characters.
        end: The end of the fold that follows it.
    """

    start: int
    stop: int
    end: int


class _Line:
    """A line with those that continue it.

    Args:
        raw: The characters of the file.
        segments: Its written lines.
    """

    def __init__(self, raw: str, segments: Sequence[_Segment]) -> None:
        self._raw = raw
        self._segments = segments
        self.is_folded = len(segments) > 1
        self.start = segments[0].start
        self.stop = segments[-1].stop
        sizes = [segment.stop - segment.start for segment in segments]
        self._ends = list(accumulate(sizes))
        parts = [raw[segment.start : segment.stop] for segment in segments]
        self.text = "".join(parts)
        """The joined line."""

    def pieces(
        self,
        first: int,
        last: int,
        special: re.Pattern[str] | None = None,
        show: Callable[[str], str] = str,
    ) -> Iterator[Piece]:
        """Give a part of the line in pieces, each with the fold that follows it.

        Args:
            first: Where the part begins in the joined line.
            last: Where it ends there.
            special: What is written in another way than it is shown, as pieces of their own.
            show: Gives what it shows.

        Yields:
            The pieces.
        """
        number = bisect_right(self._ends, first)
        while number < len(self._segments) and (number == 0 or self._ends[number - 1] < last):
            segment = self._segments[number]
            offset = self._ends[number] - (segment.stop - segment.start)
            begin = segment.start + max(first - offset, 0)
            stop = segment.start + min(last - offset, segment.stop - segment.start)
            number += 1
            if begin >= stop:
                continue
            fold = segment.end if self._ends[number - 1] < last else stop
            position = begin
            for match in special.finditer(self._raw, begin, stop) if special is not None else ():
                if position < match.start():
                    yield Piece(position, match.start(), self._raw[position : match.start()])
                position = match.end()
                yield Piece(match.start(), fold if position == stop else position, show(match[0]))
            if position < stop:
                yield Piece(position, fold, self._raw[position:stop])

    def as_it_is(self, first: int, last: int) -> Iterator[Cell]:
        """Read characters that are not a parameter or a field, but for mere names, such as the
        `HOME` of an old card.

        Args:
            first: Where they begin in the joined line.
            last: Where they end there.

        Yields:
            A text where there is one.
        """
        part = self.text[first:last]
        if LETTER_OR_DIGIT.search(part) and not _STRUCTURAL_NAMES.fullmatch(part):
            pieces = tuple(self.pieces(first, last))
            yield Cell(pieces[0].start, pieces[-1].end, part, as_it_is, "", pieces)


def card_texts(raw: str, start: int = 0, end: int | None = None) -> tuple[list[Cell], list[str]]:
    """Read the lines of a calendar or of cards.

    Args:
        raw: The characters.
        start: Where to begin.
        end: Where to end.

    Returns:
        The texts in the order of where they begin, and what is not read: values in base64, by their
        names.
    """
    cells: list[Cell] = []
    unread: list[str] = []
    ids = MessageIds()
    for line in _folded_lines(raw, start, len(raw) if end is None else end):
        text = line.text
        field = _FIELD.match(text)
        if field is None:
            cells += line.as_it_is(0, len(text))
            continue
        name = field["name"].upper()
        cells += _parameters(line, field)
        if _BASE64.search(field[0]) or _EMBEDDED.match(text, field.end()):
            unread.append(f"{name} in base64")
        elif name in _IDS and not line.is_folded and LETTER_OR_DIGIT.search(text, field.end()):
            ids.add(text[field.end() :], line.start + field.end(), line.stop, name)
        elif not (_STRUCTURE.fullmatch(name) and _STRUCTURAL_VALUE.fullmatch(text, field.end())):
            cells += _value(line, field)
    return sorted([*cells, *ids.cells()], key=lambda cell: cell.start), unread


def _folded_lines(raw: str, start: int, end: int) -> Iterator[_Line]:
    """Join each line with those that continue it: a space begins them, or `=` ends the one
    before.
    """
    segments: list[_Segment] = []
    is_quoted = False
    offset = start
    while offset < end:
        match = _WRITTEN_LINE.match(raw, offset, end)
        assert match is not None, "it may be empty"
        before = segments[-1] if segments else None
        if before is not None and _goes_on(raw, before, is_quoted=is_quoted):
            segments.pop()
            segments.append(_Segment(before.start, before.stop - 1, match.start()))
            segments.append(_Segment(match.start(), match.end(1), match.end(1)))
        elif segments and raw.startswith((" ", "\t"), offset):
            segments[-1] = segments[-1]._replace(end=offset + 1)
            segments.append(_Segment(offset + 1, match.end(1), match.end(1)))
        else:
            if segments:
                yield _Line(raw, segments)
            segments = [_Segment(offset, match.end(1), match.end(1))]
            is_quoted = _QUOTED_PRINTABLE.search(match[1]) is not None
        offset = match.end()
    if segments:
        yield _Line(raw, segments)


def _goes_on(raw: str, line: _Segment, *, is_quoted: bool) -> bool:
    """Return whether a line ends as one of quoted-printable does that continues; a damaged field
    may not say it.
    """
    if not raw.endswith("=", line.start, line.stop):
        return False
    return is_quoted or _OCTETS.search(raw, line.start, line.stop) is not None


def _parameters(line: _Line, field: re.Match[str]) -> Iterator[Cell]:
    """Read the parameters between the name and the value, such as `;CN="Ann Lee"`."""
    offset = field.start("about")
    for match in _PARAMETER.finditer(line.text, *field.span("about")):
        yield from line.as_it_is(offset, match.start())
        offset = match.end()
        group = "plain" if match["quoted"] is None else "quoted"
        name = match["name"].upper()
        value = match[group]
        is_structure = _STRUCTURAL_PARAMETER.fullmatch(name) and _STRUCTURAL_WORDS.fullmatch(value)
        if is_structure or not LETTER_OR_DIGIT.search(value):
            continue
        pieces = tuple(line.pieces(*match.span(group)))
        write = _written_parameter if group == "quoted" else _quoted_parameter
        yield Cell(
            pieces[0].start, pieces[-1].end, value, write, _PARAMETER_NAMES.get(name, name), pieces
        )
    yield from line.as_it_is(offset, field.end("about"))


def _value(line: _Line, field: re.Match[str]) -> Iterator[Cell]:
    if not LETTER_OR_DIGIT.search(line.text, field.end()):
        return
    special = _ESCAPE
    show: Callable[[str], str] = _unescaped
    name = field["name"].upper()
    write: Callable[[str], str] = _escaped_text if name in _PLAIN_TEXTS else _escaped
    if _QUOTED_PRINTABLE.search(field[0]):
        named = _CHARSET.search(field[0])
        charset = named[1] if named is not None and is_charset(named[1]) else "utf-8"
        special = _OCTETS
        show = partial(_shown_octets, charset=charset)
        write = partial(_octets, charset=charset)
    pieces = tuple(line.pieces(field.end(), len(line.text), special, show))
    shown = "".join(piece.text for piece in pieces)
    yield Cell(pieces[0].start, pieces[-1].end, shown, write, _NAMES.get(name, name), pieces)


def _unescaped(escape: str) -> str:
    return "\n" if escape in ("\\n", "\\N") else escape[1]


def _escaped(text: str) -> str:
    return "\\n".join(text.replace("\\", "\\\\").split("\n"))


def _escaped_text(text: str) -> str:
    return re.sub("[,;]", lambda sign: f"\\{sign[0]}", _escaped(text))


def _written_parameter(text: str) -> str:
    return " ".join(text.replace('"', "'").splitlines())


def _quoted_parameter(text: str) -> str:
    return f'"{_written_parameter(text)}"' if text else ""


def _shown_octets(written: str, *, charset: str) -> str:
    return decoded(bytes.fromhex(written.replace("=", "")), charset)[0].replace("\r\n", "\n")


def _octets(text: str, *, charset: str) -> str:
    data = text.replace("\n", "\r\n").encode(charset, "replace")
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte != ord("=") else f"={byte:02X}" for byte in data
    )


def _read(record: Record) -> Record:
    cells, unread = card_texts(record.raw)
    return replace(record, cells=tuple(cells), unread=tuple(unread))


_SHOWN = frozenset(
    (*_NAMES.values(), "COMMENT", "DESCRIPTION", "LOCATION", "NOTE", "ORG", "SUMMARY", "TITLE")
)
_EXCHANGE = Exchange("values", lambda *_: WholeInput(_read))
CARDS = Format(
    "cards",
    (".ics", ".ifb", ".vcf", ".vcs"),
    texts=shown_texts(_EXCHANGE, lambda cell: cell.name in _SHOWN),
    exchange=_EXCHANGE,
)
"""A calendar, or cards of addresses, whose values are exchanged."""
