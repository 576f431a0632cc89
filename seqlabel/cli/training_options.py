"""The options of `seqlabel train` and `seqlabel pretrain`, which their work and their cards read
too; no work.
"""

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
from seqlabel.commands.settings import Compact, Device, Seed

if TYPE_CHECKING:
    from seqlabel.training.progress import Display


@dataclass(frozen=True, kw_only=True)
class Run:
    """The options of any training: its language, how it runs, and what its card says."""

    language: Language = "en"
    seed: Seed = 0
    device: Device = "auto"
    processes: Annotated[
        int,
        typer.Option(
            min=1,
            help=(
                "Processes of this machine that train one model, with a GPU each where "
                "there are some."
            ),
        ),
    ] = 1
    accumulation: Annotated[
        int,
        typer.Option(
            min=1, help="Batches that each process learns from in a step, in the memory of one."
        ),
    ] = 1
    source: Source = None
    license: License = None
    resume: Resume = False
    quiet: Quiet = False
    as_json: Json = False

    @property
    def display(self) -> "Display":
        """Where progress is shown."""
        from seqlabel.training.progress import Display

        return Display.unless(self.quiet or self.as_json)


@dataclass(frozen=True, kw_only=True)
class TrainSettings:
    """The options of `seqlabel train`."""

    task: Annotated[
        Task,
        typer.Argument(
            help=(
                "tags: a label per word; spans: labelled runs of words; trees: heads of "
                "words; document: one per text."
            )
        ),
    ]
    train: Annotated[
        Path,
        typer.Argument(
            help=(
                "Labelled file to train on. Given alone, it is split into parts to train "
                "on, choose on and measure on."
            )
        ),
    ]
    dev: Annotated[Path | None, typer.Option(help="File to choose the best epoch on.")] = None
    test: Annotated[Path | None, typer.Option(help="File to measure on.")] = None
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write. Default: output/TASK.")
    ] = None
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            "--encoder",
            help="Folder or name of what is trained: an encoder, or an earlier labeler, "
            "which learns new labels too; "
            "its layers learn at a lower rate and in fewer passes, so that it forgets less. "
            "none: train from scratch.",
            show_default="en, or eu for a language that eu has read",
        ),
    ] = None
    mean_with: Annotated[
        list[str] | None,
        typer.Option(
            help="Folder or name of a model that began with the encoder --on, such as "
            "en_pos: training starts from the "
            "mean of their encoders. For labels related to those that it has learnt. Repeatable."
        ),
    ] = None
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option(
            help="Text without labels, of the kind that is to be labelled, which the encoder "
            "reads first, and which "
            "--teachers label: a UTF-8 text file, or a folder of .txt files. Repeatable."
        ),
    ] = None
    teacher: Annotated[
        str | None,
        typer.Option(
            help="Who labels the texts of TRAIN, which then has none: spacy:PIPELINE, or "
            "command:… that reads "
            '{"text": …} and writes {"entities": [{"text", "label"}, …]}, a line for each text.',
        ),
    ] = None
    teachers: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Train this number of labelers with other seeds first, such as 3. The model "
            "then learns from the text "
            "of --unlabelled too, with the labels that most of them give.",
            show_default="3 for fewer than 100 labelled spans with --unlabelled, else 0",
        ),
    ] = None
    layer: Layer = None
    category: Annotated[
        str | None,
        typer.Option(
            help="For spans in JSONL: the field of each text's category, which the model "
            "learns to give too, in a "
            "layer of that name."
        ),
    ] = None
    columns: Columns
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes. Default: by the size of the data.")
    ] = None
    folds: Annotated[
        int | None,
        typer.Option(
            min=2,
            help=(
                "For few labels: train on all, with passes chosen by this number of trainings more."
            ),
        ),
    ] = None
    batch_words: Annotated[
        int | None,
        typer.Option(
            min=1, help="About how many words a batch has.", show_default="by the size of the data"
        ),
    ] = None
    lr: Annotated[
        float | None,
        typer.Option(help="Highest learning rate.", show_default="0.004; 0.001 for documents"),
    ] = None
    patience: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Epochs without a better score on dev after which training stops.",
            show_default="by --epochs",
        ),
    ] = None
    precision: Annotated[
        str | None,
        typer.Option(
            help="Arithmetic: auto, float32, bfloat16 or float16; auto takes the fastest one.",
            show_default="auto",
        ),
    ] = None
    compact: Compact = False
    run: Run

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

        european = self.run.language in EUROPE_LANGUAGES and "eu" in shipped_models()
        return self.on or ("eu" if european else "en")


@dataclass(frozen=True, kw_only=True)
class PretrainSettings:
    """The options of `seqlabel pretrain`."""

    texts: Annotated[list[Path], typer.Argument(help="UTF-8 text files, or folders of .txt files.")]
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")] = Path(
        "output/pretrain"
    )
    words: Annotated[
        int | None,
        typer.Option(
            min=2, help="Frequent words with vectors of their own, at most.", show_default="20,000"
        ),
    ] = None
    hidden: Annotated[
        int | None,
        typer.Option(
            min=2, help="Units per direction; half as many are faster.", show_default="256"
        ),
    ] = None
    on: Annotated[
        str | None,
        typer.Option(help="Adapt this encoder to the text: a folder, or a name like en."),
    ] = None
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes. Default: by the size of the text.")
    ] = None
    run: Run
