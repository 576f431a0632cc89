"""A command from a frozen dataclass of settings; no work is done here.

A field of the dataclass is an option. A field whose type is such a dataclass itself is a group of
options, which several commands share. Recipes have the messages and the exit statuses of the
command.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer
from typer.core import TyperCommand, TyperOption

from seqlabel.commands.console import Status, messages, say
from seqlabel.commands.option_file import OLD_OPTIONS, with_config
from seqlabel.commands.option_file import refused as refused_in_file
from seqlabel.errors import expected_by

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Settings = TypeVar("Settings", bound="DataclassInstance")
Encoder = Annotated[str, typer.Option(help="Folder or name of a pretrained encoder.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
Epochs = Annotated[int, typer.Option(min=1, help="Passes over the training data.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the weights and of the order of the data.")]
Seeds = Annotated[int, typer.Option(min=1, help="Number of trainings, with seeds from 0.")]
Compact = Annotated[
    bool, typer.Option("--compact", help="Save weights as small as models that ship.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print only the last line.")]


_TYPES = {"path": "FILE", "str": "TEXT", "int": "NUMBER", "float": "NUMBER", "bool": ""}
"""The value of an option, as help shows it, by typer's name of its type."""
HELP_NAMES = {"help_option_names": ["-h", "--help"]}
"""The context settings of every command."""


def _always(word: str) -> Callable[[Any], str]:
    """Make a method of an argument that shows the same word for its type wherever it is shown."""

    def display(ctx: Any) -> str:
        return word

    return display


class Command(TyperCommand):
    """A command whose help names files as FILE, and that says in our words what is wrong with an
    option.

    An option by an old name is answered with the new one.
    """

    def get_params(self, ctx: Any) -> list[Any]:
        """Give the parameters, with their types in words; see typer."""
        params: list[Any] = [*super().get_params(ctx)]
        # Releases of typer before 0.29 show other names.
        for param in params if hasattr(TyperOption, "display_type") else ():
            kind = param.display_type(ctx).strip("<>").removesuffix(" range")
            kind = kind.removeprefix("list[").removesuffix("]").lower()
            if param.metavar is None and param.param_type_name == "option":
                param.metavar = _TYPES.get(kind)
            elif param.param_type_name == "argument" and kind in _TYPES:
                param.display_type = _always(_TYPES[kind])
        return params

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; see typer."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            known = {name for param in self.params for name in param.opts}
            old = getattr(error, "option_name", None)
            new = next((name for name in OLD_OPTIONS.get(str(old), ()) if name in known), None)
            if new is not None:
                say(f"seqlabel: {old}: is called {new}. Write {new}.")
                raise typer.Exit(Status.STOPPED) from None
            refused = getattr(error.__cause__, "errors", None)
            if refused is not None and hasattr(error, "message"):
                first = refused()[0]
                if "error" in first.get("ctx", {}):
                    # A check of typer's own, which lists what is allowed.
                    error.message = str(first["msg"]).removeprefix("Value error, ")
                else:
                    error.message = f"expected {expected_by(first)}, got {first['input']!r}."
            said = refused_in_file(ctx, error)
            if said is not None:
                say(f"seqlabel: {said}")
                raise typer.Exit(Status.STOPPED) from None
            raise


def with_options(main: Callable[[Settings], None], settings: type[Settings]) -> Callable[..., None]:
    """Return a function that typer can run: its options are the fields of the settings.

    Args:
        main: Does the work; its docstring is the command's help.
        settings: A frozen dataclass. A field without a default is a required option, unless it is a
            group of options; its annotation may hold a `typer.Option` or `typer.Argument`.

    Returns:
        The function.
    """
    parameters = list(_parameters(settings))

    def command(**options: Any) -> None:
        main(_made(settings, options))

    command.__doc__ = main.__doc__
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
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
        yield inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=group
        )


def _made(settings: type[Settings], options: dict[str, Any]) -> Settings:
    """Return the settings with their groups, from the values of all options."""
    hints = get_type_hints(settings)
    values = {}
    for field in fields(settings):
        group = hints[field.name]
        if isinstance(group, type) and is_dataclass(group):
            values[field.name] = _made(group, options)
        else:
            values[field.name] = options[field.name]
    return settings(**values)


def options_of(settings: "DataclassInstance") -> dict[str, Any]:
    """Return the value of each option, those of groups too.

    Args:
        settings: The settings of a command.

    Returns:
        The values by name, in the order of the fields.
    """
    options: dict[str, Any] = {}
    for name, value in vars(settings).items():
        # An option whose name is a word of Python's, such as `--from`, is a field with _ after it.
        option = {name.removesuffix("_"): value}
        options |= (
            options_of(value) if is_dataclass(value) and not isinstance(value, type) else option
        )
    return options


def command_of(main: Callable[[Settings], None], settings: type[Settings]) -> Callable[..., None]:
    """Return the command of a recipe, for typer.

    Args:
        main: Does the work; its docstring is the command's help.
        settings: A frozen dataclass, as in `with_options`.

    Returns:
        A function that says errors as the command does, with the same exit statuses.
    """

    @wraps(main)
    def guarded(chosen: Settings) -> None:
        with messages():
            main(chosen)

    return with_options(guarded, settings)


def run(main: Callable[[Settings], None], settings: type[Settings]) -> None:
    """Read the settings from the command line and do the work.

    Args:
        main: Does the work; its docstring is the command's help.
        settings: A frozen dataclass, as in `with_options`.
    """
    # No pretty tracebacks: they show local variables, and so private texts.
    app = typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, context_settings=HELP_NAMES
    )
    app.command(cls=Command)(with_config(command_of(main, settings)))
    app()
