"""Pictures of a training as PNG files: losses, schedule, learning-rate finder. Needs matplotlib (`seqlabel[plots]`).

Nothing is shown on a screen and no global matplotlib state is touched.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqlabel.errors import OptionError
from seqlabel.files import replace_file
from seqlabel.finder import LearningRates
from seqlabel.reports import EpochReport
from seqlabel.schedules import OneCycle

_BLUE, _ORANGE, _GREEN, _GREY = "#2563a8", "#d9722b", "#3a8f5c", "#8a8f98"


def plot_losses(reports: Sequence[EpochReport], path: Path) -> None:
    """Training and validation loss of each epoch, with validation accuracy below where there is one."""
    epochs = [report.epoch for report in reports]
    accuracies = [(report.epoch, report.accuracy) for report in reports if report.accuracy is not None]
    with _figure(path, rows=2 if accuracies else 1) as axes:
        top = axes[0]
        top.plot(epochs, [report.train_loss for report in reports], color=_BLUE, marker="o", ms=3, label="train")
        valid = [(report.epoch, report.valid_loss) for report in reports if report.valid_loss is not None]
        if valid:
            top.plot(*zip(*valid, strict=True), color=_ORANGE, marker="o", ms=3, label="valid")
        top.set(ylabel="loss (nats a word)", ylim=(0, None))
        top.legend(frameon=False)
        if accuracies:
            axes[1].plot(*zip(*accuracies, strict=True), color=_GREEN, marker="o", ms=3)
            last = accuracies[-1]
            axes[1].annotate(f"{last[1]:.3f}", last, textcoords="offset points", xytext=(-4, -14), ha="right")
            axes[1].set(ylabel="valid accuracy", ylim=(0, 1.02))
        axes[-1].set(xlabel="epoch")
        axes[-1].xaxis.get_major_locator().set_params(integer=True)


def plot_schedule(schedule: OneCycle, total_steps: int, path: Path) -> None:
    """The learning rate and the momentum of every step."""
    rates, momenta = schedule.preview(total_steps)
    with _figure(path, rows=2) as axes:
        axes[0].plot(rates, color=_BLUE)
        axes[0].set(ylabel="learning rate", ylim=(0, None))
        axes[1].plot(momenta, color=_ORANGE)
        axes[1].set(ylabel="momentum", xlabel="batch")


def plot_learning_rates(found: LearningRates, path: Path) -> None:
    """The finder's loss against the rate on a logarithmic axis, and its suggestion."""
    with _figure(path, rows=1) as axes:
        axes[0].plot(found.rates, found.losses, color=_BLUE)
        axes[0].axvline(found.suggestion, color=_GREY, ls="--", lw=1)
        axes[0].annotate(
            f"suggestion {found.suggestion:.1e}",
            (found.suggestion, 0.95),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            xytext=(6, 0),
            va="top",
        )
        axes[0].set(xscale="log", xlabel="learning rate", ylabel="loss (nats a word)")


@contextmanager
def _figure(path: Path, *, rows: int) -> Iterator[list[Any]]:
    """Axes below each other, written to a PNG when the block ends well.

    Raises `OptionError` where matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise OptionError("pictures need matplotlib, which is not installed: pip install 'seqlabel[plots]'") from error
    figure = Figure(figsize=(7, 2.6 * rows + 0.6), dpi=130, layout="constrained")
    axes = list(figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0])
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25)
    yield axes
    with replace_file(path) as beside:
        figure.savefig(beside, format="png")
