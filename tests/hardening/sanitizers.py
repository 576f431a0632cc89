"""Run the tests of the compiled steps with an extension that the address and undefined-behaviour
sanitizers watch.

    python tests/hardening/sanitizers.py                        # all of tests/native; two minutes
    python tests/hardening/sanitizers.py tests/native -k layer  # what pytest shall run

The extension is compiled into a folder of its own. Leaks are not looked for: Python keeps memory
until its end.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "seqlabel" / "native" / "steps.cpp"
FLAGS = ["-O1", "-g", "-std=c++17", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
# Memory that is bounded leaves the sanitizers none of their own.
TESTS = ["tests/native", "--ignore=tests/native/test_extension.py", "-k", "not lacking"]


def compile_into(folder):
    """Compile the extension with sanitizers, and a plugin for pytest that has it loaded instead of
    the other.
    """
    target, include = folder / "_steps.abi3.so", sysconfig.get_path("include")
    subprocess.run(
        ["c++", *FLAGS, "-shared", "-fPIC", f"-I{include}", str(SOURCE), "-o", str(target)],
        check=True,
    )
    plugin = (
        f"import seqlabel.native\nseqlabel.native.__path__.insert(0, {str(folder)!r})\n"
        f"from seqlabel.native import _steps\nassert _steps.__file__ == {str(target)!r}\n"
    )
    (folder / "watched_steps.py").write_text(plugin, encoding="utf-8")


def runtime(name):
    """The path of a library that comes with the compiler."""
    found = subprocess.run(
        ["c++", f"-print-file-name={name}"], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


def run_tests(arguments):
    """Return the exit status of pytest with these arguments."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compile_into(folder)
        environment = {
            **os.environ,
            "LD_PRELOAD": " ".join(map(runtime, ("libasan.so", "libubsan.so", "libstdc++.so"))),
            "ASAN_OPTIONS": "detect_leaks=0",
            "UBSAN_OPTIONS": "print_stacktrace=1",
            "PYTHONPATH": os.pathsep.join([name, str(ROOT)]),
        }
        options = ["-q", "-n", "0", "-p", "watched_steps"]
        command = [sys.executable, "-m", "pytest", *options, *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    if sys.platform != "linux" or shutil.which("c++") is None:
        sys.exit("error: The sanitizers need Linux and a C++ compiler.")
    sys.exit(run_tests(sys.argv[1:] or TESTS))
