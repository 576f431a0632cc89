"""Headers of mail as the texts in them: values, parameters, ids of messages, boundaries; bodies are
in `formats.mail`.

A value is read as it is shown: encoded words decoded, folded lines joined. Ids of messages and
boundaries stay valid and distinct when they change, and change wherever they are repeated.
"""

import base64
import codecs
import quopri
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import Header
from email.message import Message
from urllib.parse import quote, unquote_to_bytes

from seqlabel.io.exchanged import Piece
from seqlabel.io.records import LETTER_OR_DIGIT, Cell, as_it_is

_FIELD = re.compile(r"^([!-9;-~]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_FOLD = r"\r?\n[ \t]+"
# One that is damaged may lack its first or its last signs.
_ENCODED_WORD = (
    r"(?:=\?[^\s?]{1,80}\?[bBqQ]\?[^\s?]*(?:\?=?)?|(?<![^\s?])[^\s?=]{1,80}\?[bBqQ]\?[^\s?]*\?=)"
)
_WORDS = re.compile(rf"{_ENCODED_WORD}(?:(?:{_FOLD}|[ \t]+)?{_ENCODED_WORD})*|{_FOLD}")
_WORD = re.compile(r"(=\?)?([^\s?]{1,80})\?([bBqQ])\?([^\s?]*)(\?=)?\??")
BASE64_WORD = re.compile(r"=\?[^\s?]{1,80}\?[bB]\?[A-Za-z0-9+/]+=*(?:\?=)?")
"""A word of a header in base64, whose end may be missing."""
_ODD = re.compile(r"[^\w.-]")
"""A character that no name of a header has that is in use."""
_LANGUAGE = re.compile(r"\*[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*=*")
_FEWEST_PACKED = 8
"""The characters of base64 that text is hardly ever taken for, if they decode to text."""
_ID = re.compile(r"<([^<>\s]+)>")
_IDS = re.compile(r"(?:.*-)?(?:message-id|content-id)|in-reply-to|references", re.IGNORECASE)
_PARAMETERS = frozenset(("content-type", "content-disposition"))
_STRUCTURE = {
    "mime-version": re.compile(r"1\.0"),
    "content-transfer-encoding": re.compile(
        r"7bit|8bit|binary|base64|quoted-printable", re.IGNORECASE
    ),
    "content-type": re.compile(
        r"(?:application|audio|font|image|message|model|multipart|text|video)/[\w.+-]+",
        re.IGNORECASE,
    ),
    "content-disposition": re.compile(r"inline|attachment|form-data", re.IGNORECASE),
}
"""The values that say how a message is built; any other is read."""
_PARAMETER = re.compile(
    r";\s*([^\s=;\"]+?)(\*\d+)?(\*)?\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;]*))", re.DOTALL
)
_STRUCTURAL_PARAMETERS = {
    "format": re.compile(r"flowed|fixed", re.IGNORECASE),
    "delsp": re.compile(r"yes|no", re.IGNORECASE),
    "micalg": re.compile(r"(?:pgp-)?(?:sha|md)[\d-]+", re.IGNORECASE),
    "method": re.compile(
        r"publish|request|reply|add|cancel|refresh|counter|declinecounter", re.IGNORECASE
    ),
    "report-type": re.compile(
        r"delivery-status|disposition-notification|feedback-report", re.IGNORECASE
    ),
    "smime-type": re.compile(
        r"signed-data|enveloped-data|compressed-data|certs-only", re.IGNORECASE
    ),
    "type": _STRUCTURE["content-type"],
    "protocol": _STRUCTURE["content-type"],
}
_WORD_IN_BOUNDARY = re.compile(r"@|[^\W\d_]{3}")
_NO_ATOM = re.compile(r"[^\w.!#$%&'*+/=?^`{|}~-]", re.ASCII)
_LABEL = re.compile(r"<([^<>]*)>")
_KEPT_LABEL = re.compile(r"\{([^{}]*)\}")
_SAYS_NOTHING = re.compile(r"(?:\{[A-Z0-9_]*\}|[xX0]|[\W_])*")
"""What is left of an id under a policy that hides which value it was, so that all ids would be the
same.
"""
_HOST = "redacted.invalid"


def decoded(data: bytes, charset: str) -> tuple[str, str]:
    """Decode bytes, whatever their charset is called.

    Args:
        data: The bytes.
        charset: What the message calls their charset.

    Returns:
        The characters, and the charset that they are in: UTF-8 or Latin-1, which any bytes are,
        where the other fails.
    """
    for name in (charset, "utf-8"):
        try:
            return data.decode(name), name
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1"), "latin-1"


class MessageIds:
    """The ids of messages in a file; each is a text of its own, and changes in all its places."""

    def __init__(self) -> None:
        self._places: dict[str, list[tuple[int, int]]] = {}
        self._names: dict[str, str] = {}
        self._salt = secrets.token_hex(4)

    def add(self, text: str, start: int, end: int, name: str) -> None:
        """Note an id.

        Args:
            text: The id, without angle brackets.
            start: Its first character in the file.
            end: The end of its characters.
            name: The header that it is in.
        """
        self._places.setdefault(text, []).append((start, end))
        self._names.setdefault(text, name)

    def cells(self) -> Iterator[Cell]:
        """Give the texts.

        Yields:
            One for each id.
        """
        for number, (written, spans) in enumerate(self._places.items(), 1):
            (start, end), *also = spans
            write = _IdWriter(f"{number}.{self._salt}")
            yield Cell(
                start, end, _shown_id(written), write, self._names[written], also=tuple(also)
            )


@dataclass(frozen=True)
class _IdWriter:
    """Writes an id so that it is valid, and another one than any other.

    Args:
        suffix: What tells this id from others that became the same text.
    """

    suffix: str

    def __call__(self, text: str) -> str:
        kept = _LABEL.sub(lambda label: "{" + label[1].replace(":", "|") + "}", text)
        left, _, host = kept.rpartition("@") if "@" in kept else (kept, "", _HOST)
        says_nothing = _SAYS_NOTHING.fullmatch(left) is not None
        left = _NO_ATOM.sub("_", left).strip(".")
        host = re.sub(r"[^A-Za-z0-9.-]", "", host).strip(".") or _HOST
        if says_nothing or not left:
            left = f"{left}.{self.suffix}".lstrip(".")
        return re.sub(r"\.{2,}", ".", f"{left}@{host}")


def _shown_id(written: str) -> str:
    """The text of an id; labels and encrypted values in one that was redacted are what they
    were.
    """
    left, _, host = written.rpartition("@")
    if host != _HOST:
        return written
    return _KEPT_LABEL.sub(lambda label: "<" + label[1].replace("|", ":") + ">", left)


@dataclass
class Head:
    """The headers of a message or of a part.

    Args:
        cells: Their texts, but for ids.
        content: A message with the headers that say how the body is encoded.
        boundary: Where the boundary between parts is written; None where there is none.
    """

    cells: list[Cell] = field(default_factory=list)
    content: "Message[str, str]" = field(default_factory=Message)
    boundary: tuple[int, int] | None = None


def read_head(raw: str, start: int, end: int, ids: MessageIds) -> Head:
    """Read headers.

    Args:
        raw: The characters of the file.
        start: Where the headers begin.
        end: Where they end.
        ids: Takes the ids of messages.

    Returns:
        The headers; a line that is not one is a text as it is.
    """
    head = Head()
    offset = start
    for match in _FIELD.finditer(raw, start, end):
        head.cells += written_texts(raw, offset, match.start())
        offset = match.end()
        begin = match.start(2)
        stop = begin + len(match[2].rstrip())
        name = match[1]
        key = match[1].lower()
        if _ODD.search(name):
            head.cells += _as_written(raw, *match.span(1), "")
        if key in _STRUCTURE and key not in head.content:
            head.content[key] = re.sub(_FOLD, " ", raw[begin:stop])
        if key in _PARAMETERS:
            _read_parameters(raw, begin, stop, name, head)
        elif key in _STRUCTURE and _STRUCTURE[key].fullmatch(raw, begin, stop):
            continue
        elif _IDS.fullmatch(key):
            _read_ids(raw, begin, stop, name, head, ids)
        else:
            head.cells += _as_shown(raw, begin, stop, name)
    head.cells += written_texts(raw, offset, end)
    return head


def written_texts(raw: str, start: int, end: int, name: str = "") -> Iterator[Cell]:
    """Read characters as they are, but for encoded words, as headers that are quoted in a body have
    them.

    Args:
        raw: The characters of the file.
        start: Where to begin.
        end: Where to end.
        name: What the texts are called.

    Yields:
        Each encoded word as it is shown, and what is between them, where there is a letter or a
        digit.
    """
    offset = start
    for match in BASE64_WORD.finditer(raw, start, end):
        yield from _as_written(raw, offset, match.start(), name)
        offset = match.end()
        shown = _shown_words(match[0])
        if LETTER_OR_DIGIT.search(shown):
            yield Cell(*match.span(), shown, _written_words, name)
    yield from _as_written(raw, offset, end, name)


def boundary_cell(raw: str, head: Head, spans: list[tuple[int, int]], number: int) -> Cell | None:
    """Make a text of the boundary between parts.

    Args:
        raw: The characters of the file.
        head: The headers that name it.
        spans: Where it is in the body.
        number: Its number in the file.

    Returns:
        The text, which changes in all places; None where it is mere digits and signs, or not
        written as it is.
    """
    if head.boundary is None or not _WORD_IN_BOUNDARY.search(raw, *head.boundary):
        return None
    start, end = head.boundary
    name = f"redacted-{number}"
    return Cell(
        start, end, raw[start:end], lambda _: name, "boundary", also=tuple(spans), takes_text=False
    )


def _as_written(raw: str, start: int, end: int, name: str) -> Iterator[Cell]:
    if LETTER_OR_DIGIT.search(raw, start, end):
        yield Cell(start, end, raw[start:end], as_it_is, name)


def _as_shown(raw: str, start: int, end: int, name: str) -> Iterator[Cell]:
    """A value with its encoded words decoded and its lines joined."""
    pieces: list[Piece] = []
    offset = start
    for match in _WORDS.finditer(raw, start, end):
        if offset < match.start():
            pieces.append(Piece(offset, match.start(), raw[offset : match.start()]))
        offset = match.end()
        pieces.append(Piece(*match.span(), _shown_words(match[0])))
    if offset < end:
        pieces.append(Piece(offset, end, raw[offset:end]))
    text = "".join(piece.text for piece in pieces)
    if LETTER_OR_DIGIT.search(text):
        yield Cell(start, end, text, _written_words, name, tuple(pieces))


def _shown_words(written: str) -> str:
    """The text of encoded words, or the space for a folded line."""
    parts: list[tuple[str, bytes]] = []
    for word in _WORD.finditer(written):
        begin, named, coding, payload, end = word.groups()
        charset = _LANGUAGE.sub("", named).lower()
        is_base64 = coding in "bB"
        is_whole = begin is not None and end is not None
        if is_base64 and not is_whole and not _BASE64.fullmatch(payload):
            # What is not base64 would be lost by reading it as that.
            parts.append(
                ("utf-8", _shown_in_part(word[0], payload).encode("utf-8", "surrogateescape"))
            )
            continue
        data = unpacked(payload) if is_base64 else _unquoted(payload)
        if not is_charset(charset):
            # The name of the charset may be any text, so it is shown too.
            shown = f"{begin or ''}{named}?{coding}?{decoded(data, 'utf-8')[0]}{end or ''}"
            parts.append(("utf-8", shown.encode("utf-8", "surrogateescape")))
        elif parts and parts[-1][0] == charset:
            parts[-1] = (charset, parts[-1][1] + data)
        else:
            parts.append((charset, data))
    # A line end in an encoded word would begin another header.
    return (
        " ".join("".join(decoded(data, charset)[0] for charset, data in parts).splitlines())
        if parts
        else " "
    )


def _shown_in_part(written: str, payload: str) -> str:
    """The text of an encoded word that is base64 only in its beginning; shown as written where that
    is not text.
    """
    packed = _BASE64.match(payload)
    assert packed is not None, "it may be empty"
    shown = unpacked(packed[0]).decode("utf-8", "replace")
    # Its end may be damaged, where letters that follow were taken for base64.
    if len(packed[0]) < _FEWEST_PACKED or not shown[: len(shown) * 3 // 4].isascii():
        return written
    before, _, after = written.partition(payload)
    return f"{before}{shown}{payload[packed.end() :]}{after}"


def _unquoted(payload: str) -> bytes:
    return quopri.decodestring(payload.encode("utf-8", "surrogateescape"), header=True)


def unpacked(packed: str) -> bytes:
    """Decode base64 as mail programs do, which pass over what is not base64.

    Args:
        packed: The characters.

    Returns:
        The bytes.
    """
    packed = re.sub(r"[^A-Za-z0-9+/]", "", packed)
    packed = packed[: len(packed) - (len(packed) % 4 == 1)]
    return base64.b64decode(packed + "=" * (-len(packed) % 4))


def _written_words(text: str) -> str:
    line = " ".join(text.splitlines())
    if line.isascii() and "=?" not in line:
        return line
    return Header(line, "utf-8").encode() if line.strip() else line


def _read_ids(raw: str, start: int, end: int, name: str, head: Head, ids: MessageIds) -> None:
    offset = start
    for match in _ID.finditer(raw, start, end):
        head.cells += _as_shown(raw, offset, match.start(), name)
        ids.add(match[1], *match.span(1), name)
        offset = match.end()
    head.cells += _as_shown(raw, offset, end, name)


def _read_parameters(raw: str, start: int, end: int, name: str, head: Head) -> None:
    """Read the parameters of a value, and whatever else is in it than a known kind."""
    first = raw.find(";", start, end)
    stop = end if first < 0 else first
    kind = raw[start:stop].strip()
    if not _STRUCTURE[name.lower()].fullmatch(kind):
        head.cells += _as_shown(raw, start, stop, name)
    offset = stop
    group: list[re.Match[str]] = []
    for match in _PARAMETER.finditer(raw, stop, end):
        head.cells += _as_shown(raw, offset, match.start(), name)
        offset = match.end()
        # Parts of one value are numbered: `filename*0=`, `filename*1=`.
        if group and not (match[2] and match[1].lower() == group[0][1].lower()):
            _read_parameter(raw, group, head)
            group = []
        group.append(match)
    if group:
        _read_parameter(raw, group, head)
    head.cells += _as_shown(raw, offset, end, name)


def _read_parameter(raw: str, parts: list[re.Match[str]], head: Head) -> None:
    """Read one parameter, in one part or several that follow each other (RFC 2231)."""
    first, last = parts[0], parts[-1]
    name = first[1]
    key = first[1].lower()
    is_plain = len(parts) == 1 and not first[2] and not first[3]
    span = first.span(4) if first[4] is not None else first.span(5)
    if key == "boundary" and is_plain and "\\" not in raw[slice(*span)]:
        head.boundary = span
        return
    text = _shown_value(parts)
    structural = _STRUCTURAL_PARAMETERS.get(key)
    if structural is not None and structural.fullmatch(text):
        return
    if key == "charset" and is_charset(text):
        return
    if LETTER_OR_DIGIT.search(text):
        start = first.start(1)
        head.cells.append(
            Cell(start, last.end(), text, lambda new: _written_value(name, new), name)
        )


def _shown_value(parts: list[re.Match[str]]) -> str:
    texts: list[str] = []
    charset = "utf-8"
    data = b""
    for number, part in enumerate(parts):
        value = (
            re.sub(r"\\(.)", r"\1", part[4], flags=re.DOTALL) if part[4] is not None else part[5]
        )
        if part[3]:
            if number == 0 and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
            data += unquote_to_bytes(value)
            continue
        texts.append(decoded(data, charset)[0])
        data = b""
        texts.append(_WORDS.sub(lambda match: _shown_words(match[0]), value))
    texts.append(decoded(data, charset)[0])
    return "".join(texts)


def _written_value(name: str, text: str) -> str:
    line = " ".join(text.splitlines())
    if line.isascii():
        escaped = line.replace("\\", "\\\\").replace('"', '\\"')
        return f'{name}="{escaped}"'
    return f"{name}*=utf-8''{quote(line, safe='')}"


def is_charset(text: str) -> bool:
    """Return whether bytes can be decoded from a charset.

    Args:
        text: What a message calls the charset.

    Returns:
        Whether Python knows it.
    """
    try:
        codecs.lookup(text)
    except (LookupError, ValueError):
        return False
    return True
