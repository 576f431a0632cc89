"""One function that reads every label file, by the format's name or the file's; the readers are elsewhere."""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from seqlabel.choices import choose
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.columns import read_columns
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.docs import read_docbin
from seqlabel.formats.jsonl import has_categories, read_categories, read_spans
from seqlabel.formats.label_studio import read_label_studio
from seqlabel.formats.reading import Tokenise, read_lines, suffix_of
from seqlabel.formats.tables import read_csv, read_folders
from seqlabel.text_files import UTF_8


class Format(StrEnum):
    """How labelled documents are written."""

    CONLLU = "conllu"
    """`read_conllu`: layers `upos` and `xpos`."""
    COLUMNS = "columns"
    """`read_columns`: the first column is the word, the last a tag of a span, unless others are named."""
    SPANS = "spans"
    """`read_spans`: JSONL of texts with character spans, also those of Prodigy and Doccano."""
    CATEGORIES = "categories"
    """`read_categories`: JSONL of texts with a label, also those of Prodigy and Doccano."""
    LABEL_STUDIO = "label-studio"
    """`read_label_studio`: Label Studio's JSON export."""
    CSV = "csv"
    """`read_csv`: columns `text` and `label`."""
    FOLDERS = "folders"
    """`read_folders`: one folder per label, one text file per document."""
    DOCBIN = "docbin"
    """`read_docbin`: spaCy's packed Docs."""


_SUFFIXES = {
    ".conllu": Format.CONLLU,
    ".conllup": Format.CONLLU,
    ".conll": Format.COLUMNS,
    ".bio": Format.COLUMNS,
    ".iob": Format.COLUMNS,
    ".iob2": Format.COLUMNS,
    ".jsonl": Format.SPANS,
    ".json": Format.LABEL_STUDIO,
    ".csv": Format.CSV,
    ".spacy": Format.DOCBIN,
}
_FIRST_CHARACTERS = {"{": Format.SPANS, "[": Format.LABEL_STUDIO}


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
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read the documents of a file or folder with the reader of its format, with that reader's defaults.

    Args:
        path: The file or folder; gzip is unpacked.
        format: The format; None to tell it by the suffix, before `.gz` if there is one, or by the first lines.
        tokenise: Finds the words of plain text, for every format but CoNLL-U, columns and DocBin.
        layer: The name of the layer; None for `ner` for spans and entities, `category` for categories.
        word: The number of the column of words, for columns.
        tag: The number of the column of tags, for columns.
        separator: What stands between columns, for columns.
        repairs: Counts what the readers repair; without it they warn or refuse.
        encoding: The name of the encoding of text files.

    Returns:
        The documents, which the reader yields and for which it raises its errors, with file and line.

    Raises:
        OptionError: The format is not known or cannot be told, plain text comes without `tokenise`, CoNLL-U with a
            `layer`, or another format than columns with `word`, `tag` or `separator`.
    """
    path = Path(path)
    chosen = format_of(path, encoding=encoding) if format is None else choose(Format, "format", format)
    columns = {"word": word, "tag": tag, "separator": separator}
    given: dict[str, Any] = {name: value for name, value in columns.items() if value is not None}
    if given and chosen is not Format.COLUMNS:
        raise OptionError(f"{', '.join(given)}: Found with {chosen}. It is for {Format.COLUMNS} alone. Leave it out.")
    if chosen is Format.CONLLU:
        if layer is not None:
            raise OptionError(f"layer: Found {layer!r}. The layers of {chosen} are upos and xpos. Leave it out.")
        return read_conllu(path, encoding=encoding)
    if chosen is Format.COLUMNS:
        return read_columns(path, **given, layer=layer or "ner", repairs=repairs, encoding=encoding)
    if chosen is Format.DOCBIN:
        return read_docbin(path, entities=layer or "ner", repairs=repairs)
    if tokenise is None:
        raise OptionError(
            f"tokenise: Found none for {chosen}, which is plain text. Pass what finds its words, such as "
            f"Tokeniser('en') or a Labeler's `tokenise`."
        )
    if chosen is Format.SPANS:
        return read_spans(path, tokenise, layer=layer or "ner", repairs=repairs, encoding=encoding)
    if chosen is Format.CATEGORIES:
        return read_categories(path, tokenise, layer=layer or "category", repairs=repairs, encoding=encoding)
    if chosen is Format.LABEL_STUDIO:
        names = {"layer": layer or "ner", "category": layer or "category"}
        return read_label_studio(path, tokenise, **names, repairs=repairs, encoding=encoding)
    read = read_csv if chosen is Format.CSV else read_folders
    return read(path, tokenise, layer=layer or "category", encoding=encoding)


def format_of(path: Path, *, text: str = "text", label: str = "label", encoding: str = UTF_8) -> Format:
    """Tell the format of a file by its suffix or its first lines; a folder is `folders`.

    Args:
        path: The file or folder.
        text: The column of the texts in a table.
        label: The column of the labels in a table.
        encoding: The name of the encoding of text files.

    Returns:
        The format.

    Raises:
        OptionError: The format cannot be told.
        DataError: The file cannot be read or is empty.
    """
    if path.is_dir():
        return Format.FOLDERS
    found = _SUFFIXES.get(suffix_of(path)) or _told_by_lines(path, {text, label}, encoding)
    return Format.CATEGORIES if found is Format.SPANS and has_categories(path, encoding=encoding) else found


def _told_by_lines(path: Path, columns: set[str], encoding: str) -> Format:
    lines = [line for _, line in islice(read_lines(path, encoding=encoding), 200)]
    filled = [line for line in lines if line.strip() and not line.startswith("#")]
    if not filled:
        raise DataError(f"{path}: the file is empty. Give a file with labelled texts.")
    first = filled[0].lstrip()
    if first[0] in _FIRST_CHARACTERS:
        return _FIRST_CHARACTERS[first[0]]
    if filled[0].startswith("1\t") and filled[0].count("\t") == 9:
        return Format.CONLLU
    if columns <= set(re.split(r"[\t,;]", first.strip().lower())):
        return Format.CSV
    widths = {len(line.split()) for line in filled}
    if min(widths) >= 2 and len(widths) == 1 and (len(lines) > len(filled) or len(filled) < 3):
        return Format.COLUMNS
    raise OptionError(
        f"{path}: the format cannot be told from the name or the first lines. "
        f"Give the format: one of {', '.join(map(repr, map(str, Format)))}."
    )
