"""What every subcommand says on stderr and returns as its exit status; which files are read is not known here."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from seqlabel.errors import SeqlabelError


class Status(IntEnum):
    """The exit statuses of the command, besides 0."""

    UNREAD = 1
    """Something was withheld or kept as it was."""
    STOPPED = 2
    """Wrong use, or an error that stopped the run."""
    INTERRUPTED = 130
    """Ended by Ctrl-C."""
    BROKEN_PIPE = 141
    """The reader of stdout has gone."""


def say(message: str) -> None:
    """Write a line to stderr, above the progress bar if there is one.

    Args:
        message: The line, without its end.
    """
    from tqdm import tqdm

    tqdm.write(message, file=sys.stderr)


def say_if_waiting() -> None:
    """Say on stderr that the command reads what is typed, where standard input is a terminal."""
    if sys.stdin.isatty():
        say("seqlabel: reading from the terminal; end with Ctrl-D, or give a file (--help shows how)")


@contextmanager
def messages() -> Iterator[None]:
    """Turn errors that a user can correct into one line on stderr, without a traceback, and an exit status.

    Yields:
        Nothing; the block is the work of a subcommand.

    Raises:
        typer.Exit: With the exit status, for every such error.
    """
    try:
        yield
        sys.stdout.flush()
    except SeqlabelError as error:
        say(f"seqlabel: {error}")
        raise typer.Exit(Status.STOPPED) from None
    except BrokenPipeError:
        # The reader has seen enough; without this, Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Status.BROKEN_PIPE) from None
    except OSError as error:
        say(f"seqlabel: {error.filename or 'output'}: {error.strerror}")
        raise typer.Exit(Status.STOPPED) from None
    except KeyboardInterrupt:
        raise typer.Exit(Status.INTERRUPTED) from None
