"""The subcommand `seqlabel recipes`: the scripts that make each result, listed and written; none is
run.
"""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.options import Output
from seqlabel.cli.writing import list_or_write
from seqlabel.commands.console import messages
from seqlabel.errors import OptionError

_LIBRARY = Path(__file__).parents[1]
_FOLDERS = (_LIBRARY / "recipes", _LIBRARY.parent / "recipes")
"""Where the wheel has the scripts, and where a checkout has them."""


@dataclass(frozen=True, kw_only=True)
class RecipesSettings:
    """The options of the command."""

    name: Annotated[str | None, typer.Argument(help="Recipe to write. Default: list all.")] = None
    output: Output = None


def recipes(settings: RecipesSettings) -> None:
    """List the recipes, scripts that make each result, or write one, such as
    `seqlabel recipes ner -o ner.py`.
    """
    with messages(output=settings.output):
        scripts = {path.stem: path for folder in _FOLDERS for path in folder.glob("*.py")}
        if not scripts:
            raise OptionError(
                "expected recipes, got a distribution without them. Install seqlabel-rnn."
            )
        files = {name: path.read_bytes() for name, path in scripts.items()}
        list_or_write(
            files, settings.name, settings.output, kind="recipe", about=_first_line, width=20
        )


def _first_line(script: str) -> str:
    return (ast.get_docstring(ast.parse(script)) or "").partition("\n")[0]
