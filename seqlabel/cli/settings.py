"""A command from a frozen dataclass of settings, with the exit statuses of all recipes; no work is done here.

A field of the dataclass is an option. A field whose type is such a dataclass itself is a group of options, which
several commands share.

Exit status of recipes, as of the command: 0 when the work was done, 2 for wrong use and for an error that stopped it,
130 on Ctrl-C.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer
from typer.core import TyperCommand

from seqlabel.cli.config import refused as refused_in_file
from seqlabel.cli.config import with_config
from seqlabel.cli.console import Status, say
from seqlabel.errors import SeqlabelError, expected_by
from seqlabel.names import missing_package

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Settings = TypeVar("Settings", bound="DataclassInstance")
Encoder = Annotated[str, typer.Option(help="Folder or name of a pretrained encoder.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
Epochs = Annotated[int, typer.Option(min=1, help="Passes over the training data.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the weights and of the order of the data.")]
Seeds = Annotated[int, typer.Option(min=1, help="Number of trainings, with seeds from 0.")]
Compact = Annotated[bool, typer.Option("--compact", help="Save weights as small as models that ship.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print only the last line.")]


class Command(TyperCommand):
    """A command that says in our words what is wrong with an option's value, where typer has pydantic say it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; see typer."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            refused = getattr(error.__cause__, "errors", None)
            if refused is not None and hasattr(error, "message"):
                first = refused()[0]
                if "error" in first.get("ctx", {}):
                    # A check of typer's own, which lists what is allowed.
                    error.message = str(first["msg"]).removeprefix("Value error, ")
                else:
                    error.message = f"Found {first['input']!r}. Give {expected_by(first)}."
            said = refused_in_file(ctx, error)
            if said is not None:
                say(f"seqlabel: {said}")
                raise typer.Exit(Status.STOPPED) from None
            raise


def with_options(main: Callable[[Settings], None], settings: type[Settings]) -> Callable[..., None]:
    """Return a function that typer can run: its options are the fields of the settings.

    Args:
        main: Does the work; its docstring is the command's help.
        settings: A frozen dataclass. A field without a default is a required option, unless it is a group of options;
            its annotation may hold a `typer.Option` or `typer.Argument`.

    Returns:
        The function.
    """
    parameters = list(_parameters(settings))

    def command(**options: Any) -> None:
        main(_made(settings, options))

    command.__doc__ = main.__doc__
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__dict__["__signature__"] = inspect.Signature(parameters)
    return command


def _parameters(settings: type["DataclassInstance"]) -> Iterator[inspect.Parameter]:
    """Yield a parameter for each field, and for each field of a group."""
    hints = get_type_hints(settings, include_extras=True)
    for field in fields(settings):
        group = hints[field.name]
        if isinstance(group, type) and is_dataclass(group):
            yield from _parameters(group)
            continue
        default = inspect.Parameter.empty if field.default is MISSING else field.default
        yield inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=group)


def _made(settings: type[Settings], options: dict[str, Any]) -> Settings:
    """Return the settings with their groups, from the values of all options."""
    hints = get_type_hints(settings)
    return settings(
        **{
            name: _made(hints[name], options) if is_dataclass(hints[name]) else options[name]
            for name in (field.name for field in fields(settings))
        }
    )


def options_of(settings: "DataclassInstance") -> dict[str, Any]:
    """Return the value of each option, those of groups too.

    Args:
        settings: The settings of a command.

    Returns:
        The values by name, in the order of the fields.
    """
    options: dict[str, Any] = {}
    for name, value in vars(settings).items():
        options |= options_of(value) if is_dataclass(value) and not isinstance(value, type) else {name: value}
    return options


def command_of(
    main: Callable[[Settings], None], settings: type[Settings], *, resume: str | None = None
) -> Callable[..., None]:
    """Return the command of a recipe, for typer.

    Args:
        main: Does the work; its docstring is the command's help.
        settings: A frozen dataclass, as in `with_options`.
        resume: What to do after Ctrl-C, a sentence; None where nothing is kept.

    Returns:
        A function that ends the process with the exit statuses of this module.
    """

    @wraps(main)
    def guarded(chosen: Settings) -> None:
        with exit_statuses(resume):
            main(chosen)

    return with_options(guarded, settings)


def run(main: Callable[[Settings], None], settings: type[Settings], *, resume: str | None = None) -> None:
    """Read the settings from the command line and do the work.

    Args:
        main: Does the work; its docstring is the command's help.
        settings: A frozen dataclass, as in `with_options`.
        resume: What to do after Ctrl-C, a sentence; None where nothing is kept.
    """
    # No pretty tracebacks: they show local variables, and so private texts.
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(cls=Command)(with_config(command_of(main, settings, resume=resume)))
    app()


@contextmanager
def exit_statuses(resume: str | None = None) -> Iterator[None]:
    """Turn errors that a user can correct, and Ctrl-C, into one line on stderr and an exit status.

    Args:
        resume: What to do after Ctrl-C, a sentence; None where nothing is kept.

    Yields:
        Nothing; the block is the work.

    Raises:
        SystemExit: With the exit status, for every such error.
    """
    try:
        yield
    except SeqlabelError as error:
        status, line = Status.STOPPED, f"error: {error}"
    except ModuleNotFoundError as error:
        if missing_package(error) is error:
            raise
        status, line = Status.STOPPED, f"error: {error.name} is not installed. See the first lines of the recipe."
    except OSError as error:
        status, line = Status.STOPPED, f"error: {error.filename or 'output'}: {error.strerror}"
    except KeyboardInterrupt:
        status, line = Status.INTERRUPTED, f"interrupted. {resume or 'Nothing was kept; run the command again.'}"
    else:
        return
    say(line)
    raise SystemExit(status)
