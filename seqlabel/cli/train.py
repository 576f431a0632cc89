"""The subcommand `seqlabel train`: from labelled files to a saved model with its scores and a card,
by `training`.
"""

import typer

from seqlabel.cli.training_options import TrainSettings
from seqlabel.commands.console import messages


def train(settings: TrainSettings) -> None:
    """Train a labeler of words, spans or documents.

    The output folder gets the model (`model`), its scores (`metrics.json`), a card (`README.md`),
    and the options that repeat the run (`train.toml`, for `--config`).
    """
    # An installation without torch says so.
    with messages(quiet=settings.run.quiet):
        from seqlabel.training.processes import started

    with started(settings.run.processes) as status:
        if status is not None:
            raise typer.Exit(status if status >= 0 else 1)
        with messages(quiet=settings.run.quiet, checkpoint=settings.checkpoint):
            from seqlabel.cli.training import train_model
            from seqlabel.training.devices import choose_device

            # Now, not after the data were read.
            choose_device(settings.run.device)
            train_model(settings)
