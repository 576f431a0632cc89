"""How far a run is: a line every half minute in a log, a bar on a terminal, and nothing where it is
quiet or short.
"""

import io
import sys

import pytest

from seqlabel.runs import progress
from seqlabel.runs.progress import BYTES, SECONDS_TO_BAR, SECONDS_TO_LINE, Meter


@pytest.fixture
def clock(monkeypatch):
    """A list whose sum is the time that has passed."""
    passed = [0.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: sum(passed))
    return passed


def test_a_log_has_a_line_every_half_minute_over_all_files(clock):
    reported = []
    meter = Meter(reported.append, files=3)
    with meter.part("a.txt", BYTES, total=20_000_000, done=1_000_000) as update:
        update(4_000_000, "")
        clock.append(SECONDS_TO_LINE)
        update(5_000_000, "a remark")
    with meter.part("b.parquet", "row") as update:
        clock.append(SECONDS_TO_LINE - 1)
        update(2000, "")
    clock.append(2)
    with meter.part("c.txt", "row", total=5):
        pass
    assert reported == [
        "a.txt (1 of 3): 10.0 of 20.0 MB, 30 s",
        "c.txt (3 of 3): 0 of 5 rows, 61 s",
    ]


def test_items_pass_and_are_counted_by_their_size(clock):
    reported = []

    def items():
        for seconds in (20, 11, 20, 40):
            clock.append(seconds)
            yield seconds

    meter = Meter(reported.append)
    assert list(meter.over(items(), "text", total=8, size=lambda one: 2)) == [20, 11, 20, 40]
    assert reported == ["4 of 8 texts, 31 s", "8 of 8 texts, 91 s"]


def test_a_quiet_run_and_one_without_stderr_say_nothing(clock, monkeypatch):
    reported = []
    for quiet, stderr in ((True, sys.stderr), (False, None)):
        monkeypatch.setattr(sys, "stderr", stderr)
        with Meter(reported.append, quiet=quiet).part("a", "row") as update:
            clock.append(2 * SECONDS_TO_LINE)
            update(1, "")
    assert reported == []


@pytest.mark.parametrize("waited", [0.0, SECONDS_TO_BAR])
def test_a_terminal_has_a_bar_once_the_run_takes_some_time(clock, monkeypatch, waited):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    meter = Meter(pytest.fail)
    clock.append(waited)
    with meter.part("a\x1b.txt", "row", total=5, done=1) as update:
        update(3, "a remark")
    shown = terminal.getvalue()
    assert ("a\\x1b.txt" in shown) is (waited >= SECONDS_TO_BAR)
    assert "\x1b" not in shown.replace("\x1b[A", "")
