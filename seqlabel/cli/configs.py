"""The subcommand `seqlabel configs`: the configs for `spacy train` that ship, listed and written; no training."""

from dataclasses import dataclass
from importlib import resources
from typing import Annotated

import typer

from seqlabel.cli.options import Output
from seqlabel.cli.writing import open_or_stdout
from seqlabel.commands.console import messages
from seqlabel.errors import OptionError, did_you_mean


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    name: Annotated[str | None, typer.Argument(help="Config to write. Default: list all.")] = None
    output: Output = None


def configs(settings: Settings) -> None:
    """List the configs for `spacy train` that ship, or write one, such as `seqlabel configs ner -o ner.cfg`."""
    with messages(output=settings.output):
        folder = resources.files("seqlabel.spacy").joinpath("configs")
        texts = {
            file.name.removesuffix(".cfg"): file.read_text(encoding="utf-8")
            for file in folder.iterdir()
            if file.name.endswith(".cfg")
        }
        if settings.name is None:
            for name, text in sorted(texts.items()):
                print(f"{name:<12} {text.partition(chr(10))[0].lstrip('# ')}")
            return
        if settings.name not in texts:
            advice = did_you_mean(settings.name, texts) or f"Choose from {', '.join(sorted(texts))}."
            raise OptionError(f"expected the name of a config, got {settings.name!r}. {advice}")
        with open_or_stdout(settings.output) as target:
            target.write(texts[settings.name].encode())
