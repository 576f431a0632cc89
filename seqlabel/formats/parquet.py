"""Parquet files whose columns of text are read, and written with other values under the same schema, by pyarrow.

Not by `datasets`, which would leave a copy of the private texts in its cache.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.format import COLUMNS, Format, Layout
from seqlabel.io.files import SURROGATE
from seqlabel.io.records import Cell, Record, decode
from seqlabel.names import LateModule

if TYPE_CHECKING:
    import pyarrow
    from pyarrow import parquet
else:
    pyarrow, parquet = (LateModule(name, extra="parquet") for name in ("pyarrow", "pyarrow.parquet"))

_ROWS = 1024
"""Rows that are read together."""


class ParquetTexts(AbstractContextManager["ParquetTexts"]):
    """The columns of text in a Parquet file; a context manager, which closes the file.

    `columns` are the names of those that are read, `unread` those of other columns of text, `total` counts the rows.

    Args:
        source: The file.
        layout: The columns to read.

    Raises:
        DataError: It is not a Parquet file that can be read.
        OptionError: One of the columns is not there, is not text, or has the name of another.
    """

    unit = "row"

    def __init__(self, source: Path, layout: Layout) -> None:
        if layout.columns == ():
            raise OptionError("column: Found none. Name the columns of the parquet file that are text.")
        try:
            self._table = parquet.ParquetFile(source)
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(f"{source}: is not a Parquet file that can be read ({type(error).__name__})") from None
        self._schema = self._table.schema_arrow
        texts = [one.name for one in self._schema if _is_text(one.type)]
        self.columns: Sequence[str] = texts if layout.columns is None else list(layout.columns)
        if layout.partial and set(self.columns) & set(texts):
            self.columns = [name for name in self.columns if name in texts]
        self.unread: Sequence[str] = [name for name in texts if name not in self.columns]
        self.total: int = self._table.metadata.num_rows
        for column in self.columns:
            if column not in texts:
                known = f"There is text in {', '.join(texts)}." if texts else "No column is text."
                raise OptionError(f"{source}: column: Found no text in {column!r}. {known}")
            if self._schema.names.count(column) > 1:
                raise OptionError(f"{source}: column: Found several columns {column!r}. Give each a name of its own.")

    def __exit__(self, *error: object) -> None:
        self._table.close()

    def records(self) -> Iterator[list[Record]]:
        """Read the file.

        Yields:
            Records of rows that are read together; the line is the number of the row, the place of a cell in the record
            that of its column in `columns`.
        """
        for _, records in self._batches(list(self.columns)):
            yield records

    def write(self, target: BinaryIO, written: Iterable[Sequence[Sequence[str] | None]]) -> None:
        """Write the file with other values in the columns; see `Package`."""
        with parquet.ParquetWriter(target, self._schema) as writer:
            for (batch, records), texts in zip(self._batches(None), written, strict=True):
                rows = [
                    {cell.start: one for cell, one in zip(record.cells, row or (), strict=False)}
                    for record, row in zip(records, texts, strict=True)
                ]
                for number, name in enumerate(self.columns):
                    # A missing text has no cell and stays missing.
                    values = [row.get(number) for row in rows]
                    index = self._schema.get_field_index(name)
                    kind = self._schema.field(index)
                    column = pyarrow.array(values, pyarrow.large_string()).cast(kind.type)
                    batch = batch.set_column(index, kind, column)
                kept = pyarrow.array([row is not None for row in texts], pyarrow.bool_())
                writer.write_batch(batch.filter(kept))

    def _batches(self, read: list[str] | None) -> Iterator[tuple[Any, list[Record]]]:
        """Yield batches of some columns, None for all, with the records of the columns of text."""
        row = 1
        for batch in self._table.iter_batches(batch_size=_ROWS, columns=read):
            yield batch, _records({name: batch.column(name) for name in self.columns}, row)
            row += len(batch)


def _is_text(kind: Any) -> bool:
    """Tell whether a type of pyarrow is text, or a dictionary of texts."""
    kind = kind.value_type if pyarrow.types.is_dictionary(kind) else kind
    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def _records(columns: Mapping[str, Any], row: int) -> list[Record]:
    """Return a record for each row of some columns of text, the first of which has the number `row`."""
    # As bytes, because Parquet's texts need not be the UTF-8 that they should be.
    values = [
        column.cast(pyarrow.large_string()).cast(pyarrow.large_binary()).to_pylist() for column in columns.values()
    ]
    records, names = [], list(columns)
    for number, cells in enumerate(zip(*values, strict=True)):
        decoded = [(place, *decode(data)) for place, data in enumerate(cells) if data is not None]
        problem = next((problem for *_, problem in decoded if problem), "")
        texts = tuple(
            Cell(place, place, SURROGATE.sub("\ufffd", text), str, names[place]) for place, text, _ in decoded
        )
        records.append(Record("", texts, row + number, 1, 0, problem))
    return records


PARQUET = Format("parquet", (".parquet",), parts=COLUMNS, package=ParquetTexts)
"""A table whose texts are exchanged, under the same schema."""
