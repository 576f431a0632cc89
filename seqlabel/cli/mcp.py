"""The subcommand `seqlabel mcp`: tools for an agent over standard input and output."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.control import PrivateOptions
from seqlabel.commands.console import messages
from seqlabel.names import needed


@dataclass(frozen=True, kw_only=True)
class McpSettings:
    """The options of the command."""

    folder: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder whose files the tools may read and write.",
            show_default="none",
        ),
    ] = None
    private: PrivateOptions


def mcp(settings: McpSettings) -> None:
    """Give an agent tools that redact, restore, find and explain, over the Model Context Protocol
    (stdio).

    One process is one conversation: placeholders stay the same until it ends. Settings are read
    from the file that --settings names, not from seqlabel.toml of the folder that the agent works
    in.
    """
    with messages():
        server = needed("seqlabel.integrations.mcp_server", needed_for="mcp", extra="mcp")
        from seqlabel.privacy.finding.finder import PrivateFinder

        finder = PrivateFinder(settings=settings.private.read(of_folder=False))
        server.make_server(finder, folder=settings.folder).run()
