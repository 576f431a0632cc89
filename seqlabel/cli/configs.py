"""The subcommand `seqlabel configs`: the configs for `spacy train` that ship, listed and written;
no training.
"""

from dataclasses import dataclass
from importlib import resources
from typing import Annotated

import typer

from seqlabel.cli.options import Output
from seqlabel.cli.writing import list_or_write
from seqlabel.commands.console import messages


@dataclass(frozen=True, kw_only=True)
class ConfigsSettings:
    """The options of the command."""

    name: Annotated[str | None, typer.Argument(help="Config to write. Default: list all.")] = None
    output: Output = None


def configs(settings: ConfigsSettings) -> None:
    """List the configs for `spacy train` that ship, or write one, such as
    `seqlabel configs ner -o ner.cfg`.
    """
    with messages(output=settings.output):
        folder = resources.files("seqlabel.spacy").joinpath("configs")
        files = {
            file.name.removesuffix(".cfg"): file.read_bytes()
            for file in folder.iterdir()
            if file.name.endswith(".cfg")
        }
        list_or_write(
            files, settings.name, settings.output, kind="config", about=_first_comment, width=12
        )


def _first_comment(config: str) -> str:
    return config.partition("\n")[0].lstrip("# ")
