"""Office files (`.docx`, `.xlsx`, `.pptx`): texts exchanged in the XML in which they stand; nothing
is rendered.

Every part that is XML is read, whatever its name; other parts are named. All other bytes of the XML
stay. What a part holds is found in `formats.office_parts`, cells of sheets in
`formats.office_sheets`.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from seqlabel.errors import DataError
from seqlabel.formats.format import Exchange, Format, Layout
from seqlabel.formats.office_parts import Kind, PartText, local, read_part, values_of
from seqlabel.formats.office_sheets import Book, date_formats, first_day, shared_items, sheet_texts
from seqlabel.formats.shown import shown_texts
from seqlabel.formats.xml_texts import NotXmlError, attributes, decoded, tokens
from seqlabel.io.records import Cell, Record, as_it_is

_SHARED = "xl/sharedStrings.xml"
_STYLES = "xl/styles.xml"
_BOOK = "xl/workbook.xml"
_LINKS = "_rels/.rels"
_XML = (".xml", ".rels")
"""The suffixes of parts that must be XML."""
_BEGINS_AS_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe<|\xfe\xff\0<")
_FONTS = (".odttf", ".fntdata", ".ttf")
"""The suffixes of parts that are neither text nor pictures."""
_BASE64_VALUE = re.compile(
    r"<(?:\w+:)?(?:o?blob|v?o?stream|o?storage|cf|binData|binaryData)\b[^<>]*(?<!/)>\s*[A-Za-z0-"
    r"9+/=\s]{8,}</"
)
"""A property or a part in base64, such as the list of all links of a document."""
_GFXDATA = "gfxdata"
"""The attribute with a second drawing in base64, for one older version of Word."""
_USUAL_NAME = re.compile(r"[A-Za-z_\[\]]*[0-9]*(?:\.[A-Za-z0-9]{2,5}){0,2}(?:\.rels)?")
_THUMBNAIL = "/metadata/thumbnail"
_BARE = re.compile(r"<((?:\w+:)?t)>(?=\s|[^<]*\s</)")
_TOGETHER = 256
"""Texts that are read together."""
_SMALLEST_LIMIT = 16
_MOST_TIMES = 50
_MEGABYTE = 1 << 20
_SHEET_SIGNS = re.compile(r"[\[\]:*?/\\']")
_LONGEST_SHEET = 31


@dataclass
class _Text:
    """A text of a file.

    Args:
        text: The text.
        name: Its column, field or part.
        line: The row of a sheet, or the number of the text in the part.
        kind: Whether it is a name that is repeated in formulas.
        places: The parts that it is in, and where.
    """

    text: str
    name: str
    line: int
    kind: Kind
    places: list[tuple[str, Cell]]


class OfficeTexts(AbstractContextManager["OfficeTexts"]):
    """The texts of an Office file; a context manager, which closes the file.

    Args:
        source: The file.
        layout: How much its parts may unpack to; all texts are read.

    Raises:
        DataError: It is not an Office file that can be read, or a part is too large.
    """

    unit = "text"
    total = 0
    columns: Sequence[str] = ()

    def __init__(self, source: Path, layout: Layout) -> None:
        self._raw: dict[str, str] = {}
        self._encodings: dict[str, str] = {}

        try:
            self._zip = ZipFile(source)
            names = self._zip.namelist()
            if "[Content_Types].xml" not in names or len(set(names)) < len(names):
                raise BadZipFile
            self._check_sizes(source, layout)
            if self._zip.testzip() is not None:
                raise BadZipFile
            for name in names:
                self._decode(name)
        except DataError:
            raise
        except (
            BadZipFile,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
            zlib.error,
        ) as error:
            reason = f" ({error})" if isinstance(error, NotXmlError) else ""
            raise DataError(
                f"{source}: is not an Office file that can be read{reason}. Save it again, without "
                f"a password, as {source.suffix}."
            ) from None

        self._removed = {
            part: list(_drawings(raw)) for part, raw in self._raw.items() if _GFXDATA in raw
        }
        drawings = sum(map(len, self._removed.values()))
        self._thumbnails = self._find_thumbnails()
        if self._thumbnails:
            self._removed.setdefault(_LINKS, []).extend(self._links_to_thumbnails())

        self.dropped: Sequence[str] = [
            f"{name} ({count})"
            for name, count in (
                ("thumbnail", len(self._thumbnails)),
                ("second drawings", drawings),
            )
            if count
        ]

        others = Counter(
            _folder(name) or "other parts"
            for name in names
            if not name.endswith(("/", *_FONTS))
            and (name not in self._raw or "_xmlsignatures" in name)
        )
        others["values in base64"] = sum(
            len(_BASE64_VALUE.findall(raw)) for raw in self._raw.values()
        )
        for name in self._thumbnails:
            others[_folder(name) or "other parts"] -= 1
        others["names of parts"] = sum(
            not all(map(_USUAL_NAME.fullmatch, name.split("/"))) for name in names
        )

        self.unread: Sequence[str] = [
            f"{name} ({count})" for name, count in others.items() if count
        ]

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def _check_sizes(self, source: Path, layout: Layout) -> None:
        packed = source.stat().st_size / _MEGABYTE
        most = layout.unpacked_mb or min(max(_SMALLEST_LIMIT, _MOST_TIMES * packed), 200)
        for info in self._zip.infolist():
            if info.file_size > most * _MEGABYTE:
                raise DataError(
                    f"{source}: a part unpacks to {info.file_size / _MEGABYTE:,.0f} MB, and the "
                    f"most is {most:,.0f}. "
                    f"If the file is from a source that you trust, give --unpacked-mb."
                )

    def _decode(self, name: str) -> None:
        data = self._zip.read(name)
        if not _BEGINS_AS_XML.match(data) and not name.endswith(_XML):
            return
        try:
            self._raw[name], self._encodings[name] = decoded(data)
        except NotXmlError:
            # Others may be pages that are not well-formed; they are named.
            if name.endswith(_XML):
                raise

    def _find_thumbnails(self) -> set[str]:
        names: set[str] = set()
        for values, _ in _tags(self._raw.get(_LINKS, "")):
            name = values.get("Target", "").lstrip("/")
            is_inside = values.get("TargetMode") != "External"
            is_picture = name in self._zip.namelist() and name not in self._raw
            if values.get("Type", "").endswith(_THUMBNAIL) and is_inside and is_picture:
                names.add(name)
        return names

    def _links_to_thumbnails(self) -> Iterator[Cell]:
        """The tags that would lead to a part that is no longer there."""
        for values, tag in _tags(self._raw[_LINKS]):
            if values.get("Target", "").lstrip("/") in self._thumbnails:
                yield tag

    def records(self) -> Iterator[list[Record]]:
        """Read the file.

        Yields:
            A record for each text; its line is the row of a sheet, or the number of the text in the
            part.
        """
        texts = iter(self._texts)
        while some := list(islice(texts, _TOGETHER)):
            records: list[Record] = []
            for text in some:
                # Its pieces are in a part; here they say where runs of one formatting meet.
                takes_text = all(cell.takes_text for _, cell in text.places)
                cell = Cell(
                    0,
                    0,
                    text.text,
                    as_it_is,
                    text.name,
                    text.places[0][1].pieces,
                    takes_text=takes_text,
                )
                records.append(Record("", (cell,), text.line, 1, 0))
            yield records

    def write(self, target: BinaryIO, written: Iterable[Sequence[Sequence[str] | None]]) -> None:
        """Write the file with other texts; see `Package`. A text that several places share changes
        in all of them.
        """
        new: dict[str, list[tuple[Cell, str]]] = {}
        names = _NewNames(text.text for text in self._texts if text.kind is not Kind.TEXT)
        texts = iter(self._texts)

        for rows in written:
            for row in rows:
                old = next(texts)
                text = row[0] if row else ""
                if text != old.text:
                    text = names.new(text, old.kind)
                    for part, cell in old.places:
                        new.setdefault(part, []).append((cell, text))

        for part, cells in self._removed.items():
            new.setdefault(part, []).extend((cell, "") for cell in cells)

        with ZipFile(target, "w") as made:
            for info in self._zip.infolist():
                if info.filename in self._thumbnails:
                    continue
                data = self._zip.read(info)
                if info.filename in new:
                    raw = _BARE.sub(
                        r'<\1 xml:space="preserve">',
                        _changed(self._raw[info.filename], new[info.filename]),
                    )
                    data = raw.encode(self._encodings[info.filename], "xmlcharrefreplace")
                # Neither a comment nor other fields of an entry are taken along.
                entry = ZipInfo(info.filename, info.date_time)
                entry.external_attr = info.external_attr
                made.writestr(entry, data, info.compress_type)

    @cached_property
    def _texts(self) -> list[_Text]:
        """All texts, each once."""
        texts: list[_Text] = []
        shared: dict[tuple[object, ...], _Text] = {}

        def add(part: str, part_text: PartText, line: int, item: int | None = None) -> None:
            cell = part_text.cell
            key: tuple[object, ...] = (
                (item, cell.name) if item is not None else (part_text.kind, cell.text, cell.name)
            )
            if part_text.kind is not Kind.TEXT:
                key = (part_text.kind, cell.text)
            is_shared = part_text.is_shared or item is not None
            if is_shared and key in shared:
                if item is None:
                    shared[key].places.append((part, cell))
                return
            text = _Text(cell.text, cell.name, line, part_text.kind, [(part, cell)])
            texts.append(text)
            if is_shared:
                shared[key] = text

        book, others = self._book()
        used: set[int] = set()
        for part, raw in self._raw.items():
            if part == _SHARED:
                continue
            if _folder(part) == "worksheets" and part.endswith(".xml"):
                for sheet_text in sheet_texts(part, raw, book):
                    if sheet_text.item is not None:
                        used.add(sheet_text.item)
                    add(
                        _SHARED if sheet_text.item is not None else part,
                        sheet_text.text,
                        sheet_text.row or 1,
                        sheet_text.item,
                    )
            else:
                for number, part_text in enumerate(read_part(part, raw), 1):
                    add(part, part_text, number)
        for number, item in enumerate(book.items):
            if item is not None and number not in used:
                add(_SHARED, PartText(item), number)
        for number, part_text in enumerate(others, 1):
            add(_SHARED, part_text, number)
        return texts

    def _book(self) -> tuple[Book, list[PartText]]:
        items, others = (
            shared_items(self._raw[_SHARED], _SHARED) if _SHARED in self._raw else ([], [])
        )
        dates = date_formats(self._raw.get(_STYLES, ""))
        return Book(items, dates, first_day(self._raw.get(_BOOK, ""))), others


def _tags(raw: str) -> Iterator[tuple[dict[str, str], Cell]]:
    """The tags of a part that begin an element, each with its attributes."""
    for token in tokens(raw):
        if token.kind == "start":
            tag = Cell(token.start, token.end, raw[token.start : token.end], as_it_is)
            yield values_of(raw, token), tag


def _drawings(raw: str) -> Iterator[Cell]:
    """Find the attributes of a part that hold second drawings, with their names."""
    for token in tokens(raw):
        for attribute in attributes(raw, token) if token.kind == "start" else ():
            if local(attribute.name) == _GFXDATA:
                start = raw.rindex(attribute.name, token.start, attribute.start)
                # With the space before it and the quote after it.
                yield Cell(
                    start - 1, attribute.end + 1, raw[start - 1 : attribute.end + 1], as_it_is
                )


class _NewNames:
    """Names of sheets and the like that stay valid and distinct.

    Args:
        names: The names as they are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._used = {name.casefold() for name in names}

    def new(self, text: str, kind: Kind) -> str:
        """Return a name for a text that takes the place of one."""
        if kind is Kind.TEXT:
            return text
        longest = None
        if kind is Kind.SHEET:
            text = _SHEET_SIGNS.sub("_", text).strip() or "_"
            longest = _LONGEST_SHEET
        elif kind is Kind.NAME:
            text = re.sub(r"\W", "_", text)
            text = text if text[:1].isalpha() or text.startswith("_") else f"_{text}"
        name = text[:longest]
        number = 1
        while name.casefold() in self._used:
            number += 1
            suffix = f"_{number}"
            name = text[: longest - len(suffix) if longest else None] + suffix
        self._used.add(name.casefold())
        return name


def _changed(raw: str, changes: list[tuple[Cell, str]]) -> str:
    """Write a part with other texts; of several for one place the first counts, and a whole cell
    before its parts.
    """
    cells: list[Cell] = []
    texts: list[str] = []
    end = 0
    before = (-1, -1)
    seen: set[tuple[int, int, int]] = set()
    for cell, text in sorted(changes, key=lambda change: (change[0].span[0], -change[0].span[1])):
        span = cell.span
        span_inside = (*cell.span, cell.start if cell.inside is not None else -1)
        if span_inside in seen or (span[0] < end and span != before):
            continue
        seen.add(span_inside)
        if not cell.pieces and cell.inside is None:
            # Between pieces other texts have their places.
            end = max(end, span[1])
            before = span
        cells.append(cell)
        texts.append(text)
    return Record(raw, tuple(_of_one_formula(cells)), 1, 1, 0).written(texts)


def _of_one_formula(cells: list[Cell]) -> Iterator[Cell]:
    """Give the texts of a formula the same formula, where they come from several readings of it."""
    formulas = {cell.span: cell.inside for cell in cells if cell.inside is not None}
    for cell in cells:
        yield replace(cell, inside=formulas[cell.span]) if cell.inside is not None else cell


def _folder(part: str) -> str:
    return PurePosixPath(part).parent.name


_WORD = (".docx", ".docm", ".dotx")
_EXCEL = (".xlsx", ".xlsm", ".xltx")
_POWERPOINT = (".pptx", ".pptm", ".ppsx")
_PARTS_SHOWN = re.compile(
    r"word/(?:document|header[0-9]*|footer[0-9]*|footnotes|endnotes|comments)[.]xml"
    r"|ppt/(?:slides|notesSlides|comments)/[^/]*[.]xml|xl/(?:worksheets|comments)/[^/]*[.]xml|xl"
    r"/sharedStrings[.]xml"
)


def _is_shown(cell: Cell) -> bool:
    """Whether a text stands on a page, a slide or a sheet, and not in an attribute, which has no
    pieces.
    """
    return bool(cell.pieces) and _PARTS_SHOWN.fullmatch(cell.name) is not None


_EXCHANGE = Exchange("parts", package=OfficeTexts)
OFFICE = Format(
    "office",
    (*_WORD, *_EXCEL, *_POWERPOINT),
    texts=shown_texts(_EXCHANGE, _is_shown),
    exchange=_EXCHANGE,
)
"""A file of Word, Excel or PowerPoint whose texts are exchanged."""
