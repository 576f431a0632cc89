"""The command in this process, and files for it."""

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
