"""How a run was made: the TOML file that repeats it, and the JSON file of its figures; no training.

The TOML file has options, and, in tables, versions and the hashes of the data.
"""

import json
import os
import platform
import shlex
import sys
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seqlabel.commands.console import say
from seqlabel.io.files import write_json
from seqlabel.io.folders import make_folder
from seqlabel.names import VERSION

RECORD = "train.toml"
"""The file in the output folder of `train` that repeats the run."""
_PACKAGES = ("torch", "numpy", "spacy")


def versions() -> dict[str, str]:
    """Return the versions that a result depends on.

    Returns:
        By name: seqlabel, Python, and packages that compute.
    """
    return {
        "seqlabel": VERSION,
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
    }


def write_record(path: Path, options: Mapping[str, object], files: Iterable[Path]) -> None:
    """Write the options of a run, versions and the hashes of its files.

    Args:
        path: The TOML file.
        options: Options by name; those that are None are left out.
        files: The data; a file that has several parts is recorded once.
    """
    lines = [f"# Repeats this run: seqlabel train --config {path.as_posix()}", ""]
    lines += [f"{name} = {_value(value)}" for name, value in options.items() if value is not None]
    lines += [
        "",
        "[made_with]",
        *(f"{name} = {_value(value)}" for name, value in versions().items()),
    ]
    lines += [
        "",
        "[sha256]",
        *(f"{_value(file)} = {_value(hash_of(file))}" for file in dict.fromkeys(files)),
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def write_metrics(path: Path | str, figures: Mapping[str, Any]) -> None:
    """Write the figures of a recipe, and how they were made, as JSON.

    The key `made_with` holds the command, the date, the machine and the versions. A folder that is
    missing is made.

    Args:
        path: The file, by custom `metrics.json`.
        figures: Numbers, lists and objects of numbers, by name.
    """
    made = {
        "command": shlex.join(["python", *sys.argv]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": versions(),
    }
    make_folder(Path(path).parent)
    write_json(Path(path), {**figures, "made_with": made})


def processor() -> str:
    """Return the name of the processor: from Linux where it tells it, else from Python.

    Returns:
        The name, such as `AMD EPYC 9654`.
    """
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def warn_of_other_data(path: Path) -> None:
    """Say on stderr where the files of a recorded run have changed since.

    Args:
        path: A file that `write_record` wrote, or one without hashes.
    """
    for file, expected in tomllib.loads(path.read_text(encoding="utf-8")).get("sha256", {}).items():
        if not Path(file).exists():
            say(
                f"{file} is missing, which {path} was made with. Its path begins at the working "
                "folder."
            )
        elif hash_of(Path(file)) != expected:
            say(f"{file} is not the file that {path} was made with; the result will differ.")


def use_of(data: Path, record: Path) -> str | None:
    """Tell what a file was to the training of a model, by its hash.

    Args:
        data: The file or folder.
        record: The file that `write_record` wrote, which need not be there.

    Returns:
        `train` or `dev`; None where it was neither, and where that is not known.
    """
    try:
        values = tomllib.loads(record.read_text(encoding="utf-8"))
        hashes = {part: values.get("sha256", {}).get(values.get(part)) for part in ("train", "dev")}
    except (OSError, ValueError, AttributeError):
        return None
    own = hash_of(data)
    return next((part for part, expected in hashes.items() if expected == own), None)


def _value(value: object) -> str:
    """Return a value in TOML; a string of JSON is one of TOML too."""
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        str(value) if isinstance(value, int | float) else json.dumps(str(value), ensure_ascii=False)
    )


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files below a folder with their names.

    Args:
        path: The file or folder.

    Returns:
        The hash in hexadecimal digits.
    """
    digest = sha256()
    for file in (
        sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    ):
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode())
        with file.open("rb") as source:
            file_digest(source, lambda: digest)
    return digest.hexdigest()
