"""The subcommand `seqlabel hook`: an agent's hook event on standard input, the answer on standard
output.
"""

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.control import PrivateOptions
from seqlabel.commands import warm_hook
from seqlabel.commands.console import messages, stdin, stdout, with_options_named
from seqlabel.commands.warm_hook import Reply
from seqlabel.errors import DataError, OptionError, SeqlabelError, choose
from seqlabel.privacy.replacing.keys import key_of_file

if TYPE_CHECKING:
    from seqlabel.integrations.agent_hook import HeldSessions, HookEvent
    from seqlabel.privacy.finding.finder import PrivateFinder


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
        bool, typer.Option(warm_hook.SERVE, hidden=True, help="Be the process that answers.")
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
        if settings.serve:
            if not is_own_process:
                raise OptionError(
                    f"{warm_hook.SERVE}: expected a process of its own. Run `seqlabel hook`."
                )
            arguments = [argument for argument in sys.argv[2:] if argument != warm_hook.SERVE]
            warm_hook.serve(arguments, _Answers(settings), idle=settings.warm * 60)
            return
        answer = _answer(stdin().read(), lambda event: _answered(settings, event))
        stdout().write(answer)
        stdout().flush()
        if settings.warm and is_own_process:
            warm_hook.start(sys.argv[2:])


def _answer(read: bytes, answered: Callable[["HookEvent"], dict[str, Any]]) -> bytes:
    """The line that answers an event; empty where the agent continues with what it has."""
    from seqlabel.integrations import agent_hook

    event = None
    try:
        event = agent_hook.read_event(read)
        answer = answered(event)
    except Exception as error:
        # Agents go on after a status other than 2, and a traceback could hold text.
        known = isinstance(error, SeqlabelError | OSError)
        reason = (
            str(error)
            if known
            else f"{type(error).__name__} while the event was read. Report this."
        )
        if event is None or event.kind is not agent_hook.EventKind.TOOL_RESULT:
            raise DataError(f"{reason} Nothing was sent.") from None
        # The tool has run: a status would not keep its result back.
        answer = agent_hook.withheld(event, f"seqlabel: {reason}")
    return json.dumps(answer).encode() + b"\n" if answer else b""


def _answered(settings: HookSettings, event: "HookEvent") -> dict[str, Any]:
    from seqlabel.integrations import agent_hook
    from seqlabel.privacy.finding.finder import PrivateFinder

    permission = choose(agent_hook.Permission, "--permission", settings.permission)
    # Calls of tools are restored, which needs no model.
    needs_finder = event.kind is not agent_hook.EventKind.TOOL_INPUT
    finder = (
        PrivateFinder(settings=settings.private.read(of_folder=False)) if needs_finder else None
    )
    key = key_of_file(settings.key_file)
    with agent_hook.kept_session(settings.sessions, event, key=key, finder=finder) as session:
        return agent_hook.answer(event, session, permission=permission)


class _Answers:
    """Answers events with a finder and sessions that are kept, until a file that they were made of
    changes.
    """

    def __init__(self, settings: HookSettings) -> None:
        self._settings = settings
        self._files: list[Path] = []
        self._stamps: list[tuple[int, ...]] = []
        self._finder: PrivateFinder | None = None
        self._held: HeldSessions | None = None
        self._key = b""
        self._make()

    def __call__(self, read: bytes) -> Reply:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            status = 0
            output = b""
            errors = []
            try:
                output = _answer(read, self._answered)
            except DataError as error:
                status = 2
                errors = [f"seqlabel: {with_options_named(str(error))}"]
        errors += [
            f"seqlabel: warning: {with_options_named(str(warning.message))}" for warning in warned
        ]
        return Reply(
            status, output, "".join(f"{line}\n" for line in errors).encode("utf-8", "replace")
        )

    def _answered(self, event: "HookEvent") -> dict[str, Any]:
        from seqlabel.integrations import agent_hook

        if self._stamps != _stamps(self._files):
            self._make()
        permission = choose(agent_hook.Permission, "--permission", self._settings.permission)
        with agent_hook.kept_session(
            self._settings.sessions, event, key=self._key, finder=self._finder, held=self._held
        ) as session:
            return agent_hook.answer(event, session, permission=permission)

    def _make(self) -> None:
        """Read the key and the settings, and load the model."""
        from seqlabel.integrations.agent_hook import HeldSessions
        from seqlabel.models.folders import find_folder
        from seqlabel.privacy.finding.finder import PrivateFinder

        asked = self._settings.private.read(of_folder=False)
        model = find_folder(asked.model)
        named = [
            self._settings.private.settings,
            self._settings.key_file,
            *asked.allow.files,
            *asked.deny.files,
            model,
        ]
        files = [*(Path(path) for path in named if path is not None), *sorted(model.iterdir())]
        # Before they are read: what changes meanwhile is read with the next event.
        stamps = _stamps(files)
        self._key = key_of_file(self._settings.key_file)
        self._finder = PrivateFinder(settings=asked)
        self._held = HeldSessions()
        # Last: where something above fails, the next event tries again.
        self._files = files
        self._stamps = stamps


def _stamps(files: list[Path]) -> list[tuple[int, ...]]:
    stamps: list[tuple[int, ...]] = []
    for file in files:
        try:
            status = file.stat()
            stamps.append((status.st_ino, status.st_size, status.st_mtime_ns))
        except OSError:
            stamps.append(())
    return stamps
