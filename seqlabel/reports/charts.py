"""Charts of a report as SVG for a page, coloured by the page's style sheet; what they show is computed elsewhere.

Each chart has a title for screen readers; the page has its figures in a table too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from seqlabel.scores.calibration import Reliability
from seqlabel.scores.curves import Point
from seqlabel.scores.intervals import Interval
from seqlabel.training.progress import EpochReport

_WIDTH, _HEIGHT = 340, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 40


@dataclass(frozen=True)
class _Frame:
    """Axes: the ranges of both, and where a value lies in the picture."""

    first: float
    last: float
    low: float
    high: float

    def x(self, value: float) -> float:
        share = (value - self.first) / (self.last - self.first or 1)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low or 1)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)

    def grid(self, ticks: Sequence[float], *, below: Sequence[float], form: str = "g") -> str:
        """Lines and numbers of the axes."""
        lines = [
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{self.y(tick)}" y2="{self.y(tick)}"/>'
            f'<text class="tick" x="{_LEFT - 6}" y="{self.y(tick) + 3.5}" text-anchor="end">{tick:{form}}</text>'
            for tick in ticks
        ]
        lines += [
            f'<text class="tick" x="{self.x(tick)}" y="{_HEIGHT - _BOTTOM + 15}" text-anchor="middle">{tick:g}</text>'
            for tick in below
        ]
        return "".join(lines)

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        """The `d` of a line through points."""
        return "M" + "L".join(f"{self.x(a)} {self.y(b)}" for a, b in points)


_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def reliability_chart(found: Reliability) -> str:
    """Draw the accuracy of predictions beside their probability.

    Args:
        found: The bins.

    Returns:
        An `svg`.
    """
    frame = _Frame(0, 1, 0, 1)
    most = max(one.count for one in found.bins)
    bars = []
    for one in found.bins:
        if one.accuracy is None or one.confidence is None:
            continue
        x, width = frame.x(one.low) + 1, frame.x(one.high) - frame.x(one.low) - 2
        # Few predictions make a pale bar: what it says is uncertain.
        opacity = 0.25 + 0.75 * min(one.count / max(most, 1) * 10, 1)
        title = f"{one.count:,} predictions from {one.low:.2f} to {one.high:.2f}: {one.accuracy:.1%} right"
        bars.append(
            f'<g><title>{title}</title><rect class="bar" opacity="{opacity:.2f}" x="{x:.1f}" width="{width:.1f}" '
            f'y="{frame.y(one.accuracy)}" height="{frame.y(0) - frame.y(one.accuracy):.1f}"/>'
            f'<line class="mean" x1="{x:.1f}" x2="{x + width:.1f}" y1="{frame.y(one.confidence)}" '
            f'y2="{frame.y(one.confidence)}"/></g>'
        )
    diagonal = f'<path class="ideal" d="{frame.path([(0, 0), (1, 1)])}"/>'
    title = f"Accuracy by probability; expected calibration error {found.error:.4f}"
    return _svg(title, frame.grid(_SHARES, below=_SHARES) + "".join(bars) + diagonal, "probability", "accuracy")


def recall_chart(curves: Mapping[str, Sequence[Point]]) -> str:
    """Draw precision against recall, a line for each label; the page shows one at a time.

    Args:
        curves: The points by label, `""` for all labels together.

    Returns:
        An `svg`.
    """
    lowest = min((point.precision for points in curves.values() for point in points), default=0.0)
    low = max(start for start in (0.0, 0.2, 0.6, 0.8) if start <= lowest)
    frame = _Frame(0, 1, low, 1)
    lines = []
    for label, points in curves.items():
        if not points:
            continue
        end = points[-1]
        shown = "" if label == "" else ' class="hidden"'
        title = f"{label or 'all labels'}: recall {end.recall:.3f} at precision {end.precision:.3f}"
        lines.append(
            f'<g data-curve="{escape(label)}"{shown}><title>{escape(title)}</title>'
            f'<path class="line" d="{frame.path([(one.recall, one.precision) for one in points])}"/>'
            f'<circle class="end" cx="{frame.x(end.recall)}" cy="{frame.y(end.precision)}" r="4"/></g>'
        )
    ticks = [round(low + (1 - low) * share, 3) for share in _SHARES]
    body = frame.grid(ticks, below=_SHARES) + "".join(lines)
    return _svg("Precision by recall as less sure predictions are kept", body, "recall", "precision")


def learning_chart(epochs: Sequence[EpochReport]) -> str:
    """Draw the losses of each epoch.

    Args:
        epochs: At least one epoch.

    Returns:
        An `svg`.
    """
    train = [(one.epoch, one.train_loss) for one in epochs]
    valid = [(one.epoch, one.valid_loss) for one in epochs if one.valid_loss is not None]
    high = max(value for _, value in [*train, *valid]) or 1.0
    frame = _Frame(epochs[0].epoch, max(epochs[-1].epoch, epochs[0].epoch + 1), 0, high)
    lines = [
        f'<path class="line {name}" d="{frame.path(points)}"/>'
        + "".join(
            f'<circle class="dot {name}" cx="{frame.x(a)}" cy="{frame.y(b)}" r="3">'
            f"<title>epoch {a}, {name}: {b:.4f}</title></circle>"
            for a, b in points
        )
        for name, points in (("train", train), ("valid", valid))
        if points
    ]
    steps = max((len(epochs) + 5) // 6, 1)
    below = [one.epoch for one in epochs[::steps]]
    body = frame.grid([high * share for share in _SHARES], below=below, form=".2g") + "".join(lines)
    return _svg("Loss of each epoch in training and on held-out documents", body, "epoch", "loss")


def interval_bar(value: float, interval: Interval, *, lowest: float = 0.0) -> str:
    """Draw a score and its interval as one line of a table.

    Args:
        value: The score, 0 to 1.
        interval: Its interval.
        lowest: The score at the left end of the line; 1 is at the right one.

    Returns:
        An `svg`, which screen readers leave out: the figures stand beside it.
    """
    shares = ((one - lowest) / (1 - lowest) for one in (interval.low, interval.high, value))
    low, high, at = (round(4 + 92 * max(share, 0.0), 1) for share in shares)
    return (
        '<svg class="interval" viewBox="0 0 100 12" aria-hidden="true">'
        '<line class="track" x1="4" x2="96" y1="6" y2="6"/>'
        f'<line class="range" x1="{low}" x2="{max(high, low + 0.5)}" y1="6" y2="6"/>'
        f'<circle class="end" cx="{at}" cy="6" r="2.6"/></svg>'
    )


def _svg(title: str, body: str, below: str, beside: str) -> str:
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    height = (_TOP + _HEIGHT - _BOTTOM) / 2
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">{body}'
        f'<text class="name" x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">{below}</text>'
        f'<text class="name" transform="rotate(-90 11 {height})" x="11" y="{height}" text-anchor="middle">{beside}'
        "</text></svg>"
    )
