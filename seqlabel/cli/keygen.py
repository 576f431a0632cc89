"""The subcommand `seqlabel keygen`: a new key in a file that only its owner may read."""

from pathlib import Path
from typing import Annotated

import typer

from seqlabel.commands.console import messages


def keygen(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
) -> None:
    """Write a new random key of 32 bytes to a file with mode 0600.

    Keep it as safe as the texts: with it, encrypted values are restored and pseudonyms are guessed.
    """
    with messages():
        from seqlabel.privacy.replacing.keys import write_key

        write_key(file)
