"""Options and arguments that several subcommands share, and the TOML file that may hold them; no subcommand.

A `--config` file has the names of a command's options as its keys. Options on the command line win. Paths in the file
are relative to the working folder, as on the command line. The tables that `train` writes, of versions and hashes, are
not options; any other table is refused.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.choices import did_you_mean
from seqlabel.cli.console import messages
from seqlabel.errors import OptionError
from seqlabel.text_files import UTF_8, missing_file

RECORDED = ("made_with", "sha256")
"""The tables of a file of options that say how it was made."""


class Task(StrEnum):
    """The task of a model: the labels that it gives a text."""

    TAGS = "tags"
    """One label for each word, such as its part of speech."""
    SPANS = "spans"
    """Labelled runs of words, such as names or private data."""
    DOCUMENT = "document"
    """One label for the whole text."""


def _use_config(context: typer.Context, path: Path | None) -> Path | None:
    """Take the values of a TOML file as the defaults of a command's options."""
    if path is not None and not context.resilient_parsing:
        with messages():
            names = {
                option.lstrip("-").replace("-", "_"): str(parameter.name)
                for parameter in context.command.params
                for option in parameter.opts
                if option not in ("--config", "-o")
            }
            found = read_options(path, set(names))
            context.default_map = {**(context.default_map or {}), **{names[one]: found[one] for one in found}}
    return path


def read_options(path: Path, known: set[str]) -> dict[str, object]:
    """Read the options in a TOML file.

    Args:
        path: The file.
        known: The names of the options that it may hold.

    Returns:
        The values by name; the tables that `train` writes are left out.

    Raises:
        OptionError: The file is missing, cannot be read, is not TOML, or has another table or a key that is not an
            option.
    """
    if not path.exists():
        raise OptionError(str(missing_file(path)))
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise OptionError(
            f"{path}: cannot be read as TOML ({reason}). Give a file of lines such as `epochs = 6`."
        ) from None
    for name, value in values.items():
        if isinstance(value, dict) and name not in RECORDED:
            raise OptionError(
                f"{path}: Found the table [{name}]. Write its options as lines of the file, above all tables, such as "
                f"`epochs = 6`."
            )
    options = {name.replace("-", "_"): value for name, value in values.items() if not isinstance(value, dict)}
    for name in options:
        if name not in known:
            advice = did_you_mean(name, known) or f"Allowed are {', '.join(sorted(known))}."
            raise OptionError(f"{path}: Found the key {name!r}, which is not an option of this command. {advice}")
    return options


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        is_eager=True,
        callback=_use_config,
        help="TOML file of options of this command, a line each, such as epochs = 6. Its paths begin at the working "
        "folder.",
    ),
]
Model = Annotated[str, typer.Option(help="A model's folder, or the name of one that ships (`seqlabel models`).")]
Layer = Annotated[str | None, typer.Option(help="Layer of labels: upos or xpos in CoNLL-U; otherwise any name.")]
Encoding = Annotated[str, typer.Option(help="Encoding of the text files.")]
Language = Annotated[str, typer.Option(help="spaCy's code of the language, for its tokenizer; xx for any.")]
Source = Annotated[str | None, typer.Option(help="Where the data come from, a sentence for the card.")]
License = Annotated[
    str | None, typer.Option(help="Licence of the data and the model, for the card, such as CC-BY-SA-4.0.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Continue an interrupted run with the same options.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print the result, and warnings and errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@dataclass(frozen=True)
class Columns:
    """How a labelled file is read; None as its format tells it by the file."""

    format: Annotated[
        str | None,
        typer.Option(
            help="conllu, columns, spans, categories, label-studio, csv, folders or docbin. Default: by the file."
        ),
    ] = None
    word: Annotated[int, typer.Option(help="Column of the words in a file of columns, from 0.")] = 0
    tag: Annotated[int, typer.Option(help="Column of the tags, from 0, or from the end where negative.")] = -1
    text: Annotated[str, typer.Option(help="Column or field of the texts in CSV, TSV and JSON.")] = "text"
    label: Annotated[str, typer.Option(help="Column or field of the labels in CSV, TSV and JSONL.")] = "label"
    encoding: Encoding = UTF_8
