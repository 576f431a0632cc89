"""Pictures of a training and of its results, as PNG files or figures; what they show is computed elsewhere.

Losses, schedule, learning-rate finder and confusion; `page` shows more of a result. Needs matplotlib, of the extra
`seqlabel-rnn[plots]`.

Nothing is shown on a screen and no global matplotlib state is touched.
"""

import warnings
from collections.abc import Iterable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqlabel.errors import OptionError
from seqlabel.io.files import replace_file
from seqlabel.names import needed
from seqlabel.scores.metrics import Confusion
from seqlabel.training.progress import EpochReport
from seqlabel.training.rate_finder import LearningRates
from seqlabel.training.schedules import OneCycle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BLUE, _ORANGE, _GREEN, _GREY = "#2563a8", "#d9722b", "#3a8f5c", "#8a8f98"

_CURVES = (
    *(("train_loss", "train", _BLUE), ("valid_loss", "valid", _ORANGE)),
    *(("accuracy", "", _GREEN), ("score", "", _BLUE)),
)
"""The figures of an epoch that are drawn: their name, that of the curve if it is one of losses, and its colour."""

MOST_LABELS = 30
_LONGEST_NAME = 20


def plot_losses(reports: Sequence[EpochReport], path: Path | str | None = None) -> "Figure | None":
    """Draw the training and validation loss of each epoch; below, where given, validation accuracy and score.

    Args:
        reports: The epochs.
        path: The PNG file to write; None for a figure.

    Returns:
        The figure where no path is given, which a notebook shows; otherwise None.

    Raises:
        OptionError: matplotlib is not installed, or there are no epochs.
    """
    if not reports:
        raise OptionError("reports: Found none. Give those that `fit` or `fine_tune` gave.")
    series = {
        name: [(one.epoch, value) for one in reports if (value := getattr(one, name)) is not None]
        for name, _, _ in _CURVES
    }
    below = [name for name, label, _ in _CURVES if not label and series[name]]
    figure, axes = _figure(rows=2 if below else 1)
    for name, label, colour in _CURVES:
        if series[name]:
            axis = axes[0 if label else 1]
            axis.plot(*zip(*series[name], strict=True), color=colour, marker="o", ms=3, label=label or name)
            if not label:
                # Of two the second is written above its curve: they may be close together.
                last, offset = series[name][-1], -14 if name == below[0] else 6
                place = {"textcoords": "offset points", "xytext": (-4, offset), "ha": "right", "color": colour}
                axis.annotate(f"{last[1]:.3f}", last, **place)
    axes[0].set(ylabel="loss (nats a word)", ylim=(0, None))
    axes[0].legend(frameon=False)
    if below:
        axes[1].set(ylabel=f"valid {' and '.join(below)}")
        if all(0 <= value <= 1 for name in below for _, value in series[name]):
            axes[1].set(ylim=(0, 1.02))
    if len(below) > 1:
        axes[1].legend(frameon=False)
    axes[-1].set(xlabel="epoch")
    # By default a locator that finds fewer than two whole numbers takes fractions.
    axes[-1].xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    return _finished(figure, path)


def plot_schedule(schedule: OneCycle, total_steps: int, path: Path | str | None = None) -> "Figure | None":
    """Draw the learning rate and the momentum of every step.

    Args:
        schedule: The schedule.
        total_steps: The number of batches of the training.
        path: The PNG file to write; None for a figure.

    Returns:
        The figure where no path is given, which a notebook shows; otherwise None.

    Raises:
        OptionError: matplotlib is not installed.
    """
    rates, momenta = schedule.preview(total_steps)
    figure, axes = _figure(rows=2)
    axes[0].plot(rates, color=_BLUE)
    axes[0].set(ylabel="learning rate", ylim=(0, None))
    axes[1].plot(momenta, color=_ORANGE)
    axes[1].set(ylabel="momentum", xlabel="batch")
    return _finished(figure, path)


def plot_learning_rates(found: LearningRates, path: Path | str | None = None) -> "Figure | None":
    """Draw the finder's loss against the rate on a logarithmic axis, and its suggestion.

    Args:
        found: The result of `find_learning_rate`.
        path: The PNG file to write; None for a figure.

    Returns:
        The figure where no path is given, which a notebook shows; otherwise None.

    Raises:
        OptionError: matplotlib is not installed.
    """
    figure, axes = _figure(rows=1)
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
    return _finished(figure, path)


def plot_confusion(confusion: Confusion, path: Path | str | None = None) -> "Figure | None":
    """Draw the counts of gold labels (rows) by predicted labels (columns); colour is a cell's share of its row.

    Right predictions are blue, wrong ones orange, darker than their share so that rare ones are seen. Of more than
    `MOST_LABELS` labels, those with the most wrong predictions, to them or from them, are shown; shares stay shares of
    the whole row.

    Args:
        confusion: The counts (labels, labels).
        path: The PNG file to write; None for a figure.

    Returns:
        The figure where no path is given, which a notebook shows; otherwise None.

    Raises:
        OptionError: matplotlib is not installed.
    """
    labels, counts, shares = most_confused(confusion, MOST_LABELS)
    names = shortened(labels, _LONGEST_NAME)
    side = 0.36 * len(names)
    margin = 0.5 + 0.085 * max(map(len, names))
    rest = len(confusion.labels) - len(names)
    size = (max(side + margin, 3.6), max(side + margin + (0.42 if rest else 0.26), 3.2))
    figure, (axis,) = _figure(size=size)
    from matplotlib.ticker import EngFormatter

    short = EngFormatter(places=0, sep="")
    right = np.eye(len(names), dtype=bool)
    for colours, hidden in (("Blues", ~right), ("Oranges", right)):
        # The square root makes 1% visible.
        axis.imshow(np.ma.array(np.sqrt(shares), mask=hidden | (counts == 0)), cmap=colours, vmin=0, vmax=1.15)
    for row, column in zip(*counts.nonzero(), strict=True):
        dark = shares[row, column] > 0.4
        count = short(counts[row, column])
        axis.text(column, row, count, ha="center", va="center", size=6.5, color="white" if dark else "#222222")
    places = range(len(names))
    # A label such as PRP$ is not a formula.
    text = {"size": 8, "parse_math": False}
    axis.set_xticks(places, names, rotation=90, **text)
    axis.set_yticks(places, names, **text)
    axis.set_xticks([place + 0.5 for place in places[:-1]], minor=True)
    axis.set_yticks([place + 0.5 for place in places[:-1]], minor=True)
    axis.grid(visible=False)
    axis.grid(visible=True, which="minor", color="#e6e8eb", lw=0.6)
    axis.tick_params(which="both", length=0)
    axis.spines[:].set(visible=True, color="#c9ccd1")
    left_out = f"\n{rest} labels with fewer errors left out" if rest else ""
    axis.set(xlabel="predicted", ylabel="gold")
    title = f"blue: right, orange: wrong; darker: more of its row{left_out}"
    axis.set_title(title, size=8, color="#5b6068")
    return _finished(figure, path)


def most_confused(confusion: Confusion, most: int) -> tuple[list[str], NDArray[np.int64], NDArray[np.float64]]:
    """Choose the labels with the most wrong predictions, to them or from them.

    Args:
        confusion: The counts.
        most: The highest number of labels.

    Returns:
        The labels in their order, their counts (labels, labels), and the share that each count has of its whole row.
    """
    counts = np.array(confusion.counts)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    shown = np.sort(np.argsort(-wrong, kind="stable")[:most])
    cells = np.ix_(shown, shown)
    return [confusion.labels[index] for index in shown], counts[cells], shares[cells]


def shortened(names: Iterable[str], longest: int) -> list[str]:
    """Shorten different names so that they stay different: the middle of long ones is left out.

    Args:
        names: The names, all different.
        longest: The highest number of characters of a name.

    Returns:
        The names, in the same order.

    Example:
        >>> shortened(["short", "a long name of one kind", "a long name of my kind"], 11)
        ['short', 'a lon… kind', 'a lo…2…kind']
    """
    names = list(names)
    taken = {name for name in names if len(name) <= longest}
    shown = []
    for name in names:
        short, number = name, 1
        while len(short) > longest or (short != name and short in taken):
            gap = "…" if number == 1 else f"…{number}…"
            kept = longest - len(gap)
            short = name[: kept - kept // 2] + gap + name[len(name) - kept // 2 :]
            number += 1
        taken.add(short)
        shown.append(short)
    return shown


def check_pictures() -> None:
    """Make sure that matplotlib is installed, before work whose end would be a picture.

    Raises:
        OptionError: It is not installed.
    """
    needed("matplotlib.figure", needed_for="A picture", extra="plots")


def _figure(*, rows: int = 1, size: tuple[float, float] | None = None) -> tuple["Figure", list[Any]]:
    """A figure of a size in inches, and its axes from top to bottom; `OptionError` where matplotlib is missing."""
    check_pictures()
    from matplotlib.figure import Figure

    figure = Figure(figsize=size or (7, 2.6 * rows + 0.6), dpi=130, layout="constrained")
    axes = list(figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0])
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25)
    # A notebook shows only figures of pyplot by itself, and those are global state.
    figure.__dict__["_repr_png_"] = partial(_png, figure)
    return figure, axes


def _finished(figure: "Figure", path: Path | str | None) -> "Figure | None":
    """The figure, or none where it is written to a PNG file."""
    if path is None:
        return figure
    with replace_file(Path(path)) as beside:
        beside.write_bytes(_png(figure))
    return None


def _png(figure: "Figure") -> bytes:
    """Return a figure as the bytes of a PNG file."""
    picture = BytesIO()
    with warnings.catch_warnings():
        # A character that no font has is a box; that needs no warning each.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(picture, format="png")
    return picture.getvalue()
