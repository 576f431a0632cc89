"""CSV files and folders of texts → documents with a category; rows of the package `datasets` are in
`datasets`.
"""

import re
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError, did_you_mean
from seqlabel.formats.format import COLUMNS, DOCUMENT, Exchange, Format, Labels, Layout, Text
from seqlabel.formats.reading import ReadOptions, check_label, hint_of, with_category
from seqlabel.io.csv_records import DELIMITERS, CsvRows, Header, RowSplitter, named_delimiter
from seqlabel.io.packed import suffix_of
from seqlabel.io.text_files import read_blocks, read_lines

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


def _read_csv(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read the rows of a CSV file whose first row names its columns, each with its label as a
    category.
    """
    text = options.text
    label = options.label or "label"
    separator = options.separator

    if separator is None:
        separator = _separator(path, (text, label), options.encoding)
    if len(separator) != 1:
        raise OptionError(
            f"separator: expected one character, got {separator!r} for {path.name}. Pass it; it is "
            f"known for {', '.join(_SEPARATORS)}."
        )

    rows = _csv_rows(path, separator, options.encoding)
    _, header = next(rows, (1, []))
    for name, other in ((text, label), (label, text)):
        if header.count(name) != 1:
            raise DataError(
                f"{path}, line 1: expected one column named {name!r}, got {header.count(name)} "
                f"among {len(header)} "
                f"columns. {_advice(name, header, other)}{hint_of(separator.join(header))}"
            )

    for line, row in rows:
        where = f"{path}, line {line}"
        if len(row) != len(header):
            raise DataError(
                f"{where}: expected {len(header)} values, got {len(row)}. Is the separator right?"
            )
        values = dict(zip(header, row, strict=True))
        yield with_category(options.tokenize(values[text]), values[label].strip(), where, options)


def _advice(name: str, header: list[str], other: str) -> str:
    """List the columns; a first row that may be a text, where names are missing, is not quoted."""
    advice = "Pass the name of the column of texts as `text` and that of labels as `label`."
    near = did_you_mean(name, header)
    if name in header or not (other in header or all(map(_COLUMN_NAME.fullmatch, header))):
        return f"The first row names the columns. {advice}"
    return " ".join(
        filter(None, (f"The columns are {', '.join(map(repr, header))}.", near, advice))
    )


def _separator(path: Path, columns: Collection[str], encoding: str) -> str:
    """The character with which the first line names all the columns: that of the file's name, or
    another usual one.

    Where none does, that of the file's name; empty where the name tells none.
    """
    by_name = _SEPARATORS.get(suffix_of(path), "")
    first = next((line for _, line in read_lines(path, encoding=encoding) if line.strip()), "")
    named = named_delimiter(first)
    if named is not None:
        return named
    for separator in filter(None, (by_name, *DELIMITERS)):
        if set(columns) <= {name.strip('"') for name in first.split(separator)}:
            return separator
    return by_name


def _csv_rows(path: Path, separator: str, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the line where a row begins, and its values of any length, for each row that is
    not empty.
    """
    rows = RowSplitter(separator)
    first = 0
    for number, line in chain(read_lines(path, encoding=encoding), [(0, None)]):
        if (
            line is not None
            and not first
            and (line == "" or (number == 1 and named_delimiter(line) is not None))
        ):
            continue
        first = first or number
        row = rows.finish() if line is None else rows.feed(f"{line}\n")
        if row is None:
            continue
        if row.misshapen:
            raise DataError(
                f"{path}, line {first}: the row that begins there is not CSV ({row.misshapen}). "
                "Close its quotes, or double those that are characters of a text."
            )
        yield first, row.values()
        first = 0


def _read_folders(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read a folder that has one folder per label, named like it, with one text file per document.

    Names that begin with a dot are left out; documents are sorted by label and name.
    """
    for folder in _inside(path):
        if not folder.is_dir():
            raise DataError(
                f"{folder}: expected folders of labels, got a file. Move every text into its "
                "label's folder."
            )
        check_label(folder.name, options.labels, str(folder))
        for file in _inside(folder):
            if file.is_dir():
                raise DataError(
                    f"{file}: expected text files in a label's folder, got a folder. Move it."
                )
            text = "".join(read_blocks(file, encoding=options.encoding))
            yield with_category(options.tokenize(text), folder.name, str(file), options)


def _inside(folder: Path) -> list[Path]:
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be read ({error.strerror}). Pass a folder with one folder per label."
        ) from error
    if not paths:
        raise DataError(
            f"{folder}: the folder is empty. Pass a folder with one folder per label, and in "
            "each one file per text."
        )
    return paths


def _texts(path: Path, options: ReadOptions) -> Iterator[Text]:
    """Yield the values of a column. Raises `DataError` where there is no such column or a row is
    too short.
    """
    key = options.text
    encoding = options.encoding
    rows = _csv_rows(path, _separator(path, [key], encoding) or ",", encoding)
    _, header = next(rows, (1, []))
    if key not in header:
        # Not named: without a header, the first line is a text.
        raise DataError(
            f"{path}: expected {key!r} among the {len(header)} columns that the first line names. "
            "Pass one of them as --text."
        )
    column = header.index(key)
    for line, row in rows:
        if len(row) <= column:
            raise DataError(
                f"{path}, line {line}: the row has too few values. Is the separator right?"
            )
        yield Text(row[column], dict(zip(header, row, strict=False)) if options.fields else {})


def _rows(layout: Layout, header: Header | None, usual: str) -> CsvRows:
    if layout.columns == ():
        kind = "tsv" if usual == "\t" else "csv"
        raise OptionError(
            f"column: expected a column, got none. Name the columns of the {kind} file that are "
            "text."
        )
    return CsvRows(
        layout.columns,
        delimiter=layout.delimiter or usual,
        sniffed=layout.delimiter is None,
        header=header,
        partial=layout.partial,
    )


CSV = Format(
    "csv",
    (".csv", ".tsv", ".tab"),
    looks_like=lambda beginning: beginning.names_columns,
    labels=Labels(frozenset({DOCUMENT}), _read_csv, options=frozenset({"label", "separator"})),
    texts=_texts,
    exchange=Exchange(COLUMNS, lambda layout, header: _rows(layout, header, ",")),
)
"""A table whose first line names its columns, with commas, semicolons or tabs between them."""
TSV = Format(
    "tsv", (".tsv",), exchange=Exchange(COLUMNS, lambda layout, header: _rows(layout, header, "\t"))
)
"""A table whose texts are exchanged, with tabs between its columns."""
FOLDERS = Format(
    "folders",
    looks_like=lambda beginning: beginning.path is not None and beginning.path.is_dir(),
    labels=Labels(frozenset({DOCUMENT}), _read_folders),
)
"""One folder per label, one text file per document."""
