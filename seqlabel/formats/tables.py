"""CSV files and folders of texts → documents with a category; rows of the package `datasets` are in `datasets`."""

import re
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError, did_you_mean
from seqlabel.formats.format import COLUMNS, DOCUMENT, Format, Layout, ReadOptions, Text
from seqlabel.formats.reading import Tokenise, check_label, hint_of
from seqlabel.io.packed import suffix_of
from seqlabel.io.records import CsvRows, Header, RowSplitter
from seqlabel.io.text_files import UTF_8, read_blocks, read_lines

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


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
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read the rows of a CSV file whose first row names its columns, each with its label as a category.

    Args:
        path: The file; gzip is unpacked.
        tokenise: Finds the words of a text.
        text: The name of the column of texts.
        label: The name of the column of labels.
        layer: The name of the layer of categories.
        separator: The character between columns; None for the one of `,`, `;`, tab and `|` with which the first row
            names both columns, and where none does for a comma in `.csv`, a tab in `.tsv` and `.tab`.
        quoted: Whether a value between `"` may hold separators, line ends (which become `\\n`) and `""` for `"`. If
            not, `"` is a character like others.
        labels: The labels that texts may have; None for any.
        encoding: The name of the file's encoding.

    Yields:
        A document for each row that is not empty.

    Raises:
        DataError: A column is missing, a row has another number of values than the first, a text has no words, a label
            is empty or not among `labels`, or a quote is not closed. The message names the line where the row begins.
        OptionError: The separator is not one character, or cannot be told from the file's name, or Python does not know
            the encoding.
    """
    path = Path(path)
    separator = find_separator(path, (text, label), encoding=encoding) if separator is None else separator
    if len(separator) != 1:
        raise OptionError(
            f"separator: Found {separator!r} for {path.name}. It is one character, and known for "
            f"{', '.join(_SEPARATORS)}. Pass it."
        )
    rows = csv_rows(path, separator, quoted=quoted, encoding=encoding)
    _, header = next(rows, (1, []))
    places = []
    for name in (text, label):
        if header.count(name) != 1:
            raise DataError(
                f"{path}, line 1: Found {len(header)} columns, {header.count(name)} of them named {name!r}. "
                f"{_advice(name, header, text if name == label else label)}{hint_of(separator.join(header))}"
            )
        places.append(header.index(name))
    for line, row in rows:
        where = f"{path}, line {line}"
        if len(row) != len(header):
            raise DataError(f"{where}: Found {len(row)} values, expected {len(header)}. Is the separator right?")
        content, category = row[places[0]], row[places[1]].strip()
        if not category:
            raise DataError(f"{where}: the label is empty. Fill it in, or take the row out.")
        check_label(category, labels, where)
        document = tokenise(content)
        if not len(document):
            raise DataError(f"{where}: the text has no words, so there is nothing to label. Take the row out.")
        yield document.with_categories(layer, {category: 1.0})


def _advice(name: str, header: list[str], other: str) -> str:
    """Say which columns there are; a first row that may be a text, where names are missing, is not quoted."""
    advice = "Give the name of the column of texts as `text` and that of labels as `label`."
    near = did_you_mean(name, header)
    if name in header or not (other in header or all(map(_COLUMN_NAME.fullmatch, header))):
        return f"The first row names the columns. {advice}"
    return " ".join(filter(None, (f"The columns are {', '.join(map(repr, header))}.", near, advice)))


def find_separator(path: Path, columns: Collection[str], *, encoding: str = UTF_8) -> str:
    """Tell what stands between the columns of a table by its first line, or by its name.

    Args:
        path: The file; gzip is unpacked.
        columns: The names of the columns that it should have.
        encoding: The name of the file's encoding.

    Returns:
        The character with which the first line names all the columns: that of the file's name, or another usual one.
        Where none does, that of the file's name; empty where the name tells none.

    Raises:
        DataError: The file is not text.
        OptionError: Python does not know the encoding.
    """
    by_name = _SEPARATORS.get(suffix_of(path), "")
    first = next((line for _, line in read_lines(path, encoding=encoding) if line.strip()), "")
    for separator in filter(None, (by_name, ",", ";", "\t", "|")):
        if set(columns) <= {name.strip('"') for name in first.split(separator)}:
            return separator
    return by_name


def csv_rows(
    path: Path, separator: str, *, quoted: bool = True, encoding: str = UTF_8
) -> Iterator[tuple[int, list[str]]]:
    """Read the rows of a table, whose values may be of any length.

    Args:
        path: The file; gzip is unpacked.
        separator: The character between columns.
        quoted: As for `read_csv`.
        encoding: The name of the file's encoding.

    Yields:
        The number of the line where a row begins, and its values, for each row that is not empty.

    Raises:
        DataError: The file is not text, or a quote is not closed. The message names the line.
        OptionError: Python does not know the encoding.
    """
    rows, first = RowSplitter(separator, quoted=quoted), 0
    for number, line in chain(read_lines(path, encoding=encoding), [(0, None)]):
        if line == "" and not first:
            continue
        first = first or number
        row = rows.finish() if line is None else rows.feed(f"{line}\n")
        if row is None:
            continue
        if row.misshapen:
            raise DataError(
                f"{path}, line {first}: the row that begins there is not CSV ({row.misshapen}). Close its quotes, or "
                f'pass `quoted=False` where " is a character like others.'
            )
        yield first, row.values(quoted=quoted)
        first = 0


def read_folders(
    path: Path | str,
    tokenise: Tokenise,
    *,
    layer: str = "category",
    labels: Collection[str] | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read a folder that has one folder per label, named like it, with one text file per document.

    Args:
        path: The folder; names in it that begin with a dot are left out.
        tokenise: Finds the words of a text.
        layer: The name of the layer of categories.
        labels: The labels that texts may have; None for any.
        encoding: The name of the files' encoding.

    Yields:
        A document for each file, sorted by label and name.

    Raises:
        DataError: There is a file beside the labels' folders or a folder inside one, a label has no files or is not
            among `labels`, or a file is not text or has no words. The message names the file.
        OptionError: Python does not know the encoding.
    """
    for folder in _inside(Path(path)):
        if not folder.is_dir():
            raise DataError(
                f"{folder}: Found a file beside the labels' folders. Move every text into its label's folder."
            )
        check_label(folder.name, labels, str(folder))
        for file in _inside(folder):
            if file.is_dir():
                raise DataError(
                    f"{file}: Found a folder inside a label's folder, which holds text files only. Move it."
                )
            document = tokenise("".join(read_blocks(file, encoding=encoding)))
            if not len(document):
                raise DataError(f"{file}: the text has no words, so there is nothing to label. Take the file out.")
            yield document.with_categories(layer, {folder.name: 1.0})


def _inside(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be read ({error.strerror}). Give a folder with one folder per label."
        ) from error
    if not found:
        raise DataError(
            f"{folder}: the folder is empty. Give a folder with one folder per label, and in each one file per text."
        )
    return found


def _texts(path: Path, options: ReadOptions) -> Iterator[Text]:
    """Yield the values of a column. Raises `DataError` where there is no such column or a row is too short."""
    key, encoding = options.text, options.encoding
    rows = csv_rows(path, find_separator(path, [key], encoding=encoding) or ",", encoding=encoding)
    _, header = next(rows, (1, []))
    if key not in header:
        # Not named: without a header, the first line is a text.
        raise DataError(
            f"{path}: Found no {key!r} among the {len(header)} columns that the first line names. "
            f"Give one of them as --text."
        )
    place = header.index(key)
    for line, row in rows:
        if len(row) <= place:
            raise DataError(f"{path}, line {line}: the row has too few values. Is the separator right?")
        yield Text(row[place], dict(zip(header, row, strict=False)) if options.fields else {})


def _read_csv(path: Path, options: ReadOptions) -> Iterator[Document]:
    layer, label = options.layer or "category", options.label or "label"
    return read_csv(path, options.tokenise, text=options.text, label=label, layer=layer, encoding=options.encoding)


def _read_folders(path: Path, options: ReadOptions) -> Iterator[Document]:
    return read_folders(path, options.tokenise, layer=options.layer or "category", encoding=options.encoding)


def _rows(layout: Layout, header: Header | None, usual: str) -> CsvRows:
    if layout.columns == ():
        kind = "tsv" if usual == "\t" else "csv"
        raise OptionError(f"column: Found none. Name the columns of the {kind} file that are text.")
    return CsvRows(layout.columns, delimiter=layout.delimiter or usual, header=header, partial=layout.partial)


CSV = Format(
    "csv",
    (".csv", ".tsv", ".tab"),
    looks_like=lambda beginning: beginning.names_columns,
    holds=frozenset({DOCUMENT}),
    read=_read_csv,
    texts=_texts,
    parts=COLUMNS,
    records=lambda layout, header: _rows(layout, header, ","),
)
"""A table whose first line names its columns, with commas, semicolons or tabs between them."""
TSV = Format("tsv", (".tsv",), parts=COLUMNS, records=lambda layout, header: _rows(layout, header, "\t"))
"""A table whose texts are exchanged, with tabs between its columns."""
FOLDERS = Format(
    "folders",
    looks_like=lambda beginning: beginning.path is not None and beginning.path.is_dir(),
    holds=frozenset({DOCUMENT}),
    read=_read_folders,
)
"""One folder per label, one text file per document."""
