"""HTML as what it shows: one text per paragraph, heading, list item or row of a table; nothing is
rendered.
"""

import re
from dataclasses import replace

from seqlabel.formats.format import Exchange, Format
from seqlabel.formats.markup import Break, Markup, embedded_in, texts_in
from seqlabel.formats.shown import shown_texts
from seqlabel.io.records import Record, WholeInput

_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|label|mark|q|rp|rt|ruby|s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_BREAKS = {"br": Break.LINE, "td": Break.CELL, "th": Break.CELL, "tr": Break.ROW}
_STRUCTURE = re.compile(
    "align|bgcolor|border|charset|class|color|colspan|crossorigin|dir|for|height|http-equiv|integrity|lang|media|method|rel|role|rowspan|sizes|style|target|type|valign|width|xmlns"
)
HTML_MARKUP = Markup(
    breaks=lambda name: _BREAKS.get(name, Break.NONE if _INLINE.fullmatch(name) else Break.BLOCK),
    reads=lambda _: True,
    attributes=lambda name: not _STRUCTURE.fullmatch(name),
    code=frozenset(("script", "style")),
    as_written=frozenset(("pre", "textarea")),
)


def _read(record: Record) -> Record:
    unread = tuple(f"embedded {kind}" for kind in embedded_in(record.raw))
    return replace(record, cells=tuple(texts_in(record.raw, HTML_MARKUP)), unread=unread)


_EXCHANGE = Exchange("files", lambda *_: WholeInput(_read))
HTML = Format(
    "html",
    (".html", ".htm", ".xhtml"),
    texts=shown_texts(_EXCHANGE, lambda cell: bool(cell.pieces)),
    exchange=_EXCHANGE,
)
"""A page whose texts are exchanged between its tags."""
