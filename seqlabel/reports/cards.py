"""The metadata at the head of a card, as Hugging Face reads them; what a card says is written elsewhere."""

from collections.abc import Mapping

import srsly

from seqlabel.reports.report import Report
from seqlabel.scores.metrics import SpanScore


def front_matter(values: Mapping[str, object]) -> str:
    """Write the metadata of a card.

    Args:
        values: The metadata by name; those that are None or empty are left out.

    Returns:
        YAML between two lines of dashes.

    Example:
        >>> print(front_matter({"library_name": "seqlabel", "tags": ["ner"], "license": None}))
        ---
        library_name: seqlabel
        tags:
        - ner
        ---
    """
    kept = {name: value for name, value in values.items() if value}
    return f"---\n{srsly.yaml_dumps(kept)}---"


def results(name: str, task: str, data: str, report: Report) -> list[dict[str, object]]:
    """Return a report's main figures as a `model-index`, which model pages of the Hub show.

    Args:
        name: The name of the model.
        task: The task as the Hub names it, such as `token-classification`.
        data: The name of the data that were scored.
        report: The scores.

    Returns:
        The value of `model-index`.
    """
    score = report.score
    if isinstance(score, SpanScore):
        figures = {
            "precision": score.exact.precision,
            "recall": score.exact.recall,
            "f1" if score.beta == 1 else f"f{score.beta:g}": score.exact.f,
        }
    else:
        figures = {"accuracy": score.accuracy, "macro_f1": score.macro_f1}
    metrics = [{"type": kind, "value": round(value, 4), "name": kind} for kind, value in figures.items()]
    dataset = {"name": data, "type": "own"}
    return [{"name": name, "results": [{"task": {"type": task}, "dataset": dataset, "metrics": metrics}]}]
