"""Messages of every subcommand on stderr, and its exit status; which files are read is not known
here.
"""

import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from enum import IntEnum
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from types import FrameType
from typing import BinaryIO, TypeVar, cast

import typer

from seqlabel.errors import DataError, OptionError, SeqlabelError
from seqlabel.io.markup import visible
from seqlabel.io.text_files import check_kind
from seqlabel.io.unpacking import unpacked
from seqlabel.names import LIGHT, WHOLE, installed, missing_package
from seqlabel.runs.progress import Meter

_Item = TypeVar("_Item")

_SECONDS_TO_SIGNAL = 0.02
_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)
"""Whether the command that runs says no notes."""


class Status(IntEnum):
    """The exit statuses of the command, besides 0 and those of signals; `seqlabel.cli` says when
    each is given.
    """

    UNREAD = 1
    STOPPED = 2
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class Terminated(KeyboardInterrupt):
    """A signal that asks the command to end, such as SIGTERM; it ends as after Ctrl-C.

    Args:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def fill_closed_streams() -> None:
    """Open the null device in place of stdin, stdout and stderr where the caller closed them.

    Otherwise the next file that is opened gets the number of a closed one, and what is written to
    stderr goes into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def stdin() -> BufferedIOBase:
    """Find the bytes of stdin.

    Returns:
        The stream.

    Raises:
        OptionError: If stdin is closed.
    """
    if sys.stdin is None:
        raise OptionError("stdin is closed, and no FILE is given. Pass one.")
    say_if_waiting()
    return cast(BufferedIOBase, sys.stdin.buffer)


def unpacked_stdin(stack: ExitStack) -> BufferedReader:
    """Find the bytes of stdin, unpacked where they begin as a compressed file does.

    Args:
        stack: Closes what unpacks them.

    Returns:
        The stream.

    Raises:
        DataError: If what is compressed is damaged, or it begins as a file of another kind than
            text does.
        OptionError: If stdin is closed, or the package for `.zst` is missing.
    """
    try:
        stream = unpacked(stdin(), stack)
        beginning = stream.peek(1)
    except DataError as error:
        raise DataError(f"stdin: {error}") from None
    check_kind(Path("stdin"), beginning)
    return stream


def stdout() -> BinaryIO:
    """Find the bytes of stdout; text goes there as UTF-8, whatever the locale is.

    Returns:
        The stream.

    Raises:
        OptionError: If stdout is closed.
    """
    if sys.stdout is None:
        raise OptionError(
            "stdout is closed, so the output has no place to go. Open it, or write to a file."
        )
    return sys.stdout.buffer


def say(*lines: str) -> None:
    """Write lines to stderr, above the progress bar if there is one; nothing where stderr is
    closed.

    Control characters, which names of files can have, are escaped.

    Args:
        *lines: The lines, without their ends.
    """
    if sys.stderr is None:
        return
    shown = [visible(line) for line in lines]
    if "tqdm" not in sys.modules:
        # There is no bar, and importing what draws them takes longer than a short run.
        sys.stderr.writelines(f"{line}\n" for line in shown)
        return
    from tqdm import tqdm

    for line in shown:
        tqdm.write(line, file=sys.stderr)


def note(*lines: str) -> None:
    """Say how a command does its work; nothing with `--quiet`. Warnings and errors are
    written by `say`.

    Args:
        *lines: The lines, without their ends.
    """
    if not _QUIET.get():
        say(*lines)


class Failures:
    """Says which files could not be read; `count` is their number."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, reason: str) -> None:
        """Take why one could not.

        Args:
            reason: A line that names the file.
        """
        self.count += 1
        say(f"seqlabel: {with_options_named(reason)}")


def meter(*, files: int = 0, hidden: bool = False) -> Meter:
    """Return what shows how far a run over files is; it shows nothing with `--quiet`.

    Args:
        files: How many files it reads; with 0 or 1 they are not counted.
        hidden: Whether nothing is shown, as where labels on a terminal show how far it is
            themselves.

    Returns:
        The meter.
    """
    return Meter(say, quiet=hidden or _QUIET.get(), files=files)


def counted(
    items: Iterable[_Item],
    unit: str,
    *,
    total: int | None = None,
    size: Callable[[_Item], int] | None = None,
) -> Iterator[_Item]:
    """Show how far a command is: a bar on a terminal after two seconds, a line every half minute in
    a log.

    Nothing is shown with `--quiet`.

    Args:
        items: What is worked on.
        unit: What one of them is, such as `text`.
        total: How many there are; None where it is not known.
        size: How many units an item has; None for one.

    Returns:
        An iterator over the items.
    """
    return meter().over(items, unit, total=total, size=size)


def say_if_waiting() -> None:
    """Say on stderr that the command reads what is typed, where standard input is a terminal."""
    if sys.stdin is not None and sys.stdin.isatty():
        note(
            "seqlabel: reading from the terminal. End with Ctrl-D, or give a file (--help shows "
            "how)."
        )


def say_if_both_installed() -> None:
    """Warn where both distributions of the library are installed: the files of one lie over those
    of the other.
    """
    distributions = installed()
    if len(distributions) > 1:
        named = " and ".join(f"{name} {number}" for name, number in distributions.items())
        say(
            f"seqlabel: warning: {named} are installed "
            f"and share their files. Run pip uninstall {WHOLE} {LIGHT}, then install one of them."
        )


@contextmanager
def messages(
    *, quiet: bool = False, checkpoint: Path | None = None, output: Path | None = None
) -> Iterator[None]:
    """Turn errors that a user can correct into one line on stderr, without a traceback, and an exit
    status.

    Warnings become lines too. SIGTERM and SIGHUP end the block as Ctrl-C does, so that it can close
    what it opened.

    Args:
        quiet: Whether `note` says nothing in the block.
        checkpoint: The folder that `--resume` continues from where it is there; None for work that
            is not resumed.
        output: The file that is there at the end alone, so not after Ctrl-C; None for work that
            writes none.

    Yields:
        Nothing; the block is the work of a subcommand.

    Raises:
        typer.Exit: With the exit status, for every such error.
    """
    before = _QUIET.set(quiet)
    try:
        with _signals(), _warnings():
            yield
            if sys.stdout is not None:
                sys.stdout.flush()
    except ModuleNotFoundError as error:
        reason = missing_package(error)
        if reason is error:
            raise
        say(f"seqlabel: {reason}")
        raise typer.Exit(Status.STOPPED) from None
    except SeqlabelError as error:
        say(f"seqlabel: {with_options_named(str(error))}")
        raise typer.Exit(Status.STOPPED) from None
    except BrokenPipeError:
        # The reader has seen enough; without this, Python would complain once more when it ends.
        if sys.stdout is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Status.BROKEN_PIPE) from None
    except OSError as error:
        say(f"seqlabel: {error.filename or 'output'}: {error.strerror}")
        raise typer.Exit(Status.STOPPED) from None
    except KeyboardInterrupt as error:
        if checkpoint is not None:
            kept = (
                f"; {checkpoint} keeps the training so far. Repeat the command with "
                "--resume to continue."
            )
            lost = " before anything was saved. Run the command again."
            say(f"seqlabel: interrupted{kept if checkpoint.is_dir() else lost}")
        elif output is not None:
            say(f"seqlabel: interrupted; {output} was not written")
        raise typer.Exit(exit_status(error)) from None
    finally:
        _QUIET.reset(before)


def exit_status(interrupt: KeyboardInterrupt) -> int:
    """Return the exit status of a run that was interrupted.

    Args:
        interrupt: The interruption.

    Returns:
        That of Ctrl-C, or 128 and the number of the signal.
    """
    return 128 + interrupt.number if isinstance(interrupt, Terminated) else Status.INTERRUPTED


def say_if_nothing_to_resume(checkpoint: Path) -> None:
    """Say that a training begins from its start where there is no checkpoint to continue from.

    Args:
        checkpoint: The folder of the checkpoint.
    """
    if not checkpoint.is_dir():
        say(
            f"--resume: {checkpoint} is not there, so no training can be resumed. This one "
            "begins from its start."
        )


_SAME = (
    *(
        "column",
        "delimiter",
        "device",
        "encoding",
        "epochs",
        "field",
        "label",
        "language",
        "layer",
        "locale",
    ),
    *("model", "processes", "resume", "seed", "sensitivity", "subject", "tag", "text", "word"),
)
_FLAGS = {name: f"--{name}" for name in _SAME} | {"format": "--from", "key": "--key-file"}
"""Options of the command, by the name that the same thing has in Python."""


def with_options_named(message: str) -> str:
    """Name options of the command where a message names arguments in Python.

    Args:
        message: A message of the library.

    Returns:
        The message for the command.

    Example:
        >>> with_options_named("processes: got 0."), with_options_named("pass encoding='cp1252'.")
        ('--processes: got 0.', 'pass --encoding cp1252.')
    """
    names = "|".join(_FLAGS)
    message = re.sub(rf"^({names}):", lambda match: f"{_FLAGS[match[1]]}:", message)
    message = re.sub(rf"`({names})`", lambda match: _FLAGS[match[1]], message)
    value = r"(?:'([^']*)'|([\w.+-]*\w))"
    return re.sub(
        rf"(?<![-\w])({names})={value}",
        lambda match: f"{_FLAGS[match[1]]} {match[2] or match[3] or ''}",
        message,
    )


@contextmanager
def _signals() -> Iterator[None]:
    """Raise `Terminated` for SIGTERM and SIGHUP, unless the caller ignores them, as nohup does.

    Python ignores an exception that is raised in a `__del__` or a callback. The signal is then sent
    again until it arrives; if the block ends before that, `Terminated` is raised at its end.
    """
    received: list[int] = []
    timers: list[threading.Timer] = []
    hook = sys.unraisablehook

    def end(number: int, frame: FrameType | None) -> None:
        received.append(number)
        raise Terminated(number)

    def dropped(unraisable: "sys.UnraisableHookArgs") -> None:
        if not isinstance(unraisable.exc_value, Terminated):
            hook(unraisable)
            return
        timer = threading.Timer(
            _SECONDS_TO_SIGNAL, os.kill, (os.getpid(), unraisable.exc_value.number)
        )
        timer.daemon = True
        timers.append(timer)
        timer.start()

    numbers = [
        number
        for name in ("SIGTERM", "SIGHUP")
        if (number := getattr(signal, name, None)) is not None
    ]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, end)
    sys.unraisablehook = dropped
    try:
        yield
        if received:
            raise Terminated(received[0])
    finally:
        for number in numbers:
            # A timer may be sending one just now.
            signal.signal(number, signal.SIG_IGN)
        for timer in timers:
            timer.cancel()
            timer.join()
        sys.unraisablehook = hook
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _warnings() -> Iterator[None]:
    """Say warnings as lines of their own, without a place in the code."""
    shown = warnings.showwarning
    warnings.showwarning = lambda message, *_, **__: say(
        f"seqlabel: warning: {with_options_named(str(message))}"
    )
    try:
        yield
    finally:
        warnings.showwarning = shown
