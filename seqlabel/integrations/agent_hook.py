"""Answers to the hook events of an agent: prompts and results of tools are redacted, calls of tools
get values back.

Events and answers are those of agents that run a command with JSON on its standard input:
`UserPromptSubmit`, `PreToolUse` and `PostToolUse`. Standard input and output are the command's.
"""

import hashlib
import json
import os
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from seqlabel.errors import DataError, OptionError, choose
from seqlabel.io.files import PRIVATE_MODE, lock
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.nested import Json, map_strings
from seqlabel.privacy.session import Session

WITHHELD = "[withheld: seqlabel could not read it]"
"""The replacement of each text of a result that could not be redacted."""
_PAUSE = 0.02
"""Seconds between two attempts to lock a session that another call holds."""
_LONGEST_WAIT = 30.0
"""Seconds after which a call gives up such a session."""
_MOST_KEPT = 16
"""The most sessions that are held in memory; the one that was not used for longest is read again.
"""
_MCP_TOOL = "mcp__"
"""How agents begin the name of a tool of the Model Context Protocol."""


class EventKind(StrEnum):
    """What an agent is about to do."""

    PROMPT = "UserPromptSubmit"
    TOOL_INPUT = "PreToolUse"
    TOOL_RESULT = "PostToolUse"


_CONTENT = {
    EventKind.PROMPT: "prompt",
    EventKind.TOOL_INPUT: "tool_input",
    EventKind.TOOL_RESULT: "tool_response",
}
"""The field of an event that holds what is redacted or restored."""


class Permission(StrEnum):
    """Who permits a call of a tool that got values back: the user, who is asked, or no one."""

    ASK = "ask"
    ALLOW = "allow"


@dataclass(frozen=True)
class HookEvent:
    """An event. The repr holds no text.

    Args:
        kind: What the agent is about to do.
        session: The agent's id of the conversation.
        tool: The name of the tool; empty for a prompt.
        content: The prompt, the input of the tool or its result.
    """

    kind: EventKind
    session: str
    tool: str
    content: Json = field(repr=False)


def read_event(content: bytes) -> HookEvent:
    """Read an event.

    Args:
        content: JSON, as the agent gives it to the command.

    Returns:
        The event.

    Raises:
        DataError: It is not an event, or one that is not known.
    """
    try:
        event = json.loads(content.decode("utf-8"))
    except ValueError:
        raise DataError(
            "event: expected JSON on standard input, got something else. Call this from a hook."
        ) from None
    if not isinstance(event, dict):
        raise DataError(
            "event: expected a JSON object, got another value. Call this from an agent's hook."
        )
    try:
        kind = choose(EventKind, "hook_event_name", event.get("hook_event_name"))
    except OptionError as error:
        raise DataError(str(error)) from None
    for name in ("session_id", _CONTENT[kind]):
        if name not in event:
            raise DataError(
                f"event: expected the field {name!r} in {kind.value}, got none. Update the agent."
            )
    return HookEvent(
        kind, str(event["session_id"]), str(event.get("tool_name", "")), event[_CONTENT[kind]]
    )


def answer(
    event: HookEvent, session: Session, *, permission: Permission = Permission.ASK
) -> dict[str, Any]:
    """Answer an event.

    A prompt with private values is stopped, since agents let no hook rewrite it; the answer shows
    the user the prompt to send instead. A call of a tool gets values back, and a result is
    redacted.

    Args:
        event: The event.
        session: The session of the conversation.
        permission: Who permits a call that got values back.

    Returns:
        The answer as JSON; empty where the agent continues with what it has.

    Raises:
        DataError: The session has expired, or a pattern of the settings took too long.
    """
    if event.kind is EventKind.TOOL_INPUT:
        restored = session.restore_object(event.content)
        if not restored.restored:
            return {}
        return _specific(
            event, {"permissionDecision": permission.value, "updatedInput": restored.found}
        )
    safe = session.redact_object(event.content)
    if safe == event.content:
        return {}
    if event.kind is EventKind.TOOL_RESULT:
        return _with_result(event, safe)
    return {
        "decision": "block",
        "reason": (
            f"seqlabel: the prompt has private values and was not sent. Send this instead:\n{safe}"
        ),
    }


def withheld(event: HookEvent, reason: str) -> dict[str, Any]:
    """Answer an event of a result that could not be redacted: each text of it is withheld, and the
    agent stops.

    Args:
        event: The event.
        reason: What the user reads; it must hold no private text.

    Returns:
        The answer as JSON.
    """
    safe = map_strings(event.content, lambda path, text: WITHHELD)
    return {"continue": False, "stopReason": reason, **_with_result(event, safe)}


class HeldSessions:
    """Sessions in memory between events, so that each is not read from its file for every event.

    One that was saved elsewhere since is read again. All belong to one key and one finder.
    """

    def __init__(self) -> None:
        self._sessions: OrderedDict[Path, Session] = OrderedDict()

    def take(self, path: Path) -> Session | None:
        """Give the session of a file, which is no longer held: a caller that fails halfway does not
        give it back.

        Args:
            path: The file.

        Returns:
            The session; None where it is not held, or the file has another state.
        """
        session = self._sessions.pop(path, None)
        return session if session is not None and session.is_saved_in(path) else None

    def hold(self, path: Path, session: Session) -> None:
        """Hold a session.

        Args:
            path: Its file.
            session: The session.
        """
        self._sessions[path] = session
        if len(self._sessions) > _MOST_KEPT:
            self._sessions.popitem(last=False)


@contextmanager
def kept_session(
    folder: Path,
    event: HookEvent,
    *,
    key: bytes,
    finder: PrivateFinder | None,
    held: HeldSessions | None = None,
) -> Iterator[Session]:
    """Open the session of a conversation, alone, and save it.

    Args:
        folder: The folder of sessions, which is made where it is missing.
        event: An event of the conversation.
        key: The key of the sessions.
        finder: What finds private values; None is the model `en_pii` with rules, loaded when a text
            is redacted.
        held: Sessions in memory, of this key and this finder; None reads the file.

    Yields:
        The session.

    Raises:
        DataError: The session cannot be opened with the key.
        OptionError: Another call holds the session for too long.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # An id may be any text; a hash of it is a name of a file.
    path = folder / f"{hashlib.sha256(event.session.encode()).hexdigest()[:32]}.session"
    with _locked(path.with_suffix(".lock")):
        session = None if held is None else held.take(path)
        if session is None:
            session = (
                Session.load(path, key=key, finder=finder)
                if path.exists()
                else Session(finder, key=key)
            )
        yield session
        if event.kind is not EventKind.TOOL_INPUT:
            session.save(path)
        if held is not None:
            held.hold(path, session)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock: agents call tools, and so hooks, at the same time."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_MODE)
    try:
        end = time.monotonic() + _LONGEST_WAIT
        while not lock(descriptor):
            if time.monotonic() > end:
                raise OptionError(f"{path}: is held by another call. Wait for that one.")
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _with_result(event: HookEvent, safe: Json) -> dict[str, Any]:
    fields = {"updatedToolOutput": safe}
    if event.tool.startswith(_MCP_TOOL):
        # Agents that do not know the field above have one for these tools alone.
        fields["updatedMCPToolOutput"] = safe
    return _specific(event, fields)


def _specific(event: HookEvent, fields: Mapping[str, Json]) -> dict[str, Any]:
    return {"hookSpecificOutput": {"hookEventName": event.kind.value, **fields}}
