"""The subcommand `seqlabel hook`: an agent's hook event on standard input, the answer on standard
output.
"""

import sys
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.control import PrivateOptions
from seqlabel.commands.console import messages, stdin, stdout, with_options_named
from seqlabel.errors import DataError, OptionError
from seqlabel.integrations.agent_hook import SERVE, AgentHook, Reply, serve, start


@dataclass(frozen=True, kw_only=True)
class HookSettings:
    """The options of the command."""

    sessions: Annotated[
        Path, typer.Option(help="Folder that keeps the encrypted sessions, one per conversation.")
    ]
    key_file: Annotated[
        Path, typer.Option(help="Key of the sessions, as `seqlabel keygen` makes it.")
    ]
    permission: Annotated[
        str,
        typer.Option(
            help=(
                "ask: the user permits each tool call that gets values back; allow: no one "
                "is asked."
            )
        ),
    ] = "ask"
    warm: Annotated[
        float,
        typer.Option(
            min=0,
            help=(
                "Minutes without an event after which the process ends that keeps the model "
                "ready; 0 starts none."
            ),
        ),
    ] = 10
    serve: Annotated[
        bool, typer.Option(SERVE, hidden=True, help="Be the process that answers.")
    ] = False
    private: PrivateOptions


def hook(settings: HookSettings) -> None:
    """Answer an agent's hook event: redact prompts and results of tools, put values back into calls
    of tools.

    The first call starts a process that answers the next ones, and ends by itself. What cannot be
    redacted is stopped: the exit status is 2, and a result of a tool is withheld. Settings are read
    from the file that --settings names, not from seqlabel.toml of the folder that the agent works
    in.
    """
    with messages():
        is_own_process = sys.argv[1:2] == ["hook"]
        command = AgentHook(
            settings.sessions,
            settings.key_file,
            read_settings=partial(settings.private.read, of_folder=False),
            settings_file=settings.private.settings,
            permission=settings.permission,
        )
        if settings.serve:
            if not is_own_process:
                raise OptionError(f"{SERVE}: expected a process of its own. Run `seqlabel hook`.")
            arguments = [argument for argument in sys.argv[2:] if argument != SERVE]
            command.keep_ready()
            serve(arguments, partial(_reply, command), idle=settings.warm * 60)
            return
        stdout().write(command.answer(stdin().read()))
        stdout().flush()
        if settings.warm and is_own_process:
            start(sys.argv[2:])


def _reply(command: AgentHook, content: bytes) -> Reply:
    """The answer to an event, with the messages that a call would have written by itself."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        status = 0
        output = b""
        errors = []
        try:
            output = command.answer(content)
        except DataError as error:
            status = 2
            errors = [f"seqlabel: {with_options_named(str(error))}"]
    errors += [
        f"seqlabel: warning: {with_options_named(str(warning.message))}" for warning in warned
    ]
    lines = "".join(f"{line}\n" for line in errors)
    return Reply(status, output, lines.encode("utf-8", "replace"))
