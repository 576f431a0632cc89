"""The texts of XML: what its elements show, attributes, comments and instructions; the caller
chooses among them.

XML is checked by Python's parser, and then read in one pass over its characters, so that all else
keeps them. Pages of HTML, which need not be well-formed, are in `formats.markup`.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import NamedTuple
from xml.parsers import expat

from seqlabel.io.exchanged import Piece
from seqlabel.io.records import LETTER_OR_DIGIT, Cell

_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<data>.*?)\]\]>|<\?(?P<instruction>.*?)\?>"
    r"|<(?P<end>/)?(?P<name>[^\s/>]+)(?P<attributes>(?:[^\"'>]|\"[^\"]*\"|'[^']*')*?)(?P<empty>/"
    r")?>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITY = re.compile(r"&#?\w+;")
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


class NotXmlError(ValueError):
    """Bytes are not well-formed XML, or have a document type, which could define entities."""


def decoded(data: bytes) -> tuple[str, str]:
    """Check that bytes are XML, and decode them.

    Args:
        data: The bytes.

    Returns:
        The characters, and their encoding.

    Raises:
        NotXmlError: They are not well-formed XML, or have a document type.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16"), "utf-16"
        match = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
        encoding = match[1].decode() if match else "utf-8"
        return data.decode(encoding), encoding
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise NotXmlError(type(error).__name__) from None


def _refuse(*_: object) -> None:
    raise NotXmlError("a document type")


class Token(NamedTuple):
    """A tag, a comment, an instruction, or characters.

    Args:
        kind: `start`, `end`, `text`, `data`, `comment` or `instruction`.
        start: The first of its characters; of a tag those of all of it.
        end: The end of its characters.
        name: The name of a tag.
        inner: Where the attributes of a tag are, or what a comment, an instruction or a section of
            data says.
        is_empty: Whether a tag has no content.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    inner: tuple[int, int] = (0, 0)
    is_empty: bool = False


def tokens(raw: str) -> Iterator[Token]:
    """Read well-formed XML.

    Args:
        raw: The characters.

    Yields:
        The tokens in order.
    """
    offset = 0
    for match in _TOKEN.finditer(raw):
        begin, after = match.span()
        if offset < begin:
            yield Token("text", offset, begin)
        offset = after
        if match["name"] is not None:
            kind = "end" if match["end"] else "start"
            yield Token(
                kind, begin, after, match["name"], match.span("attributes"), bool(match["empty"])
            )
        elif match["data"] is not None:
            yield Token("data", begin, after, inner=match.span("data"))
        elif match["comment"] is not None:
            yield Token("comment", begin, after, inner=match.span("comment"))
        elif not raw.startswith("<?xml ", begin):
            yield Token("instruction", begin, after, inner=match.span("instruction"))
    if offset < len(raw):
        yield Token("text", offset, len(raw))


class Attribute(NamedTuple):
    """An attribute of a tag.

    Args:
        name: Its name.
        start: The first character of its value.
        end: The end of its value.
        text: The value.
    """

    name: str
    start: int
    end: int
    text: str


def attributes(raw: str, token: Token) -> Iterator[Attribute]:
    """Read the attributes of a tag.

    Args:
        raw: The characters.
        token: The tag.

    Yields:
        The attributes in order.
    """
    for match in _ATTRIBUTE.finditer(raw, *token.inner):
        group = 2 if match[2] is not None else 3
        yield Attribute(match[1], *match.span(group), unescape(match[group]))


def pieces_of(raw: str, token: Token) -> Iterator[Piece]:
    """Read characters or a section of data.

    Args:
        raw: The characters of all.
        token: The token.

    Yields:
        Characters and the entities between them, each as a piece of its own.
    """
    if token.kind == "data":
        yield Piece(token.start, token.end, raw[slice(*token.inner)])
        return
    offset = token.start
    for match in _ENTITY.finditer(raw, token.start, token.end):
        if offset < match.start():
            yield Piece(offset, match.start(), raw[offset : match.start()])
        offset = match.end()
        yield Piece(*match.span(), unescape(match[0]))
    if offset < token.end:
        yield Piece(offset, token.end, raw[offset : token.end])


def aside(raw: str, token: Token, name: str) -> Cell | None:
    """Read a comment or an instruction.

    Args:
        raw: The characters.
        token: The token.
        name: What its text is called.

    Returns:
        The text; None where there is no letter or digit in it.
    """
    start, end = token.inner
    if not LETTER_OR_DIGIT.search(raw, start, end):
        return None
    write = _written_comment if token.kind == "comment" else _written_instruction
    return Cell(start, end, raw[start:end], write, name)


def written_text(text: str) -> str:
    """Write a text between tags.

    Args:
        text: The text.

    Returns:
        The characters.
    """
    return escape(text, quote=False)


def written_attribute(text: str) -> str:
    """Write the value of an attribute, in either quotes.

    Args:
        text: The value.

    Returns:
        The characters.
    """
    return escape(text).replace("\n", "&#10;")


def _written_comment(text: str) -> str:
    return text.replace("--", "- ").rstrip("-")


def _written_instruction(text: str) -> str:
    return text.replace("?>", "? ")
