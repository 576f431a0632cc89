"""HTML as what it shows: one text per paragraph, heading, list item or row of a table; nothing is rendered."""

import re

from seqlabel.formats.format import Format
from seqlabel.formats.markup import Break, Markup, texts_in
from seqlabel.io.records import Record, WholeInput

_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|label|mark|q|rp|rt|ruby|s|samp|small|span|"
    "strike|strong|sub|sup|time|tt|u|var|wbr"
)
_BREAKS = {"br": Break.LINE, "td": Break.CELL, "th": Break.CELL, "tr": Break.ROW}
_STRUCTURE = re.compile(
    "align|bgcolor|border|charset|class|color|colspan|crossorigin|dir|for|height|http-equiv|integrity|lang|media|method|"
    "rel|role|rowspan|sizes|style|target|type|valign|width|xmlns"
)
_MARKUP = Markup(
    breaks=lambda name: _BREAKS.get(name, Break.NONE if _INLINE.fullmatch(name) else Break.BLOCK),
    reads=lambda _: True,
    attributes=lambda name: not _STRUCTURE.fullmatch(name),
    code=frozenset(("script", "style")),
    as_written=frozenset(("pre", "textarea")),
)


class Page(WholeInput):
    """The whole input is one page; it is one record."""

    def record(self, raw: str, *, lines: int, end: int, problem: str) -> Record:
        """Make the record of the input; see `WholeInput`."""
        return Record(raw, tuple(texts_in(raw, _MARKUP)), 1, lines, end, problem)


HTML = Format("html", (".html", ".htm", ".xhtml"), records=lambda *_: Page())
"""A page whose texts are exchanged between its tags."""
