"""The command `seqlabel`: options to calls, errors to messages and exit statuses; the work is done elsewhere.

Each module holds one subcommand, or two that belong together. `options` has what several take, `control` what says
what is private, `rewriting` and `jobs` what `redact`, `restore` and `find` share, `training_options` and `training` the
options and the work of training, and `data`, `loading`, `scoring`, `writing` and `card` what the others share. The
options of a subcommand that has groups of them are a dataclass, of which `seqlabel.commands` makes the command. The
help of an option describes it. A subcommand imports the rest of the library when it runs, so that `--help` is there at
once.

Exit status: 0 when all was done, 1 when something was withheld, kept as it was or not known, 2 for wrong use and what
stops a run, 130 when it was interrupted by Ctrl-C, 128 and the number of the signal when by SIGTERM or SIGHUP.
"""

from collections.abc import Callable
from typing import Annotated

import typer

from seqlabel.cli import (
    audit,
    bench,
    configs,
    doubts,
    evaluate,
    export,
    find,
    hook,
    info,
    keygen,
    label,
    mcp,
    next_texts,
    package,
    pretrain,
    push,
    recipes,
    redact,
    report,
    restore,
    rules,
    serve,
    speech,
    train,
)
from seqlabel.cli.training_options import PretrainSettings, TrainSettings
from seqlabel.commands.console import fill_closed_streams, say_if_both_installed
from seqlabel.commands.option_file import with_config
from seqlabel.commands.settings import HELP_NAMES, Command, with_options
from seqlabel.names import VERSION

# No pretty tracebacks: they show local variables, and so private texts.
app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown", context_settings=HELP_NAMES
)


def _show_version(asked: bool) -> None:
    if asked:
        print(f"seqlabel {VERSION}")
        say_if_both_installed()
        raise typer.Exit()


@app.callback()
def about(
    asked: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")
    ] = False,
) -> None:
    """Label words and take private data out of texts, offline.

    \f
    Args:
        asked: Whether to show the version and leave.
    """


_COMMANDS: dict[str, Callable[..., None]] = {
    "pretrain": with_options(pretrain.pretrain, PretrainSettings),
    "train": with_options(train.train, TrainSettings),
    "evaluate": with_options(evaluate.evaluate, evaluate.Settings),
    "report": with_options(report.report, report.Settings),
    "label": with_options(label.label, label.Settings),
    "next": with_options(next_texts.next_texts, next_texts.Settings),
    "doubts": with_options(doubts.doubts, doubts.Settings),
    "find": with_options(find.find, find.Settings),
    "redact": with_options(redact.redact, redact.Settings),
    "rules": rules.rules,
    "audit": with_options(audit.audit, audit.Settings),
    "bench": with_options(bench.bench, bench.Settings),
    "restore": with_options(restore.restore, restore.Settings),
    "speech": with_options(speech.speech, speech.Settings),
    "serve": with_options(serve.serve, serve.Settings),
    "hook": with_options(hook.hook, hook.Settings),
    "mcp": with_options(mcp.mcp, mcp.Settings),
    "configs": with_options(configs.configs, configs.Settings),
    "recipes": with_options(recipes.recipes, recipes.Settings),
    "package": package.package,
    "push": push.push,
    "export": export.export,
    "info": info.info,
    "models": info.models,
}
for _name, _command in _COMMANDS.items():
    app.command(_name, cls=Command)(with_config(_command))
# It has no options.
app.command("keygen", cls=Command)(keygen.keygen)


def main() -> None:
    """Run the command line."""
    fill_closed_streams()
    app()
