"""Reports of training after each epoch, and their display: a table and a bar, plain lines, or
nothing.

Files and pictures are made elsewhere (`checkpoints`, `plots`).
"""

import math
import sys
import time
from dataclasses import dataclass
from enum import StrEnum

from tqdm import tqdm

from seqlabel.errors import choose
from seqlabel.io.markup import table_html, table_lines
from seqlabel.training.live import LiveTable, in_notebook


@dataclass(frozen=True)
class EpochReport:
    """The outcome of one epoch.

    Args:
        epoch: The number of the epoch, from 1.
        epochs: The number of epochs of the training.
        train_loss: The mean training loss, in nats per prediction.
        valid_loss: The mean validation loss, in nats per prediction; None without validation.
        accuracy: The share of right predictions in validation; None where they are not counted.
        seconds: The time that training took.
        tokens: The number of tokens that were trained on.
        score: Another measure of validation; None where there is none.
        validation_seconds: The time that validation took in addition.
        waiting_seconds: The part of `seconds` in which training waited for its next batch to be
            made.
    """

    epoch: int
    epochs: int
    train_loss: float
    valid_loss: float | None
    accuracy: float | None
    seconds: float
    tokens: int
    score: float | None = None
    validation_seconds: float = 0.0
    waiting_seconds: float = 0.0

    @property
    def perplexity(self) -> float | None:
        """e to the validation loss."""
        return None if self.valid_loss is None else math.exp(min(self.valid_loss, 700.0))

    def _repr_html_(self) -> str:
        return table_html(_COLUMNS, [tuple(_cells(self).values())])


_COLUMNS = ("epoch", "train_loss", "valid_loss", "accuracy", "score", "time")


class EpochReports(list[EpochReport]):
    """The reports of a training, shown as a table."""

    def __str__(self) -> str:
        return "\n".join(table_lines(_COLUMNS, self._rows()))

    def _repr_html_(self) -> str:
        return table_html(_COLUMNS, self._rows())

    def _rows(self) -> list[tuple[str, ...]]:
        return [tuple(_cells(report).values()) for report in self]


class Display(StrEnum):
    """How training is shown."""

    AUTO = "auto"
    """A table and a bar on a terminal and in a notebook, plain lines elsewhere."""
    NOTEBOOK = "notebook"
    """One table that gets a row per epoch, and a bar with the time that is left, in one output of
    the cell.
    """
    TERMINAL = "terminal"
    """One table row per epoch, and a bar with the time that is left."""
    LOG = "log"
    """A line for each epoch, and one every half minute within it."""
    SILENT = "silent"
    """Nothing."""

    @classmethod
    def unless(cls, quiet: bool) -> "Display":
        """Give the display of a command that may be asked to be quiet.

        Args:
            quiet: Whether it was.

        Returns:
            `SILENT` if it was, else `AUTO`.
        """
        return cls.SILENT if quiet else cls.AUTO


_IN_LOG = {name: f"{name.removesuffix('_loss')} " for name in _COLUMNS if name != "time"}
"""The text before a figure in a line of a log, which has 80 columns."""

LOG_SECONDS = 30.0
"""Seconds between two lines on the progress of an epoch in a log."""


class EpochTable:
    """Shows reports as they come; a context manager, so that no bar is left after an error.

    `train_loss` is the mean over the epoch's batches, `valid_loss` that of the held-out ones, both
    in nats per prediction; `accuracy` is the share of right predictions, `score` the measure by
    which the best epoch is chosen, and `time` that of the epoch, validation included.

    Args:
        display: How reports are shown.
        total_steps: The batches of all epochs.
        first_step: The batches that are done already.
        steps_an_epoch: The batches of one epoch.
        scored: Whether there is a column for the score.
    """

    def __init__(
        self,
        display: Display,
        *,
        total_steps: int,
        first_step: int,
        steps_an_epoch: int,
        scored: bool = False,
    ) -> None:
        display = choose(Display, "display", display)
        if display is Display.AUTO:
            display = _usual_display()
        self._display = display
        self._columns = [name for name in _COLUMNS if scored or name != "score"]
        self._steps, self._steps_an_epoch = first_step, steps_an_epoch
        self._began = self._logged = time.perf_counter()
        self._bar: tqdm[object] | None = None
        self._live: LiveTable | None = None
        if display is Display.NOTEBOOK:
            self._live = LiveTable(self._columns, total=total_steps, done=first_step)
        if display is Display.TERMINAL:
            print("  ".join(f"{name:>10}" for name in self._columns), flush=True)
            self._bar = tqdm(
                total=total_steps,
                initial=first_step,
                unit="batch",
                leave=False,
                dynamic_ncols=True,
                desc="training",
            )

    def __enter__(self) -> "EpochTable":
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._live is not None:
            self._live.close()

    def step(self) -> None:
        """Count a batch; to be called after every one."""
        self._steps += 1
        if self._bar is not None:
            self._bar.update()
        if self._live is not None:
            self._live.step()
        if self._display is not Display.LOG:
            return
        now = time.perf_counter()
        epoch, step = divmod(self._steps, self._steps_an_epoch)
        if now - self._logged >= LOG_SECONDS and step:
            self._logged = now
            done = f"batch {step}/{self._steps_an_epoch}"
            print(f"epoch {epoch + 1}  {done}  {format_seconds(now - self._began)}", flush=True)

    def show(self, report: EpochReport) -> None:
        """Show an epoch's row.

        Args:
            report: The epoch.
        """
        self._began = self._logged = time.perf_counter()
        cells = _cells(report)
        if self._live is not None:
            self._live.add([cells[name] for name in self._columns])
        elif self._bar is not None:
            self._bar.write("  ".join(f"{cells[name]:>10}" for name in self._columns))
        elif self._display is Display.LOG:
            print(
                "  ".join(f"{_IN_LOG.get(name, '')}{cells[name]}" for name in self._columns),
                flush=True,
            )


def _usual_display() -> Display:
    """The display for where the output goes."""
    if in_notebook():
        return Display.NOTEBOOK
    on_terminal = sys.stdout.isatty() and sys.stderr.isatty()
    return Display.TERMINAL if on_terminal else Display.LOG


def show_heading(heading: str, display: Display | str) -> None:
    """Show which of several trainings begins.

    Args:
        heading: The text, such as `fold 1/5`.
        display: How the trainings are shown; silent ones have no heading.

    Raises:
        OptionError: There is no such display.
    """
    if choose(Display, "display", display) is not Display.SILENT:
        print(heading, flush=True)


def _cells(report: EpochReport) -> dict[str, str]:
    numbers = {name: getattr(report, name) for name in _COLUMNS[1:-1]}
    figures = {name: "-" if number is None else f"{number:.4f}" for name, number in numbers.items()}
    return {
        "epoch": f"{report.epoch}/{report.epochs}",
        **figures,
        "time": format_seconds(report.seconds + report.validation_seconds),
    }


def format_seconds(seconds: float) -> str:
    """Write a time for a reader.

    Args:
        seconds: The time, 0 or more.

    Returns:
        Seconds with a decimal below a minute, minutes and seconds below an hour, then hours too.

    Example:
        >>> format_seconds(7.3), format_seconds(125), format_seconds(3725)
        ('7.3s', '2:05', '1:02:05')
    """
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
