"""Office files (`.docx`, `.xlsx`, `.pptx`): texts exchanged in the XML in which they stand; nothing is rendered.

All parts are read that hold text: paragraphs, headers, notes, comments, deletions, properties, authors, addresses of
links. All other bytes of the XML stay, and so do the other parts.
"""

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from html import escape, unescape
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote
from zipfile import BadZipFile, ZipFile

from seqlabel.errors import DataError
from seqlabel.formats.format import Format, Layout
from seqlabel.formats.markup import Break, Markup, texts_in
from seqlabel.io.records import Cell, Record

_SHARED = "xl/sharedStrings.xml"
_BREAKS = {"tab": Break.TAB, "br": Break.LINE, "cr": Break.LINE, "tc": Break.CELL, "tr": Break.ROW}
_BREAKS |= dict.fromkeys(("p", "si", "is", "text", "author"), Break.BLOCK)
_TEXTS = frozenset(("t", "deltext", "instrtext", "text", "author"))
_ATTRIBUTES = frozenset(("author", "initials", "descr", "title", "displayname", "userid", "tooltip", "display"))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


_TYPED = frozenset(("created", "modified", "lastprinted", "filetime", "date", "i4", "ui4", "r8", "bool"))
"""Properties that are numbers and times, and would not be as text."""
_PROPERTIES = Markup(lambda _: Break.BLOCK, reads=lambda name: _local(name) not in _TYPED, attributes=lambda _: False)
_LINK = re.compile(r"<Relationship\b(?=[^>]*TargetMode=\"External\")[^>]*?\bTarget=\"([^\"]*)\"")
_ITEM = re.compile(r"<(\w+:)?si\b[^>]*?(?:/>|>.*?</\1?si>)", re.DOTALL)
_SHEET_CELL = re.compile(r"<((?:\w+:)?c)\b([^>]*)(?<!/)>(.*?)</\1>", re.DOTALL)
_REFERENCE = re.compile(r"\br=\"([A-Z]+)([0-9]+)\"")
_TYPE = re.compile(r"\s*\bt=\"(\w+)\"")
_VALUE = re.compile(r"<(?:\w+:)?v\b[^>]*>([^<]*)<")
_FORMULA = re.compile(r"<(?:\w+:)?f[ >]")
_HEADER = re.compile(
    r"(?:name|mail|phone|password|(?<![^\W_])(?:address|city|zip|date|id|number|type|note|comment))(?:e?s)?(?![^\W_])",
    re.IGNORECASE,
)
_LONGEST_HEADER = 40
_FEWEST_DIGITS = 7
_UNREAD = ("charts", "pivotCache", "externalLinks")
"""Folders of XML with copies of values that are not read."""
_HARMLESS = ("fonts", "printerSettings", "theme")
_BARE = re.compile(r"<((?:w:)?t)>(?=\s|[^<]*\s</)")


def _markup(part: str) -> Markup:
    """How the XML of a part shows text."""
    if part.startswith(("docProps/", "customXml/item")):
        return _PROPERTIES
    attributes = _ATTRIBUTES | {"name"} if "uthors" in part else _ATTRIBUTES
    return Markup(
        breaks=lambda name: _BREAKS.get(_local(name), Break.NONE),
        reads=lambda name: _local(name) in _TEXTS,
        attributes=lambda name: _local(name) in attributes,
    )


class OfficeTexts(AbstractContextManager["OfficeTexts"]):
    """The texts of an Office file; a context manager, which closes the file.

    Args:
        source: The file.
        layout: Not used, as all texts are read.

    Raises:
        DataError: It is not an Office file that can be read.
    """

    unit = "text"
    total = 0
    columns: Sequence[str] = ()

    def __init__(self, source: Path, layout: Layout) -> None:
        try:
            self._zip = ZipFile(source)
            names = self._zip.namelist()
            if "[Content_Types].xml" not in names or self._zip.testzip() is not None:
                raise BadZipFile
            self._raw = {
                name: self._zip.read(name).decode("utf-8") for name in names if name.endswith((".xml", ".rels"))
            }
        except (BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
            raise DataError(
                f"{source}: is not an Office file that can be read. Save it anew, without a password, as "
                f"{source.suffix}."
            ) from None
        others = Counter(
            _folder(name).replace("docProps", "preview")
            for name in names
            if name not in self._raw or _folder(name) in _UNREAD
        )
        formulas = sum(len(_FORMULA.findall(raw)) for name, raw in self._raw.items() if _folder(name) == "worksheets")
        found = {**others, "formulas": formulas}
        self.unread: Sequence[str] = [
            f"{name} ({count})" for name, count in found.items() if name and count and name not in _HARMLESS
        ]

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def records(self) -> Iterator[list[Record]]:
        """Read the file.

        Yields:
            A record for each text of a part; its line is the row of a sheet, or the number of the text in the part.
        """
        for placed in self._parts():
            yield [Record("", (cell,), line, 1, 0) for _, cell, line in placed]

    def write(self, target: BinaryIO, written: Iterable[Sequence[Sequence[str] | None]]) -> None:
        """Write the file with other texts; see `Package`. A text that several cells share changes in all of them."""
        new: dict[str, dict[int, tuple[Cell, str]]] = {}
        for placed, rows in zip(self._parts(), written, strict=True):
            for (part, cell, _), row in zip(placed, rows, strict=True):
                text = row[0] if row else ""
                if text != cell.text:
                    new.setdefault(part, {}).setdefault(cell.start, (cell, text))
        with ZipFile(target, "w") as made:
            for info in self._zip.infolist():
                data = self._zip.read(info)
                if info.filename in new:
                    cells, texts = zip(*new[info.filename].values(), strict=True)
                    raw = Record(self._raw[info.filename], cells, 1, 1, 0).written(texts)
                    data = _BARE.sub(r'<\1 xml:space="preserve">', raw).encode()
                made.writestr(info, data, info.compress_type)

    def _parts(self) -> Iterator[list[tuple[str, Cell, int]]]:
        """The texts of each part, with the part that writes each and its number."""
        raw = self._raw.get(_SHARED, "")
        items = [next(iter(texts_in(raw, _markup(_SHARED), *one.span())), None) for one in _ITEM.finditer(raw)]
        used: set[int] = set()
        for part, raw in self._raw.items():
            if _folder(part) == "worksheets" and part.endswith(".xml"):
                yield list(_sheet(part, raw, items, used))
            elif part.endswith(".rels"):
                links = (Cell(*one.span(1), unescape(one[1]), _address, part) for one in _LINK.finditer(raw))
                yield [(part, cell, number) for number, cell in enumerate(links, 1)]
            elif part not in (_SHARED, "[Content_Types].xml"):
                markup = _markup(part)
                # The names of properties say what they are.
                cells = (one if markup is _PROPERTIES else replace(one, name=part) for one in texts_in(raw, markup))
                yield [(part, cell, number) for number, cell in enumerate(cells, 1)]
        others = (cell for number, cell in enumerate(items) if cell and number not in used)
        yield [(_SHARED, replace(cell, name=_SHARED), number) for number, cell in enumerate(others, 1)]


def _folder(part: str) -> str:
    return PurePosixPath(part).parent.name


def _address(text: str) -> str:
    return escape(quote(text, safe="%/:=&?~#+!$,;'@()*[]"))


def _sheet(part: str, raw: str, items: Sequence[Cell | None], used: set[int]) -> Iterator[tuple[str, Cell, int]]:
    """The texts of a sheet behind the names of their columns, where its first row has some."""
    names: dict[str, str] = {}
    first: list[tuple[str, str]] = []
    top = 0
    for one in _SHEET_CELL.finditer(raw):
        place, typed, value = _REFERENCE.search(one[2]), _TYPE.search(one[2]), _VALUE.search(one[3])
        column, row = (place[1], int(place[2])) if place else ("", top)
        cell, where, kind = None, part, typed[1] if typed else "n"
        if kind == "s" and value and value[1].isdigit() and int(value[1]) < len(items):
            cell, where = items[int(value[1])], _SHARED
            used.add(int(value[1]))
        elif kind == "inlineStr":
            cell = next(iter(texts_in(raw, _markup(part), *one.span(3))), None)
        elif value and (
            kind in ("str", "d") or (kind == "n" and value[1].isdigit() and len(value[1]) >= _FEWEST_DIGITS)
        ):
            write = _inline(one[1] + _TYPE.sub("", one[2]), one[1].removesuffix("c"))
            cell = Cell(*one.span(), unescape(value[1]), write, part)
        if cell is None:
            continue
        top = top or row
        if row == top:
            first.append((column, cell.text))
        elif first:
            if any(_HEADER.search(text) for _, text in first):
                names = {column: text for column, text in first if len(text) <= _LONGEST_HEADER}
            first = []
        yield where, replace(cell, name=names.get(column, part)), row


def _inline(tag: str, prefix: str) -> Callable[[str], str]:
    """What writes a cell of a sheet that holds its text itself."""
    before, after = f'<{tag} t="inlineStr"><{prefix}is><{prefix}t>', f"</{prefix}t></{prefix}is></{prefix}c>"
    return lambda text: f"{before}{escape(text, quote=False)}{after}"


_WORD, _EXCEL, _POWERPOINT = (".docx", ".docm"), (".xlsx", ".xlsm"), (".pptx", ".pptm")
OFFICE = Format("office", (*_WORD, *_EXCEL, *_POWERPOINT), parts="parts", package=OfficeTexts)
"""A file of Word, Excel or PowerPoint whose texts are exchanged."""
