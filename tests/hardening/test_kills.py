"""Runs that are killed leave no process, no readable part and no half of an output, and the next
run clears up.
"""

import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.records.workers import SourceText, Task, TextRedactor
from seqlabel.privacy.replacing.policies import Encrypt
from tests.cli.commands import start, write_key
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import NOTHING, save_labeler

pytestmark = [
    pytest.mark.end_to_end,
    needs_pii,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux"),
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return save_labeler(tmp_path_factory.mktemp("rules") / "model", NOTHING)


def begun(*arguments, **pipes):
    return start(*arguments, stderr=subprocess.PIPE, text=True, **pipes)


def children_of(process):
    """The processes that a process started, as numbers."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process:
            found.append(int(path.parent.name))
    return found


def is_running(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true, seconds=600):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.005)
    raise AssertionError("it did not happen in time")


def parts_in(folder):
    return [path for path in folder.glob(".out.txt.*.part") if path.stat().st_size]


def test_no_process_outlives_a_command_that_is_killed(rules):
    command = ["redact", "--model", rules, "--processes", "2"]
    with begun(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        running.stdin.write("to ann@x.org\n")
        running.stdin.flush()
        assert running.stdout.readline() == "to <EMAIL>\n"
        children = children_of(running.pid)
        assert len(children) >= 2
        running.kill()
    wait_until(lambda: not any(map(is_running, children)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT],
    ids=lambda number: number.name,
)
def test_no_process_outlives_the_command(rules, tmp_path, number):
    source = tmp_path / "in.txt"
    source.write_text("to ann@x.org and 203.0.113.7\n" * 400_000)
    command = f"redact {source} --output {tmp_path}/out.txt --model {rules} --processes 2".split()
    running = begun(*command)
    wait_until(lambda: parts_in(tmp_path))
    children = children_of(running.pid)
    assert len(children) >= 2
    running.send_signal(number)
    _, said = running.communicate(timeout=600)
    assert running.returncode == (-9 if number == signal.SIGKILL else 128 + number)
    wait_until(lambda: not any(map(is_running, children)))
    assert ("--resume" in said) == (number != signal.SIGKILL)
    assert not (tmp_path / "out.txt").exists()


def check_killed_restoring(rules, folder, moments):
    """Kill `restore` at each moment, as a share of the output; then let it end."""
    source, key = folder / "in.txt", folder / "key"
    redactor = TextRedactor(Task(Encrypt(KEY), PrivacySettings(model=rules)))
    line = redactor([SourceText("to ann@x.org")])[0].text
    source.write_text(f"{line}\n" * 60_000)
    write_key(key, KEY)
    command = ["restore", source, "--output", folder / "out.txt", "--key-file", key, "--any-order"]
    for moment in moments:
        running = begun(*command)
        size = moment * 60_000 * len("to ann@x.org\n")
        wait_until(lambda size=size: any(part.stat().st_size > size for part in parts_in(folder)))
        running.kill()
        running.communicate(timeout=600)
        assert not (folder / "out.txt").exists()
        left = [path for path in folder.iterdir() if path.name.startswith(".")]
        assert left
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in left)
        for path in left:
            if path.suffix == ".journal":
                assert "ann" not in json.dumps({**json.loads(path.read_text()), "made_of": None})
    done = begun(*command, *(["--resume"] if len(moments) > 1 else []))
    done.communicate(timeout=600)
    assert done.returncode == 0
    assert (folder / "out.txt").read_text() == "to ann@x.org\n" * 60_000
    assert stat.S_IMODE((folder / "out.txt").stat().st_mode) == 0o600
    assert sorted(os.listdir(folder)) == ["in.txt", "key", "out.txt"]


def test_a_killed_restoring_leaves_nothing_readable(rules, tmp_path):
    check_killed_restoring(rules, tmp_path, [0])


@pytest.mark.slow
def test_a_restoring_killed_many_times_leaves_nothing_readable(rules, tmp_path):
    check_killed_restoring(rules, tmp_path, [0, 0.1, 0.3, 0.5, 0.2, 0.7, 0.6, 0.05])
