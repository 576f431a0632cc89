"""Programs in JavaScript, run by Node.js where it is installed."""

import shutil
import subprocess

import pytest

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")


def run_node(*arguments, given="", cwd=None):
    """The lines that a program printed."""
    command = [NODE, *map(str, arguments)]
    done = subprocess.run(
        command, input=given, capture_output=True, encoding="utf-8", cwd=cwd, timeout=120
    )
    assert done.returncode == 0, done.stderr
    # Not `splitlines`, which ends a line at other characters too.
    return done.stdout.split("\n")[:-1]


def run_code(code, *arguments, **how):
    """The lines that the code of a module printed."""
    return run_node("--input-type=module", "-e", code, *arguments, **how)
