"""Scores of spans as plain mappings for JSON and as lines of text, and false alarms; scores come from `metrics`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from seqlabel.documents.document import Document
from seqlabel.errors import DataError
from seqlabel.scores.metrics import LabelScore, SpanScore


class Row(TypedDict):
    """One line of figures: shares between 0 and 1, `f` with the score's beta, and how many gold has."""

    precision: float
    recall: float
    f1: float
    f: float
    support: int


class SpanFigures(TypedDict):
    """The figures of a `SpanScore`; those of private words and spans ignore the type."""

    beta: float
    private_words: Row
    private_spans: Row
    exact: Row
    partial: Row
    types: dict[str, Row]
    partial_types: dict[str, Row]


def span_figures(score: SpanScore) -> SpanFigures:
    """Return the figures of a score of spans for a JSON file.

    Args:
        score: The score, with any beta.

    Returns:
        Precision, recall, F1, F-beta and support: of words and spans without regard to the type, of exact and partial
        matches, and of each type.
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
    rows: Mapping[str, Row] = {
        "private words": figures["private_words"],
        "private spans": figures["private_spans"],
        "all types, exact": figures["exact"],
        "all types, partial": figures["partial"],
        **figures["types"],
    }
    head = f"F{figures['beta']:g}"
    lines = [f"{title:<24} precision  recall     F1  {head:>5}  support"]
    for name, row in rows.items():
        shares = (row["precision"], row["recall"], row["f1"], row["f"])
        numbers = "  ".join(f"{100 * share:>{width}.1f}" for share, width in zip(shares, (9, 6, 5, 5), strict=True))
        lines.append(f"{name:<24} {numbers}  {row['support']:>7}")
    return "\n".join(lines)


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


def _row(score: LabelScore) -> Row:
    both = score.precision + score.recall
    return {
        "precision": score.precision,
        "recall": score.recall,
        "f1": 2 * score.precision * score.recall / both if both else 0.0,
        "f": score.f,
        "support": score.support,
    }


def bare(documents: Sequence[Document]) -> list[Document]:
    """Return documents with their words and without any layer, as a labeler is given them.

    Args:
        documents: Documents with any layers.

    Returns:
        The same texts and words.
    """
    return [Document(document.text, document.offsets) for document in documents]
