"""Options and arguments that several subcommands share; no subcommand, and not `--config`, which
all have.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.commands.console import note
from seqlabel.errors import OptionError
from seqlabel.io.text_files import UTF_8


class Task(StrEnum):
    """The task of a model: the labels that it gives a text."""

    TAGS = "tags"
    SPANS = "spans"
    TREES = "trees"
    DOCUMENT = "document"


STDIO = Path("-")
"""The name of stdin among files that are read, and of stdout for an output."""


def file_or_stdout(path: Path | None) -> Path | None:
    """Read the value of an output.

    Args:
        path: The path that was given, if any.

    Returns:
        The file; None for stdout.
    """
    return None if path == STDIO else path


Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", callback=file_or_stdout, help="File to write; - is stdout (default)."
    ),
]
Model = Annotated[
    str, typer.Option(help="A model's folder, or the name of one that ships (`seqlabel models`).")
]
Layer = Annotated[
    str | None,
    typer.Option(
        help="Layer: upos, xpos, feats, lemma, sentence or tree in CoNLL-U; else any name."
    ),
]
Encoding = Annotated[str, typer.Option(help="Encoding of the text files.")]
Word = Annotated[int, typer.Option(help="Column of the words in a file of columns, from 0.")]
Language = Annotated[
    str, typer.Option(help="spaCy's code of the language, for its tokenizer; xx for any.")
]
Source = Annotated[
    str | None, typer.Option(help="Where the data come from, a sentence for the card.")
]
License = Annotated[
    str | None,
    typer.Option(help="Licence of the data and the model, for the card, such as CC-BY-SA-4.0."),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Continue an interrupted run with the same options.")
]
Processes = Annotated[
    int,
    typer.Option(min=1, help="Processes that read the texts, each with the model in its memory."),
]
Sensitivity = Annotated[
    float,
    typer.Option(help="How readily a labeler of spans finds something: 2 finds far more, -1 less."),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", help="Print the result, and warnings and errors only.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@dataclass(frozen=True)
class ModelAndData:
    """The model that is asked, and the labelled file."""

    data: Annotated[list[str], typer.Argument(help="Labelled file or folder.")]
    model: Annotated[
        str | None,
        typer.Option(help="A model's folder, or the name of one that ships (`seqlabel models`)."),
    ] = None

    def model_and_file(self) -> tuple[str, Path]:
        """Return the model's folder or name, and the file.

        A model as the first argument, as earlier versions took it, is still read, and `--model` is
        named on stderr.

        Raises:
            OptionError: There is no model, or not one file.
        """
        model = self.model
        files = self.data
        if model is None and len(files) == 2:
            model, *files = files
            note(f"seqlabel: the model is an option now. Write {files[0]} --model {model}.")
        if model is None:
            # With the file in `--config`, the only argument may be the model.
            raise OptionError(
                "--model: expected a model's folder or name, got none. Pass the model as --model, "
                "and the labelled file as the argument or as data in --config; got the argument "
                f"{files[0]}."
            )
        if len(files) != 1:
            raise OptionError(
                f"Expected one labelled file or folder, got {len(files)}. Put several files into "
                "a folder."
            )
        return model, Path(files[0])


@dataclass(frozen=True)
class Columns:
    """How a labelled file is read; None as its format tells it by the file."""

    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help="conllu, columns, spans, categories, label-studio, brat, spacy-json, "
            "verdicts, csv, folders, docbin. "
            "Default: by the file.",
        ),
    ] = None
    word: Word = 0
    tag: Annotated[
        int, typer.Option(help="Column of the tags, from 0, or from the end where negative.")
    ] = -1
    text: Annotated[
        str, typer.Option(help="Column or field of the texts in CSV, TSV and JSON.")
    ] = "text"
    label: Annotated[
        str, typer.Option(help="Column or field of the labels in CSV, TSV and JSONL.")
    ] = "label"
    encoding: Encoding = UTF_8


@dataclass(frozen=True)
class Texts:
    """How texts that are labelled are read."""

    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help="text, jsonl, json, csv, parquet, columns, conllu, docbin, mail, html, "
            "subtitles, office or pdf. "
            "Default: by the file and its first lines.",
        ),
    ] = None
    text: Annotated[
        str,
        typer.Option("--text", "--field", help="Field of JSON or column of a table that is text."),
    ] = "text"
    word: Word = 0
    encoding: Encoding = UTF_8
