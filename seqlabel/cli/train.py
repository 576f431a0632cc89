"""The subcommand `seqlabel train`: its options; `training` does the work."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.options import (
    Columns,
    Json,
    Language,
    Layer,
    License,
    Quiet,
    Resume,
    Source,
    Task,
)
from seqlabel.commands.console import messages
from seqlabel.commands.settings import Compact, Device, Seed

if TYPE_CHECKING:
    from seqlabel.training.progress import Display


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    task: Annotated[
        Task, typer.Argument(help="tags: a label per word; spans: labelled runs of words; document: a label per text.")
    ]
    train: Annotated[
        Path,
        typer.Argument(
            help="Labelled file to train on. Given alone, it is split into parts to train on, choose on and measure on."
        ),
    ]
    dev: Annotated[Path | None, typer.Option(help="File to choose the best epoch on.")] = None
    test: Annotated[Path | None, typer.Option(help="File to measure on.")] = None
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder to write. Default: output/TASK.")] = None
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            "--encoder",
            help="Folder or name of what is trained: an encoder, or an earlier labeler, which learns new labels too; "
            "its layers learn at a lower rate and in fewer passes, so that it forgets less. none: train from scratch.",
            show_default="en, or eu for a language that eu has read",
        ),
    ] = None
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option(
            help="Text without labels, of the kind that is to be labelled, which the encoder reads first, and which "
            "--teachers label: a UTF-8 text file, or a folder of .txt files. Repeatable."
        ),
    ] = None
    teachers: Annotated[
        int,
        typer.Option(
            min=0,
            help="Train this number of labelers with other seeds first, such as 3. The model then learns from the text "
            "of --unlabelled too, with the labels that most of them give.",
        ),
    ] = 0
    layer: Layer = None
    columns: Columns
    language: Language = "en"
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes. Default: by the size of the data.")] = None
    seed: Seed = 0
    device: Device = "auto"
    source: Source = None
    license: License = None
    compact: Compact = False
    resume: Resume = False
    quiet: Quiet = False
    as_json: Json = False

    @property
    def target(self) -> Path:
        """The output folder."""
        return self.output or Path("output") / self.task.value

    @property
    def checkpoint(self) -> Path:
        """The folder of the training so far."""
        return self.target / "training"

    @property
    def base(self) -> str:
        """What is trained: as `on` says, or the encoder that has read the language."""
        from seqlabel.models.folders import EUROPE_LANGUAGES, shipped_models

        european = self.language in EUROPE_LANGUAGES and "eu" in shipped_models()
        return self.on or ("eu" if european else "en")

    @property
    def display(self) -> "Display":
        """Where progress is shown."""
        from seqlabel.training.progress import Display

        return Display.SILENT if self.quiet or self.as_json else Display.AUTO


def train(settings: Settings) -> None:
    """Train a labeler of words or spans, or a classifier of documents.

    The output folder gets the model (`model`), its scores (`metrics.json`), a card (`README.md`), and the options that
    repeat the run (`train.toml`, for `--config`).
    """
    with messages(quiet=settings.quiet, checkpoint=settings.checkpoint):
        from seqlabel.cli.training import train_model
        from seqlabel.training.devices import choose_device

        # Now, not after the data were read.
        choose_device(settings.device)
        train_model(settings)
