"""Labelled texts in rows and folders → documents: CSV files, folders of texts, `datasets` rows; no columns of words.

Files of words a line, and of spans, are in `readers`.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from seqlabel.alignment import Repairs
from seqlabel.documents import Document, Spans, Tags
from seqlabel.errors import DataError, OptionError
from seqlabel.files import read_blocks
from seqlabel.readers import Tokenise, check_label, read_lines
from seqlabel.schemes import Scheme, tags_to_spans

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
    is no row, an empty text is a document without words.

    Raises `DataError`, naming the line where the row begins, for a row with another number of values than the first, an
    empty label or one that is not among `labels`, where they are given, and a quote that is not closed; `OptionError`
    for a separator that is not one character, or cannot be told from the file's name.
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
        content, category = (row[place] for place in places)
        if not category:
            raise DataError(f"{where}: the label is empty; fill it in, or take the row out")
        check_label(category, labels, where)
        yield tokenise(content).with_categories(layer, {category: 1.0})


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
    text.
    """
    for folder in _inside(Path(path)):
        if not folder.is_dir():
            raise DataError(f"{folder}: found a file beside the labels' folders; every text is in its label's folder")
        check_label(folder.name, labels, str(folder))
        for file in _inside(folder):
            if file.is_dir():
                raise DataError(f"{file}: found a folder inside a label's folder, which holds text files only")
            yield tokenise("".join(read_blocks(file))).with_categories(layer, {folder.name: 1.0})


def _inside(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({error.strerror}); give a folder with a folder a label") from error
    if not found:
        raise DataError(f"{folder}: the folder is empty; give a folder with a folder a label, and a file a text")
    return found


def read_text_rows(
    rows: Iterable[Mapping[str, Any]],
    tokenise: Tokenise,
    *,
    text: str = "text",
    label: str = "label",
    layer: str = "category",
) -> Iterator[Document]:
    """Documents of rows with a text and a label: a `datasets` dataset, streamed or not, or any mappings.

    A label is a string or the number of a `ClassLabel` feature; where it is missing (-1 or None) the document has no
    such layer. Raises `DataError`, naming the row from 0, for a column that is not there, a text that is not one, and a
    label without a name.
    """
    names = _class_names(rows, label)
    for number, row in enumerate(rows):
        content = _value(row, text, number)
        if not isinstance(content, str):
            raise DataError(f"row {number}: column {text!r} holds {type(content).__name__}, not text")
        category = _class_name(_value(row, label, number), names, f"row {number}: column {label!r}")
        document = tokenise(content)
        yield document if category is None else document.with_categories(layer, {category: 1.0})


def read_token_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    words: str = "tokens",
    spans: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    scheme: Scheme = Scheme.BIO,
    repairs: Repairs | None = None,
) -> Iterator[Document]:
    """Documents of rows with words and columns of tags: a `datasets` dataset, streamed or not, or any mappings.

    `spans` and `tags` say which column becomes which layer: `spans={"ner": "ner_tags"}` reads tags of a scheme as
    spans, `tags={"pos": "pos_tags"}` keeps one label a word. A tag is a string or the number of a `ClassLabel`; -1 and
    None are missing. A row whose tags are all missing has no layer of spans.

    The spans are the same whatever `scheme` says; by it the tags that break it are counted in `repairs`. Raises
    `DataError`, naming the row from 0, for a column that is not there, a word without characters, another number of
    tags than of words, a tag without a name or of no scheme, and tags of spans of which only some are missing.
    """
    spans, tags = spans or {}, tags or {}
    names = {column: _class_names(rows, column) for column in (*spans.values(), *tags.values())}
    for number, row in enumerate(rows):
        texts = list(_value(row, words, number))
        for place, word in enumerate(texts):
            if not isinstance(word, str) or not word:
                raise DataError(f"row {number}: word {place} of column {words!r} is empty or not text")
        labels: dict[str, list[str | None]] = {}
        for column in names:
            values = _value(row, column, number)
            values = [None] * len(texts) if values is None else list(values)
            if len(values) != len(texts):
                raise DataError(f"row {number}: column {column!r} has {len(values)} tags for {len(texts)} words")
            where = f"row {number}: column {column!r}"
            labels[column] = [_class_name(value, names[column], where) for value in values]
        read = {layer: _spans(labels[column], scheme, repairs, number, column) for layer, column in spans.items()}
        yield Document.from_words(
            texts,
            spans={layer: found for layer, found in read.items() if found is not None},
            tags={layer: Tags(tuple(labels[column])) for layer, column in tags.items()},
            sentences=(0,) if texts else (),
        )


def dataset_rows(name: str, split: str) -> Iterable[Mapping[str, Any]]:
    """The rows of a split of a `datasets` dataset, by its name on the hub or the folder that it lies in, streamed.

    Raises `DataError` where there is no such dataset, split or network.
    """
    import datasets

    try:
        rows: Iterable[Mapping[str, Any]] = datasets.load_dataset(name, split=split, streaming=True)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(
            f"dataset {name!r}, split {split!r}: cannot be loaded ({reason}); is the name right, is there a network?"
        ) from error
    return rows


def _spans(labels: list[str | None], scheme: Scheme, repairs: Repairs | None, number: int, column: str) -> Spans | None:
    known = [label for label in labels if label is not None]
    if labels and not known:
        return None
    if len(known) < len(labels):
        raise DataError(
            f"row {number}: column {column!r} misses {len(labels) - len(known)} of {len(labels)} tags; spans need all "
            f"or none, so read it as `tags`"
        )
    try:
        read = tags_to_spans(known, scheme)
    except DataError:
        # From nothing: that error quotes the tag, which is a word of the text where the column is wrong.
        raise DataError(
            f"row {number}: column {column!r} holds a tag that is neither O nor one of B I E S L U, a dash and a "
            f"label; read it as `tags` if it has no scheme"
        ) from None
    if repairs is not None:
        repairs.tags += read.repairs
    return Spans(read.spans)


def _value(row: Mapping[str, Any], column: str, number: int) -> Any:
    if column not in row:
        raise DataError(f"row {number}: has no column {column!r}; the columns are {', '.join(map(repr, row))}")
    return row[column]


def _class_names(rows: Any, column: str) -> Sequence[str] | None:
    """The names of a `ClassLabel` or a list of them; None for another feature, and rows without features."""
    feature = (getattr(rows, "features", None) or {}).get(column)
    # A list is written as a one-element list, `Sequence` or `List`, by the version of `datasets`.
    feature = feature[0] if isinstance(feature, list) else getattr(feature, "feature", feature)
    return getattr(feature, "names", None)


def _class_name(value: object, names: Sequence[str] | None, where: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        if not value:
            raise DataError(f"{where} holds an empty label")
        return value
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise DataError(f"{where} holds {type(value).__name__}; a label is text, or the number of a ClassLabel")
    if names is None:
        raise DataError(
            f"{where} holds the number {value}, but its feature is no ClassLabel that names it; cast the column to "
            f"ClassLabel, or give labels as text"
        )
    index = int(value)
    if not -1 <= index < len(names):
        raise DataError(f"{where} holds the number {value}; the ClassLabel has 0 to {len(names) - 1}, -1 is missing")
    return None if index == -1 else names[index]
