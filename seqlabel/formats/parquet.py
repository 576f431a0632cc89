"""Parquet files whose columns of text are read, and written with other values under the same
schema, by pyarrow.

Text in binary columns and in the metadata is read too; nested columns are named. `datasets` is not
used, since it would leave a copy of the private texts in its cache.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.format import COLUMNS, Exchange, Format, Layout, Text
from seqlabel.formats.reading import ReadOptions, json_or_none
from seqlabel.io.files import SURROGATE
from seqlabel.io.records import (
    LETTER_OR_DIGIT,
    PRIVATE_NAMES,
    Cell,
    Record,
    decode,
    is_private_name,
)
from seqlabel.names import LateModule

if TYPE_CHECKING:
    import pyarrow
    from pyarrow import parquet
else:
    pyarrow, parquet = (
        LateModule(name, extra="parquet") for name in ("pyarrow", "pyarrow.parquet")
    )

_ROWS = 1024
"""Rows that are read together."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_FIELD_ID = b"PARQUET:field_id"


class ParquetTexts(AbstractContextManager["ParquetTexts"]):
    """The columns of text in a Parquet file; a context manager, which closes the file.

    `columns` are the names of those that are read, `unread` those of other columns that hold text,
    or values that are not text, once the rows are read; `total` counts the rows.

    Args:
        source: The file.
        layout: The columns to read.

    Raises:
        DataError: It is not a Parquet file that can be read.
        OptionError: One of the columns is not there, is not text, or has the name of another.
    """

    unit = "row"
    dropped: Sequence[str] = ()

    def __init__(self, source: Path, layout: Layout) -> None:
        if layout.columns == ():
            raise OptionError(
                "column: expected a column, got none. Name the columns of the parquet file that "
                "are text."
            )
        try:
            self._table = parquet.ParquetFile(source)
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(
                f"{source}: is not a Parquet file that can be read ({type(error).__name__})"
            ) from None

        self._schema = self._table.schema_arrow
        texts = [
            column.name
            for column in self._schema
            if _is_text(column.type) or _is_binary(column.type)
        ]
        self.columns: Sequence[str] = texts if layout.columns is None else list(layout.columns)

        if layout.partial and set(self.columns) & set(texts):
            self.columns = [name for name in self.columns if name in texts]
        others = [
            column.name
            for column in self._schema
            if column.name not in texts and _holds_text(column.type)
        ]

        self._unread = [name for name in texts if name not in self.columns] + others
        self._by_name = layout.columns is not None
        self._not_text: dict[str, None] = {}
        self._about = _Metadata(self._schema)
        self.total: int = self._table.metadata.num_rows

        for column in self.columns:
            if column not in texts:
                known = f"There is text in {', '.join(texts)}." if texts else "No column is text."
                raise OptionError(
                    f"{source}: column: expected text in {column!r}, got none. {known}"
                )
            if self._schema.names.count(column) > 1:
                raise OptionError(
                    f"{source}: column: expected one column {column!r}, got several. Rename the "
                    "others."
                )

    @property
    def unread(self) -> Sequence[str]:
        """The columns that hold text and are not read, or hold values that are not text."""
        metadata = ["metadata"] if self._about.has_other_bytes else []
        names = [PRIVATE_NAMES] if any(map(is_private_name, _names(self._schema))) else []
        return [*self._unread, *self._not_text, *metadata, *names]

    def __exit__(self, *error: object) -> None:
        self._table.close()

    def records(self) -> Iterator[list[Record]]:
        """Read the file.

        Yields:
            Records of rows that are read together; the line is the number of the row, the place of
            a cell in the record that of its column in `columns`. Before them one of the metadata,
            if there is text in it.
        """
        if self._about.cells:
            yield [Record("", self._about.cells, 1, 1, 0)]
        for _, records in self._batches(list(self.columns)):
            yield records

    def write(self, target: BinaryIO, written: Iterable[Sequence[Sequence[str] | None]]) -> None:
        """Write the file with other values in the columns; see `Package`."""
        pieces = iter(written)
        schema = self._schema
        if self._about.cells:
            (about,) = next(pieces)
            schema = self._about.changed(about)
        with parquet.ParquetWriter(target, schema) as writer:
            for (batch, records), texts in zip(self._batches(None), pieces, strict=True):
                rows: list[dict[int, str]] = []
                for record, row in zip(records, texts, strict=True):
                    columns_of_cells = [cell.start for cell in record.cells]
                    rows.append(dict(zip(columns_of_cells, row or (), strict=False)))
                for number, name in enumerate(self.columns):
                    index = self._schema.get_field_index(name)
                    kind = self._schema.field(index)
                    column = _written(
                        batch.column(index), kind.type, [row.get(number) for row in rows]
                    )
                    batch = batch.set_column(index, kind, column)
                arrays = batch.columns
                if not all(row is not None for row in texts):
                    # Not `filter`, which lacks some types.
                    kept = [number for number, row in enumerate(texts) if row is not None]
                    arrays = [_only_rows(array, kept) for array in arrays]
                writer.write_batch(pyarrow.RecordBatch.from_arrays(arrays, schema=schema))

    def _batches(self, read: list[str] | None) -> Iterator[tuple[Any, list[Record]]]:
        """Yield batches of some columns, None for all, with the records of the columns of text."""
        row = 1
        batches = self._table.iter_batches(batch_size=_ROWS, columns=read)
        while True:
            try:
                batch = next(batches, None)
            except (OSError, ValueError, pyarrow.ArrowException) as error:
                raise DataError(
                    f"row {row}: cannot be read ({type(error).__name__}). Is the file complete?"
                ) from None
            if batch is None:
                return
            yield batch, self._records(batch, row)
            row += len(batch)

    def _records(self, batch: Any, row: int) -> list[Record]:
        """Return a record for each row of a batch, the first of which has the number `row`."""
        cells: list[list[Cell]] = [[] for _ in range(len(batch))]
        problems = [""] * len(batch)
        for index, name in enumerate(self.columns):
            column = batch.column(name)
            is_binary = _is_binary(column.type)
            for number, data in enumerate(_bytes_of(column)):
                if data is None:
                    continue
                text, problem = decode(data)
                if is_binary and (problem or _CONTROL.search(text)):
                    problem = problem or "holds bytes that are not text"
                    if not self._by_name:
                        # Pictures and the like stay, and are named.
                        self._not_text[name] = None
                        continue
                if is_binary and pyarrow.types.is_fixed_size_binary(column.type):
                    # No other text has its length.
                    self._not_text[name] = None
                    continue
                problems[number] = problems[number] or problem
                cells[number].append(Cell(index, index, SURROGATE.sub("\ufffd", text), str, name))
        return [
            Record("", tuple(texts), row + number, 1, 0, problem)
            for number, (texts, problem) in enumerate(zip(cells, problems, strict=True))
        ]


class _Metadata:
    """The texts in the metadata of a schema and of its fields; the strings of JSON one by one.

    Args:
        schema: The schema.
    """

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._names = set(schema.names)
        self._places: list[tuple[int, bytes, int, int, bool]] = []
        self.has_other_bytes = False
        """Whether a value is not text, and so is not read, or a key looks private."""
        cells: list[Cell] = []
        for number, values in enumerate(self._all()):
            for key, data in values.items():
                self.has_other_bytes = self.has_other_bytes or is_private_name(
                    key.decode("utf-8", "replace")
                )
                for start, end, text, is_json in self._texts(key, data):
                    cells.append(
                        Cell(len(cells), len(cells), text, str, key.decode("utf-8", "replace"))
                    )
                    self._places.append((number, key, start, end, is_json))
        self.cells = tuple(cells)

    def _all(self) -> list[dict[bytes, bytes]]:
        """The metadata of the schema, and of each field."""
        return [
            dict(self._schema.metadata or {}),
            *(dict(column.metadata or {}) for column in self._schema),
        ]

    def _texts(self, key: bytes, data: bytes) -> Iterator[tuple[int, int, str, bool]]:
        text, problem = decode(data)
        if key == _FIELD_ID:
            return
        if problem:
            self.has_other_bytes = True
            return
        if not text.lstrip().startswith(("{", "[")) or json_or_none(text) is None:
            if LETTER_OR_DIGIT.search(text):
                yield 0, len(text), text, False
            return
        for match in _JSON_STRING.finditer(text):
            value = json_or_none(match[0])
            if (
                isinstance(value, str)
                and value not in self._names
                and LETTER_OR_DIGIT.search(value)
            ):
                yield *match.span(), SURROGATE.sub("\ufffd", value), True

    def changed(self, texts: Sequence[str] | None) -> Any:
        """Return the schema with other texts in its metadata; without the texts where they are
        None.
        """
        every = self._all()
        new = texts if texts is not None else [""] * len(self.cells)
        # From the last place to the first, so that places stay what they are.
        for written, cell, text in reversed(list(zip(self._places, self.cells, new, strict=True))):
            number, key, start, end, is_json = written
            if text != cell.text:
                old = every[number][key].decode()
                shown = json.dumps(text) if is_json else text
                every[number][key] = (old[:start] + shown + old[end:]).encode()
        of_file, *of_fields = every
        fields = [
            column.with_metadata(about or None)
            for column, about in zip(self._schema, of_fields, strict=True)
        ]
        return pyarrow.schema(fields, metadata=of_file or None)


def _only_rows(array: Any, rows: Sequence[int]) -> Any:
    """Some rows of an array."""
    empty = array.slice(0, 0)
    return pyarrow.concat_arrays([empty, *(array.slice(number, 1) for number in rows)])


def _names(fields: Iterable[Any]) -> Iterator[str]:
    """The names of fields, and of those inside of them."""
    for field in fields:
        yield field.name
        yield from _names([field.type.field(number) for number in range(field.type.num_fields)])


def _value_type(kind: Any) -> Any:
    return kind.value_type if pyarrow.types.is_dictionary(kind) else kind


def _is_text(kind: Any) -> bool:
    """Return whether a type of pyarrow is text, or a dictionary of texts."""
    kind = _value_type(kind)
    types = pyarrow.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_binary(kind: Any) -> bool:
    """Return whether a type of pyarrow is bytes, which may be text that an older program did not
    mark as UTF-8.
    """
    kind = _value_type(kind)
    types = pyarrow.types
    is_sized = types.is_fixed_size_binary(kind) and not types.is_decimal(kind)
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
        or is_sized
    )


def _holds_text(kind: Any) -> bool:
    """Return whether text may be in a nested type, or in one that an extension of pyarrow
    defines.
    """
    if isinstance(kind, pyarrow.BaseExtensionType):
        return _holds_text(kind.storage_type)
    if _is_text(kind) or _is_binary(kind):
        return True
    if pyarrow.types.is_dictionary(kind):
        return _holds_text(kind.value_type)
    return any(_holds_text(kind.field(number).type) for number in range(kind.num_fields))


def _bytes_of(column: Any) -> list[bytes | None]:
    """The values of a column of text or bytes, as bytes, because Parquet's texts need not be
    UTF-8.
    """
    kind = _value_type(column.type)
    plain = column.cast(kind) if pyarrow.types.is_dictionary(column.type) else column
    if _is_text(kind):
        plain = plain.cast(pyarrow.large_string()).cast(pyarrow.large_binary())
    values: list[bytes | None] = plain.to_pylist()
    return values


def _written(column: Any, kind: Any, texts: Sequence[str | None]) -> Any:
    """Return a column with other texts; a value without one is missing, or stays as it is among
    bytes.
    """
    if _is_text(kind):
        return pyarrow.array(texts, pyarrow.large_string()).cast(kind)
    pairs = zip(_bytes_of(column), texts, strict=True)
    values = [old if new is None else new.encode("utf-8", "surrogateescape") for old, new in pairs]
    if pyarrow.types.is_fixed_size_binary(kind):
        return column
    return pyarrow.array(values, pyarrow.large_binary()).cast(kind)


def _texts(path: Path, options: ReadOptions) -> Iterator[Text]:
    """Yield the values of a column to label. Raises `DataError` for a file without that column."""
    try:
        table = parquet.ParquetFile(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise DataError(
            f"{path}: is not a Parquet file that can be read ({type(error).__name__})"
        ) from None
    with table:
        schema = table.schema_arrow
        names = [column.name for column in schema if _is_text(column.type)]
        if options.text not in names:
            known = f"There is text in {', '.join(names)}." if names else "No column is text."
            raise DataError(
                f"{path}: expected a column {options.text!r} of text, got none. {known} Choose "
                "with --text."
            )
        for batch in table.iter_batches(
            batch_size=_ROWS, columns=None if options.fields else [options.text]
        ):
            for row in batch.to_pylist():
                text = row[options.text]
                if text is None:
                    continue
                fields: dict[str, object] = {}
                if options.fields:
                    fields = {
                        name: json_or_none(json.dumps(value, default=_as_text))
                        for name, value in row.items()
                    }
                yield Text(text, fields)


def _as_text(value: object) -> str:
    """Write a value that JSON has no form for, such as a date, as text."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


PARQUET = Format(
    "parquet", (".parquet",), texts=_texts, exchange=Exchange(COLUMNS, package=ParquetTexts)
)
"""A table whose texts are exchanged, under the same schema."""
