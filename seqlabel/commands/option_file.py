"""The option `--config` of every subcommand and recipe: a TOML file of its options; no other option
is here.

The keys are the long names of the options and arguments, with - or _. The command line wins over
the file. Paths in the file begin at the working folder, as on the command line. The tables that
`train` writes, of versions and hashes, are not options; any other table is refused.
"""

import inspect
import tomllib
from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer

from seqlabel.commands.console import messages
from seqlabel.errors import OptionError, did_you_mean
from seqlabel.io.text_files import missing_file

RECORDED = ("made_with", "sha256")
"""The tables of a file of options that say how it was made."""
OLD_OPTIONS = {
    "--format": ("--from", "--to"),
    "--only": ("--labels",),
    "--exclude": ("--except",),
    "--excluded": ("--except",),
    "--key": ("--key-file",),
    "--policies": ("--policy",),
    "--labeler": ("--model",),
    "--learning-rate": ("--lr",),
}
"""Options by names that they had, or that the same thing has elsewhere, and the names that a
command has for them.
"""
_FILE = "seqlabel.config.file"
_KEYS = "seqlabel.config.keys"
"""Where a context keeps the file, and the key of each option in it."""


def with_config(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the option `--config`.

    Args:
        command: A function that typer can run; its parameters are the options.

    Returns:
        The function with one more parameter, whose file gives the others their defaults.
    """
    signature = inspect.signature(command)
    whole = {name for name, option in signature.parameters.items() if _is_whole(option.annotation)}

    def use(context: typer.Context, path: Path | None) -> Path | None:
        if path is not None and not context.resilient_parsing:
            with messages():
                _use(context, path, whole)
        return path

    help = (
        "TOML file of options of this command, one per line, such as {}. The command line "
        "wins over it."
    )
    names = signature.parameters
    example = (
        "epochs = 6" if "epochs" in names else "quiet = true" if "quiet" in names else "json = true"
    )
    option = typer.Option(
        "--config", is_eager=True, callback=use, help=help.format(example), metavar="FILE"
    )
    # As an annotation, it is found by typer whether it reads the signature or the annotations.
    annotation = Annotated[Path | None, option]
    added = inspect.Parameter(
        "config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )

    @wraps(command)
    def configured(config: Path | None = None, **options: Any) -> None:
        command(**options)

    configured.__annotations__ = {**command.__annotations__, "config": annotation}
    configured.__dict__["__signature__"] = signature.replace(
        parameters=[*signature.parameters.values(), added]
    )
    return configured


def _is_whole(annotation: object) -> bool:
    """Whether an option with this annotation is a whole number, or several of them."""
    kind = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return int in (kind, *get_args(kind))


def _use(context: typer.Context, path: Path, whole: Collection[str]) -> None:
    """Take the values of a file as the defaults of a command's options; one value may stand for a
    list.
    """
    from seqlabel.commands.record import warn_of_other_data

    names = {
        _key(name): str(parameter.name)
        for parameter in context.command.params
        for name in parameter.opts
        if parameter.name != "config" and (name.startswith("--") or not name.startswith("-"))
    }
    read = read_options(path, set(names))
    flags = {param.name for param in context.command.params if getattr(param, "is_flag", False)}
    for key, value in read.items():
        # As a number, false would be 0.
        if isinstance(value, bool) and names[key] not in flags:
            raise OptionError(
                f"{path}: {key}: expected a value, as on the command line, got "
                f"{str(value).lower()}."
            )
        # Releases of typer before 0.29 take any number for true, and cut off what comes after the
        # point.
        if names[key] in flags and not isinstance(value, str) and value not in (0, 1):
            raise OptionError(f"{path}: {key}: expected true or false, got {value!r}.")
        if isinstance(value, float) and not value.is_integer() and names[key] in whole:
            raise OptionError(f"{path}: {key}: expected a whole number, got {value}.")
    lists = {
        param.name
        for param in context.command.params
        if param.nargs == -1 or getattr(param, "multiple", False)
    }
    values = {
        names[key]: [value] if names[key] in lists and not isinstance(value, list) else value
        for key, value in read.items()
    }
    context.default_map = {**(context.default_map or {}), **values}
    context.meta[_FILE] = path
    context.meta[_KEYS] = {names[key]: key for key in read}
    warn_of_other_data(path)


def _key(name: str) -> str:
    return name.lstrip("-").replace("-", "_")


def refused(context: Any, error: Exception) -> str | None:
    """Return what a file of options says where a command refused a value that came from it.

    Args:
        context: The context of the command.
        error: The error raised for the value; its message has what was found.

    Returns:
        The message, with file and key; None where the value came from the command line, or has its
        default.
    """
    name = getattr(getattr(error, "param", None), "name", None)
    source = None if name is None else context.get_parameter_source(name)
    if source is None or source.name != "DEFAULT_MAP" or _FILE not in context.meta:
        return None
    return f"{context.meta[_FILE]}: {context.meta[_KEYS][name]}: {getattr(error, 'message', '')}"


def read_options(path: Path, known: set[str]) -> dict[str, object]:
    """Read the options in a TOML file.

    Args:
        path: The file.
        known: The names of the options that it may hold.

    Returns:
        The values by name; the tables that `train` writes are left out.

    Raises:
        OptionError: The file is missing, cannot be read, is not TOML, or has another table or a key
            that is not an option.
    """
    if not path.exists():
        raise OptionError(str(missing_file(path)))
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise OptionError(
            f"{path}: cannot be read as TOML ({reason}). Pass a file of lines such as `epochs = 6`."
        ) from None
    private = (
        " Settings of what is private go into a file for --settings." if "settings" in known else ""
    )
    for name, value in values.items():
        if isinstance(value, dict) and name not in RECORDED:
            raise OptionError(
                f"{path}: expected no table, got [{name}]. Write options as lines of the file, "
                f"above all tables, such as `epochs = 6`.{private}"
            )
    options = {_key(name): value for name, value in values.items() if not isinstance(value, dict)}
    for name in options:
        if name not in known:
            old = [
                _key(new)
                for new in OLD_OPTIONS.get(f"--{name.replace('_', '-')}", ())
                if _key(new) in known
            ]
            advice = f"It is called {old[0]!r}." if old else ""
            advice = (
                advice
                or did_you_mean(name, known)
                or f"Allowed are {', '.join(sorted(known))}.{private}"
            )
            raise OptionError(
                f"{path}: the key {name!r} is not an option of this command. {advice}"
            )
    return options
