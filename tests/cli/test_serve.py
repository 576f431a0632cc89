"""`seqlabel serve` as a process, and what it refuses."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec

import pytest

from tests.privacy.rewritten_files import NOTHING, save_labeler

pytestmark = pytest.mark.skipif(
    not all(map(find_spec, ("stdnum", "starlette", "uvicorn", "httpx"))),
    reason="needs seqlabel-rnn[serve] and httpx",
)


TOKEN = "a token of more than sixteen"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--host 0.0.0.0", "--token-file"),
        ("--host 0.0.0.0 --token-file short", "5 characters"),
        ("--token-file none", "none: "),
        ("--policy hash", "'hash'"),
        ("--allow-origin *", "origin"),
        ("--policy EMIAL=mask", "'EMIAL'"),
    ],
)
def test_wrong_use_is_one_line(run, tmp_path, monkeypatch, options, named):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEQLABEL_TOKEN", raising=False)
    (tmp_path / "short").write_text("abcde\n")
    done = run(f"serve {options}")
    assert (done.exit_code, done.stderr.count("\n"), named in done.stderr) == (2, 1, True)


def test_the_weights_are_read_once(run, monkeypatch):
    from seqlabel.models import folders

    read, read_part = [], folders.read_part

    def counted(path, **options):
        read.append(path.name)
        return read_part(path, **options)

    monkeypatch.setattr(folders, "read_part", counted)
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: None)
    assert run("serve --port 0 --model en_pii").exit_code == 0
    assert read.count("model.safetensors") == 1


def test_other_models_are_served_for_their_labels_alone(run, monkeypatch):
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: None)
    done = run("serve --port 0 --model en_ner")
    assert (done.exit_code, "/label" in done.stderr) == (0, True), done.stderr
    done = run("serve --port 0 --model en_ner --no-rules")
    assert (done.exit_code, " --model:" in done.stderr) == (2, True)


# It waits less for clients than a user's does, and heeds Ctrl-C though a shell may run the tests in
# the background.
SERVE = """
import signal
from seqlabel.cli import main, serve
signal.signal(signal.SIGINT, signal.default_int_handler)
serve._SECONDS_TO_END = 0.5
main()
"""


@contextmanager
def serving(folder):
    """Start the command; yield its process and its port."""
    model = save_labeler(folder / "model", NOTHING)
    options = f"serve --model {model} --port 0 --policy mask"
    command = [sys.executable, "-c", SERVE, *options.split()]
    environment = {**os.environ, "SEQLABEL_TOKEN": TOKEN}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, cwd=folder
    )
    try:
        line = process.stderr.readline()
        assert line.startswith("seqlabel: listening on http://127.0.0.1:")
        yield process, int(line.split()[3].rstrip(";").rpartition(":")[2])
    finally:
        process.kill()
        process.communicate()


def test_it_serves_until_it_is_told_to_end_though_clients_are_slow(tmp_path):
    import httpx

    with serving(tmp_path) as (process, port), ExitStack() as stack:
        for kind in ("text/plain", "application/json"):
            head = (
                "POST /redact HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                f"{TOKEN}\r\nContent-Type: {kind}\r\n"
            )
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            client.sendall(f"{head}Content-Length: 100\r\n\r\nann".encode())
        headers = {"authorization": f"Bearer {TOKEN}"}
        address = f"http://127.0.0.1:{port}/redact"
        answer = httpx.post(address, json={"text": "mail ann@x.org"}, headers=headers, timeout=60)
        assert answer.json()["text"] == "mail xxx@x.xxx"
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGTERM
        assert time.monotonic() - begun < 15
        assert "ann" not in rest


@pytest.mark.end_to_end
def test_ctrl_c_ends_it(tmp_path):
    with serving(tmp_path) as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(30) != 0
