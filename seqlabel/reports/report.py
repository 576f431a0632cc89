"""A report on a layer of labels: a table to print, and a JSON file; `metrics` counts, `page`
draws.
"""

from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.io.files import write_json
from seqlabel.io.folders import make_folder
from seqlabel.io.markup import table_html, table_lines
from seqlabel.scores.calibration import Reliability, reliability
from seqlabel.scores.intervals import Interval
from seqlabel.scores.items import intervals_of, items_of
from seqlabel.scores.metrics import (
    CategoryScore,
    LabelScore,
    SpanScore,
    TagScore,
    score_categories,
    score_spans,
    score_tags,
)
from seqlabel.scores.trees import TreeScore, score_trees, tree_intervals

_COLUMN = 9


@dataclass(frozen=True)
class Report:
    """How well a layer is predicted; `print` shows it as a table, frequent labels first.

    For spans, `partial` in the table is F with partial matches, `any type` the label-blind scores
    of `SpanScore`.

    Args:
        layer: The name of the layer.
        score: Its scores.
        reliability: How accurate predictions of each confidence are; None where the predictions
            have no scores.
    """

    layer: str
    score: TagScore | SpanScore | CategoryScore | TreeScore
    reliability: Reliability | None

    @classmethod
    def of(
        cls,
        pairs: Sequence[tuple[Document, Document]],
        layer: str,
        *,
        known: Container[str] | None = None,
        beta: float = 1.0,
        ignore: Container[str] = frozenset(),
    ) -> "Report":
        """Report on a layer; see `score_tags`, `score_spans` and `score_categories`.

        Args:
            pairs: Gold and predicted documents.
            layer: The name of the layer.
            known: Of tags, the words that were trained on; the accuracy on others is then reported
                too.
            beta: Of spans, how many times recall counts as much as precision in F.
            ignore: Of spans, the labels that are not scored.

        Returns:
            The report.

        Raises:
            DataError: The documents cannot be scored.
            OptionError: `beta` is not above 0.
        """
        score: TagScore | SpanScore | CategoryScore | TreeScore
        if any(layer in gold.spans for gold, _ in pairs):
            score = score_spans(pairs, layer, beta=beta, ignore=ignore)
        elif any(layer in gold.categories for gold, _ in pairs):
            score = score_categories(pairs, layer)
        elif any(layer in gold.trees for gold, _ in pairs):
            score = score_trees(pairs, layer)
        else:
            score = score_tags(pairs, layer, known=known)
        confidences: list[float] = []
        correct: list[bool] = []
        for item in items_of(pairs, layer):
            if item.score is not None and item.label not in ignore:
                confidences.append(item.score)
                correct.append(item.in_gold)
        return cls(layer, score, reliability(confidences, correct) if confidences else None)

    def __repr__(self) -> str:
        if isinstance(self.score, SpanScore):
            figure = f"F{self.score.beta:g} {_number(self.score.exact.f)}"
        else:
            name, value = self.figures()[0]
            figure = f"{name} {_number(value)}"
        return f"Report({self._title()}; {figure})"

    def __str__(self) -> str:
        header, rows, totals = self._table()
        if totals:
            rows.append([""] * len(header))
        right_aligned = [f"{name:>{_COLUMN}}" for name in header[1:]]
        lines = [self._title(), ""]
        lines += table_lines([header[0], *right_aligned], [*rows, *totals])
        lines.append("")
        for name, value in self.figures():
            lines.append(f"{name:<40}{_number(value):>10}")
        return "\n".join(lines).rstrip()

    def _repr_html_(self) -> str:
        """The scores as a table for a notebook."""
        header, rows, totals = self._table()
        html = table_html(header, [*rows, *totals], caption=self._title())
        for name, value in self.figures():
            html += f"<div>{name}: <b>{_number(value)}</b></div>"
        return html

    def _table(self) -> tuple[list[str], list[list[str]], list[list[str]]]:
        """The header, the rows of labels, frequent ones first, and those of all spans together."""
        score = self.score
        rows: list[list[str]] = []
        if not isinstance(score, SpanScore):
            for label, label_score in self.labels.items():
                rows.append([label, *_cells(label_score)])
            return ["label", "precision", "recall", "F1", "support"], rows, []
        for label, label_score in self.labels.items():
            partial = _number(score.partial_types[label].f)
            rows.append([label, *_cells(label_score, partial)])
        totals = [
            ["all", *_cells(score.exact, _number(score.partial.f))],
            ["mean of the types", *_cells(score.macro, "-")],
            ["spans, any type", *_cells(score.blind_spans, "-")],
            ["words, any type", *_cells(score.blind_words, "-")],
        ]
        return (
            ["type", "precision", "recall", f"F{score.beta:g}", "partial", "support"],
            rows,
            totals,
        )

    @property
    def labels(self) -> dict[str, LabelScore]:
        """The scores of each label, frequent ones first."""
        labels = self.score.types if isinstance(self.score, SpanScore) else self.score.labels
        return dict(sorted(labels.items(), key=lambda item: (-item[1].support, item[0])))

    @property
    def beta(self) -> float:
        """The weight of recall in F."""
        return self.score.beta if isinstance(self.score, SpanScore) else 1.0

    def intervals(
        self, pairs: Sequence[tuple[Document, Document]]
    ) -> tuple[Interval, dict[str, Interval]]:
        """Estimate the 95 % intervals of F.

        Args:
            pairs: The gold and predicted documents that the report is about.

        Returns:
            The interval of all labels together, and that of each, in the report's order.
        """
        every, *others = intervals_of(
            items_of(pairs, self.layer), list(self.labels), beta=self.beta
        )
        return every, dict(zip(self.labels, others, strict=True))

    def figure_intervals(self, pairs: Sequence[tuple[Document, Document]]) -> dict[str, Interval]:
        """Estimate the 95 % intervals of UAS, LAS and CLAS.

        Args:
            pairs: The gold and predicted documents that the report is about.

        Returns:
            The intervals by the names of `figures`; none for a layer that is not one of trees.
        """
        if not isinstance(self.score, TreeScore):
            return {}
        names = [name for name, _ in self.figures()]
        return dict(zip(names, tree_intervals(pairs, self.layer).values(), strict=False))

    def _title(self) -> str:
        score = self.score
        if isinstance(score, SpanScore):
            return f"{self.layer}: {score.exact.support:,} spans"
        if isinstance(score, TagScore | TreeScore):
            return f"{self.layer}: {score.words:,} words"
        return f"{self.layer}: {score.documents:,} documents"

    def figures(self) -> list[tuple[str, float]]:
        """List the figures that are not those of a label.

        Returns:
            Their names and values: accuracy and macro F1, or UAS, LAS and CLAS, and the expected
            calibration error, where they apply.
        """
        score = self.score
        figures: list[tuple[str, float]] = []
        if isinstance(score, TreeScore):
            figures.append(("UAS", score.uas))
            figures.append(("LAS", score.las))
            figures.append(("LAS without subtypes", score.las_universal))
            figures.append(("CLAS", score.clas))
        elif not isinstance(score, SpanScore):
            figures.append(("accuracy", score.accuracy))
            if isinstance(score, TagScore) and score.unknown_accuracy is not None:
                figures.append(
                    (f"accuracy on {score.unknown_words:,} unknown words", score.unknown_accuracy)
                )
            figures.append(("macro F1", score.macro_f1))
        if self.reliability is not None:
            figures.append(("expected calibration error", self.reliability.error))
        return figures

    def write(self, folder: Path | str) -> None:
        """Write every figure to `report.json`.

        Args:
            folder: The folder to write to, which is made where it is missing.

        Raises:
            OptionError: The folder cannot be made.
        """
        write_json(make_folder(Path(folder)) / "report.json", asdict(self))


def _cells(score: LabelScore, *others: str) -> list[str]:
    return [*map(_number, (score.precision, score.recall, score.f)), *others, f"{score.support:,}"]


def _number(value: float) -> str:
    return f"{value:.4f}"
