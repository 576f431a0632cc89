"""`seqlabel hook`: events on standard input, and a status of 2 or a withheld result where something
fails.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from seqlabel.integrations.agent_hook import ask, socket_path
from tests.extras import needs_pii
from tests.integrations.test_agent_hook import check, play

pytestmark = needs_pii


@pytest.fixture
def call(run, tmp_path, monkeypatch):
    """Runs the command on an event, in a folder with a key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_bytes(os.urandom(32))
    (tmp_path / "key").chmod(0o600)

    def called(event, *options):
        text = json.dumps({"session_id": "s", "tool_name": "Read", **event})
        return run("hook --sessions sessions --key-file key", *options, input=text)

    return called


RESULT = {"hook_event_name": "PostToolUse", "tool_response": "From ann@moss.example"}
PROMPT = {"hook_event_name": "UserPromptSubmit", "prompt": "From ann@moss.example"}
CALL = {"hook_event_name": "PreToolUse", "tool_input": {"to": "<EMAIL_1>"}}


def test_a_turn_over_three_processes(call, tmp_path):
    # A file of the folder that the agent works in switches nothing off.
    (tmp_path / "seqlabel.toml").write_text('labels = ["PERSON"]\n', encoding="utf-8")
    stopped = call(PROMPT)
    assert "From <EMAIL_1>" in json.loads(stopped.stdout)["reason"]
    result = json.loads(call(RESULT).stdout)
    assert result["hookSpecificOutput"]["updatedToolOutput"] == "From <EMAIL_1>"
    given = json.loads(call(CALL, "--permission", "allow").stdout)["hookSpecificOutput"]
    assert given["updatedInput"] == {"to": "ann@moss.example"}
    assert given["permissionDecision"] == "allow"
    nothing = call({**PROMPT, "prompt": "List the files."})
    assert (nothing.exit_code, nothing.stdout) == (0, "")


@pytest.mark.parametrize("event", [PROMPT, CALL])
@pytest.mark.parametrize("options", [["--key-file", "none"], ["--permission", "never"]])
def test_a_failure_stops_prompts_and_calls(call, event, options):
    done = call(event, *options)
    assert (done.exit_code, done.stdout, "moss" in done.stderr) == (2, "", False)


def test_a_failure_withholds_a_result(call, tmp_path, monkeypatch):
    done = call(RESULT, "--key-file", "none")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["continue"] is False
    assert "moss" not in done.stdout + done.stderr

    def broken(*arguments, **more):
        raise RuntimeError("ann@moss.example")

    monkeypatch.setattr("seqlabel.privacy.session.Session.redact_object", broken)
    done = call(RESULT)
    assert json.loads(done.stdout)["stopReason"].startswith("seqlabel: RuntimeError")
    assert call(PROMPT).exit_code == 2
    assert "moss" not in done.stdout + done.stderr


def test_what_is_not_an_event_stops(run, tmp_path):
    assert run(f"hook --sessions {tmp_path}/s --key-file {tmp_path}/k", input="x").exit_code == 2


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs the command as an agent does; the process that answers ends with the test."""
    runtime = tempfile.mkdtemp()
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    (tmp_path / "key").write_bytes(os.urandom(32))
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "deny.txt").write_text("Falcon\n", encoding="utf-8")
    files = [
        f"--{name}={tmp_path / place}" for name, place in (("sessions", "s"), ("key-file", "key"))
    ]
    arguments = [*files, f"--deny={tmp_path / 'deny.txt'}", "--warm=0.3"]
    begun = []

    class Command:
        path = Path(socket_path(arguments))

        @staticmethod
        def call(event):
            text = json.dumps({"session_id": "s", "tool_name": "Read", **event})
            return subprocess.run(
                [sys.executable, "-m", "seqlabel", "hook", *arguments],
                input=text,
                capture_output=True,
                text=True,
            )

        @staticmethod
        def begin():
            begun.append(
                subprocess.Popen([sys.executable, "-m", "seqlabel", "hook", *arguments, "--serve"])
            )
            end = time.monotonic() + 120
            while not Command.path.exists():
                assert begun[-1].poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            return begun[-1]

        @staticmethod
        def ask(event):
            """Ask the process, without starting Python for the call."""
            reply, _ = ask(arguments, lambda: json.dumps(event).encode())
            assert reply.status == 0
            return json.loads(reply.output or b"{}")

    yield Command
    # One that an earlier call started finds no folder to listen in, or ends soon.
    shutil.rmtree(runtime)
    for process in begun:
        process.kill()
        process.wait()


@pytest.mark.end_to_end
def test_a_process_keeps_the_model_and_the_session(command, tmp_path):
    process = command.begin()
    assert "From <EMAIL_1>" in json.loads(command.call(PROMPT).stdout)["reason"]
    given = json.loads(command.call(CALL).stdout)["hookSpecificOutput"]
    assert given["updatedInput"] == {"to": "ann@moss.example"}
    # Another call of the same conversation wrote to its file: what it knows is read.
    options = f"hook --sessions={tmp_path}/s --key-file={tmp_path}/key --warm=0"
    alone = [sys.executable, "-m", "seqlabel", *options.split()]
    event = {**RESULT, "session_id": "s", "tool_response": "bob@moss.example"}
    given = json.dumps(event)
    other = subprocess.run(alone, input=given, capture_output=True, text=True, check=True)
    placeholder = json.loads(other.stdout)["hookSpecificOutput"]["updatedToolOutput"]
    call = {"hook_event_name": "PreToolUse", "tool_input": {"to": placeholder}}
    given = json.loads(command.call(call).stdout)["hookSpecificOutput"]
    assert given["updatedInput"] == {"to": "bob@moss.example"}
    # A list that changed is read again; one that is gone stops what comes.
    (tmp_path / "deny.txt").write_text("Falcon\nHarrier\n", encoding="utf-8")
    assert "Harrier" not in command.call({**RESULT, "tool_response": "Project Harrier"}).stdout
    (tmp_path / "deny.txt").unlink()
    for _ in range(2):
        stopped = command.call(PROMPT)
        assert (stopped.returncode, stopped.stdout) == (2, "")
        assert "moss" not in stopped.stderr
    assert json.loads(command.call(RESULT).stdout)["continue"] is False
    # Where the process has died, a call answers by itself.
    (tmp_path / "deny.txt").write_text("Falcon\n", encoding="utf-8")
    process.kill()
    process.wait()
    assert "<EMAIL_1>" in command.call(RESULT).stdout


@pytest.mark.end_to_end
def test_the_first_call_starts_the_process(command):
    assert "<EMAIL_1>" in command.call(RESULT).stdout
    end = time.monotonic() + 120
    while not command.path.exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    assert "<EMAIL_1>" in command.call(RESULT).stdout


@pytest.mark.slow
def test_no_planted_value_reaches_the_model_in_1000_turns_through_the_process(command, tmp_path):
    command.begin()
    fields = {
        "UserPromptSubmit": "prompt",
        "PreToolUse": "tool_input",
        "PostToolUse": "tool_response",
    }

    def answered(event):
        kind = event.kind.value
        about = {"hook_event_name": kind, "session_id": event.session}
        return command.ask({**about, fields[kind]: event.content})

    read, calls, planted = play(1_000, answered)
    assert len(calls) == 1_000
    check(read, calls, planted)
