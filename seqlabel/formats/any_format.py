"""One function that reads every label file, by the format's name or the file's; the readers are elsewhere."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.errors import OptionError
from seqlabel.formats.columns import read_columns
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.docs import read_docbin
from seqlabel.formats.jsonl import read_spans
from seqlabel.formats.reading import Tokenise
from seqlabel.formats.tables import read_csv, read_folders


class Format(StrEnum):
    """How labelled documents are written."""

    CONLLU = "conllu"
    """`read_conllu`: layers `upos` and `xpos`."""
    COLUMNS = "columns"
    """`read_columns`: the first column is the word, the last a tag of a span, where nothing else is said."""
    SPANS = "spans"
    """`read_spans`: JSONL of texts with character spans."""
    CSV = "csv"
    """`read_csv`: columns `text` and `label`."""
    FOLDERS = "folders"
    """`read_folders`: a folder a label, a text file a document."""
    DOCBIN = "docbin"
    """`read_docbin`: spaCy's packed Docs."""


_SUFFIXES = {
    ".conllu": Format.CONLLU,
    ".conll": Format.COLUMNS,
    ".bio": Format.COLUMNS,
    ".iob": Format.COLUMNS,
    ".iob2": Format.COLUMNS,
    ".jsonl": Format.SPANS,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".spacy": Format.DOCBIN,
}


def read_documents(
    path: Path | str,
    *,
    format: Format | str | None = None,
    tokenise: Tokenise | None = None,
    layer: str | None = None,
    word: int | None = None,
    tag: int | None = None,
    separator: str | None = None,
    repairs: Repairs | None = None,
) -> Iterator[Document]:
    """Documents of a file or folder, as the format's reader yields them, with its defaults for what is None.

    `format` None is what the file's suffix says, a folder is `folders`. `tokenise` finds the words of plain text
    (spans, csv, folders). `layer` None is `ner` for spans and entities, `category` for categories. `word`, `tag` and
    `separator` are those of `read_columns`. `repairs` counts what the readers mend; without it they warn or refuse.

    Raises `OptionError` for a format that is not known or cannot be told, a plain text without `tokenise`, a `layer`
    for CoNLL-U, whose layers have names, and `word`, `tag` or `separator` for files without columns; the readers raise
    `DataError`, naming file and line.
    """
    path = Path(path)
    chosen = _format_of(path) if format is None else _named(format)
    columns = {"word": word, "tag": tag, "separator": separator}
    given: dict[str, Any] = {name: value for name, value in columns.items() if value is not None}
    if given and chosen is not Format.COLUMNS:
        raise OptionError(f"{', '.join(given)}: found with {chosen}; it is for {Format.COLUMNS} alone, so leave it out")
    if chosen is Format.CONLLU:
        if layer is not None:
            raise OptionError(f"layer: found {layer!r}; the layers of {chosen} are upos and xpos, so leave it out")
        return read_conllu(path)
    if chosen is Format.COLUMNS:
        return read_columns(path, **given, layer=layer or "ner", repairs=repairs)
    if chosen is Format.DOCBIN:
        return read_docbin(path, entities=layer or "ner", repairs=repairs)
    if tokenise is None:
        raise OptionError(
            f"tokenise: found none for {chosen}, which is plain text; pass what finds its words, such as a Labeler's "
            f"`tokenise`"
        )
    if chosen is Format.SPANS:
        return read_spans(path, tokenise, layer=layer or "ner", repairs=repairs)
    read = read_csv if chosen is Format.CSV else read_folders
    return read(path, tokenise, layer=layer or "category")


def _named(name: str) -> Format:
    try:
        return Format(name)
    except ValueError:
        raise OptionError(f"format: found {name!r}; allowed are {', '.join(map(repr, map(str, Format)))}") from None


def _format_of(path: Path) -> Format:
    if path.is_dir():
        return Format.FOLDERS
    try:
        return _SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise OptionError(
            f"format: found none for {path.name}, and its suffix {path.suffix!r} says none; pass `format`, one of "
            f"{', '.join(map(repr, map(str, Format)))}, or name the file with one of {', '.join(_SUFFIXES)}"
        ) from None
