"""Parquet files whose columns of text are read, and written with other values under the same schema, by pyarrow.

Not by `datasets`, which would leave a copy of the private texts in its cache.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

from seqlabel.errors import DataError, OptionError
from seqlabel.io.files import SURROGATE
from seqlabel.names import LateModule
from seqlabel.privacy.records.records import Cell, Record, decode
from seqlabel.privacy.records.workers import Cleaned, Rewriter, Work

if TYPE_CHECKING:
    import pyarrow
    from pyarrow import parquet
else:
    pyarrow, parquet = (LateModule(name, extra="parquet") for name in ("pyarrow", "pyarrow.parquet"))

_ROWS = 1024
"""Rows that are read together."""


class ParquetTexts:
    """The columns of text in a Parquet file; a context manager, which closes the file.

    `columns` are the names of those that are read, `unread` those of other columns of text, `rows` counts the rows.

    Args:
        source: The file.
        columns: The columns to read; None for all columns of text.

    Raises:
        DataError: It is not a Parquet file that can be read.
        OptionError: One of the columns is not there, is not text, or has the name of another.
    """

    def __init__(self, source: Path, columns: Sequence[str] | None) -> None:
        try:
            self._table = parquet.ParquetFile(source)
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(f"{source}: is not a Parquet file that can be read ({type(error).__name__})") from None
        self._schema = self._table.schema_arrow
        texts = [one.name for one in self._schema if _is_text(one.type)]
        self.columns = texts if columns is None else list(columns)
        self.unread = [name for name in texts if name not in self.columns]
        self.rows: int = self._table.metadata.num_rows
        for column in self.columns:
            if column not in texts:
                known = f"There is text in {', '.join(texts)}." if texts else "No column is text."
                raise OptionError(f"{source}: column: Found no text in {column!r}. {known}")
            if self._schema.names.count(column) > 1:
                raise OptionError(f"{source}: column: Found several columns {column!r}. Give each a name of its own.")

    def __enter__(self) -> "ParquetTexts":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._table.close()

    def records(self) -> Iterator[list[Record]]:
        """Read the file.

        Yields:
            Records of rows that are read together; the line is the number of the row, the place of a cell in the record
            that of its column in `columns`.
        """
        for _, records in self._batches(self.columns):
            yield records

    def rewrite(
        self,
        rewriter: Rewriter,
        target: BinaryIO,
        *,
        document: bytes,
        passes: Callable[[Record, Sequence[Cleaned]], bool],
    ) -> Iterator[int]:
        """Write the file with other values in the columns.

        Args:
            rewriter: What makes the other values.
            target: Where the new file goes.
            document: Random bytes that tell the file from others.
            passes: Tells whether a row is written, from its record and its new texts.

        Yields:
            How many rows have been read since the last time.
        """
        rewriter = rewriter.survey(lambda: (Work(records, False, document) for records in self.records()))
        waiting: deque[Any] = deque()

        def work() -> Iterator[Work]:
            for batch, records in self._batches(None):
                waiting.append(batch)
                yield Work(records, False, document)

        with parquet.ParquetWriter(target, self._schema) as writer:
            for records, cleaned in rewriter.run(work()):
                batch, texts = waiting.popleft(), iter(cleaned)
                rows = [[next(texts) for _ in record.cells] for record in records]
                passed = [passes(record, row) for record, row in zip(records, rows, strict=True)]
                for number, name in enumerate(self.columns):
                    # A missing text has no cell and stays missing.
                    values = [row.get(number) for row in map(_by_column, records, rows)]
                    index = self._schema.get_field_index(name)
                    kind = self._schema.field(index)
                    column = pyarrow.array(values, pyarrow.large_string()).cast(kind.type)
                    batch = batch.set_column(index, kind, column)
                writer.write_batch(batch.filter(pyarrow.array(passed, pyarrow.bool_())))
                yield len(batch)

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


def _by_column(record: Record, row: Sequence[Cleaned]) -> dict[int, str]:
    return {cell.start: one.text for cell, one in zip(record.cells, row, strict=True)}
