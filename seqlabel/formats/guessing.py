"""Which format a labelled file has, told by its name or its first lines; the readers of the formats are elsewhere."""

import re
from enum import StrEnum
from itertools import islice
from pathlib import Path

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.jsonl import has_categories
from seqlabel.formats.reading import read_lines, suffix_of
from seqlabel.io.text_files import UTF_8


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


SUFFIXES = {
    ".conllu": Format.CONLLU,
    ".conllup": Format.CONLLU,
    ".conll": Format.COLUMNS,
    ".bio": Format.COLUMNS,
    ".iob": Format.COLUMNS,
    ".iob2": Format.COLUMNS,
    ".jsonl": Format.SPANS,
    ".ndjson": Format.SPANS,
    ".json": Format.LABEL_STUDIO,
    ".csv": Format.CSV,
    ".spacy": Format.DOCBIN,
}
"""The formats that a suffix tells."""
_FIRST_CHARACTERS = {"{": Format.SPANS, "[": Format.LABEL_STUDIO}


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
    found = SUFFIXES.get(suffix_of(path)) or _told_by_lines(path, {text, label}, encoding)
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
        f"Give it as `format`: one of {', '.join(map(repr, map(str, Format)))}."
    )
