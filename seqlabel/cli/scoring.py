"""Scores of a model on labelled documents, as a table and as JSON, for `train` and `evaluate`; nothing is trained."""

from collections.abc import Container, Sequence
from dataclasses import asdict
from typing import Any

from seqlabel.cli.options import Task
from seqlabel.documents.document import Document
from seqlabel.models.trained import Trained
from seqlabel.reports.report import Report


def report_on(
    model: Trained, task: Task, layer: str, gold: Sequence[Document], *, known: Container[str] = frozenset()
) -> Report:
    """Label documents and compare them with their gold labels.

    Args:
        model: A labeler or a classifier.
        task: What the layer is.
        layer: The layer to score.
        gold: Documents that have it.
        known: The words of the training documents, for tags.

    Returns:
        The report.

    Raises:
        DataError: The documents cannot be scored.
    """
    pairs = list(zip(gold, model(gold), strict=True))
    if task is Task.SPANS:
        return Report.from_spans(pairs, layer)
    if task is Task.TAGS:
        return Report.from_tags(pairs, layer, known=known)
    return Report.from_categories(pairs, layer)


def figures(report: Report) -> dict[str, Any]:
    """Return a report's scores for JSON, without confusions and curves.

    Args:
        report: The report.

    Returns:
        Plain values: dictionaries, strings and numbers.
    """
    scores = asdict(report.score)
    scores.pop("confusion")
    error = None if report.reliability is None else report.reliability.error
    return {"layer": report.layer, **scores, "calibration_error": error}
