"""Charts of a page: well-formed SVG whose places are those of the values."""

import re
from xml.etree import ElementTree

import pytest

from seqlabel.reports.charts import interval_bar, learning_chart, recall_chart, reliability_chart
from seqlabel.scores.calibration import reliability
from seqlabel.scores.curves import Point
from seqlabel.scores.intervals import Interval
from seqlabel.training.progress import EpochReport


def parsed(svg):
    return ElementTree.fromstring(svg)


def test_bars_of_reliability_are_as_high_as_their_accuracy():
    chart = parsed(
        reliability_chart(reliability([0.05, 0.95, 0.97, 0.99, 0.96], [True, True, True, True, False], bins=10))
    )
    heights = [float(bar.get("height")) for bar in chart.iter("rect")]
    assert heights[1] == pytest.approx(0.75 * heights[0], rel=0.01)
    assert "4 predictions from 0.90 to 1.00: 75.0% right" in [title.text for title in chart.iter("title")]


def test_a_curve_ends_at_its_last_point_and_labels_are_escaped():
    chart = parsed(recall_chart({"": [Point(0.9, 1.0, 0.5), Point(0.1, 0.0, 1.0)], "<A>": [Point(0.5, 0.5, 0.5)]}))
    first, second = chart.iter("circle")
    assert (float(first.get("cx")), float(first.get("cy"))) == (328, 210)
    assert float(second.get("cy")) == pytest.approx((12 + 210) / 2)
    hidden = [group.get("data-curve") for group in chart.iter("g") if group.get("class") == "hidden"]
    assert hidden == ["<A>"]


def test_losses_that_fall_go_down():
    epochs = [EpochReport(n, 3, 3.0 / n, None, None, 1.0, 1) for n in (1, 2, 3)]
    places = [float(dot.get("cy")) for dot in parsed(learning_chart(epochs)).iter("circle")]
    assert places == sorted(places)
    assert len(places) == 3
    assert parsed(learning_chart(epochs[:1])) is not None


def test_an_interval_is_a_line_from_low_to_high():
    bar = interval_bar(0.75, Interval(0.5, 1.0), lowest=0.5)
    assert re.findall(r'x[12]="([\d.]+)"', bar)[2:] == ["4.0", "96.0"]
    assert 'cx="50.0"' in bar
