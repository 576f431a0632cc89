"""Functions on columns of text for databases and data frames: redact, find_private, restore and label; no files.

DuckDB and SQLite get them by `register`; pandas and Polars call `over` on a column. Neither is imported here.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.jsonl import layers_of
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.finder import PrivateFinder, shipped_finder
from seqlabel.privacy.records.objects import find_in_column, redacted_strings, texts_of
from seqlabel.privacy.replacing.policies import Policy
from seqlabel.privacy.replacing.restored import restore_text

REMEMBERED = 4_096
"""Different cells whose results each function remembers, the last ones, since columns repeat their values."""

_Work = Callable[[Sequence[str]], list[str]]


class TextFunctions:
    """The functions `redact`, `find_private`, `restore` and `label`, equal in every engine; missing cells stay missing.

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
        >>> connection.execute("SELECT redact('Write to ann@moss.example'), redact(NULL)").fetchone()
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
        finder = finder or shipped_finder()
        self._works: dict[str, _Work] = {
            "redact": partial(_redact, policy=policy, finder=finder, policies=policies),
            "find_private": partial(_find_private, finder=finder),
        }
        if key is not None:
            self._works["restore"] = partial(_restore, key=key)
        if labeler is not None:
            self._works["label"] = partial(_label, labeler=labeler)
        self._remembered: dict[str, OrderedDict[str, str]] = {name: OrderedDict() for name in self._works}

    def over(self, name: str, cells: Iterable[object]) -> list[str | None]:
        """Compute a function over a column.

        Args:
            name: The function.
            cells: Strings and missing values.

        Returns:
            A string for each string, None for each missing value.

        Raises:
            DataError: For a cell that is neither.
            OptionError: For a function that is not there, or that needs a key or a labeler.
        """
        if name not in self._works:
            raise OptionError(
                f"name: expected {', '.join(self._works)}, got {name!r}. `restore` needs key=…, `label` labeler=…."
            )
        column = texts_of(cells, name)
        remembered = self._remembered[name]
        different = [cell for cell in dict.fromkeys(column) if cell is not None]
        results = {cell: remembered[cell] for cell in different if cell in remembered}
        fresh = [cell for cell in different if cell not in results]
        results.update(zip(fresh, self._works[name](fresh), strict=True))
        for cell in fresh[-REMEMBERED:]:
            remembered[cell] = results[cell]
        while len(remembered) > REMEMBERED:
            remembered.popitem(last=False)
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
                f"expected a connection of DuckDB or SQLite, got {type(connection).__name__}. "
                f"For a data frame, call `over` on a column."
            )
        for name in self._works:
            if package == "sqlite3":
                connection.create_function(name, 1, partial(self._one, name), deterministic=True)
            else:
                text = "VARCHAR"
                connection.create_function(
                    name, partial(self._arrow, name), [text], text, type="arrow", null_handling="special"
                )

    def _one(self, name: str, cell: str | None) -> str | None:
        # A cell that was met before is what a column has most.
        known = self._remembered[name].get(cell) if isinstance(cell, str) else None
        return self.over(name, [cell])[0] if known is None else known

    def _arrow(self, name: str, cells: Any) -> Any:
        import pyarrow

        return pyarrow.array(self.over(name, cells.to_pylist()), type=pyarrow.string())


def _redact(cells: Sequence[str], *, policy: Any, finder: PrivateFinder, policies: Any) -> list[str]:
    return list(redacted_strings([("", cell) for cell in cells], policy, finder=finder, policies=policies))


def _find_private(cells: Sequence[str], *, finder: PrivateFinder) -> list[str]:
    return [json.dumps(found, ensure_ascii=False) for found in find_in_column(cells, finder=finder)]


def _restore(cells: Sequence[str], *, key: bytes) -> list[str]:
    return [restore_text(cell, key=key, any_order=True).text for cell in cells]


def _label(cells: Sequence[str], *, labeler: Labeler) -> list[str]:
    return [json.dumps(layers_of(document), ensure_ascii=False) for document in labeler(list(cells))]
