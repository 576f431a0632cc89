"""The format of spaCy's packed Docs; `docs` reads and writes them, and is imported late, as it
needs spaCy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqlabel.documents.document import Document
from seqlabel.formats.format import DOCUMENT, SPANS, TAGS, Format, Labeled, Labels, Text, Writer
from seqlabel.formats.reading import ReadOptions
from seqlabel.names import LateModule

if TYPE_CHECKING:
    from seqlabel.formats import docs
else:
    docs = LateModule("seqlabel.formats.docs")


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    return docs.read_docbin(path, options)


def _texts(path: Path, options: ReadOptions) -> Iterator[Text]:
    return map(Text, docs.read_docbin(path, replace(options, strict=True)))


def _write(labeled: Iterable[Labeled]) -> Iterator[bytes]:
    """Pack documents with their layers of spans; that of a labeler with one layer becomes the
    entities.
    """
    yield docs.packed([document for document, _ in labeled])


DOCBIN = Format(
    "docbin",
    (".spacy",),
    labels=Labels(frozenset({TAGS, SPANS, DOCUMENT}), _read, has_words=True, layers={TAGS: "upos"}),
    texts=_texts,
    writer=Writer(_write, is_binary=True, by_document=False),
)
"""spaCy's packed Docs; their words and layers stay."""
