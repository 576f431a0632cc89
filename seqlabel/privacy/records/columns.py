"""Columns of texts, of any kind of table: private data found in them, and replaced; tables themselves are elsewhere.

Workers of Ray, Spark or `datasets` call these functions on their batches: plain lists go in and come out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.records.objects import texts_of
from seqlabel.privacy.records.workers import find_in_texts
from seqlabel.privacy.replacing.encryption import Numbering
from seqlabel.privacy.replacing.policies import Policy
from seqlabel.privacy.replacing.redacted import redact_characters


def find_in_column(
    texts: Iterable[object], *, finder: PrivateFinder, name: str = ""
) -> list[list[dict[str, Any]] | None]:
    """Find private data in a column of texts of any length.

    Args:
        texts: The column's values: texts, or missing values such as None and NaN.
        finder: What finds private data.
        name: The column's name. Where it says that the values are a person's, as `surname` does, short values are read
            behind it.

    Returns:
        For each text its private spans, as mappings with `start`, `end` (half-open, in characters), `label` and
        `score`; None for a missing value.

    Raises:
        DataError: For a value that is not text.
    """
    values = texts_of(texts, "texts")
    given = [value for value in values if value is not None]
    found = find_in_texts(finder, given, [name] * len(given))
    return [None if value is None else [asdict(span) for span, _, _ in next(found)] for value in values]


def redact_column(
    texts: Iterable[object], found: Iterable[Iterable[Mapping[str, Any]] | None], policy: Policy
) -> list[str | None]:
    """Replace the private spans in a column of texts.

    Args:
        texts: The column's values.
        found: The spans of each, as `find_in_column` returned them.
        policy: What replaces a span.

    Returns:
        The texts without what was found; None for a missing value.

    Raises:
        DataError: For a value that is not text, a text without a list of spans, and spans that leave their text.
        ValueError: For more or fewer lists of spans than texts.
    """
    return [
        None if text is None else _redacted(text, spans, policy)
        for text, spans in zip(texts_of(texts, "texts"), found, strict=True)
    ]


def _redacted(text: str, spans: Iterable[Mapping[str, Any]] | None, policy: Policy) -> str:
    if spans is None:
        raise DataError("Found a text without a list of spans. Give what `find_in_column` returned for these texts.")
    found = [CharacterSpan(one["start"], one["end"], one["label"], one["score"]) for one in spans]
    return redact_characters(text, found, policy, numbering=Numbering()).text
