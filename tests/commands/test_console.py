"""Streams that the caller closed, locales without Unicode, signals and warnings: one clear line,
never a traceback.
"""

import io
import os
import signal
import subprocess
import sys
import time
import warnings

import pytest
import typer

from seqlabel.cli import label
from seqlabel.cli.options import Texts
from seqlabel.commands import console
from seqlabel.commands.console import (
    Status,
    Terminated,
    messages,
    note,
    say,
    say_if_nothing_to_resume,
    stdin,
    stdout,
    with_options_named,
)
from seqlabel.documents import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.runs import progress

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX descriptors and signals")


def exits_with(error):
    with pytest.raises(typer.Exit) as caught, messages():
        raise error
    return caught.value.exit_code


@posix
def test_what_is_said_with_stderr_closed_does_not_go_into_the_data(tmp_path):
    code = (
        "from seqlabel.commands.console import fill_closed_streams, say\n"
        "import os, sys\n"
        "fill_closed_streams()\n"
        "file = open(sys.argv[1], 'w')\n"
        "say('line 2: withheld')\n"
        "os.write(2, b'a warning of another library')\n"
        "print('data', file=file)\n"
        "file.close()\n"
        "print(file.name)\n"
    )
    path = tmp_path / "out"
    shell = ["sh", "-c", '"$@" 2>&-', "sh", sys.executable, "-c", code, str(path)]
    done = subprocess.run(shell, stdout=subprocess.PIPE, text=True, check=True)
    assert (path.read_text(), done.stdout) == ("data\n", f"{path}\n")


def test_with_stderr_closed_nothing_is_said(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", None)
    say("a report")
    assert capsys.readouterr().out == ""


def test_closed_stdin_and_stdout_are_said(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(OptionError, match="stdin"):
        stdin()
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OptionError, match="stdout"):
        stdout()
    with messages():
        pass


def test_labels_are_utf8_in_any_locale(monkeypatch, tmp_path):
    written = io.BytesIO()
    monkeypatch.setattr(
        sys, "stdout", io.TextIOWrapper(written, encoding="ascii", write_through=True)
    )
    monkeypatch.setattr(
        "seqlabel.models.trained.load_trained",
        lambda model: (
            lambda texts: (
                Document.from_words(text.split(), spaces=[True, False]) for text in texts
            )
        ),
    )
    path = tmp_path / "in.txt"
    path.write_text("数 é\n", encoding="utf-8")
    label.label(label.LabelSettings(files=[path], texts=Texts(), to="colour"))
    assert written.getvalue() == "数 é\n".encode()


def test_errors_are_one_line_and_a_status(capsys):
    assert exits_with(DataError("a.txt: cannot be read")) == Status.STOPPED
    assert exits_with(OSError(28, "No space left on device")) == Status.STOPPED
    assert exits_with(KeyboardInterrupt()) == Status.INTERRUPTED
    said = capsys.readouterr().err
    assert said == "seqlabel: a.txt: cannot be read\nseqlabel: output: No space left on device\n"


def test_names_of_files_neither_act_on_a_terminal_nor_begin_a_line(capsys):
    say("a\x1b[2J\r.txt\nseqlabel: all is well\u202e\x9b: not text")
    assert (
        capsys.readouterr().err
        == "a\\x1b[2J\\r.txt\\nseqlabel: all is well\\u202e\\x9b: not text\n"
    )


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_work_as_ctrl_c_does(number):
    before = signal.signal(number, signal.SIG_DFL)
    closed = []

    def work():
        try:
            os.kill(os.getpid(), number)
        except KeyboardInterrupt:
            closed.append(number)
            raise

    try:
        with pytest.raises(typer.Exit) as caught, messages():
            work()
        assert (caught.value.exit_code, closed) == (128 + number, [number])
        assert signal.getsignal(number) is signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN)
        with messages():
            os.kill(os.getpid(), number)
    finally:
        signal.signal(number, before)


class SignalledAsItGoes:
    """Receives SIGTERM in its `__del__`, where Python drops the exception of a signal's handler."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass


@posix
@pytest.mark.parametrize("seconds", [0, 300])
@pytest.mark.parametrize("times", [1, 3])
def test_a_signal_that_python_drops_ends_the_work_all_the_same(seconds, times, capsys):
    before, hook = signal.signal(signal.SIGTERM, signal.SIG_DFL), sys.unraisablehook
    begun = time.monotonic()

    def work():
        for _ in range(times):
            SignalledAsItGoes()
        time.sleep(seconds)

    try:
        with pytest.raises(typer.Exit) as caught, messages():
            work()
        assert (caught.value.exit_code, signal.getsignal(signal.SIGTERM)) == (
            128 + signal.SIGTERM,
            signal.SIG_DFL,
        )
    finally:
        signal.signal(signal.SIGTERM, before)
    assert time.monotonic() - begun < 200
    assert (sys.unraisablehook, capsys.readouterr().err) == (hook, "")


def test_a_warning_is_a_line_without_a_place_in_the_code(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with messages():
            warnings.warn("key file key: other users may open it", stacklevel=1)
    assert capsys.readouterr().err == "seqlabel: warning: key file key: other users may open it\n"


def test_notes_are_silent_where_the_command_is_quiet_and_warnings_are_not(capsys):
    with messages(quiet=True):
        note("how it is read")
        say("what is wrong")
    with messages():
        note("read as text")
    assert capsys.readouterr().err == "what is wrong\nread as text\n"


@pytest.mark.parametrize(
    ("interrupt", "status"),
    [(KeyboardInterrupt(), 130), (Terminated(signal.SIGTERM), 128 + signal.SIGTERM)],
)
def test_what_an_interrupted_run_keeps_is_said(tmp_path, capsys, interrupt, status):
    def interrupted(**options):
        with pytest.raises(typer.Exit) as caught, messages(**options):
            raise interrupt
        assert caught.value.exit_code == status
        return capsys.readouterr().err

    last = tmp_path / "last"
    assert interrupted() == ""
    assert (
        interrupted(output=tmp_path / "a.jsonl")
        == f"seqlabel: interrupted; {tmp_path / 'a.jsonl'} was not written\n"
    )
    assert interrupted(checkpoint=last) == (
        "seqlabel: interrupted before anything was saved. Run the command again.\n"
    )
    say_if_nothing_to_resume(last)
    assert (
        "is not there, so no training can be resumed. This one begins from its start."
        in capsys.readouterr().err
    )
    last.mkdir()
    assert interrupted(checkpoint=last).endswith(
        "keeps the training so far. Repeat the command with --resume to continue.\n"
    )
    say_if_nothing_to_resume(last)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("encoding: got 'x'.", "--encoding: got 'x'."),
        ("pass encoding='cp1252', or", "pass --encoding cp1252, or"),
        ("name it as `tag`, or tag=-1.", "name it as --tag, or --tag -1."),
        ("key: the policy has no key", "--key-file: the policy has no key"),
        ("a.txt, line 1: encoding: no", "a.txt, line 1: encoding: no"),
        ("the tag is wrong: --tag=3", "the tag is wrong: --tag=3"),
    ],
)
def test_arguments_in_python_are_named_as_options(message, said, capsys):
    assert with_options_named(message) == said
    exits_with(DataError(message))
    assert capsys.readouterr().err == f"seqlabel: {said}\n"


def test_a_package_that_is_not_installed_is_one_line_and_a_mistake_of_ours_is_not(capsys):
    with pytest.raises(typer.Exit) as caught, messages():
        raise ModuleNotFoundError("No module named 'torch'", name="torch")
    assert caught.value.exit_code == 2
    said = (
        "seqlabel: This needs the package torch, which is not installed. Run pip install "
        "seqlabel-rnn.\n"
    )
    assert capsys.readouterr().err == said
    with pytest.raises(ModuleNotFoundError), messages():
        raise ModuleNotFoundError(name="seqlabel.nothing")


def test_a_log_has_a_line_every_half_minute_and_a_quiet_one_none(capsys, monkeypatch):
    now = 0.0

    def items():
        nonlocal now
        for seconds in (20, 11, 20, 40):
            now += seconds
            yield seconds

    monkeypatch.setattr(progress.time, "perf_counter", lambda: now)
    with console.messages():
        assert list(console.counted(items(), "text", total=8, size=lambda one: 2)) == [
            20,
            11,
            20,
            40,
        ]
    assert capsys.readouterr().err == "4 of 8 texts, 31 s\n8 of 8 texts, 91 s\n"
    with console.messages(quiet=True):
        assert len(list(console.counted(items(), "text"))) == 4
    assert capsys.readouterr().err == ""
