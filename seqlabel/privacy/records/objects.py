"""Nested JSON objects, data frames, rows of databases and columns of texts without what is private
in them.

Files are in `records.files`. No SQL is written here: a cursor of Python's DB-API (PEP 249) has run
a query.
"""

import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from math import isnan
from typing import Any

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError, answers_old_names, did_you_mean
from seqlabel.privacy.finding.finder import PrivateFinder, finder_of
from seqlabel.privacy.finding.long_texts import CellMemory, FoundSpan, find_in_texts
from seqlabel.privacy.replacing.nested import Json, map_strings, strings_of
from seqlabel.privacy.replacing.policies import Policy, policies_of, policy_of
from seqlabel.privacy.replacing.redacted import redact_characters
from seqlabel.privacy.rules.labels import check_labels

_BATCH = 500


@answers_old_names({"by_label": "policies"})
def redact_object(
    found: Json,
    policy: Policy | str = "replace",
    *,
    finder: PrivateFinder | None = None,
    policies: Mapping[str, Policy | str] | None = None,
) -> Json:
    """Replace the private values in all strings of a nested object; names of fields stay as they
    are.

    Args:
        found: Strings, numbers, lists and mappings, as JSON has them.
        policy: What replaces a value: a policy, or the name of one that has no key.
        finder: What finds private values; None is the model `en_pii` with rules.
        policies: Policies for some labels, or their names, used instead of `policy`.

    Returns:
        A copy without the values that were found.

    Raises:
        DataError: The object holds bytes.
        OptionError: For a label in `policies` that is not found.

    Example:
        >>> from seqlabel import Mask
        >>> redact_object({"to": ["ann@lee.example"], "n": 1}, Mask())
        {'to': ['xxx@xxx.xxxxxxx'], 'n': 1}
    """
    redacted = redacted_strings(strings_of(found), policy, finder=finder, policies=policies)
    return map_strings(found, lambda path, text: next(redacted))


@answers_old_names({"by_label": "policies"})
def redact_frame(
    frame: Any,
    columns: Collection[Any],
    policy: Policy | str = "replace",
    *,
    finder: PrivateFinder | None = None,
    policies: Mapping[str, Policy | str] | None = None,
) -> Any:
    """Replace the private values in columns of a pandas or Polars data frame.

    A `UserWarning` names the other columns that hold text, which are not read.

    Args:
        frame: The data frame; it stays as it is.
        columns: The names of the columns with text. Missing values stay missing.
        policy: What replaces a value: a policy, or the name of one that has no key.
        finder: What finds private values; None is the model `en_pii` with rules.
        policies: Policies for some labels, or their names, used instead of `policy`.

    Returns:
        A data frame of the same kind, without the values that were found.

    Raises:
        DataError: For what is neither of the two, for two columns of one name, and for a value of a
            column that is not text.
        OptionError: For a column that is not there, and for a label in `policies` that is not
            found.
    """
    kind = type(frame).__module__.partition(".")[0]
    if kind not in ("pandas", "polars") or type(frame).__name__ != "DataFrame":
        raise DataError(
            f"Expected a pandas or Polars DataFrame, got {type(frame).__name__}. Pass one of these."
        )

    names = list(frame.columns)
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise DataError(
            f"Expected a name of its own for each column, got {', '.join(map(repr, twice))} "
            "repeated. Rename them."
        )
    _check_columns(columns, names)

    new = {column: texts_of(frame[column], column) for column in columns}
    texts = [
        (str(name), value) for name, values in new.items() for value in values if value is not None
    ]
    redacted = redacted_strings(texts, policy, finder=finder, policies=policies)

    changed = {}
    for name, values in new.items():
        changed[name] = [None if value is None else next(redacted) for value in values]
    others = [
        str(name) for name in names if name not in columns and any(map(_holds_text, frame[name]))
    ]
    if others:
        warnings.warn(
            f"Columns that hold text and were not read: {', '.join(others)}.", stacklevel=2
        )

    if kind == "polars":
        return frame.with_columns(
            **{name: frame[name].__class__(name, values) for name, values in changed.items()}
        )
    done = frame.copy()
    for name, values in changed.items():
        done[name] = frame[name].__class__(
            values, index=frame.index, dtype=_dtype(frame[name].dtype)
        )
    return done


def _check_columns(columns: Collection[Any], names: Sequence[Any]) -> None:
    if isinstance(columns, str):
        raise OptionError(
            f"columns: expected a list of names, got the text {columns!r}. Write [{columns!r}]."
        )
    for column in columns:
        if column not in names:
            meant = did_you_mean(str(column), map(str, names))
            raise OptionError(
                (
                    f"columns: expected one of {', '.join(map(repr, names))}, got {column!r}. "
                    f"{meant}"
                ).rstrip()
            )


def _dtype(dtype: Any) -> Any:
    """The dtype of the new column: values that replace others are not among the categories."""
    return None if type(dtype).__name__ == "CategoricalDtype" else dtype


def _holds_text(value: Any) -> bool:
    """Return whether a cell is text, or a list or mapping with text in it."""
    if isinstance(value, Mapping):
        return any(map(_holds_text, value.values()))
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return any(map(_holds_text, value))
    return isinstance(value, str)


def _is_missing(value: Any) -> bool:
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, float) and isnan(value))
    )


@answers_old_names({"by_label": "policies"})
def redact_rows(
    cursor: Any,
    policy: Policy | str = "replace",
    *,
    columns: Collection[str] | None = None,
    finder: PrivateFinder | None = None,
    policies: Mapping[str, Policy | str] | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Replace the private values in the rows of a query, some rows at a time.

    Short values are read after the name of their column, where that says that they are a person's.

    Args:
        cursor: A cursor that has run a query, with `description` and `fetchmany`.
        policy: What replaces a value: a policy, or the name of one that has no key.
        columns: The names of the columns to read, which hold text or NULL; None for all text.
        finder: What finds private values; None is the model `en_pii` with rules.
        policies: Policies for some labels, or their names, used instead of `policy`.

    Yields:
        Each row, with the other columns as they are.

    Raises:
        DataError: For a cursor without a query, and for a value of a column that is neither text
            nor NULL.
        OptionError: For a column that the query does not have, and for a label in `policies` that
            is not found.

    Example:
        >>> import sqlite3
        >>> from seqlabel import Mask
        >>> connection = sqlite3.connect(":memory:")
        >>> query = connection.execute("SELECT 1 AS id, 'ann@lee.example' AS email")
        >>> list(redact_rows(query, Mask()))
        [(1, 'xxx@xxx.xxxxxxx')]
    """
    if cursor.description is None:
        raise DataError("The cursor has no rows. Execute a SELECT first.")
    names = [column[0] for column in cursor.description]
    _check_columns(columns or (), names)
    asked = {index for index, name in enumerate(names) if columns is None or name in columns}
    number = 0
    used = finder_of(finder)
    memory = CellMemory()
    while rows := cursor.fetchmany(_BATCH):
        texts: list[tuple[str, str]] = []
        for values in rows:
            number += 1
            for index in sorted(asked):
                if isinstance(values[index], str):
                    texts.append((names[index], values[index]))
                elif columns is not None and values[index] is not None:
                    raise DataError(
                        f"column {names[index]!r}, row {number}: expected text, got "
                        f"{type(values[index]).__name__}. Cast it in the query."
                    )
        new = redacted_strings(texts, policy, finder=used, policies=policies, memory=memory)
        for values in rows:
            yield tuple(
                next(new) if index in asked and isinstance(value, str) else value
                for index, value in enumerate(values)
            )


def find_in_column(
    texts: Iterable[object], *, finder: PrivateFinder, name: str = ""
) -> list[list[dict[str, Any]] | None]:
    """Find private data in a column of texts of any length, of any kind of table.

    Workers of Ray, Spark or `datasets` call this on their batches, and `redact_column` on what it
    returns.

    Args:
        texts: The column's values: texts, or missing values such as None and NaN.
        finder: What finds private data.
        name: The column's name. Where it says that the values are a person's, as `surname` does,
            short values are read after it.

    Returns:
        For each text its private spans, as mappings with `start`, `end` (half-open, in characters),
        `label`, `score` and `source`, what found it; None for a missing value.

    Raises:
        DataError: For a value that is not text.
    """
    values = texts_of(texts, "texts")
    given = [value for value in values if value is not None]
    findings = find_in_texts(finder, given, [name] * len(given))
    spans: list[list[dict[str, Any]] | None] = []
    for value in values:
        spans.append(None if value is None else [_mapping(span) for span, _, _ in next(findings)])
    return spans


def _mapping(span: CharacterSpan) -> dict[str, Any]:
    # Not `asdict`, which copies every value.
    return {field.name: getattr(span, field.name) for field in fields(CharacterSpan)}


def redact_column(
    texts: Iterable[object],
    found: Iterable[Iterable[Mapping[str, Any]] | None],
    policy: Policy | str = "replace",
) -> list[str | None]:
    """Replace the private spans in a column of texts.

    Args:
        texts: The column's values.
        found: The spans of each, as `find_in_column` returned them.
        policy: What replaces a span: a policy, or the name of one that has no key.

    Returns:
        The texts without what was found; None for a missing value.

    Raises:
        DataError: For a value that is not text, a text without a list of spans, and spans that
            leave their text.
        ValueError: For more or fewer lists of spans than texts.
    """
    new: list[str | None] = []
    for text, spans in zip(texts_of(texts, "texts"), found, strict=True):
        if text is None:
            new.append(None)
            continue
        if spans is None:
            raise DataError(
                "Expected a list of spans for each text, got a text without one. Pass what "
                "`find_in_column` returned for these texts."
            )
        new.append(redact_characters(text, [CharacterSpan(**span) for span in spans], policy).text)
    return new


def texts_of(column: Iterable[object], name: object) -> list[str | None]:
    """Check that a column holds texts.

    Args:
        column: Its values.
        name: Its name, for the error.

    Returns:
        The texts; None for a missing value.

    Raises:
        DataError: For a value that is neither text nor missing, and for a string or a whole frame
            in place of a column.
    """
    if isinstance(column, str) or hasattr(column, "columns"):
        raise DataError(
            f"column {name!r}: expected a column of texts, got {type(column).__name__}. Pass "
            "one column."
        )
    values: list[str | None] = []
    for row, value in enumerate(column):
        if isinstance(value, str):
            values.append(value)
        elif _is_missing(value):
            values.append(None)
        else:
            raise DataError(
                f"column {name!r}, row {row}: expected text, got {type(value).__name__}."
            )
    return values


def redacted_strings(
    named: Sequence[tuple[str, str]],
    policy: Policy | str = "replace",
    *,
    finder: PrivateFinder | None = None,
    policies: Mapping[str, Policy | str] | None = None,
    memory: CellMemory | None = None,
) -> Iterator[str]:
    """Redact strings, each of which may be read after the name of its column or field.

    Args:
        named: The name of the column or the path of the field, empty for none, and the string.
        policy: What replaces a value: a policy, or the name of one that has no key.
        finder: What finds private values; None is the model `en_pii` with rules.
        policies: Policies for some labels, or their names, used instead of `policy`.
        memory: What the finder found in strings before; None remembers equal strings of this call
            alone.

    Returns:
        The strings without the values that were found.

    Raises:
        OptionError: For a label in `policies` that is not found.
    """
    finder = finder_of(finder)
    names = [name for name, _ in named]
    texts = [text for _, text in named]
    for_all = policy_of(policy)
    for_some = policies_of(policies)
    check_labels(for_some, finder.labels, option="policies")
    findings_of_texts = find_in_texts(finder, texts, names, memory=memory)

    def redacted(text: str, findings: Sequence[FoundSpan]) -> str:
        spans = [span for span, _, _ in findings]
        return redact_characters(text, spans, for_all, policies=for_some).text

    return map(redacted, texts, findings_of_texts)
