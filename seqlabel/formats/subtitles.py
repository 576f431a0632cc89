"""Subtitles (`.vtt`, `.srt`) as what is shown, sentences joined over cues; numbers and times stay
as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape, unescape
from itertools import chain

from seqlabel.formats.format import Exchange, Format
from seqlabel.formats.markup import Break, Markup, texts_in, token_pattern
from seqlabel.formats.shown import shown_texts
from seqlabel.io.exchanged import Piece
from seqlabel.io.records import Cell, Record, WholeInput, as_it_is

_TIMES = re.compile(
    r"^[ \t]*(?:\d+:)?\d+:\d+[.,]\d+[ \t]*-->[ \t]*(?:[\d:.,]+)?"
    r"(?:[ \t]+(?:align|position|line|size|region|vertical):[\w%.,-]*)*(?P<settings>[^\n]*)\n?",
    re.MULTILINE,
)
_BLANK = re.compile(r"^[ \t]*\r?$", re.MULTILINE)
_LINE = re.compile(r"[^\r\n]*[^\W\d_][^\r\n]*")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_ENDED = re.compile(r"[.!?…][\"'”’)\]]*\s*\Z")
_INLINE = Markup(
    lambda _: Break.NONE,
    reads=lambda _: True,
    attributes=lambda _: True,
    as_written=frozenset(),
    # A tag may have classes (`<c.loud>`, `<v.first.loud Ann>`), and the time of the next word is
    # one too.
    token=token_pattern(r"[a-z][\w:-]*(?:\.[\w:-]+)*|[0-9]+:[0-9:.]+"),
)
_CUE = "cue"


def _read(record: Record) -> Record:
    """Find the texts of subtitles: a sentence, or several, of cues that follow each other."""
    return replace(record, cells=tuple(sorted(_cells(record.raw), key=lambda cell: cell.start)))


def _cells(raw: str) -> Iterator[Cell]:
    is_srt = not raw.lstrip("\ufeff").startswith("WEBVTT")
    offset = 0
    open_cells = list[Cell]()

    for times in _TIMES.finditer(raw):
        # Titles, comments and the names of cues.
        yield from (
            Cell(*match.span(), match.group(), as_it_is)
            for match in _LINE.finditer(raw, offset, times.start())
        )
        yield from (
            Cell(*match.span(), match.group(), as_it_is)
            for match in _LINE.finditer(raw, *times.span("settings"))
        )
        blank = _BLANK.search(raw, times.end())
        offset = blank.start() if blank else len(raw)
        voices = list(_VOICE.finditer(raw, times.end(), offset))
        yield from (Cell(*voice.span(1), unescape(voice[1]), escape) for voice in voices)
        for cell in texts_in(raw, _INLINE, times.end(), offset):
            if cell.pieces:
                open_cells.append(cell)
                continue
            # A comment, or what is in a tag after the name of a voice.
            begin = max(
                (voice.end(1) for voice in voices if cell.start < voice.end(1) <= cell.end),
                default=cell.start,
            )
            is_voice = any(
                voice.start(1) <= cell.start and cell.end <= voice.end(1) for voice in voices
            )
            if not is_voice and begin < cell.end:
                yield replace(cell, start=begin, text=raw[begin : cell.end], write=as_it_is)
        if open_cells and _ENDED.search(open_cells[-1].text):
            yield _joined(open_cells, is_srt)
            open_cells = []

    yield from (
        Cell(*match.span(), match.group(), as_it_is) for match in _LINE.finditer(raw, offset)
    )
    if open_cells:
        yield _joined(open_cells, is_srt)


def _joined(cells: list[Cell], is_srt: bool) -> Cell:
    """One text of those of several cues."""
    first, *others = (cell.pieces for cell in cells)
    pieces = (
        *first,
        *chain.from_iterable((Piece(more[0].start, more[0].start, " "), *more) for more in others),
    )
    text = "".join(piece.text for piece in pieces)
    joined = replace(cells[0], end=pieces[-1].end, text=text, name=_CUE, pieces=pieces)
    # Players of SubRip show entities as they are.
    return replace(joined, write=as_it_is) if is_srt else joined


_EXCHANGE = Exchange(records=lambda *_: WholeInput(_read))
SUBTITLES = Format(
    "subtitles",
    (".vtt", ".srt"),
    texts=shown_texts(_EXCHANGE, lambda cell: bool(cell.pieces)),
    exchange=_EXCHANGE,
)
"""Subtitles whose texts are exchanged between their times."""
