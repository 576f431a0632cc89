"""The subcommand `seqlabel evaluate`: the scores of a model on a labelled file; nothing is trained
or written.
"""

import json
from dataclasses import dataclass

import typer

from seqlabel.cli.options import Columns, Json, Layer, ModelAndData, Processes, Quiet, Sensitivity
from seqlabel.commands.console import Status, messages


@dataclass(frozen=True, kw_only=True)
class EvaluateSettings:
    """The options of the command."""

    inputs: ModelAndData
    layer: Layer = None
    columns: Columns
    sensitivity: Sensitivity = 0.0
    processes: Processes = 1
    quiet: Quiet = False
    as_json: Json = False


def evaluate(settings: EvaluateSettings) -> None:
    """Measure a labeler on a labelled file.

    Exit status 1: the file has labels that the model does not know, which count as not found.
    """
    with messages(quiet=settings.quiet):
        from seqlabel.cli.scoring import gold_for, interval_lines
        from seqlabel.reports.report import Report

        model, data = settings.inputs.model_and_file()
        measurement = gold_for(model, data, settings.layer, settings.columns)
        pairs = measurement.pairs(sensitivity=settings.sensitivity, processes=settings.processes)
        report = Report.of(pairs, measurement.layer)
        if settings.as_json:
            print(json.dumps(measurement.as_json(pairs, report), ensure_ascii=False))
        else:
            print(report)
            print(interval_lines(pairs, report))
        measurement.say_what_is_unknown()
    if measurement.unknown:
        raise typer.Exit(Status.UNREAD)
