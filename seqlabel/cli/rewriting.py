"""The options of `redact`, `restore` and `find` that say which files are read and where their texts
are; no work.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.options import Quiet, file_or_stdout
from seqlabel.io.text_files import UTF_8


@dataclass(frozen=True)
class Inputs:
    """The options that say which files are read, and which parts of their records are text."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files or folders to read: .jsonl, .json, .csv, .tsv, .parquet, .eml, "
            ".html, .vtt, .srt, .docx, "
            ".xlsx, .pptx, .pdf, all others as text; also .gz, .xz and .zst. Default: stdin."
        ),
    ] = None
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help=(
                "JSON field with text, such as text (the default), user.name or "
                "messages[].content. Repeatable."
            ),
        ),
    ] = None
    column: Annotated[
        list[str] | None, typer.Option(help="Table column with text. Repeatable.")
    ] = None
    delimiter: Annotated[
        str | None,
        typer.Option(
            help=(
                "Character between the fields of a .csv or .tsv table. Default: the one of "
                ", ; tab | in it."
            )
        ),
    ] = None
    unpacked_mb: Annotated[
        int,
        typer.Option(
            min=0,
            help=(
                "Most MB that a part of an Office file may unpack to. Default: 50 times the "
                "file, from 16 to 200."
            ),
            show_default=False,
        ),
    ] = 0
    encoding: Annotated[
        str, typer.Option(help="Encoding of text, JSON and CSV; the output has the same.")
    ] = UTF_8


@dataclass(frozen=True)
class Rewriting:
    """The options that say which files are rewritten, and which parts of their records are text."""

    inputs: Inputs
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            callback=file_or_stdout,
            help="File to write, or a folder for several; - is stdout, the default.",
        ),
    ] = None
    all_columns: Annotated[
        bool, typer.Option("--all-columns", help="Read all columns of tables.")
    ] = False
    columns_from: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Read the columns and fields that `find --columns --json > FILE` judged.",
        ),
    ] = None
    all_strings: Annotated[
        bool,
        typer.Option("--all-strings", help="Read all strings of JSON but the names of fields."),
    ] = False
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run that had --output.")
    ] = False
    quiet: Quiet = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON; needs --output.")
    ] = False

    @property
    def chosen(self) -> bool:
        """Whether the user named the fields or columns to read, and so left the others out on
        purpose.
        """
        return bool(self.inputs.field or self.inputs.column or self.columns_from)
