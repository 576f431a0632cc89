"""PDF files, whose texts are read by pypdf and written as text; never as a PDF, in which the old
text would live on.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from seqlabel.errors import DataError, MissingPackageError
from seqlabel.formats.format import Exchange, Format, Layout
from seqlabel.formats.shown import shown_texts
from seqlabel.io.files import SURROGATE
from seqlabel.io.records import Cell, Record, as_it_is
from seqlabel.names import LateModule

if TYPE_CHECKING:
    import pypdf
else:
    pypdf = LateModule("pypdf", extra="office")

_PAGE = "page"
"""The name of the text of a page; other strings have the names of their keys."""


class PdfTexts(AbstractContextManager["PdfTexts"]):
    """The texts of a PDF file, page by page; a context manager, which closes the file.

    `unread` counts the pages without text, such as scanned ones, and the images, attached files and
    signatures.

    Args:
        source: The file.
        layout: Not used, as all texts are read.

    Raises:
        DataError: It is not a PDF file that can be read.
    """

    unit = _PAGE
    columns: Sequence[str] = ()
    dropped: Sequence[str] = ()

    def __init__(self, source: Path, layout: Layout) -> None:
        try:
            with _silent():
                counts = self._read(source)
        except MissingPackageError:
            raise
        except Exception as error:
            # A damaged file raises errors of many kinds.
            raise DataError(
                f"{source}: is not a PDF file that can be read ({type(error).__name__}). Save it "
                "again, without a password."
            ) from None
        self.unread: Sequence[str] = [
            f"{name} ({count})" for name, count in counts.items() if count
        ]

    def _read(self, source: Path) -> dict[str, int]:
        """Read all texts of a file, and count what holds none."""
        self._reader = pypdf.PdfReader(source)
        self.total = len(self._reader.pages)
        self._pages = [SURROGATE.sub("\ufffd", _text(page)) for page in self._reader.pages]
        about: Mapping[str, object] = self._reader.metadata or {}
        self._about = [Cell(0, 0, str(value), as_it_is, str(name)) for name, value in about.items()]
        strings = _Strings(self._reader)
        shown = set("\n".join(self._pages).split("\n"))
        instead = chain.from_iterable(map(_texts_instead, self._reader.pages))
        for name, text in chain(strings.read(), instead):
            if text not in shown:
                shown.add(text)
                self._about.append(Cell(0, 0, SURROGATE.sub("\ufffd", text), as_it_is, name))
        empty_pages = sum(not page.strip() for page in self._pages)
        images = sum(map(_images, self._reader.pages))
        return {
            "pages without text": empty_pages,
            "images": images,
            "attached files": len(self._reader.attachments),
            "signatures": strings.signatures,
        }

    def __exit__(self, *error: object) -> None:
        self._reader.close()

    def records(self) -> Iterator[list[Record]]:
        """Read the file.

        Yields:
            A record for each page, and before them one of the properties, bookmarks, links, scripts
            and the like, which `write` leaves out.
        """
        yield [Record("", tuple(self._about), 0, 1, 0)]
        for number, text in enumerate(self._pages, 1):
            yield [Record("", (Cell(0, len(text), text, as_it_is, _PAGE),), number, 1, 0)]

    def write(self, target: BinaryIO, written: Iterable[Sequence[Sequence[str] | None]]) -> None:
        """Write the pages as text; see `Package`."""
        _, *pages = chain.from_iterable(written)
        for page in pages:
            target.write("".join(f"{text}\n" for text in page or ()).encode())


@contextmanager
def _silent() -> Iterator[None]:
    """Keep what pypdf logs about damaged files off stderr and out of logs: it quotes them."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


class _Strings:
    """The strings of a PDF file but for what draws pages: bookmarks, links, tips, scripts,
    metadata, names of layers.

    Args:
        reader: Reads the file.
    """

    def __init__(self, reader: "pypdf.PdfReader") -> None:
        self._reader = reader
        self.signatures = 0
        """How many signatures there are, whose certificates name who signed."""

    def read(self) -> Iterator[tuple[str, str]]:
        """Walk through the file.

        Yields:
            The key that each string stands under, and the string.
        """
        generic = pypdf.generic
        seen: set[int] = set()
        waiting: list[tuple[str, object]] = [("/Root", self._reader.trailer["/Root"])]
        while waiting:
            key, value = waiting.pop()
            if isinstance(value, generic.IndirectObject):
                if value.idnum in seen:
                    continue
                seen.add(value.idnum)
                value = value.get_object()
            if isinstance(value, generic.ArrayObject):
                waiting += [(key, member) for member in reversed(value)]
            elif isinstance(value, generic.DictionaryObject):
                is_signature = value.get("/Type") == "/Sig"
                self.signatures += is_signature
                if isinstance(value, generic.StreamObject) and (
                    key in _TEXT_STREAMS or key == "/Metadata"
                ):
                    yield key, value.get_data().decode("utf-8", "replace")
                inner = [
                    (str(name), member) for name, member in value.items() if name not in _LAYOUT
                ]
                if "/Resources" in value:
                    # Names of layers and the like; what draws is read with the pages.
                    inner += [(_MARKED, _entry(value["/Resources"], _MARKED))]
                waiting += [
                    entry
                    for entry in reversed(inner)
                    if not (is_signature and entry[0] == "/Contents")
                ]
            elif isinstance(value, generic.TextStringObject):
                yield key, str(value)
            elif isinstance(value, generic.ByteStringObject):
                yield key, bytes(value).decode("latin-1")


_TEXT_STREAMS = frozenset(("/JS", "/RC", "/V", "/XFA"))
_LAYOUT = frozenset(
    (
        "/AP",
        "/Cert",
        "/CreationDate",
        "/DA",
        "/DR",
        "/DS",
        "/EF",
        "/ID",
        "/Lang",
        "/M",
        "/ModDate",
        "/Resources",
    )
)
"""Keys of what draws, of dates and of ids."""


_MARKED = "/Properties"
_READ_INSTEAD = ("/ActualText", "/Alt", "/E")
"""What a reading program says instead of what is drawn."""


def _entry(value: object, key: str) -> object:
    """The entry of a dictionary; None of anything else."""
    return value.get(key) if isinstance(value, pypdf.generic.DictionaryObject) else None


def _texts_instead(page: "pypdf.PageObject") -> Iterator[tuple[str, str]]:
    """The texts that stand for what a page draws, with their keys."""
    contents = page.get_contents()
    if contents is None or not any(key.encode() in contents.get_data() for key in _READ_INSTEAD):
        return
    for operands, _ in contents.operations:
        for about in operands:
            if isinstance(about, pypdf.generic.DictionaryObject):
                for key in _READ_INSTEAD:
                    text = about.get(key)
                    if isinstance(text, str):
                        yield key, text


def _text(page: "pypdf.PageObject") -> str:
    """What a page shows, and its notes, the values of its forms and what else is drawn for both
    below.
    """
    texts = [page.extract_text()]
    for note in page.get("/Annots") or ():
        about = note.get_object()
        texts += [
            str(value) for key in ("/Contents", "/V") if isinstance(value := about.get(key), str)
        ]
        for drawn in _drawn(about):
            text = page.extract_xform_text(drawn).strip()
            if text not in "\n".join(texts):
                texts.append(text)
    return "\n".join(texts)


def _drawn(note: "pypdf.generic.DictionaryObject") -> Iterator[Any]:
    """What draws a note or a field of a form: one form, or one for each of its states."""
    looks = note.get("/AP", {}).get_object().get("/N") if "/AP" in note else None
    looks = looks.get_object() if looks is not None else None
    if isinstance(looks, pypdf.generic.StreamObject):
        yield looks
    elif isinstance(looks, pypdf.generic.DictionaryObject):
        for state in looks.values():
            form = state.get_object()
            if isinstance(form, pypdf.generic.StreamObject):
                yield form


def _images(page: "pypdf.PageObject") -> int:
    resources = page.get("/Resources")
    drawn = resources.get_object().get("/XObject") if resources else None
    return (
        sum(
            drawing.get_object().get("/Subtype") == "/Image"
            for drawing in drawn.get_object().values()
        )
        if drawn
        else 0
    )


_EXCHANGE = Exchange("parts", package=PdfTexts, becomes=".txt")
PDF = Format(
    "pdf",
    (".pdf",),
    texts=shown_texts(_EXCHANGE, lambda cell: cell.name == _PAGE),
    exchange=_EXCHANGE,
)
"""A PDF file, whose texts are written as text."""
