"""The command `seqlabel`: options to calls, errors to messages and exit statuses; the work is done elsewhere.

Each module holds one subcommand, `console` what all of them say and return, `rewriting` what `redact` and `restore`
share. A subcommand imports the rest of the library when it runs, so that `--help` is there at once.

Exit status: 0 when all was read, 1 when something was withheld or kept as it was, 2 for wrong use and what stops a run,
130 when it was interrupted.
"""

import typer

from seqlabel.cli import evaluate, label, redact, restore, train

# No pretty tracebacks: they show local variables, and so private texts.
app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown"
)


@app.callback()
def about() -> None:
    """Label words and take private data out of texts, offline."""


app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("redact")(redact.redact)
app.command("restore")(restore.restore)
app.command("label")(label.label)


def main() -> None:
    """Run the command line."""
    app()
