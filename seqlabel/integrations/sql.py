"""Functions on columns of text for databases and data frames: redact, find_private, restore and
label; no files.

DuckDB and SQLite get them by `register`, Spark by `register_in_spark`; pandas and Polars call
`over` on a column.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.jsonl import layers_of
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import needed
from seqlabel.privacy.finding.finder import PrivateFinder, finder_of
from seqlabel.privacy.records.objects import find_in_column, redacted_strings, texts_of
from seqlabel.privacy.replacing.policies import Policy, policy_of
from seqlabel.privacy.replacing.restored import restore_text

REMEMBERED = 4_096
"""Different cells whose results each function remembers, the last ones, since columns repeat their
values.
"""


class TextFunctions:
    """The functions `redact`, `find_private`, `restore` and `label`, equal in every engine; missing
    cells stay missing.

    `find_private` and `label` give JSON. `restore` needs a key, and `label` a labeler.

    Args:
        policy: What replaces a private value: a policy, or the name of one that has no key.
        finder: What finds private values; None is the model `en_pii` with rules.
        policies: Policies for some labels, or their names, used instead of `policy`.
        labeler: What labels words.
        key: The key with which `Encrypt` encrypted.

    Example:
        >>> import sqlite3
        >>> connection = sqlite3.connect(":memory:")
        >>> TextFunctions().register(connection)
        >>> query = "SELECT redact('Write to ann@moss.example'), redact(NULL)"
        >>> connection.execute(query).fetchone()
        ('Write to <EMAIL>', None)
    """

    def __init__(
        self,
        policy: Policy | str = "replace",
        *,
        finder: PrivateFinder | None = None,
        policies: Mapping[str, Policy | str] | None = None,
        labeler: Labeler | None = None,
        key: bytes | None = None,
    ) -> None:
        self._works: dict[str, Callable[[Sequence[str]], list[str]]] = {
            "redact": partial(_redact, policy=policy_of(policy), finder=finder, policies=policies),
            "find_private": partial(_find_private, finder=finder_of(finder)),
        }
        if key is not None:
            self._works["restore"] = partial(_restore, key=key)
        if labeler is not None:
            self._works["label"] = partial(_label, labeler=labeler)
        self._remembered: dict[str, dict[str, str]] = {name: {} for name in self._works}

    def over(self, name: str, cells: Iterable[object]) -> list[str | None]:
        """Compute a function over a column.

        Args:
            name: The function.
            cells: Strings and missing values.

        Returns:
            A string for each string, None for each missing value.

        Raises:
            DataError: For a cell that is neither, and for a whole frame or a string in place of a
                column.
            OptionError: For a function that is not there, or that needs a key or a labeler.
        """
        if name not in self._works:
            raise OptionError(
                f"name: expected {', '.join(self._works)}, got {name!r}. Pass key=… or labeler=…."
            )
        column = texts_of(cells, name)
        remembered = self._remembered[name]
        results = {cell: remembered[cell] for cell in column if cell in remembered}
        fresh = [cell for cell in dict.fromkeys(column) if cell is not None and cell not in results]
        results.update(zip(fresh, self._works[name](fresh), strict=True))
        remembered.update((cell, results[cell]) for cell in fresh[-REMEMBERED:])
        while len(remembered) > REMEMBERED:
            del remembered[next(iter(remembered))]
        return [None if cell is None else results[cell] for cell in column]

    def register(self, connection: Any) -> None:
        """Register the functions for SQL.

        Args:
            connection: A connection of DuckDB or SQLite.

        Raises:
            DataError: For anything else.
        """
        package = type(connection).__module__.partition(".")[0].lstrip("_")
        if package not in ("duckdb", "sqlite3"):
            raise DataError(
                f"expected a connection of DuckDB or SQLite, got one of {package}. Else call "
                "`over`."
            )
        for name in self._works:
            if package == "sqlite3":
                connection.create_function(
                    name, 1, partial(self._of_cell, name), deterministic=True
                )
            else:
                work = partial(self._of_vector, name)
                connection.create_function(
                    name, work, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special"
                )

    def _of_cell(self, name: str, cell: Any) -> str | None:
        # Columns repeat their values: a cell that is remembered takes the short way.
        return self._remembered[name].get(cell) or self.over(name, [cell])[0]

    def _of_vector(self, name: str, cells: Any) -> Any:
        import pyarrow

        return pyarrow.array(self.over(name, cells.to_pylist()), type=pyarrow.string())


# A function with a name in this module: Spark's workers import it, since what it remembers cannot
# be sent to them.
@lru_cache(maxsize=4)
def _made(make: Callable[[], TextFunctions]) -> TextFunctions:
    return make()


def register_in_spark(session: Any, make: Callable[[], TextFunctions] = TextFunctions) -> None:
    """Register the functions for Spark SQL, as pandas UDFs; each worker makes its own.

    Args:
        session: The session of Spark.
        make: Makes the functions, as `TextFunctions` with its usual arguments does. A function of a
            module that the workers can import is called once in each; one of a notebook, once for
            each task.

    Raises:
        MissingPackageError: pyspark or pandas is not installed.
    """
    functions = needed("pyspark.sql.functions", needed_for="Registering in Spark", extra="spark")
    series = needed("pandas", needed_for="Registering in Spark", extra="spark").Series
    for name in _made(make)._works:
        session.udf.register(
            name, functions.pandas_udf(_spark_column(make, name, series), "string")
        )


def _spark_column(
    make: Callable[[], TextFunctions], name: str, series: Any
) -> Callable[[Any], Any]:
    def column(cells: Any) -> Any:
        return series(_made(make).over(name, cells), dtype=object)

    # Spark reads them to know what the function takes.
    column.__annotations__ = {"cells": series, "return": series}
    return column


def _redact(cells: Sequence[str], **how: Any) -> list[str]:
    return list(redacted_strings([("", cell) for cell in cells], **how))


def _find_private(cells: Sequence[str], *, finder: PrivateFinder) -> list[str]:
    return [json.dumps(spans, ensure_ascii=False) for spans in find_in_column(cells, finder=finder)]


def _restore(cells: Sequence[str], *, key: bytes) -> list[str]:
    return [restore_text(cell, key=key, any_order=True).text for cell in cells]


def _label(cells: Sequence[str], *, labeler: Labeler) -> list[str]:
    return [
        json.dumps(layers_of(document), ensure_ascii=False) for document in labeler(list(cells))
    ]
