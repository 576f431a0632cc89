"""The option `--config` of every subcommand and recipe: a TOML file of its options; no other option is here.

The keys are the long names of the options and arguments, with - or _. The command line wins over the file. Paths in the
file begin at the working folder, as on the command line. The tables that `train` writes, of versions and hashes, are
not options; any other table is refused.
"""

import inspect
import json
import tomllib
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from seqlabel.commands.console import messages
from seqlabel.errors import OptionError, did_you_mean, expected_by
from seqlabel.io.text_files import missing_file

RECORDED = ("made_with", "sha256")
"""The tables of a file of options that say how it was made."""
_FILE, _KEYS = "seqlabel.config.file", "seqlabel.config.keys"
"""Where a context keeps the file, and the key of each option in it."""


def with_config(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the option `--config`.

    Args:
        command: A function that typer can run; its parameters are the options.

    Returns:
        The function with one more parameter, whose file gives the others their defaults.
    """
    types = get_type_hints(command)

    def use(context: typer.Context, path: Path | None) -> Path | None:
        if path is not None and not context.resilient_parsing:
            with messages():
                _use(context, path, types)
        return path

    help = "TOML file of options of this command, one per line, such as {}. The command line wins over it."
    example = "epochs = 6" if "epochs" in types else "quiet = true" if "quiet" in types else "json = true"
    option = typer.Option("--config", is_eager=True, callback=use, help=help.format(example), metavar="FILE")
    # As an annotation, it is found by typer whether it reads the signature or the annotations.
    annotation = Annotated[Path | None, option]
    signature = inspect.signature(command)
    added = inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)

    @wraps(command)
    def configured(config: Path | None = None, **options: Any) -> None:
        command(**options)

    configured.__annotations__ = {**command.__annotations__, "config": annotation}
    configured.__dict__["__signature__"] = signature.replace(parameters=[*signature.parameters.values(), added])
    return configured


def _use(context: typer.Context, path: Path, types: Mapping[str, Any]) -> None:
    """Take the values of a file as the defaults of a command's options."""
    from seqlabel.commands.record import warn_of_other_data

    names = {
        _key(name): str(parameter.name)
        for parameter in context.command.params
        for name in parameter.opts
        if parameter.name != "config" and (name.startswith("--") or not name.startswith("-"))
    }
    found = read_options(path, set(names))
    values = {names[key]: checked(path, key, value, types[names[key]]) for key, value in found.items()}
    context.default_map = {**(context.default_map or {}), **values}
    context.meta[_FILE], context.meta[_KEYS] = path, {names[key]: key for key in found}
    warn_of_other_data(path)


def _key(name: str) -> str:
    return name.lstrip("-").replace("-", "_")


def refused(context: Any, error: Exception) -> str | None:
    """Return what a file of options says where a command refused a value that came from it.

    Args:
        context: The context of the command.
        error: The error raised for the value; its message has what was found.

    Returns:
        The message, with file and key; None where the value came from the command line, or has its default.
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
        OptionError: The file is missing, cannot be read, is not TOML, or has another table or a key that is not an
            option.
    """
    if not path.exists():
        raise OptionError(str(missing_file(path)))
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise OptionError(
            f"{path}: cannot be read as TOML ({reason}). Give a file of lines such as `epochs = 6`."
        ) from None
    private = " Settings of what is private go into a file for --settings." if "settings" in known else ""
    for name, value in values.items():
        if isinstance(value, dict) and name not in RECORDED:
            raise OptionError(
                f"{path}: Found the table [{name}]. Write options as lines of the file, above all tables, such as "
                f"`epochs = 6`.{private}"
            )
    options = {_key(name): value for name, value in values.items() if not isinstance(value, dict)}
    for name in options:
        if name not in known:
            advice = did_you_mean(name, known) or f"Allowed are {', '.join(sorted(known))}.{private}"
            raise OptionError(f"{path}: Found the key {name!r}, which is not an option of this command. {advice}")
    return options


def checked(path: Path, key: str, value: object, type: Any) -> object:
    """Check the type of a value in a file of options.

    A number may stand for text, as in `column = 2`, and one value for a list, as on the command line.

    Args:
        path: The file.
        key: The name of the option.
        value: Its value in TOML.
        type: The type of the option.

    Returns:
        The value, in a list where the option may be repeated.

    Raises:
        OptionError: The value has another type.

    Example:
        >>> checked(Path("c.toml"), "column", 2, list[str] | None)
        ['2']
        >>> checked(Path("c.toml"), "epochs", "six", int | None)
        Traceback (most recent call last):
        seqlabel.errors.OptionError: c.toml: epochs: Found 'six'. Give a whole number.
    """
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(type)
    first: ValidationError | None = None
    for candidate in (value, [value], _texts(value), [_texts(value)]):
        try:
            adapter.validate_json(json.dumps(candidate, default=str), strict=True)
        except ValidationError as error:
            first = first or error
        else:
            return candidate
    assert first is not None
    found, *_ = first.errors()
    raise OptionError(f"{path}: {key}: Found {found['input']!r}. Give {expected_by(found)}.") from None


def _texts(value: object) -> object:
    """Return numbers as text, those of a list too."""
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
