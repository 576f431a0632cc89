"""Labelled files read for a model that is measured, and its scores, as a table and as JSON; nothing
is trained.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from seqlabel.cli.data import Reading, read, some
from seqlabel.cli.loading import layers_of
from seqlabel.cli.options import Columns
from seqlabel.commands.console import counted, say
from seqlabel.commands.record import RECORD, use_of
from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.parts import labels_in
from seqlabel.models.folders import OUTPUTS, find_folder
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import Labeling, load_trained
from seqlabel.reports.report import Report
from seqlabel.runs.workers import Batch, Workers
from seqlabel.scores.intervals import Interval
from seqlabel.scores.trees import TreeScore

_TOGETHER = 256
"""Documents that are labelled together."""


@dataclass(frozen=True)
class Measurement:
    """A model and the documents that it is measured on.

    Args:
        name: The model's folder or name.
        data: The labelled file or folder.
        model: The model.
        layer: The layer to measure.
        gold: Documents that have it.
        unknown: Gold labels that the model does not know, sorted.
    """

    name: str
    data: Path
    model: Labeler
    layer: str
    gold: list[Document]
    unknown: list[str]

    def pairs(
        self, *, sensitivity: float = 0.0, processes: int = 1
    ) -> list[tuple[Document, Document]]:
        """Label the documents.

        Args:
            sensitivity: How readily a labeler of spans finds something; see
                `Labeler.with_sensitivity`.
            processes: How many processes label, each with a model of its own.

        Returns:
            Gold and predicted documents.

        Raises:
            OptionError: A sensitivity is given for a model without spans, and for less than one
                process.
        """
        work = Labeling(self.name, sensitivity)
        starts = range(0, len(self.gold), _TOGETHER)
        batches = [self.gold[start : start + _TOGETHER] for start in starts]
        # In one process the model that is loaded labels.
        make = work if processes > 1 else partial(work.of, self.model)
        with Workers(make, processes=processes) as workers:
            labeled = workers.run(Batch(None, list[str | Document](batch)) for batch in batches)
            predicted = [
                documents
                for _, documents in counted(labeled, "document", total=len(self.gold), size=_size)
            ]
        return list(zip(self.gold, chain.from_iterable(predicted), strict=True))

    def as_json(self, pairs: Sequence[tuple[Document, Document]], report: Report) -> dict[str, Any]:
        """Return the scores for JSON.

        Args:
            pairs: Gold and predicted documents.
            report: Their scores.

        Returns:
            Plain values: those of `figures`, the number of documents, and the labels that the model
            does not know.
        """
        return {
            "documents": len(self.gold),
            "unknown_labels": self.unknown,
            **figures(pairs, report),
        }

    def say_what_is_unknown(self) -> None:
        """Name the gold labels that the model does not know on stderr."""
        if self.unknown:
            labels = ", ".join(self.unknown)
            say(
                f"{self.data}: {self.name} does not know the labels {labels}; they count as not "
                "found."
            )


def _size(labeled: tuple[None, list[Document]]) -> int:
    """The number of documents of a batch."""
    return len(labeled[1])


def gold_for(model: str, data: Path, layer: str | None, columns: Columns) -> Measurement:
    """Load a model and read the labelled file that it is measured on.

    Args:
        model: The model's folder or name.
        data: The labelled file or folder.
        layer: The layer to measure; None for the model's first one.
        columns: How the file is read.

    Returns:
        Both, and what the labels are.

    Raises:
        CheckpointError: There is no model, or it is a language model.
        OptionError: The model lacks the layer, or the format does not fit it.
        DataError: The file cannot be read, or none of its labels is one of the model's.
    """
    if Path(model).is_file():
        raise OptionError(
            f"model: expected a model's folder or name, got the file {model}. Pass the model as "
            "--model, and the labelled file as the argument."
        )
    trained = load_trained(model)
    layers = layers_of(trained)
    if layer is not None and layer not in layers:
        raise OptionError(f"--layer: expected {', '.join(layers)}, got {layer!r}.")
    chosen = layer or next(iter(layers))
    task, labels = layers[chosen]
    gold, _ = read(data, Reading(task, trained.tokenize, chosen, columns))
    _warn_if_used(model, data)
    labels_there = {label for document in gold for label in labels_in(document, chosen) or ()}
    unknown = sorted(labels_there - set(labels))
    if unknown and len(unknown) == len(labels_there):
        raise DataError(
            f"The file's labels are {some(unknown)}, and the model knows {some(labels)}: none of "
            f"them is shared. Is it a model of another task, or the wrong column?"
        )
    return Measurement(model, data, trained, chosen, gold, unknown)


def _warn_if_used(model: str, data: Path) -> None:
    """Say on stderr where a model was trained on the file that it is measured on, or chosen on
    it.
    """
    folder = find_folder(model).absolute()
    above = folder.parent if folder.name in OUTPUTS else folder
    use = use_of(data, above / RECORD)
    if use is not None:
        used = f"{model} was trained" if use == "train" else f"the best epoch of {model} was chosen"
        say(
            f"{data}: {used} on this file, so the scores are too good. Pass a file that was not "
            "used in training."
        )


def figures(pairs: Sequence[tuple[Document, Document]], report: Report) -> dict[str, Any]:
    """Return scores for JSON, without confusions.

    Args:
        pairs: Gold and predicted documents.
        report: Their scores.

    Returns:
        Plain values: dictionaries, strings and numbers. `interval` is the 95 % interval of F of all
        labels together; for trees `figure_intervals` are those of their measures.
    """
    scores = asdict(report.score)
    scores.pop("confusion")
    error = None if report.reliability is None else report.reliability.error
    return {
        "layer": report.layer,
        **scores,
        "calibration_error": error,
        **_intervals(pairs, report),
    }


def _intervals(pairs: Sequence[tuple[Document, Document]], report: Report) -> dict[str, Any]:
    """The intervals of the main figures, for JSON."""
    if isinstance(report.score, TreeScore):
        of_measures = report.figure_intervals(pairs)
        return {
            "figure_intervals": {
                name: [interval.low, interval.high] for name, interval in of_measures.items()
            }
        }
    every, _ = report.intervals(pairs)
    return {"interval": [every.low, every.high]}


def page_figures(pairs: Sequence[tuple[Document, Document]], report: Report) -> dict[str, Any]:
    """Return what a page shows besides the scores, for JSON.

    Args:
        pairs: Gold and predicted documents.
        report: Their scores.

    Returns:
        Plain values: the 95 % interval of F of all labels together (`interval`) and of each
        (`intervals`), the bins of confidence and accuracy (`calibration`; None without
        probabilities), and how often which label was taken for which (`confusion`).
    """
    every, by_label = report.intervals(pairs)
    by_figure = report.figure_intervals(pairs)
    figure_intervals = {name: [interval.low, interval.high] for name, interval in by_figure.items()}
    intervals = {
        label: [interval.low, interval.high] for label, interval in sorted(by_label.items())
    }
    calibration = None
    if report.reliability is not None:
        calibration = [asdict(bin) for bin in report.reliability.bins]
    return {
        "interval": [every.low, every.high],
        "figure_intervals": figure_intervals,
        "intervals": intervals,
        "calibration": calibration,
        "confusion": asdict(report.score.confusion),
    }


def interval_lines(pairs: Sequence[tuple[Document, Document]], report: Report) -> str:
    """Return lines that say how far the scores of few documents can be trusted.

    Args:
        pairs: The gold and predicted documents.
        report: Their scores.

    Returns:
        The 95 % interval of F of all labels together, or, for trees, of each of their measures.
    """
    documents = f"{len(pairs):,} documents"
    if not isinstance(report.score, TreeScore):
        every, _ = report.intervals(pairs)
        return _interval_line(f"95 % interval of F{report.beta:g}, {documents}", every)
    of_measures = report.figure_intervals(pairs)
    lines = [_interval_line(name, interval) for name, interval in of_measures.items()]
    return "\n".join([f"95 % intervals, {documents}", *lines])


def _interval_line(name: str, interval: Interval) -> str:
    """A line that has its numbers under those of a report."""
    return f"{name:<40}{interval.low:>10.3f} to {interval.high:.3f}"
