"""A process that keeps the model ready for `seqlabel hook`, and the way to it; what an answer says
is not here.

The process listens on a Unix socket that its user alone can open, answers one event after another,
and ends when none came for some minutes. Nothing heavy is imported: this module is all that a call
needs that is answered by the process.
"""

import os
import stat
import sys
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from seqlabel.names import VERSION

if TYPE_CHECKING:
    import socket

SERVE = "--serve"
"""The option that makes the command the process that answers."""
_LONGEST_ANSWER = 15.0
"""Seconds that a call waits for its answer. Agents go on without one after a minute, and the call
itself needs time.
"""
_LONGEST_REQUEST = 5.0
"""Seconds that the process waits for an event that was begun."""
_MOST_BYTES = 1 << 28
_PLAIN_VALUES = ("ask", "allow")


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
    import socket

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
        value and not os.path.isabs(value) and value not in _PLAIN_VALUES for value in values
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
    import socket

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
    import subprocess

    # -P: the folder that the agent works in may be a stranger's, and its modules are not ours.
    command = [sys.executable, "-P", "-m", "seqlabel", "hook", *arguments, SERVE]
    nothing = subprocess.DEVNULL
    subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)


def serve(arguments: Sequence[str], answer: Callable[[bytes], Reply], *, idle: float) -> bool:
    """Answer events until none came for some time.

    Args:
        arguments: The arguments of the command that events are answered for.
        answer: Answers an event; it must not raise.
        idle: After how many seconds without an event to end.

    Returns:
        False if another process already answers, or none can.
    """
    import fcntl
    import socket

    path = socket_path(arguments)
    if path is None:
        return False
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
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
                _answer_events(listener, identity(arguments), answer)
            finally:
                _remove(path)
    finally:
        os.close(lock)
    return True


def _answer_events(
    listener: "socket.socket", expected: bytes, answer: Callable[[bytes], Reply]
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
                    reply = answer(event)
                    _send(channel, str(reply.status).encode(), reply.output, reply.errors)
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
