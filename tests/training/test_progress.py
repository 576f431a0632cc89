"""Reports as a terminal, a log and a caller see them."""

import dataclasses
import math
import sys

import pytest

from seqlabel.training import progress
from seqlabel.training.progress import (
    Display,
    EpochReport,
    EpochReports,
    EpochTable,
    format_seconds,
)

REPORT = EpochReport(
    epoch=2,
    epochs=10,
    train_loss=1.23456,
    valid_loss=2.5,
    accuracy=0.8125,
    seconds=125.4,
    tokens=99,
)
BARE = EpochReport(
    epoch=1, epochs=1, train_loss=0.5, valid_loss=None, accuracy=None, seconds=3.21, tokens=99
)


def show(display, *reports, steps=3, scored=False):
    with EpochTable(
        display, total_steps=30, first_step=10, steps_an_epoch=10, scored=scored
    ) as table:
        for report in reports:
            for _ in range(steps):
                table.step()
            table.show(report)


def test_a_log_has_a_line_an_epoch(capsys):
    show(Display.LOG, REPORT, BARE)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "epoch 2/10  train 1.2346  valid 2.5000  accuracy 0.8125  2:05",
        "epoch 1/1  train 0.5000  valid -  accuracy -  3.2s",
    ]
    assert err == ""


def test_a_terminal_has_a_table_and_a_bar_that_goes_away(capsys):
    show(Display.TERMINAL, REPORT, BARE)
    out, err = capsys.readouterr()
    lines = [line.split() for line in out.replace("\r", "\n").splitlines() if line.strip()]
    assert lines == [
        ["epoch", "train_loss", "valid_loss", "accuracy", "time"],
        ["2/10", "1.2346", "2.5000", "0.8125", "2:05"],
        ["1/1", "0.5000", "-", "-", "3.2s"],
    ]
    assert len({len(line) for line in out.splitlines() if "." in line or "epoch" in line}) == 1
    assert "training" in err
    assert "10/30" in err
    assert err.split("\r")[-1].strip() == ""


@pytest.mark.parametrize(
    ("out", "err", "bar"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_auto_shows_a_bar_on_a_terminal_only(capsys, monkeypatch, out, err, bar):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: out)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: err)
    show(Display.AUTO, REPORT)
    assert ("training" in capsys.readouterr().err) == bar


def test_the_bar_is_closed_after_an_error(capsys):
    def broken():
        with EpochTable(Display.TERMINAL, total_steps=30, first_step=0, steps_an_epoch=10) as table:
            table.step()
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert capsys.readouterr().err.split("\r")[-1].strip() == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"),
        (7.34, "7.3s"),
        (59.94, "59.9s"),
        (59.96, "1:00"),
        (60, "1:00"),
        (125.4, "2:05"),
        (3599.4, "59:59"),
        (3599.6, "1:00:00"),
        (3725, "1:02:05"),
        (360_000, "100:00:00"),
    ],
)
def test_format_seconds(seconds, text):
    assert format_seconds(seconds) == text


def test_perplexity():
    assert REPORT.perplexity == pytest.approx(math.exp(2.5))
    assert BARE.perplexity is None
    huge = EpochReport(
        epoch=1, epochs=1, train_loss=1.0, valid_loss=1e6, accuracy=0.0, seconds=1.0, tokens=1
    )
    assert math.isfinite(huge.perplexity)


def test_a_log_shows_how_far_an_epoch_is_every_half_minute(capsys, monkeypatch):
    now = 100.0
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now)
    with EpochTable(Display.LOG, total_steps=20, first_step=10, steps_an_epoch=10) as table:
        for seconds in (10, 19, 2, 5, 26):
            now += seconds
            table.step()
        assert capsys.readouterr().out == "epoch 2  batch 3/10  31.0s\nepoch 2  batch 5/10  1:02\n"


def test_the_time_of_an_epoch_includes_its_validation(capsys):
    with EpochTable(Display.LOG, total_steps=30, first_step=0, steps_an_epoch=10) as table:
        table.show(dataclasses.replace(REPORT, seconds=5.0, validation_seconds=2.5))
    assert capsys.readouterr().out.endswith("  7.5s\n")


def test_reports_show_themselves_as_a_table():
    reports = EpochReports([EpochReport(1, 2, 0.5, 0.25, None, 1.0, 100)])
    assert str(reports).split()[-6:] == ["1/2", "0.5000", "0.2500", "-", "-", "1.0s"]
    assert "<td" in reports._repr_html_()
    assert "0.2500" in reports._repr_html_()
