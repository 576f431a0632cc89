"""The command `seqlabel`: options to calls, errors to messages and exit statuses; the work is done elsewhere.

Each module holds one subcommand, or two that belong together. `console` has what all of them say and return, `options`
what several take, `control` what says what is private, `rewriting` what `redact` and `restore` share, and `data`,
`loading`, `scoring`, `writing`, `record` and `card` what the others share. The options of a subcommand that has groups
of them are a dataclass, which `settings` makes a command of. The help of an option describes it. A subcommand imports
the rest of the library when it runs, so that `--help` is there at once.

Exit status: 0 when all was done, 1 when something was withheld, kept as it was or not known, 2 for wrong use and what
stops a run, 130 when it was interrupted by Ctrl-C, 128 and the number of the signal when by SIGTERM or SIGHUP.
"""

from typing import Annotated

import typer

from seqlabel.cli import (
    audit,
    evaluate,
    export,
    find,
    info,
    keygen,
    label,
    package,
    pretrain,
    redact,
    report,
    restore,
    serve,
    train,
)
from seqlabel.cli.console import fill_closed_streams
from seqlabel.cli.settings import Command, with_options

# No pretty tracebacks: they show local variables, and so private texts.
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown")


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"seqlabel {version('seqlabel-rnn')}")
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


app.command("pretrain", cls=Command)(with_options(pretrain.pretrain, pretrain.Settings))
app.command("train", cls=Command)(with_options(train.train, train.Settings))
app.command("evaluate", cls=Command)(with_options(evaluate.evaluate, evaluate.Settings))
app.command("report", cls=Command)(with_options(report.report, report.Settings))
app.command("label", cls=Command)(with_options(label.label, label.Settings))
app.command("find", cls=Command)(with_options(find.find, find.Settings))
app.command("redact", cls=Command)(with_options(redact.redact, redact.Settings))
app.command("audit", cls=Command)(audit.audit)
app.command("restore", cls=Command)(with_options(restore.restore, restore.Settings))
app.command("serve", cls=Command)(serve.serve)
app.command("keygen", cls=Command)(keygen.keygen)
app.command("package", cls=Command)(package.package)
app.command("export", cls=Command)(export.export)
app.command("info", cls=Command)(info.info)
app.command("models", cls=Command)(info.models)


def main() -> None:
    """Run the command line."""
    fill_closed_streams()
    app()
