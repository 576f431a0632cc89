"""Cards filled in, and the scores on them: a table, and the `model-index` of the metadata that
`metadata` writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from seqlabel.documents.document import Document
from seqlabel.reports.report import Report
from seqlabel.scores.intervals import Interval
from seqlabel.scores.metrics import LabelScore, SpanScore
from seqlabel.scores.trees import TreeScore


def score_table(report: Report, pairs: Sequence[tuple[Document, Document]]) -> str:
    """Write the scores of a report as a table in Markdown, with 95 % intervals of F.

    Args:
        report: The scores of the pairs.
        pairs: Gold and predicted documents.

    Returns:
        The table, frequent labels first, all labels together last, and below it the other figures.
    """
    every, intervals = report.intervals(pairs)
    rows: list[str] = []
    for label, interval in intervals.items():
        rows.append(_scores_row(label.replace("|", r"\|"), report.labels[label], interval))
    figure_intervals = report.figure_intervals(pairs)
    figures: list[str] = []
    for name, value in report.figures():
        figure = f"- {name}: {value:.4f}"
        if name in figure_intervals:
            figure += f" (95 % interval {_between(figure_intervals[name])})"
        figures.append(figure)
    if isinstance(report.score, SpanScore):
        rows.append(_scores_row("**all**", report.score.exact, every))
    elif not isinstance(report.score, TreeScore):
        figures[0] += f" (95 % interval {_between(every)})"
    head = [
        f"| label | precision | recall | F{report.beta:g} | 95 % interval | support |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows, "", *figures]).rstrip()


def _scores_row(name: str, score: LabelScore, interval: Interval) -> str:
    values = f"{score.precision:.4f} | {score.recall:.4f} | {score.f:.4f}"
    return f"| {name} | {values} | {_between(interval)} | {score.support:,} |"


def _between(interval: Interval) -> str:
    return f"{interval.low:.3f}–{interval.high:.3f}"


@dataclass(frozen=True)
class Scored:
    """What a model was scored on, and how well it did.

    Args:
        data: The name of the data.
        metrics: Values by name; the last word of a name is the metric as the Hub calls it, such as
            `accuracy`.
        type: The data set on the Hub; `own` for data that are not there.
        config: Which of its parts; None where it has one alone.
        split: Which split, such as `test`.
        sha256: The hash of the data.
        seed: The seed of the training.
    """

    data: str
    metrics: Mapping[str, float]
    type: str = "own"
    config: str | None = None
    split: str | None = None
    sha256: str | None = None
    seed: int | None = None


def main_figures(report: Report) -> dict[str, float]:
    """Return the figures of a report that name a model's quality in a line.

    Args:
        report: The scores.

    Returns:
        Values by the names of metrics.
    """
    score = report.score
    if isinstance(score, SpanScore):
        f = "f1" if score.beta == 1 else f"f{score.beta:g}"
        return {"precision": score.exact.precision, "recall": score.exact.recall, f: score.exact.f}
    if isinstance(score, TreeScore):
        return {"UAS": score.uas, "LAS": score.las, "CLAS": score.clas}
    return {"accuracy": score.accuracy, "macro_f1": score.macro_f1}


def model_index(name: str, task: str, scored: Sequence[Scored]) -> list[dict[str, object]]:
    """Return scores as a `model-index`, which model pages of the Hub show.

    Args:
        name: The name of the model.
        task: The task as the Hub names it, such as `token-classification`.
        scored: The scores on each data set.

    Returns:
        The value of `model-index`.

    Example:
        >>> scored = Scored("EWT", {"UPOS accuracy": 0.96447})
        >>> (index,) = model_index("en_pos", "token-classification", [scored])
        >>> index["results"][0]["metrics"]
        [{'type': 'accuracy', 'value': 0.9645, 'name': 'UPOS accuracy'}]
    """
    results = [_result(task, row) for row in scored]
    return [{"name": name, "results": results}]


def _result(task: str, scored: Scored) -> dict[str, object]:
    metrics: list[dict[str, object]] = []
    for name, value in scored.metrics.items():
        metric: dict[str, object] = {
            "type": name.split()[-1],
            "value": round(value, 4),
            "name": name,
        }
        if scored.seed is not None:
            metric["args"] = {"seed": scored.seed}
        metrics.append(metric)
    hashed = None if scored.sha256 is None else {"sha256": scored.sha256}
    dataset = {
        "name": scored.data,
        "type": scored.type,
        "config": scored.config,
        "split": scored.split,
        "args": hashed,
    }
    known = {name: value for name, value in dataset.items() if value is not None}
    return {"task": {"type": task}, "dataset": known, "metrics": metrics}


def fill_card(name: str, values: Mapping[str, object]) -> str:
    """Fill in a card.

    Args:
        name: The file of the template, in this package: `model_card.md`, `encoder_card.md` or
            `package_card.md`.
        values: The values of the names in the template.

    Returns:
        The card, in Markdown.
    """
    template = files("seqlabel.reports").joinpath(name).read_text(encoding="utf-8")
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(template).render(values)
