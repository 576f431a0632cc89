"""The command `seqlabel`: options to calls, errors to messages and exit statuses; the work is done
elsewhere.

Each module holds one subcommand, or two that belong together. `options` has what several take,
`control` what says what is private, `rewriting` and `jobs` what `redact`, `restore` and `find`
share, `training_options` and `training` the options and the work of training, and `data`,
`loading`, `scoring`, `writing` and `card` what the others share. The options of a subcommand that
has groups of them are a dataclass, of which `seqlabel.commands` makes the command. The help of an
option describes it. A subcommand imports the rest of the library when it runs, so that `--help` is
there at once.

Exit status: 0 when all was done, 1 when something was withheld, kept as it was or not known, 2 for
wrong use and what stops a run, 130 when it was interrupted by Ctrl-C, 128 and the number of the
signal when by SIGTERM or SIGHUP.
"""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer

from seqlabel.commands.console import fill_closed_streams, say_if_both_installed
from seqlabel.commands.option_file import with_config
from seqlabel.commands.settings import HELP_NAMES, Command, with_options
from seqlabel.names import VERSION


class Subcommand(NamedTuple):
    """Where a subcommand is; it is imported when it runs.

    Args:
        module: The module of this package.
        function: Its function that does the work.
        settings: The dataclass of its options, by its name in that module; None where the
            function's parameters are the options.
        has_config: Whether it has the option `--config`.
    """

    module: str
    function: str
    settings: str | None
    has_config: bool = True


SUBCOMMANDS = {
    "pretrain": Subcommand("pretrain", "pretrain", "PretrainSettings"),
    "train": Subcommand("train", "train", "TrainSettings"),
    "evaluate": Subcommand("evaluate", "evaluate", "EvaluateSettings"),
    "report": Subcommand("report", "report", "ReportSettings"),
    "label": Subcommand("label", "label", "LabelSettings"),
    "next": Subcommand("next_texts", "next_texts", "NextSettings"),
    "doubts": Subcommand("doubts", "doubts", "DoubtsSettings"),
    "find": Subcommand("find", "find", "FindSettings"),
    "redact": Subcommand("redact", "redact", "RedactSettings"),
    "rules": Subcommand("rules", "rules", None),
    "audit": Subcommand("audit", "audit", "AuditSettings"),
    "restore": Subcommand("restore", "restore", "RestoreSettings"),
    "speech": Subcommand("speech", "speech", "SpeechSettings"),
    "serve": Subcommand("serve", "serve", "ServeSettings"),
    "hook": Subcommand("hook", "hook", "HookSettings"),
    "mcp": Subcommand("mcp", "mcp", "McpSettings"),
    "configs": Subcommand("configs", "configs", "ConfigsSettings"),
    "recipes": Subcommand("recipes", "recipes", "RecipesSettings"),
    "package": Subcommand("package", "package", None),
    "push": Subcommand("push", "push", None),
    "export": Subcommand("export", "export", None),
    "info": Subcommand("info", "info", None),
    "models": Subcommand("info", "models", None),
    "keygen": Subcommand("keygen", "keygen", None, has_config=False),
}
"""All subcommands by name, in the order in which help lists them."""


def _show_version(asked: bool) -> None:
    if asked:
        print(f"seqlabel {VERSION}")
        say_if_both_installed()
        raise typer.Exit()


def about(
    asked: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version."),
    ] = False,
) -> None:
    """Label words and take private data out of texts, offline.

    \f
    Args:
        asked: Whether to show the version and leave.
    """


def _callback_of(subcommand: Subcommand) -> Callable[..., None]:
    """Import a subcommand, and return the function that typer runs."""
    module = import_module(f"{__name__}.{subcommand.module}")
    work: Callable[..., None] = getattr(module, subcommand.function)
    if subcommand.settings is not None:
        work = with_options(work, getattr(module, subcommand.settings))
    return with_config(work) if subcommand.has_config else work


def app_with(names: Iterable[str]) -> typer.Typer:
    """Make the command with some of its subcommands.

    Args:
        names: The names of the subcommands; only these are imported.

    Returns:
        The command, for typer.
    """
    # No pretty tracebacks: they show local variables, and so private texts.
    made = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings=HELP_NAMES,
    )
    made.callback()(about)
    for name in names:
        made.command(name, cls=Command)(_callback_of(SUBCOMMANDS[name]))
    return made


@cache
def _whole_app() -> typer.Typer:
    return app_with(SUBCOMMANDS)


def __getattr__(name: str) -> Any:
    """Make `app`, the command with all subcommands, on first use: it imports them all."""
    if name == "app":
        return _whole_app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line."""
    fill_closed_streams()
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    # Importing all subcommands takes as long as importing numpy, twice.
    app = app_with([first]) if first in SUBCOMMANDS else _whole_app()
    app()
