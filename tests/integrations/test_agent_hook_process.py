"""The socket between `seqlabel hook` and the process that answers: who may open it, and what a
broken one gives.
"""

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from seqlabel.integrations import agent_hook
from seqlabel.integrations.agent_hook import Reply, ask, identity, serve, socket_path

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets")
ARGUMENTS = ["--sessions", "/s", "--permission", "ask"]


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    # Paths of sockets are short, and those of pytest may not be.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", ".")
    return tmp_path


@pytest.fixture
def process():
    """Serves in a thread, until none asked for half a second."""
    threads = []

    def begin(answer=lambda event: Reply(0, event.upper(), b""), arguments=ARGUMENTS, idle=0.5):
        thread = threading.Thread(target=serve, args=(arguments, answer), kwargs={"idle": idle})
        thread.start()
        threads.append(thread)
        end = time.monotonic() + 10
        while not os.path.exists(socket_path(arguments)):
            assert time.monotonic() < end
            time.sleep(0.005)

    yield begin
    for thread in threads:
        thread.join()


def unread():
    raise AssertionError("the event was read although no process listens")


def test_a_process_answers_and_ends_by_itself(process):
    assert ask(ARGUMENTS, unread) == (None, None)
    process(lambda event: Reply(2, event * 100_000, b"why"))
    assert ask(ARGUMENTS, lambda: b"abc") == (Reply(2, b"abc" * 100_000, b"why"), b"abc")
    path = Path(socket_path(ARGUMENTS))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    end = time.monotonic() + 10
    while path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    assert ask(ARGUMENTS, unread) == (None, None)


def test_there_is_one_process_for_a_command(process):
    process()
    assert serve(ARGUMENTS, lambda event: Reply(0, b"other", b""), idle=9) is False
    assert ask(ARGUMENTS, lambda: b"x")[0] == Reply(0, b"X", b"")
    assert ask([*ARGUMENTS, "--labels", "EMAIL"], unread) == (None, None)


def test_a_process_for_another_command_of_the_same_number_does_not_answer(process, monkeypatch):
    monkeypatch.setattr("seqlabel.integrations.agent_hook.zlib.crc32", lambda found: 7)
    process()
    assert ask([*ARGUMENTS, "--labels", "EMAIL"], lambda: b"x") == (None, b"x")
    assert ask(ARGUMENTS, lambda: b"x")[0] is not None


@pytest.mark.parametrize(
    "sent", [b"", b"1 2", b"1 5 0\n0abc", b"x y z\n", b"1 -1 0\n0", b"1 1\n00", b"9999999999 0 0\n"]
)
def test_an_answer_that_is_not_whole_is_none(sent):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(socket_path(ARGUMENTS))
        listener.listen()

        def once():
            channel, _ = listener.accept()
            with channel:
                channel.recv(1 << 16)
                channel.sendall(sent)

        thread = threading.Thread(target=once)
        thread.start()
        assert ask(ARGUMENTS, lambda: b"event") == (None, b"event")
        thread.join()


def test_a_socket_that_nobody_listens_to_is_replaced(process):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(socket_path(ARGUMENTS))
    assert ask(ARGUMENTS, unread) == (None, None)
    os.unlink(socket_path(ARGUMENTS))
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(socket_path(ARGUMENTS))
    thread = threading.Thread(
        target=serve, args=(ARGUMENTS, lambda event: Reply(0, b"", b"")), kwargs={"idle": 0.5}
    )
    thread.start()
    end = time.monotonic() + 10
    while ask(ARGUMENTS, lambda: b"x")[0] is None:
        assert time.monotonic() < end
    thread.join()


def test_a_process_survives_who_sends_nonsense_or_nothing(process, monkeypatch):
    monkeypatch.setattr("seqlabel.integrations.agent_hook._LONGEST_REQUEST", 0.05)
    process(idle=2)
    for sent in (b"", b"GET / HTTP/1.1\r\n\r\n", b"9 9\nx"):
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(socket_path(ARGUMENTS))
            channel.sendall(sent)
    assert ask(ARGUMENTS, lambda: b"x")[0] == Reply(0, b"X", b"")


def test_a_folder_that_others_can_write_to_is_not_used(runtime):
    (runtime / "seqlabel").mkdir(mode=0o777)
    (runtime / "seqlabel").chmod(0o770)
    assert socket_path(ARGUMENTS) is None
    assert ask(ARGUMENTS, unread) == (None, None)
    assert serve(ARGUMENTS, lambda event: Reply(0, b"", b""), idle=1) is False
    (runtime / "seqlabel").chmod(0o700)
    assert socket_path(ARGUMENTS) is not None
    (runtime / "seqlabel").rmdir()
    (runtime / "elsewhere").mkdir(mode=0o700)
    (runtime / "seqlabel").symlink_to("elsewhere")
    assert socket_path(ARGUMENTS) is None


def test_the_folder_counts_where_a_path_is_relative(runtime, monkeypatch):
    (runtime / "a").mkdir()
    before = [
        identity(arguments) for arguments in (ARGUMENTS, ["--key-file", "k"], ["--settings=x.toml"])
    ]
    monkeypatch.chdir(runtime / "a")
    after = [
        identity(arguments) for arguments in (ARGUMENTS, ["--key-file", "k"], ["--settings=x.toml"])
    ]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, False]


def test_the_process_is_started_without_the_modules_of_the_folder(monkeypatch):
    started = []
    monkeypatch.setattr("subprocess.Popen", lambda command, **more: started.append((command, more)))
    agent_hook.start(ARGUMENTS)
    ((command, more),) = started
    assert command[1:] == ["-P", "-m", "seqlabel", "hook", *ARGUMENTS, "--serve"]
    assert more["start_new_session"] is True


def test_a_call_that_the_process_answers_imports_little():
    code = "import sys, seqlabel.__main__; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"dataclasses", "hashlib", "json", "numpy", "pydantic", "subprocess", "typer"}
    assert heavy.isdisjoint(names.stdout.split())
