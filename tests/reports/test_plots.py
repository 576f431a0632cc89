"""Pictures that are whole PNG files of the right size, drawn without matplotlib's global state."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from seqlabel.errors import OptionError
from seqlabel.reports.plots import plot_losses
from seqlabel.training.progress import EpochReport
from tests.extras import needs_plots


def reports(epochs=3, *, valid=True, accuracy=True, score=None):
    return [
        EpochReport(
            epoch=epoch,
            epochs=epochs,
            train_loss=3 / epoch,
            valid_loss=3.5 / epoch if valid else None,
            accuracy=1 - 1 / epoch if accuracy else None,
            seconds=1.5,
            tokens=100,
            score=None if score is None else score - 1 / epoch,
        )
        for epoch in range(1, epochs + 1)
    ]


DRAWINGS = {
    "losses": {},
    "one epoch": {"epochs": 1},
    "no accuracy": {"accuracy": False},
    "no validation": {"valid": False, "accuracy": False},
    "score": {"score": 1.1},
    "score alone": {"accuracy": False, "score": 0.5},
}


def size_of(png):
    """The width and height of a PNG file that is whole."""
    assert png[:16] == b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    assert png[-8:-4] == b"IEND"
    return struct.unpack(">II", png[16:24])


@needs_plots
def test_a_whole_picture_is_written_and_the_same_one_again(tmp_path):
    path = tmp_path / "new folder" / "picture.png"
    assert plot_losses(reports(), path) is None
    assert size_of(path.read_bytes()) == (910, 754)
    assert [file.name for file in path.parent.iterdir()] == ["picture.png"]
    # A notebook shows the figure.
    assert plot_losses(reports())._repr_png_() == path.read_bytes()


def curves(axis):
    return {line.get_label(): list(zip(*line.get_data(), strict=True)) for line in axis.get_lines()}


@pytest.mark.parametrize("name", DRAWINGS)
@needs_plots
def test_the_losses_are_drawn_and_below_them_what_else_is_given(name):
    options = {"valid": True, "accuracy": True, "score": None} | DRAWINGS[name]
    given = reports(**DRAWINGS[name])
    figure = plot_losses(given)
    losses = {"train": "train_loss"}
    below = {}
    if options["valid"]:
        losses["valid"] = "valid_loss"
    if options["accuracy"]:
        below["accuracy"] = "accuracy"
    if options["score"] is not None:
        below["score"] = "score"
    drawn = [losses, below] if below else [losses]
    assert len(figure.axes) == len(drawn)
    for axis, series in zip(figure.axes, drawn, strict=True):
        expected = {
            label: [(one.epoch, getattr(one, field)) for one in given]
            for label, field in series.items()
        }
        assert curves(axis) == expected
    assert tuple(figure.get_size_inches() * 130) == (910, pytest.approx(754 if below else 416))


@needs_plots
def test_the_last_scores_are_written_and_fit_into_the_picture():
    axis = plot_losses(reports(2, score=1.25)).axes[1]
    assert axis.get_ylabel() == "valid accuracy and score"
    assert [text.get_text() for text in axis.texts] == ["0.500", "0.750"]
    axis = plot_losses(reports(2, accuracy=False, score=-40)).axes[1]
    assert axis.get_ylabel() == "valid score"
    low, high = axis.get_ylim()
    assert low < -41
    assert -40.5 < high < 0


@pytest.mark.parametrize("epochs", [1, 2, 3, 30])
@needs_plots
def test_epochs_are_whole_numbers(epochs):
    axis = plot_losses(reports(epochs)).axes[-1]
    low, high = axis.get_xlim()
    ticks = [tick for tick in axis.get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == round(tick) for tick in ticks)


DRAW_ALL = """
import sys
from pathlib import Path
import seqlabel.reports.plots
assert "matplotlib" not in sys.modules, "matplotlib is imported before it is needed"
import matplotlib
# Plain access to the settings imports pyplot; these two do not.
before = matplotlib.rcParams.copy()
from tests.reports.test_plots import DRAWINGS, reports
for number, options in enumerate(DRAWINGS.values()):
    seqlabel.reports.plots.plot_losses(reports(**options), Path(sys.argv[1]) / f"{number}.png")
assert "matplotlib.pyplot" not in sys.modules, "pyplot was imported"
assert dict.__eq__(matplotlib.rcParams, before), "matplotlib's settings were changed"
"""


@pytest.mark.end_to_end
@needs_plots
def test_no_global_state_is_touched(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", DRAW_ALL, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(list(tmp_path.iterdir())) == len(DRAWINGS)


def test_a_missing_matplotlib_and_no_epochs_are_errors(tmp_path, monkeypatch):
    with pytest.raises(OptionError, match="reports:"):
        plot_losses([], tmp_path / "picture.png")
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(OptionError):
        plot_losses(reports(), tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []
