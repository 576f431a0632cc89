"""The command in this process, and files for it."""

from typer.testing import CliRunner

from seqlabel.cli import app


def write_key(path, key):
    path.write_bytes(key)
    path.chmod(0o600)


def run(*arguments, given=None):
    return CliRunner().invoke(app, [*map(str, arguments)], input=given)
