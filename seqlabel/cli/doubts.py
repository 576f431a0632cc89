"""The subcommand `seqlabel doubts`: labels that are probably wrong, with a model's answer; none is
changed.
"""

import json
import sys
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.options import Columns, Json, Layer, ModelAndData, Quiet, Task
from seqlabel.commands import Seed
from seqlabel.commands.console import messages, note

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.models.doubts import Doubt

_AROUND = 30
"""Characters that are shown on each side of a label."""


@dataclass(frozen=True, kw_only=True)
class DoubtsSettings:
    """The options of the command."""

    inputs: ModelAndData
    task: Annotated[
        Task | None, typer.Option(help="What the labels are, where --model is an encoder.")
    ] = None
    layer: Layer = None
    columns: Columns
    folds: Annotated[
        int, typer.Option(min=2, help="Parts of the file that are read by a model of the others.")
    ] = 5
    most: Annotated[
        int | None, typer.Option("-n", "--count", min=1, help="Labels to show. Default: all.")
    ] = None
    seed: Seed = 0
    quiet: Quiet = False
    as_json: Json = False


def doubts(settings: DoubtsSettings) -> None:
    """List labels that are probably wrong, the least likely first, with the model's answer.

    A labeler (`--model`) that was not trained on the file is asked. On an encoder, such as `en`,
    models are trained on parts of the file, and each is asked about the part that it has not seen.
    """
    with messages(quiet=settings.quiet):
        from seqlabel.cli.data import Reading, read
        from seqlabel.cli.loading import has_labels
        from seqlabel.cli.scoring import gold_for
        from seqlabel.errors import OptionError
        from seqlabel.models.doubts import cross_validated, find_doubts, learner
        from seqlabel.text.tokenizers import Tokenizer
        from seqlabel.training.progress import Display

        model, data = settings.inputs.model_and_file()
        if has_labels(model):
            measured = gold_for(model, data, settings.layer, settings.columns)
            documents = measured.gold
            doubts = find_doubts(measured.model, documents, measured.layer)
        elif settings.task is None:
            raise OptionError(
                f"{model}: is an encoder, without labels. Pass --task, to train some on it."
            )
        else:
            reading = Reading(settings.task, Tokenizer("en"), settings.layer, settings.columns)
            documents, layer = read(data, reading)
            seed = settings.seed
            display = Display.unless(settings.quiet)
            train = learner(model, documents, layer, seed=seed, display=display)
            # Trainings are shown on stdout, which is for the labels here.
            with redirect_stdout(sys.stderr):
                doubts = cross_validated(
                    documents, layer, train, folds=settings.folds, seed=seed, display=display
                )
        for doubt in doubts[: settings.most]:
            if settings.as_json:
                values = {
                    **asdict(doubt),
                    "text": documents[doubt.document].text[doubt.start : doubt.end],
                }
                print(json.dumps(values, ensure_ascii=False))
            else:
                print(_line(documents[doubt.document], doubt))
        note(f"{len(doubts):,} doubtful labels in {len(documents):,} documents")


def _line(document: "Document", doubt: "Doubt") -> str:
    start, end = doubt.start, doubt.end
    before = document.text[max(start - _AROUND, 0) : start]
    position = " ".join(
        f"{before}[{document.text[start:end]}]{document.text[end : end + _AROUND]}".split()
    )
    labels = f"{doubt.label or 'nothing'} → {doubt.answer or 'nothing'}"
    return f"{doubt.probability:.3f}  {labels:<24} document {doubt.document + 1}: {position}"
