"""The texts in a part of an Office file, by what XML it is; the file as a whole is in
`formats.office`.

All text and all attributes are read but for those that only say how text looks, which
`office_layout.toml` lists.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from pathlib import Path
from urllib.parse import quote

from seqlabel.formats.markup import SHOWN_BREAKS, Break
from seqlabel.formats.xml_texts import (
    Attribute,
    Token,
    aside,
    attributes,
    pieces_of,
    tokens,
    written_attribute,
    written_text,
)
from seqlabel.io.exchanged import Piece
from seqlabel.io.records import LETTER_OR_DIGIT, Cell, Encoded, as_it_is

_DATA = tomllib.loads(Path(__file__).with_name("office_layout.toml").read_text(encoding="utf-8"))
_NAMESPACES = tuple(_DATA["namespaces"])
_LAYOUT_TEXTS, _FORMULAS, _FORMULA_ATTRIBUTES, _LAYOUT, _LAYOUT_PAIRS = (
    frozenset(_DATA[key].split())
    for key in ("texts", "formulas", "formula_attributes", "attributes", "pairs")
)
_BREAKS = {"tab": Break.TAB, "br": Break.LINE, "cr": Break.LINE, "tc": Break.CELL, "tr": Break.ROW}
_BREAKS |= dict.fromkeys(("p", "si", "is", "text", "rPh"), Break.BLOCK)
_FLOWING = frozenset(("t", "delText", "instrText", "delInstrText"))
"""Elements whose texts are parts of a paragraph."""
_NUMBERS = frozenset(("numCache", "numLit"))
_ADDRESS_SIGN = re.compile(r"\w@(?![0-9])")
FEWEST_DIGITS = 7
"""The digits that a bare number has at least to be read: those of a telephone number."""
_WORTH_READING = re.compile(rf"[^\W\d_]|(?:\d\D{{0,2}}){{{FEWEST_DIGITS - 1}}}\d")
_FORMULA_TOKEN = re.compile(
    r"\"(?P<string>(?:[^\"]|\"\")*)\"|'(?P<quoted>(?:[^']|'')*)'|\[(?P<bracket>[^\[\]]*)\]"
    r"|(?P<function>[^\W\d]\w*+\()|(?P<word>[^\W\d][\w.\\]*)(?![\w(])(?P<sheet>!)?"
)
"""What a formula is made of. The name of a function is matched whole, so that it is not read again
from each of its letters."""
_PLACE = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]{0,7}|TRUE|FALSE|R[0-9]*C[0-9]*", re.IGNORECASE)
_SPECIAL = re.compile(r"[\[\]#'@]")


class Kind(StrEnum):
    """What a text is besides text: names are repeated in formulas, and must stay valid and
    distinct.
    """

    TEXT = "text"
    SHEET = "sheet"
    NAME = "name"
    NAMESPACE = "namespace"


@dataclass(frozen=True)
class PartText:
    """A text in a part.

    Args:
        cell: The text, its name and its place.
        kind: What it is.
        is_shared: Whether the same text elsewhere in the file is the same value, so that it is read
            once.
    """

    cell: Cell
    kind: Kind = Kind.TEXT
    is_shared: bool = False


def local(name: str) -> str:
    """Return a name without its prefix.

    Args:
        name: The name.

    Returns:
        What follows the colon.
    """
    return name.rpartition(":")[2]


def values_of(raw: str, token: Token) -> dict[str, str]:
    """Read the attributes of a tag by their names without prefixes.

    Args:
        raw: The characters of the part.
        token: The tag.

    Returns:
        The value of each name.
    """
    return {local(attribute.name): attribute.text for attribute in attributes(raw, token)}


class PartReader:
    """Reads the texts of a part but for the cells of a sheet.

    Args:
        part: The name of the part.
        raw: Its characters.
    """

    def __init__(self, part: str, raw: str) -> None:
        self._part = part
        self._raw = raw
        self._is_custom = part.startswith(("docProps/", "customXml/item"))
        self._known = _known_prefixes(raw)
        self._stack: list[str] = []
        self._pieces: list[Piece] = []
        self._between = Break.NONE
        # The name that a tag gives to the value in it, as `<property name="phone"><lpwstr>`.
        self._label = ""

    def read(self, token: Token) -> Iterator[PartText]:
        """Read the next token.

        Args:
            token: The token.

        Yields:
            The texts that are whole now.
        """
        if token.kind == "start":
            name = local(token.name)
            self._between = max(self._between, _BREAKS.get(name, Break.NONE))
            if not token.is_empty:
                self._stack.append(name)
            yield from self._attributes(token)
        elif token.kind == "end":
            self._between = max(self._between, _BREAKS.get(local(token.name), Break.NONE))
            if self._stack and self._stack.pop() == "property":
                self._label = ""
        elif token.kind in ("comment", "instruction"):
            cell = aside(self._raw, token, self._part)
            if cell is not None:
                yield PartText(cell)
        else:
            yield from self._characters(token)

    def finish(self) -> Iterator[PartText]:
        """End the part.

        Yields:
            The text that was open.
        """
        pieces = self._pieces
        self._pieces = []
        text = "".join(piece.text for piece in pieces)
        if LETTER_OR_DIGIT.search(text):
            cell = Cell(
                pieces[0].start, pieces[-1].end, text, written_text, self._part, tuple(pieces)
            )
            yield PartText(cell)

    def _characters(self, token: Token) -> Iterator[PartText]:
        element = self._stack[-1] if self._stack else ""
        if element in _FLOWING:
            if self._between in (Break.BLOCK, Break.ROW):
                yield from self.finish()
            elif self._between and self._pieces:
                self._pieces.append(Piece(token.start, token.start, SHOWN_BREAKS[self._between]))
            self._pieces += pieces_of(self._raw, token)
            self._between = Break.NONE
            return
        if token.kind == "text" and self._raw[token.start : token.end].isspace():
            return
        pieces = tuple(pieces_of(self._raw, token))
        text = "".join(piece.text for piece in pieces)
        if element in _FORMULAS:
            written = Encoded(token.start, token.end, text, written_text)
            yield from formula_texts(written, self._part)
        elif self._is_text(element, text):
            is_number = bool(_NUMBERS.intersection(self._stack))
            write = _zero if is_number else written_text
            name = self._label or (element if self._is_custom or not self._known else self._part)
            yield PartText(
                Cell(token.start, token.end, text, write, name, pieces, takes_text=not is_number)
            )

    def _is_text(self, element: str, text: str) -> bool:
        """Return whether the text of an element is read."""
        if self._part.startswith("customXml/item") or not self._known:
            return LETTER_OR_DIGIT.search(text) is not None
        return element not in _LAYOUT_TEXTS and _WORTH_READING.search(text) is not None

    def _attributes(self, token: Token) -> Iterator[PartText]:
        if token.inner[0] == token.inner[1]:
            return

        element = local(token.name)
        prefix = token.name.rpartition(":")[0]
        all_attributes = list(attributes(self._raw, token))
        values = {local(attribute.name): attribute.text for attribute in all_attributes}

        if element == "property":
            self._label = values.get("name", "")

        for attribute in all_attributes:
            if attribute.name == "xmlns" or attribute.name.startswith("xmlns:"):
                if not attribute.text.startswith(_NAMESPACES) and LETTER_OR_DIGIT.search(
                    attribute.text
                ):
                    yield self._value(attribute, Kind.NAMESPACE, "")
                continue
            name = local(attribute.name)
            is_known = (attribute.name.rpartition(":")[0] or prefix) in self._known
            if is_known and self._is_layout(element, name, attribute.text, values):
                continue
            if f"{element}.{name}" in _FORMULA_ATTRIBUTES:
                yield from formula_texts(
                    Encoded(attribute.start, attribute.end, attribute.text, written_attribute),
                    self._part,
                )
            elif _WORTH_READING.search(attribute.text) or (
                not is_known and LETTER_OR_DIGIT.search(attribute.text)
            ):
                yield self._value(
                    attribute,
                    _KINDS.get(f"{element}.{name}", Kind.TEXT),
                    values.get("name", ""),
                    element,
                )

    def _is_layout(self, element: str, name: str, text: str, values: dict[str, str]) -> bool:
        if element == "Relationship":
            # Other targets are parts of this file, which have neither a scheme nor an address in
            # their paths.
            is_part = values.get("TargetMode", "Internal") == "Internal" and not re.search(
                "[:@]", text
            )
            return {
                "Target": is_part,
                "Type": text.startswith(_NAMESPACES),
                "TargetMode": text in ("Internal", "External"),
                "Id": not _ADDRESS_SIGN.search(text),
            }.get(name, False)
        is_listed = name in _LAYOUT or f"{element}.{name}" in _LAYOUT_PAIRS
        # Not even the path of a drawing (`m@0,9`) has an address in it.
        return is_listed and not _ADDRESS_SIGN.search(text)

    def _value(self, attribute: Attribute, kind: Kind, label: str, element: str = "") -> PartText:
        write: Callable[[str], str] = written_attribute
        text = attribute.text
        takes_text = f"{element}.{attribute.name}" not in ("n.v", "d.v")
        if element == "Relationship":
            write = _written_address
            text = _ENCRYPTED_ADDRESS.sub(r"<\1>", text)
        elif not takes_text:
            write = _zero if element == "n" else _first_day
        name = local(attribute.name)
        is_own = self._is_custom or not self._known
        shown = label if label and name in ("val", "value") else (name if is_own else self._part)
        return PartText(
            Cell(attribute.start, attribute.end, text, write, shown, takes_text=takes_text),
            kind,
            is_shared=True,
        )


_KINDS = {
    "sheet.name": Kind.SHEET,
    "worksheetSource.sheet": Kind.SHEET,
    "definedName.name": Kind.NAME,
}


def read_part(part: str, raw: str) -> Iterator[PartText]:
    """Read the texts of a part.

    Args:
        part: Its name.
        raw: Its characters.

    Yields:
        The texts.
    """
    reader = PartReader(part, raw)
    for token in tokens(raw):
        yield from reader.read(token)
    yield from reader.finish()


def formula_texts(formula: Encoded, name: str) -> Iterator[PartText]:
    """Read the strings and names in a formula.

    Args:
        formula: The formula.
        name: What its texts are called.

    Yields:
        Strings, names of sheets and columns, and other names that are not functions or places.
    """
    outside = _FORMULA_TOKEN.sub(
        lambda token: token[0] if token["function"] or token["word"] else " ", formula.raw
    )
    if _ADDRESS_SIGN.search(outside):
        # No formula has an address outside its strings, so this one is damaged.
        yield PartText(
            Cell(0, len(formula.raw), formula.raw, as_it_is, name, inside=formula), is_shared=True
        )
        return
    for match in _FORMULA_TOKEN.finditer(formula.raw):
        start, end = match.span()
        kind = Kind.TEXT
        write = _written_string
        if match["function"] is not None:
            continue
        if match["string"] is not None:
            text = match["string"].replace('""', '"')
        elif match["quoted"] is not None:
            text = match["quoted"].replace("''", "'")
            write = _written_sheet
            kind = Kind.TEXT if "[" in text else Kind.SHEET
        elif match["bracket"] is not None:
            text = match["bracket"]
            write = _written_column
            if text.startswith("#"):
                continue
        elif match["sheet"]:
            text = match["word"]
            write = _written_sheet
            kind = Kind.SHEET
            end = end - 1
        elif not _PLACE.fullmatch(match["word"]):
            text = match["word"]
            write = as_it_is
            kind = Kind.NAME
        else:
            continue
        if _WORTH_READING.search(text):
            yield PartText(
                Cell(start, end, text, write, name, inside=formula), kind, is_shared=True
            )


def _known_prefixes(raw: str) -> frozenset[str]:
    """The prefixes that always stand for namespaces whose layout is known."""
    known = {"xml"}
    unknown = set[str]()
    for match in _NAMESPACE.finditer(raw):
        uri = match[2] if match[2] is not None else match[3]
        (known if unescape(uri).startswith(_NAMESPACES) else unknown).add(match[1] or "")
    return frozenset(known - unknown) if known - {"xml"} else frozenset()


_NAMESPACE = re.compile(r"\sxmlns(?::([^\s=]+))?\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


_ENCRYPTED_ADDRESS = re.compile(r"%3C(ENCRYPTED:v[0-9]{1,3}:[A-Za-z0-9_+/=-]+)%3E")
"""An encrypted value as `_written_address` writes it."""


def _written_address(text: str) -> str:
    return written_attribute(quote(text, safe="%/:=&?~#+!$,;'@()*[]"))


def _written_string(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def _written_sheet(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _written_column(text: str) -> str:
    escaped = _SPECIAL.sub(lambda sign: f"'{sign[0]}", text)
    return f"[{escaped}]"


def _zero(_: str) -> str:
    """A number may not become a text here."""
    return "0"


def _first_day(_: str) -> str:
    return "1900-01-01T00:00:00"
