"""The subcommand `seqlabel next`: the texts of a pool from which a model would learn most; nothing
is trained.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.options import Layer, Model, Output, Quiet, Texts
from seqlabel.cli.unread import RecordReports, say_what_is_left_out
from seqlabel.cli.writing import open_or_stdout, output_format
from seqlabel.commands.console import Failures, Status, counted, messages, note
from seqlabel.errors import OptionError


@dataclass(frozen=True, kw_only=True)
class NextSettings:
    """The options of the command."""

    pool: Annotated[
        list[Path],
        typer.Argument(help="Texts without labels, in any format that `seqlabel label` reads."),
    ]
    model: Model
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="How many texts to choose.")
    ] = 50
    layer: Layer = None
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="jsonl (the default; with each text's doubt), or for an annotation tool "
            "label-studio, doccano or "
            "prodigy; spans, conll, conllu and docbin too. Default: by the suffix of --output.",
        ),
    ] = None
    output: Output = None
    texts: Texts
    quiet: Quiet = False


def next_texts(settings: NextSettings) -> None:
    """Choose the texts to label next: those whose labels a model doubts most, each unlike the
    others.

    Each is a line of JSON with the model's labels, to be corrected, and its `doubt`; other fields
    of its line are kept. With --to an annotation tool imports the file, and shows the model's
    labels. Near-duplicates are left out. Exit status 1: a line could not be read.
    """
    reports = RecordReports()
    failures = Failures()
    with messages(quiet=settings.quiet, output=settings.output):
        from seqlabel.cli.texts import TextReader, find_inputs
        from seqlabel.models.choosing import choose_next
        from seqlabel.models.trained import load_trained

        form = output_format(settings.to, settings.output, terminal=False)
        assert form.writer is not None
        if form.writer.is_binary and settings.output is None:
            raise OptionError(
                "A packed file of Docs cannot be written to stdout. Pass --output FILE.spacy."
            )
        inputs = find_inputs(settings.pool, settings.output)
        model = load_trained(settings.model)
        reader = TextReader(
            settings.texts,
            withhold=reports,
            failed=failures,
            fields=True,
            names_files=any(path.is_dir() for path in settings.pool),
        )
        pool = [text for batch in reader.files(inputs.read) for text in batch]
        say_what_is_left_out(inputs.left_out, inputs.hidden)
        contents = [text.content for text in pool]
        shown = partial(counted, unit="text", total=len(pool))
        chosen = choose_next(model, contents, settings.count, layer=settings.layer, shown=shown)
        lines = form.write(
            (text.document, {**pool[text.number].fields, "doubt": round(text.doubt, 4)})
            for text in chosen
        )
        with open_or_stdout(settings.output) as target:
            for line in lines:
                target.write(line)
        note(f"{len(chosen):,} of {len(pool):,} texts")
    if reports.count or failures.count or inputs.left_out:
        raise typer.Exit(Status.UNREAD)
