"""Rows of a database without private values, from any cursor of Python's DB-API (PEP 249); no SQL is written here."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from seqlabel.errors import DataError, OptionError, did_you_mean
from seqlabel.privacy.finding.finder import PrivateFinder, shipped_finder
from seqlabel.privacy.records.objects import redacted_strings
from seqlabel.privacy.replacing.policies import Policy

_BATCH = 500


class Cursor(Protocol):
    """A cursor that has run a query, as every driver of a database has."""

    @property
    def description(self) -> Any:
        """The columns, the name of each first."""
        ...

    def fetchmany(self, size: int, /) -> Sequence[Any]:
        """Fetch the next rows.

        Args:
            size: How many rows, at most.

        Returns:
            The rows; none at the end.
        """
        ...


def redact_rows(
    cursor: Cursor,
    policy: Policy,
    *,
    columns: Collection[str] | None = None,
    finder: PrivateFinder | None = None,
    by_label: Mapping[str, Policy] | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Replace the private values in the rows of a query, some rows at a time.

    Short values are read behind the name of their column, where that says that they are a person's.

    Args:
        cursor: A cursor that has run a query.
        policy: What replaces a value.
        columns: The names of the columns to read, which hold text or NULL; None for all text.
        finder: What finds private values; None is the model `en_pii` with rules.
        by_label: Policies for some labels, used instead of `policy`.

    Yields:
        Each row, with the other columns as they are.

    Raises:
        DataError: For a cursor without a query, and for a value of a column that is neither text nor NULL.
        OptionError: For a column that the query does not have, and for a label in `by_label` that is not found.

    Example:
        >>> import sqlite3
        >>> from seqlabel import Mask
        >>> query = sqlite3.connect(":memory:").execute("SELECT 1 AS id, 'ann@lee.example' AS email")
        >>> list(redact_rows(query, Mask()))
        [(1, 'xxx@xxx.xxxxxxx')]
    """
    if cursor.description is None:
        raise DataError("The cursor has no rows. Execute a SELECT first.")
    names = [column[0] for column in cursor.description]
    for column in columns or ():
        if column not in names:
            advice = did_you_mean(column, names)
            raise OptionError(f"columns: the query has no {column!r}, only {', '.join(names)}. {advice}".rstrip())
    asked = [place for place, name in enumerate(names) if columns is None or name in columns]
    number, used = 0, finder or shipped_finder()
    while rows := cursor.fetchmany(_BATCH):
        cells = [
            (row, place)
            for row, values in enumerate(rows)
            for place in asked
            if _is_text(values[place], names[place], number + row, named=columns is not None)
        ]
        texts = [(names[place], rows[row][place]) for row, place in cells]
        new = dict(zip(cells, redacted_strings(texts, policy, finder=used, by_label=by_label), strict=True))
        for row, values in enumerate(rows):
            yield tuple(new.get((row, place), value) for place, value in enumerate(values))
        number += len(rows)


def _is_text(value: object, column: str, row: int, *, named: bool) -> bool:
    if named and not isinstance(value, str | None):
        raise DataError(
            f"column {column!r}, row {row + 1}: expected text, got {type(value).__name__}. Cast it in the query."
        )
    return isinstance(value, str)
