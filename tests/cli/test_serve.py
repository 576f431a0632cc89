"""`seqlabel serve` as a process, and what it refuses."""

import os
import signal
import subprocess
import sys
from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from tests.privacy.rewritten_files import NOTHING, save_labeler

pytestmark = pytest.mark.skipif(
    not all(map(find_spec, ("stdnum", "starlette", "uvicorn", "httpx"))), reason="needs seqlabel-rnn[serve] and httpx"
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "0.0.0.0"], "can be reached by other machines. Give --token-file"),
        (["--host", "0.0.0.0", "--token-file", "short"], "The token has 5 characters"),
        (["--token-file", "none"], "none: the token cannot be read"),
        (["--policy", "hash"], "policy 'hash' needs a key"),
        (["--policy", "EMIAL=mask"], "policy: 'EMIAL' is not a label that can be found. Did you mean 'EMAIL'?"),
    ],
)
def test_wrong_use_is_one_line(tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEQLABEL_TOKEN", raising=False)
    (tmp_path / "short").write_text("abcde\n")
    done = CliRunner().invoke(app, ["serve", *options])
    assert done.exit_code == 2
    assert message in done.stderr


def test_it_serves_until_it_is_told_to_end(tmp_path):
    import httpx

    model = save_labeler(tmp_path / "model", NOTHING)
    command = [sys.executable, "-m", "seqlabel", "serve", "--model", model, "--port", "0", "--policy", "mask"]
    environment = {**os.environ, "SEQLABEL_TOKEN": "a token of more than sixteen"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path)
    try:
        line = process.stderr.readline()
        assert line.startswith("seqlabel: listening on http://127.0.0.1:")
        address = line.split()[3].rstrip(";")
        headers = {"authorization": "Bearer a token of more than sixteen"}
        for _ in range(100):
            try:
                answer = httpx.post(f"{address}/redact", json={"text": "mail ann@x.org"}, headers=headers, timeout=30)
                break
            except httpx.ConnectError:
                continue
        assert answer.json()["text"] == "mail xxx@x.xxx"
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
        assert "ann@" not in rest
    finally:
        process.kill()
        process.wait()
