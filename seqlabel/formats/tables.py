"""CSV files and folders of texts → documents with a category; rows of the package `datasets` are in `datasets`."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.files import read_blocks
from seqlabel.formats.reading import Tokenise, check_label, read_lines

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_FIELD_CHARACTERS = 1 << 30


def read_csv(
    path: Path | str,
    tokenise: Tokenise,
    *,
    text: str = "text",
    label: str = "label",
    layer: str = "category",
    separator: str | None = None,
    quoted: bool = True,
    labels: Collection[str] | None = None,
) -> Iterator[Document]:
    """Documents of a CSV file whose first row names its columns, each with its label as a category.

    `separator` None is a comma for `.csv`, a tab for `.tsv` and `.tab`. With `quoted`, a value between `"` may hold
    separators, line ends (which become `\\n`) and `""` for `"`; without, `"` is a character like others. An empty line
    is no row.

    Raises `DataError`, naming the line where the row begins, for a row with another number of values than the first, a
    text without words, an empty label or one that is not among `labels`, where they are given, and a quote that is not
    closed; `OptionError` for a separator that is not one character, or cannot be told from the file's name.
    """
    path = Path(path)
    separator = _SEPARATORS.get(path.suffix.lower(), "") if separator is None else separator
    if len(separator) != 1:
        raise OptionError(
            f"separator: found {separator!r} for {path.name}; it is one character, and known for "
            f"{', '.join(_SEPARATORS)}; pass it"
        )
    rows = _csv_rows(path, separator, csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    _, header = next(rows, (1, []))
    places = []
    for name in (text, label):
        if header.count(name) != 1:
            # The header is not quoted: where it is missing, that is a text.
            raise DataError(
                f"{path}, line 1: found {len(header)} columns, {header.count(name)} of them named {name!r}; the first "
                f"row names the columns, that of texts (`text`) and that of labels (`label`) once each"
            )
        places.append(header.index(name))
    for line, row in rows:
        where = f"{path}, line {line}"
        if len(row) != len(header):
            raise DataError(f"{where}: found {len(row)} values, expected {len(header)}; is the separator right?")
        content, category = row[places[0]], row[places[1]].strip()
        if not category:
            raise DataError(f"{where}: the label is empty; fill it in, or take the row out")
        check_label(category, labels, where)
        document = tokenise(content)
        if not len(document):
            raise DataError(f"{where}: the text has no words, so there is nothing to label; take the row out")
        yield document.with_categories(layer, {category: 1.0})


def _csv_rows(path: Path, separator: str, quoting: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, and the numbers of their first lines."""
    lines = (line + "\n" for _, line in read_lines(path))
    reader = csv.reader(lines, delimiter=separator, quoting=quoting, strict=True)
    while True:
        first = reader.line_num + 1
        # Python's limit is 128 KiB a field and one number for the whole process: given back after each row.
        before = csv.field_size_limit(_FIELD_CHARACTERS)
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise DataError(
                f"{path}, line {first}: the row that begins there is not CSV ({error}); close its quotes, or pass "
                f'`quoted=False` where " is a character like others'
            ) from error
        finally:
            csv.field_size_limit(before)
        if row is None:
            return
        if row:
            yield first, row


def read_folders(
    path: Path | str, tokenise: Tokenise, *, layer: str = "category", labels: Collection[str] | None = None
) -> Iterator[Document]:
    """Documents of a folder that holds a folder a label, named as it, with a text file a document; sorted by name.

    Names that begin with a dot are left out. Raises `DataError`, naming the file, for a file beside the labels' folders
    or a folder inside one, a label without files or not among `labels`, where they are given, and a file that is not
    text or has no words.
    """
    for folder in _inside(Path(path)):
        if not folder.is_dir():
            raise DataError(f"{folder}: found a file beside the labels' folders; every text is in its label's folder")
        check_label(folder.name, labels, str(folder))
        for file in _inside(folder):
            if file.is_dir():
                raise DataError(f"{file}: found a folder inside a label's folder, which holds text files only")
            document = tokenise("".join(read_blocks(file)))
            if not len(document):
                raise DataError(f"{file}: the text has no words, so there is nothing to label; take the file out")
            yield document.with_categories(layer, {folder.name: 1.0})


def _inside(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({error.strerror}); give a folder with a folder a label") from error
    if not found:
        raise DataError(f"{folder}: the folder is empty; give a folder with a folder a label, and a file a text")
    return found
