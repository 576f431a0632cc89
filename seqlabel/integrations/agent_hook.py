"""The hook of an agent, all but its options: events read and answered, sessions kept between them,
and the process that keeps the model ready.

Prompts and results of tools are redacted, calls of tools get values back. Events and answers are
those of agents that run a command with JSON on its standard input: `UserPromptSubmit`, `PreToolUse`
and `PostToolUse`.

The process listens on a Unix socket that its user alone can open, answers one event after another,
and ends when none came for some minutes. A call that it answers needs `ask` alone, and waits for
every import: what `ask` does not need is imported late.
"""

import os
import stat
import sys
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from seqlabel.errors import DataError, OptionError, SeqlabelError, choose
from seqlabel.names import VERSION, LateModule

if TYPE_CHECKING:
    import hashlib
    import json
    import socket
    import subprocess

    from seqlabel.io import files
    from seqlabel.models import folders
    from seqlabel.privacy import session as sessions
    from seqlabel.privacy.finding import finder as finders
    from seqlabel.privacy.finding.finder import PrivateFinder
    from seqlabel.privacy.finding.settings import PrivacySettings
    from seqlabel.privacy.replacing import keys, nested
    from seqlabel.privacy.replacing.nested import Json
    from seqlabel.privacy.session import Session
else:
    hashlib, json, socket, subprocess = map(LateModule, ("hashlib", "json", "socket", "subprocess"))
    files, folders = map(LateModule, ("seqlabel.io.files", "seqlabel.models.folders"))
    sessions, finders = map(
        LateModule, ("seqlabel.privacy.session", "seqlabel.privacy.finding.finder")
    )
    keys, nested = map(
        LateModule, ("seqlabel.privacy.replacing.keys", "seqlabel.privacy.replacing.nested")
    )

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
SERVE = "--serve"
"""The option that makes the command the process that answers."""
_LONGEST_ANSWER = 15.0
"""Seconds that a call waits for its answer. Agents go on without one after a minute, and the call
itself needs time.
"""
_LONGEST_REQUEST = 5.0
"""Seconds that the process waits for an event that was begun."""
_MOST_BYTES = 1 << 28


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


class HookEvent(NamedTuple):
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
    content: "Json"

    def __repr__(self) -> str:
        return f"HookEvent({self.kind.value}, {self.tool!r})"


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
    event: HookEvent, session: "Session", *, permission: Permission = Permission.ASK
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
    safe = nested.map_strings(event.content, lambda path, text: WITHHELD)
    return {"continue": False, "stopReason": reason, **_with_result(event, safe)}


class HeldSessions:
    """Sessions in memory between events, so that each is not read from its file for every event.

    One that was saved elsewhere since is read again. All belong to one key and one finder.
    """

    def __init__(self) -> None:
        self._sessions: OrderedDict[Path, Session] = OrderedDict()

    def take(self, path: Path) -> "Session | None":
        """Give the session of a file, which is no longer held: a caller that fails halfway does not
        give it back.

        Args:
            path: The file.

        Returns:
            The session; None where it is not held, or the file has another state.
        """
        session = self._sessions.pop(path, None)
        return session if session is not None and session.is_saved_in(path) else None

    def hold(self, path: Path, session: "Session") -> None:
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
    finder: "PrivateFinder | None",
    held: HeldSessions | None = None,
) -> "Iterator[Session]":
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
                sessions.Session.load(path, key=key, finder=finder)
                if path.exists()
                else sessions.Session(finder, key=key)
            )
        yield session
        if event.kind is not EventKind.TOOL_INPUT:
            session.save(path)
        if held is not None:
            held.hold(path, session)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock: agents call tools, and so hooks, at the same time."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, files.PRIVATE_MODE)
    try:
        end = time.monotonic() + _LONGEST_WAIT
        while not files.lock(descriptor):
            if time.monotonic() > end:
                raise OptionError(f"{path}: is held by another call. Wait for that one.")
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _with_result(event: HookEvent, safe: "Json") -> dict[str, Any]:
    fields = {"updatedToolOutput": safe}
    if event.tool.startswith(_MCP_TOOL):
        # Agents that do not know the field above have one for these tools alone.
        fields["updatedMCPToolOutput"] = safe
    return _specific(event, fields)


def _specific(event: HookEvent, fields: "Mapping[str, Json]") -> dict[str, Any]:
    return {"hookSpecificOutput": {"hookEventName": event.kind.value, **fields}}


class AgentHook:
    """Answers the events of one command.

    Each event reads the key and the settings. After `keep_ready` they, the model and the last
    sessions stay in memory until a file that they were made of changes.

    Args:
        folder: The folder of sessions.
        key_file: The key of the sessions.
        read_settings: Reads the settings of what finds private values.
        settings_file: The file that the settings are read from, if any.
        permission: Who permits a call that got values back, a `Permission`.
    """

    def __init__(
        self,
        folder: Path,
        key_file: Path,
        *,
        read_settings: "Callable[[], PrivacySettings]",
        settings_file: Path | None,
        permission: str,
    ) -> None:
        self._folder = folder
        self._key_file = key_file
        self._read_settings = read_settings
        self._settings_file = settings_file
        self._permission = permission
        self._files: list[Path] = []
        self._stamps: list[tuple[int, ...]] = []
        self._key: bytes | None = None
        self._finder: PrivateFinder | None = None
        self._held: HeldSessions | None = None

    def answer(self, content: bytes) -> bytes:
        """Answer an event.

        Args:
            content: The event as JSON.

        Returns:
            A line of JSON; empty where the agent continues with what it has. A result of a tool
            that cannot be redacted is withheld.

        Raises:
            DataError: A prompt or a call must not be sent.
        """
        event = None
        try:
            event = read_event(content)
            found = self._answered(event)
        except Exception as error:
            # Agents go on after a status other than 2, and a traceback could hold text.
            known = isinstance(error, SeqlabelError | OSError)
            reason = (
                str(error)
                if known
                else f"{type(error).__name__} while the event was read. Report this."
            )
            if event is None or event.kind is not EventKind.TOOL_RESULT:
                raise DataError(f"{reason} Nothing was sent.") from None
            # The tool has run: a status would not keep its result back.
            found = withheld(event, f"seqlabel: {reason}")
        return json.dumps(found).encode() + b"\n" if found else b""

    def keep_ready(self) -> None:
        """Read the key and the settings, load the model, and hold sessions from now on.

        Raises:
            OptionError: The key, the settings or the model cannot be read.
        """
        settings = self._read_settings()
        model = folders.find_folder(settings.model)
        named = [self._settings_file, self._key_file, *settings.allow.files, *settings.deny.files]
        read = [*(Path(path) for path in named if path is not None), model]
        read += sorted(model.iterdir())
        # Before they are read: what changes meanwhile is read with the next event.
        stamps = _stamps(read)
        self._key = keys.key_of_file(self._key_file)
        self._finder = finders.PrivateFinder(settings=settings)
        self._held = HeldSessions()
        # Last: where something above fails, the next event tries again.
        self._files = read
        self._stamps = stamps

    def _answered(self, event: HookEvent) -> dict[str, Any]:
        if self._stamps != _stamps(self._files):
            self.keep_ready()
        permission = choose(Permission, "--permission", self._permission)
        finder = self._finder
        # Calls of tools are restored, which needs no model.
        if finder is None and event.kind is not EventKind.TOOL_INPUT:
            finder = finders.PrivateFinder(settings=self._read_settings())
        key = keys.key_of_file(self._key_file) if self._key is None else self._key
        with kept_session(self._folder, event, key=key, finder=finder, held=self._held) as session:
            return answer(event, session, permission=permission)


def _stamps(read: Sequence[Path]) -> list[tuple[int, ...]]:
    """What shows that a file has changed, for each."""
    stamps: list[tuple[int, ...]] = []
    for path in read:
        try:
            status = path.stat()
            stamps.append((status.st_ino, status.st_size, status.st_mtime_ns))
        except OSError:
            stamps.append(())
    return stamps


class Reply(NamedTuple):
    """What a call writes and how it ends.

    Args:
        status: The exit status.
        output: What goes to standard output.
        errors: What goes to standard error.
    """

    status: int
    output: bytes
    errors: bytes


def socket_path(arguments: Sequence[str]) -> str | None:
    """Find where the process for a command listens.

    Args:
        arguments: The command's arguments.

    Returns:
        The path; None where there cannot be one, because the system has no such sockets or the
        folder is not private.
    """
    if not hasattr(socket, "AF_UNIX") or not hasattr(os, "getuid"):
        return None
    folder = _private_folder()
    # Of two commands of one number, the process refuses the one that it was not made for.
    return (
        None
        if folder is None
        else os.path.join(folder, f"hook-{zlib.crc32(identity(arguments)):08x}.sock")
    )


def _private_folder() -> str | None:
    """The user's folder for sockets, made where it is missing; None where others could write to
    it.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    temporary = os.environ.get("TMPDIR") or "/tmp"
    user = os.getuid()
    folder = (
        os.path.join(runtime, "seqlabel")
        if runtime
        else os.path.join(temporary, f"seqlabel-{user}")
    )
    try:
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        status = os.lstat(folder)
    except OSError:
        return None
    is_own = stat.S_ISDIR(status.st_mode) and status.st_uid == user
    return folder if is_own and not status.st_mode & 0o077 else None


def identity(arguments: Sequence[str]) -> bytes:
    """Tell commands apart that need processes of their own.

    Args:
        arguments: The command's arguments.

    Returns:
        The version, the interpreter and the arguments, with the working folder where one of them is
        a relative path.
    """
    values = [
        argument.partition("=")[2] if argument.startswith("-") else argument
        for argument in arguments
    ]
    is_relative = any(
        value and not os.path.isabs(value) and value not in tuple(Permission) for value in values
    )
    parts = [VERSION, sys.executable, os.getcwd() if is_relative else "", *arguments]
    return "\0".join(parts).encode("utf-8", "surrogateescape")


def ask(arguments: Sequence[str], read: Callable[[], bytes]) -> tuple[Reply | None, bytes | None]:
    """Let the process answer an event.

    Args:
        arguments: The command's arguments.
        read: Reads the event; called only where a process listens.

    Returns:
        The answer, None where there was none or not a whole one; and the event, None where it was
        not read.
    """
    path = socket_path(arguments)
    if path is None or not os.path.exists(path):
        return None, None
    event = None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            channel.settimeout(_LONGEST_ANSWER)
            channel.connect(path)
            event = read()
            _send(channel, identity(arguments), event)
            status, output, errors = _receive(channel, 3)
            return Reply(int(status), output, errors), event
    except (OSError, ValueError):
        return None, event


def start(arguments: Sequence[str]) -> None:
    """Start the process for a command, which stays after this one has ended.

    Args:
        arguments: The command's arguments.
    """
    if socket_path(arguments) is None or not sys.executable:
        return
    # -P: the folder that the agent works in may be a stranger's, and its modules are not ours.
    command = [sys.executable, "-P", "-m", "seqlabel", "hook", *arguments, SERVE]
    nothing = subprocess.DEVNULL
    subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)


def serve(arguments: Sequence[str], reply: Callable[[bytes], Reply], *, idle: float) -> bool:
    """Answer events until none came for some time.

    Args:
        arguments: The arguments of the command that events are answered for.
        reply: Answers an event; it must not raise.
        idle: After how many seconds without an event to end.

    Returns:
        False if another process already answers, or none can.
    """
    path = socket_path(arguments)
    if path is None:
        return False
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, files.PRIVATE_MODE)
    try:
        if not files.lock(lock):
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            _remove(path)
            before = os.umask(0o177)
            try:
                listener.bind(path)
            finally:
                os.umask(before)
            try:
                listener.listen(16)
                listener.settimeout(idle)
                _answer_events(listener, identity(arguments), reply)
            finally:
                _remove(path)
    finally:
        os.close(lock)
    return True


def _answer_events(
    listener: "socket.socket", expected: bytes, reply: Callable[[bytes], Reply]
) -> None:
    while True:
        try:
            channel, _ = listener.accept()
        except TimeoutError:
            return
        with channel:
            channel.settimeout(_LONGEST_REQUEST)
            try:
                command, event = _receive(channel, 2)
                if command == expected:
                    status, output, errors = reply(event)
                    _send(channel, str(status).encode(), output, errors)
            except (OSError, ValueError):
                # The call answers by itself what it gets no whole answer to.
                continue


def _send(channel: "socket.socket", *parts: bytes) -> None:
    """Write parts, their lengths first."""
    lengths = " ".join(str(len(part)) for part in parts)
    channel.sendall(b"".join((lengths.encode(), b"\n", *parts)))


def _receive(channel: "socket.socket", number: int) -> list[bytes]:
    """Read parts.

    Raises:
        ValueError: What came is something else, or its end is missing.
    """
    with channel.makefile("rb") as file:
        lengths = [int(length) for length in file.readline(256).split()]
        if len(lengths) != number or not all(0 <= length <= _MOST_BYTES for length in lengths):
            raise ValueError("lengths")
        parts = [file.read(length) for length in lengths]
    if [len(part) for part in parts] != lengths:
        raise ValueError("cut off")
    return parts


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
