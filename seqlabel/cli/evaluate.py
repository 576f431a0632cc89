"""The subcommand `seqlabel evaluate`: the scores of a model on a labelled file; nothing is trained or written."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.console import messages, say
from seqlabel.cli.options import Config, Encoding, FormatName, Json, LabelColumn, Layer, Quiet, Tag, TextColumn, Word
from seqlabel.errors import DataError, OptionError

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.models.trained import Trained


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

    \f
    Args:
        model: A model's folder or name.
        data: The labelled file or folder.
        layer: The layer to measure; None for the model's first one.
        format: The name of the file's format; None to tell it by the file.
        word: The column of the words, from 0.
        tag: The column of the tags, from 0, or from the end where negative.
        text: The column of the texts in a table.
        label: The column of the labels in a table.
        encoding: The encoding of the file.
        quiet: Whether to leave out the note on unknown labels.
        as_json: Whether to print the result as JSON.
        config: A TOML file with options.
    """
    with messages():
        from seqlabel.cli.data import Reading, format_of, read
        from seqlabel.cli.loading import layers_of, load
        from seqlabel.cli.scoring import figures, report_on
        from seqlabel.formats.any_format import Format

        trained = load(model)
        layers = layers_of(trained)
        if layer is not None and layer not in layers:
            raise OptionError(f"--layer: found {layer!r}; {model} has {', '.join(layers)}.")
        chosen = layer or next(iter(layers))
        task, labels = layers[chosen]
        reading = Reading(task, trained.tokenise, chosen, format, word, tag, text, label, encoding)
        if format_of(data, reading) is Format.CONLLU and chosen not in ("upos", "xpos"):
            raise OptionError(
                f"{data}: CoNLL-U has the layers upos and xpos, and {model} writes {chosen!r}. "
                f"Give a file of columns, or a model of parts of speech."
            )
        gold, _ = read(data, reading)
        unknown = _unknown(gold, chosen, labels, trained)
        report = report_on(trained, task, chosen, gold)
        if as_json:
            print(
                json.dumps({"documents": len(gold), "unknown_labels": unknown, **figures(report)}, ensure_ascii=False)
            )
        else:
            print(report)
        if unknown and not quiet:
            say(f"{data}: {model} does not know the labels {', '.join(unknown)}; they count as not found.")
    if unknown:
        raise typer.Exit(1)


def _unknown(gold: "list[Document]", layer: str, labels: tuple[str, ...], model: "Trained") -> list[str]:
    """Return the gold labels that a model does not know. Raises `DataError` where it knows none of them."""
    from seqlabel.cli.data import labels_in

    found = {one for document in gold for one in labels_in(document, layer) or ()}
    unknown = sorted(found - set(labels))
    if unknown and len(unknown) == len(found):
        raise DataError(
            f"The file's labels are {', '.join(unknown[:5])}, and the model knows {', '.join(labels[:5])}, …: none of "
            f"them is shared. Is it a model of another task, or the wrong column?"
        )
    return unknown
