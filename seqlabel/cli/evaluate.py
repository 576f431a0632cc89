"""The subcommand `seqlabel evaluate`: the scores of a model on a labelled file; nothing is trained or written."""

import json
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.console import messages, say
from seqlabel.cli.options import Config, Encoding, FormatName, Json, LabelColumn, Layer, Quiet, Tag, TextColumn, Word


def evaluate(
    model: Annotated[str, typer.Argument(help="A model's folder, or the name of one that ships.")],
    data: Annotated[Path, typer.Argument(help="Labelled file or folder to measure on.")],
    layer: Layer = None,
    format: FormatName = None,
    word: Word = 0,
    tag: Tag = -1,
    text: TextColumn = "text",
    label: LabelColumn = "label",
    encoding: Encoding = "utf-8",
    quiet: Quiet = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Measure a labeler or a classifier on a labelled file.

    Exit status 1: the file has labels that the model does not know, which count as not found.
    """
    with messages():
        from seqlabel.cli.data import Columns
        from seqlabel.cli.scoring import figures, gold_for, report_on

        found = gold_for(model, data, layer, Columns(format, word, tag, text, label, encoding))
        report = report_on(found.model, found.task, found.layer, found.gold)
        if as_json:
            scores = {"documents": len(found.gold), "unknown_labels": found.unknown, **figures(report)}
            print(json.dumps(scores, ensure_ascii=False))
        else:
            print(report)
        if found.unknown and not quiet:
            say(f"{data}: {model} does not know the labels {', '.join(found.unknown)}; they count as not found.")
    if found.unknown:
        raise typer.Exit(1)
