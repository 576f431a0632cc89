"""The picture of a training, as a PNG file or a figure: its losses and scores; `page` shows
results.

Needs matplotlib, of the extra `seqlabel-rnn[plots]`.

Nothing is shown on a screen and no global matplotlib state is touched.
"""

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from seqlabel.errors import OptionError
from seqlabel.io.files import write_file
from seqlabel.names import needed
from seqlabel.training.progress import EpochReport

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BLUE = "#2563a8"
_ORANGE = "#d9722b"
_GREEN = "#3a8f5c"

_CURVES = (
    ("train_loss", "train", _BLUE),
    ("valid_loss", "valid", _ORANGE),
    ("accuracy", "", _GREEN),
    ("score", "", _BLUE),
)
"""The figures of an epoch that are drawn: their name, that of the curve if it is one of losses, and
its colour.
"""


def plot_losses(reports: Sequence[EpochReport], path: Path | str | None = None) -> "Figure | None":
    """Draw the training and validation loss of each epoch; below, where given, validation accuracy
    and score.

    Args:
        reports: The epochs.
        path: The PNG file to write; None for a figure.

    Returns:
        The figure where no path is given, which a notebook shows; otherwise None.

    Raises:
        OptionError: matplotlib is not installed, or there are no epochs.
    """
    if not reports:
        raise OptionError("reports: expected the reports of `fit` or `fine_tune`, got none.")

    series: dict[str, list[tuple[float, float]]] = {}
    for name, _, _ in _CURVES:
        series[name] = []
        for report in reports:
            value = getattr(report, name)
            if value is not None:
                series[name].append((report.epoch, value))
    below = [name for name, label, _ in _CURVES if not label and series[name]]
    rows = 2 if below else 1

    matplotlib = needed("matplotlib.figure", needed_for="A picture", extra="plots")
    figure: Figure = matplotlib.Figure(figsize=(7, 2.6 * rows + 0.6), dpi=130, layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25)

    for name, label, color in _CURVES:
        if series[name]:
            axis = axes[0 if label else 1]
            axis.plot(
                *zip(*series[name], strict=True), color=color, marker="o", ms=3, label=label or name
            )
            if not label:
                # Of two the second is written above its curve: they may be close together.
                last = series[name][-1]
                offset = -14 if name == below[0] else 6
                anchor = {
                    "textcoords": "offset points",
                    "xytext": (-4, offset),
                    "ha": "right",
                    "color": color,
                }
                axis.annotate(f"{last[1]:.3f}", last, **anchor)

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

    if path is None:
        # A notebook shows only figures of pyplot by itself, and those are global state.
        figure.__dict__["_repr_png_"] = partial(_png, figure)
        return figure
    write_file(Path(path), _png(figure))
    return None


def _png(figure: "Figure") -> bytes:
    """Return a figure as the bytes of a PNG file."""
    picture = BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
