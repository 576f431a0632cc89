"""Pictures that are whole PNG files of the right size, drawn without matplotlib's global state."""

import os
import struct
import subprocess
import sys
import zlib
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
    "losses": lambda path: plot_losses(reports(), path),
    "one epoch": lambda path: plot_losses(reports(1), path),
    "no accuracy": lambda path: plot_losses(reports(accuracy=False), path),
    "no validation": lambda path: plot_losses(reports(valid=False, accuracy=False), path),
    "score": lambda path: plot_losses(reports(score=1.1), path),
    "score alone": lambda path: plot_losses(reports(accuracy=False, score=0.5), path),
}
ONE_ROW, TWO_ROWS = (910, 416), (910, 754)
SIZES = dict.fromkeys(DRAWINGS, TWO_ROWS) | dict.fromkeys(["no accuracy", "no validation"], ONE_ROW)
every_drawing = pytest.mark.parametrize("name", DRAWINGS)


def chunks(png):
    """The chunks of a PNG file, each checked against its sum."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, found = 8, []
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        kind, body = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        assert struct.unpack(">I", png[place + 8 + size : place + 12 + size])[0] == zlib.crc32(
            kind + body
        )
        found.append((kind, body))
        place += 12 + size
    return found


def pixels(png):
    """The width and height of a PNG file, and its decompressed rows as one string."""
    found = chunks(png)
    assert [found[0][0], found[-1][0]] == [b"IHDR", b"IEND"]
    return struct.unpack(">II", found[0][1][:8]), zlib.decompress(
        b"".join(b for kind, b in found if kind == b"IDAT")
    )


@every_drawing
@needs_plots
def test_a_whole_picture_is_written(tmp_path, name):
    path = tmp_path / "new folder" / "picture.png"
    DRAWINGS[name](path)
    (width, height), rows = pixels(path.read_bytes())
    assert (width, height) == SIZES[name]
    # Four bytes a pixel and one a row; more than one colour.
    assert len(rows) == height * (4 * width + 1)
    assert len(set(rows)) > 20
    assert [file.name for file in path.parent.iterdir()] == ["picture.png"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda path: plot_losses(reports(3), path), lambda path: plot_losses(reports(4), path)),
        (
            lambda path: plot_losses(reports(accuracy=False), path),
            lambda path: plot_losses(reports(valid=False, accuracy=False), path),
        ),
        (
            lambda path: plot_losses(reports(), path),
            lambda path: plot_losses(reports(score=1.1), path),
        ),
    ],
    ids=["reports", "validation", "score"],
)
@needs_plots
def test_what_is_drawn_is_what_is_given(tmp_path, one, other):
    for name, draw in (("one", one), ("again", one), ("other", other)):
        draw(tmp_path / name)
    found = {name: pixels((tmp_path / name).read_bytes()) for name in ("one", "again", "other")}
    assert found["one"] == found["again"] != found["other"]


@pytest.fixture
def axes(monkeypatch):
    """The axes of a picture that is not written."""
    found = []
    monkeypatch.setattr(
        "matplotlib.figure.Figure.savefig", lambda figure, *_, **__: found.extend(figure.axes)
    )
    monkeypatch.setattr("seqlabel.reports.plots.write_file", lambda path, content: None)
    return found


def curves(axis):
    return {line.get_label(): list(zip(*line.get_data(), strict=True)) for line in axis.get_lines()}


@needs_plots
def test_the_score_that_chooses_the_epoch_is_drawn(tmp_path, axes):
    found = reports(2, score=1.25)
    plot_losses(found, tmp_path / "picture.png")
    assert curves(axes[1]) == {"accuracy": [(1, 0.0), (2, 0.5)], "score": [(1, 0.25), (2, 0.75)]}
    assert axes[1].get_ylabel() == "valid accuracy and score"
    assert [text.get_text() for text in axes[1].texts] == ["0.500", "0.750"]
    axes.clear()
    plot_losses(reports(2, accuracy=False, score=-40), tmp_path / "picture.png")
    assert curves(axes[1]) == {"score": [(1, -41.0), (2, -40.5)]}
    assert axes[1].get_ylabel() == "valid score"
    low, high = axes[1].get_ylim()
    assert low < -41
    assert -40.5 < high < 0


@pytest.mark.parametrize("epochs", [1, 2, 3, 30])
@needs_plots
def test_epochs_are_whole_numbers(tmp_path, axes, epochs):
    plot_losses(reports(epochs), tmp_path / "picture.png")
    low, high = axes[-1].get_xlim()
    ticks = [tick for tick in axes[-1].get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == round(tick) for tick in ticks)


@needs_plots
def test_an_older_picture_survives_a_full_disk(tmp_path, monkeypatch):
    path = tmp_path / "losses.png"
    plot_losses(reports(), path)
    before = path.read_bytes()

    def full_disk(descriptor):
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        with pytest.raises(OSError, match="No space left"):
            plot_losses(reports(4), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


DRAW_ALL = """
import sys
from pathlib import Path
import seqlabel.reports.plots
assert "matplotlib" not in sys.modules, "matplotlib is imported before it is needed"
import matplotlib
# Plain access to the settings imports pyplot; these two do not.
before = matplotlib.rcParams.copy()
from tests.reports import test_plots
for number, draw in enumerate(test_plots.DRAWINGS.values()):
    draw(Path(sys.argv[1]) / f"{number}.png")
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


@every_drawing
def test_a_missing_matplotlib_is_one_clear_error(tmp_path, monkeypatch, name):
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(OptionError):
        DRAWINGS[name](tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []


@needs_plots
def test_no_epochs_are_no_picture(tmp_path):
    with pytest.raises(OptionError, match="reports:"):
        plot_losses([], tmp_path / "losses.png")


def test_without_a_path_a_figure_is_returned_that_a_notebook_shows(tmp_path):
    figure = plot_losses(reports())
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert plot_losses(reports(), tmp_path / "losses.png") is None
