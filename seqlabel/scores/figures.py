"""Scores of spans as plain mappings for JSON and as lines of text, and false alarms; scores come from `metrics`."""

from collections.abc import Iterable, Sequence
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
        `beta`, and as `precision`, `recall`, `f1`, `f` (F-beta) and `support` the figures of `private_words` and
        `private_spans`, which ignore the type, of `exact` and `partial` matches, and by type of `types` and
        `partial_types`.
    """
    return {
        "beta": score.beta,
        "private_words": _row(score.blind_words),
        "private_spans": _row(score.blind_spans),
        "exact": _row(score.exact),
        "partial": _row(score.partial),
        "types": {name: _row(one) for name, one in score.types.items()},
        "partial_types": {name: _row(one) for name, one in score.partial_types.items()},
    }


def span_table(title: str, figures: SpanFigures) -> str:
    """Return figures of spans as lines of text, in per cent.

    Args:
        title: The head of the first column.
        figures: The result of `span_figures`.

    Returns:
        Lines without a line's end after the last: private words and spans, all types exact and partial, each type.
    """
    rows = {**{shown: figures[name] for name, shown in _NAMES.items()}, **figures["types"]}
    header = [title, "precision", "recall", "F1", f"F{figures['beta']:g}", "support"]
    shares = ("precision", "recall", "f1", "f")
    cells = [[name, *(f"{100 * row[one]:.1f}" for one in shares), str(row["support"])] for name, row in rows.items()]
    return "\n".join(table_lines(header, cells))


def false_alarms(found: Iterable[Document], layer: str) -> float:
    """Return how many spans were found in 1,000 words of documents in which there is nothing to find.

    Args:
        found: The documents as they were labelled; at least one has a word.
        layer: The layer of spans.

    Returns:
        Spans per 1,000 words.

    Raises:
        DataError: The documents have no words, or one lacks the layer.
    """
    spans = words = 0
    for number, document in enumerate(found):
        if layer not in document.spans:
            raise DataError(f"Document {number} has no layer of spans {layer!r}. Give documents that were labelled.")
        spans += len(document.spans[layer].spans)
        words += len(document)
    if not words:
        raise DataError("Found no words, so no share of false alarms. Give documents with words.")
    return 1000 * spans / words


def _row(score: LabelScore) -> dict[str, float]:
    found = asdict(score)
    both = score.precision + score.recall
    return {**found, "f1": 2 * score.precision * score.recall / both if both else 0.0}


def bare(documents: Sequence[Document]) -> list[Document]:
    """Return documents with their words and without any layer, as a labeler is given them.

    Args:
        documents: Documents with any layers.

    Returns:
        The same texts and words.
    """
    return [Document(document.text, document.offsets) for document in documents]
