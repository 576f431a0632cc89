"""The subcommand `seqlabel hook`: an agent's hook event on standard input, the answer on standard output."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.control import Asked
from seqlabel.commands.console import messages, stdin, stdout
from seqlabel.errors import DataError, SeqlabelError, choose
from seqlabel.privacy.replacing.keys import key_of_file

if TYPE_CHECKING:
    from seqlabel.integrations.agent_hook import HookEvent


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    sessions: Annotated[Path, typer.Option(help="Folder that keeps the encrypted sessions, one per conversation.")]
    key_file: Annotated[Path, typer.Option(help="Key of the sessions, as `seqlabel keygen` makes it.")]
    permission: Annotated[
        str, typer.Option(help="ask: the user permits each tool call that gets values back; allow: nobody is asked.")
    ] = "ask"
    asked: Asked


def hook(settings: Settings) -> None:
    """Answer an agent's hook event: redact prompts and results of tools, put values back into calls of tools.

    What cannot be redacted is stopped: the exit status is 2, and a result of a tool is withheld. Settings are read from
    the file that --settings names, not from seqlabel.toml of the folder that the agent works in.
    """
    with messages():
        from seqlabel.integrations import agent_hook

        event = None
        try:
            event = agent_hook.read_event(stdin().read())
            answer = _answered(settings, event)
        except Exception as error:
            # Agents go on after a status other than 2, and a traceback could hold text.
            known = isinstance(error, SeqlabelError | OSError)
            reason = str(error) if known else f"{type(error).__name__} while the event was read. Report this."
            if event is None or event.kind is not agent_hook.EventKind.TOOL_RESULT:
                raise DataError(f"{reason} Nothing was sent.") from None
            # The tool has run: a status would not keep its result back.
            answer = agent_hook.withheld(event, f"seqlabel: {reason}")
        if answer:
            stdout().write(json.dumps(answer).encode() + b"\n")


def _answered(settings: Settings, event: "HookEvent") -> dict[str, Any]:
    from seqlabel.integrations import agent_hook
    from seqlabel.privacy.finding.finder import PrivateFinder

    permission = choose(agent_hook.Permission, "--permission", settings.permission)
    # Calls of tools are restored, which needs no model.
    needs_finder = event.kind is not agent_hook.EventKind.TOOL_INPUT
    finder = PrivateFinder(settings=settings.asked.read(of_folder=False)) if needs_finder else None
    key = key_of_file(settings.key_file)
    with agent_hook.kept_session(settings.sessions, event, key=key, finder=finder) as session:
        return agent_hook.answer(event, session, permission=permission)
