"""The subcommand `seqlabel report`: the scores of a model on a labelled file as a page of HTML;
nothing is trained.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.options import Columns, Layer, ModelAndData, Processes, Quiet, Sensitivity
from seqlabel.commands.console import Status, messages

if TYPE_CHECKING:
    from seqlabel.documents.document import Document


@dataclass(frozen=True, kw_only=True)
class ReportSettings:
    """The options of the command."""

    inputs: ModelAndData
    output: Annotated[Path, typer.Option("--output", "-o", help="HTML file to write.")] = Path(
        "report.html"
    )
    mask: Annotated[
        bool,
        typer.Option(
            "--mask", help="Mask private data in the texts shown (needs seqlabel-rnn[pii])."
        ),
    ] = False
    layer: Layer = None
    columns: Columns
    sensitivity: Sensitivity = 0.0
    processes: Processes = 1
    quiet: Quiet = False
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print the page's figures as JSON: evaluate's, intervals and calibration.",
        ),
    ] = False


def report(settings: ReportSettings) -> None:
    """Write a page on how a model does on a labelled file: scores, confusions, and every
    disagreement.

    The page needs no other file and no network. It holds the texts: use `--mask` where it will be
    passed on. That masks what `en_pii` finds, and spans of data and model whose label names private
    data, such as PER. Exit status 1: the file has labels that the model does not know, which count
    as not found.
    """
    with messages(quiet=settings.quiet):
        from seqlabel.cli.scoring import gold_for, page_figures
        from seqlabel.reports.page import write_page
        from seqlabel.reports.report import Report

        model, data = settings.inputs.model_and_file()
        measurement = gold_for(model, data, settings.layer, settings.columns)
        pairs = measurement.pairs(sensitivity=settings.sensitivity, processes=settings.processes)
        scores = Report.of(pairs, measurement.layer)
        masked = _masked(pairs, measurement.layer) if settings.mask else None
        write_page(
            settings.output,
            scores,
            pairs,
            model=Path(model).name or model,
            data=data.name,
            masked=masked,
        )
        if settings.as_json:
            values = {
                "page": str(settings.output),
                **measurement.as_json(pairs, scores),
                **page_figures(pairs, scores),
            }
            print(json.dumps(values, ensure_ascii=False))
        elif not settings.quiet:
            print(settings.output)
        measurement.say_what_is_unknown()
    if measurement.unknown:
        raise typer.Exit(Status.UNREAD)


def _masked(pairs: "Sequence[tuple[Document, Document]]", layer: str) -> list[str]:
    """Return the texts with private data masked: what the finder finds, and what gold or the model
    marks as such.
    """
    from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
    from seqlabel.privacy.replacing.policies import Mask
    from seqlabel.privacy.replacing.redacted import redact_characters
    from seqlabel.privacy.rules.labels import is_private

    texts = []
    for (gold, predicted), private in zip(
        pairs, PrivateFinder()(gold.text for gold, _ in pairs), strict=True
    ):
        spans = private.character_spans(LAYER)
        if layer in gold.spans:
            marked = [*gold.character_spans(layer), *predicted.character_spans(layer)]
            spans += [span for span in marked if layer == LAYER or is_private(span.label)]
        texts.append(redact_characters(gold.text, spans, Mask()).text)
    return texts
