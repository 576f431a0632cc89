"""The command in this process, and files for it."""

import signal
import subprocess
import sys

from typer.testing import CliRunner

from seqlabel.cli import app


def write_key(path, key):
    path.write_bytes(key)
    path.chmod(0o600)


def run(command, *more, input=None):
    """Run a command in this process.

    The words of `command` have spaces between them; an argument with spaces goes into `more`. The
    result has exit_code, stdout and stderr.
    """
    words = [*str(command).split(), *map(str, more)]
    result = CliRunner().invoke(app, words, input=input)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def start(*arguments, **pipes):
    """Start a command in a process of its own."""
    command = [sys.executable, "-m", "seqlabel.cli", *map(str, arguments)]
    # A shell that runs the tests in the background has them, and all that they start, ignore
    # Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen(command, **pipes)
    finally:
        signal.signal(signal.SIGINT, before)
