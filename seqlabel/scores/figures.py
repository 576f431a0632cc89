"""Scores of spans as plain mappings for JSON and as lines of text, and false alarms; scores come
from `metrics`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from seqlabel.documents.document import Document
from seqlabel.errors import DataError
from seqlabel.io.markup import table_lines
from seqlabel.scores.metrics import LabelScore, SpanScore

SpanFigures = dict[str, Any]
"""The figures of a `SpanScore`, by the names that `span_figures` gives them."""
_NAMES = {
    "private_words": "private words",
    "private_spans": "private spans",
    "exact": "all types, exact",
    "partial": "all types, partial",
}


def span_figures(score: SpanScore) -> SpanFigures:
    """Return the figures of a score of spans for a JSON file.

    Args:
        score: The score, with any beta.

    Returns:
        `beta`, and as `precision`, `recall`, `f1`, `f` (F-beta) and `support` the figures of
        `private_words` and `private_spans`, which ignore the type, of `exact` and `partial`
        matches, and by type of `types` and `partial_types`.
    """
    return {
        "beta": score.beta,
        "private_words": _row(score.blind_words),
        "private_spans": _row(score.blind_spans),
        "exact": _row(score.exact),
        "partial": _row(score.partial),
        "types": _rows(score.types),
        "partial_types": _rows(score.partial_types),
    }


def span_table(title: str, figures: SpanFigures) -> str:
    """Return figures of spans as lines of text, in per cent.

    Args:
        title: The head of the first column.
        figures: The result of `span_figures`.

    Returns:
        Lines without a line's end after the last: private words and spans, all types exact and
        partial, each type.
    """
    rows = {title: figures[name] for name, title in _NAMES.items()}
    rows.update(figures["types"])
    header = [title, "precision", "recall", "F1", f"F{figures['beta']:g}", "support"]
    cells: list[list[str]] = []
    for name, row in rows.items():
        percents = [f"{100 * row[share]:.1f}" for share in ("precision", "recall", "f1", "f")]
        cells.append([name, *percents, str(row["support"])])
    return "\n".join(table_lines(header, cells))


def false_alarms(found: Iterable[Document], layer: str) -> float:
    """Return the number of false alarms per 1,000 words, from documents without gold spans.

    Args:
        found: The labelled documents; at least one has a word.
        layer: The layer of spans.

    Returns:
        Spans per 1,000 words.

    Raises:
        DataError: The documents have no words, or one lacks the layer.
    """
    spans = 0
    words = 0
    for number, document in enumerate(found):
        if layer not in document.spans:
            raise DataError(
                f"Document {number}: expected a layer of spans {layer!r}. Label the document first."
            )
        spans += len(document.spans[layer].spans)
        words += len(document)
    if not words:
        raise DataError("Expected documents with words, got none.")
    return 1000 * spans / words


def _rows(scores: Mapping[str, LabelScore]) -> dict[str, dict[str, float]]:
    return {name: _row(score) for name, score in scores.items()}


def _row(score: LabelScore) -> dict[str, float]:
    total = score.precision + score.recall
    f1 = 2 * score.precision * score.recall / total if total else 0.0
    return {**asdict(score), "f1": f1}


def bare(documents: Sequence[Document]) -> list[Document]:
    """Return documents with their words and without any layer, as a labeler is given them.

    Args:
        documents: Documents with any layers.

    Returns:
        The same texts and words.
    """
    return [Document(document.text, document.offsets) for document in documents]
