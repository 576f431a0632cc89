"""PDF files, whose texts are read by pypdf and written as text; never as a PDF, in which the old text would live on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from seqlabel.errors import DataError, MissingPackageError
from seqlabel.formats.format import Format, Layout
from seqlabel.io.files import SURROGATE
from seqlabel.io.records import Cell, Record, as_it_is
from seqlabel.names import LateModule

if TYPE_CHECKING:
    import pypdf
else:
    pypdf = LateModule("pypdf", extra="office")


class PdfTexts(AbstractContextManager["PdfTexts"]):
    """The texts of a PDF file, page by page; a context manager, which closes the file.

    `unread` counts the pages without text, such as scanned ones, and the images and attached files.

    Args:
        source: The file.
        layout: Not used, as all texts are read.

    Raises:
        DataError: It is not a PDF file that can be read.
    """

    unit = "page"
    columns: Sequence[str] = ()
    dropped: Sequence[str] = ()

    def __init__(self, source: Path, layout: Layout) -> None:
        try:
            self._reader = pypdf.PdfReader(source)
            self.total = len(self._reader.pages)
            self._pages = [SURROGATE.sub("\ufffd", _text(page)) for page in self._reader.pages]
            images = sum(_images(page) for page in self._reader.pages)
            attached = len(self._reader.attachments)
            about: Mapping[str, object] = self._reader.metadata or {}
            self._about = [Cell(0, 0, str(value), as_it_is, str(name)) for name, value in about.items()]
        except MissingPackageError:
            raise
        except Exception as error:
            # A damaged file raises errors of many kinds.
            raise DataError(
                f"{source}: is not a PDF file that can be read ({type(error).__name__}). Save it anew, without a "
                f"password."
            ) from None
        counts = {"pages without text": sum(not page.strip() for page in self._pages)}
        counts |= {"images": images, "attached files": attached}
        self.unread: Sequence[str] = [f"{name} ({count})" for name, count in counts.items() if count]

    def __exit__(self, *error: object) -> None:
        self._reader.close()

    def records(self) -> Iterator[list[Record]]:
        """Read the file.

        Yields:
            A record for each page, and before them one of the properties, which `write` leaves out.
        """
        yield [Record("", tuple(self._about), 0, 1, 0)]
        for number, text in enumerate(self._pages, 1):
            yield [Record("", (Cell(0, len(text), text, as_it_is, "page"),), number, 1, 0)]

    def write(self, target: BinaryIO, written: Iterable[Sequence[Sequence[str] | None]]) -> None:
        """Write the pages as text; see `Package`."""
        _, *pages = chain.from_iterable(written)
        for page in pages:
            target.write("".join(f"{text}\n" for text in page or ()).encode())


def _text(page: "pypdf.PageObject") -> str:
    """What a page shows, and its notes and the values of its forms below."""
    notes = (note.get_object() for note in page.get("/Annots") or ())
    texts = (note.get(key) for note in notes for key in ("/Contents", "/V"))
    return "\n".join([page.extract_text(), *(str(text) for text in texts if isinstance(text, str))])


def _images(page: "pypdf.PageObject") -> int:
    resources = page.get("/Resources")
    drawn = resources.get_object().get("/XObject") if resources else None
    return sum(one.get_object().get("/Subtype") == "/Image" for one in drawn.get_object().values()) if drawn else 0


PDF = Format("pdf", (".pdf",), parts="parts", package=PdfTexts, becomes=".txt")
"""A PDF file, whose texts are written as text."""
