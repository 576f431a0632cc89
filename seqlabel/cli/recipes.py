"""The subcommand `seqlabel recipes`: the scripts that make each result, listed and written; none is run."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.options import Output
from seqlabel.cli.writing import open_or_stdout
from seqlabel.commands.console import messages
from seqlabel.errors import OptionError, did_you_mean

_LIBRARY = Path(__file__).parents[1]
_FOLDERS = (_LIBRARY / "recipes", _LIBRARY.parent / "recipes")
"""Where the wheel has the scripts, and where a checkout has them."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    name: Annotated[str | None, typer.Argument(help="Recipe to write. Default: list all.")] = None
    output: Output = None


def recipes(settings: Settings) -> None:
    """List the recipes, scripts that make each result, or write one, such as `seqlabel recipes ner -o ner.py`."""
    with messages(output=settings.output):
        scripts = {path.stem: path for folder in _FOLDERS for path in folder.glob("*.py")}
        if not scripts:
            raise OptionError("expected recipes, got a distribution without them. Install seqlabel-rnn.")
        if settings.name is None:
            for name, path in sorted(scripts.items()):
                docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
                print(f"{name:<20} {docstring.partition(chr(10))[0]}")
            return
        if settings.name not in scripts:
            advice = did_you_mean(settings.name, scripts) or f"Choose from {', '.join(sorted(scripts))}."
            raise OptionError(f"expected the name of a recipe, got {settings.name!r}. {advice}")
        with open_or_stdout(settings.output) as target:
            target.write(scripts[settings.name].read_bytes())
