"""`seqlabel hook`: events on standard input, and a status of 2 or a withheld result where something fails."""

import json
import os

import pytest

from tests.extras import needs_pii

pytestmark = needs_pii


@pytest.fixture
def call(run, tmp_path, monkeypatch):
    """Runs the command on an event, in a folder with a key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_bytes(os.urandom(32))
    (tmp_path / "key").chmod(0o600)

    def called(event, *options):
        text = json.dumps({"session_id": "s", "tool_name": "Read", **event})
        return run("hook", "--sessions", "sessions", "--key-file", "key", *options, input=text)

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
    assert (given["updatedInput"], given["permissionDecision"]) == ({"to": "ann@moss.example"}, "allow")
    nothing = call({**PROMPT, "prompt": "List the files."})
    assert (nothing.exit_code, nothing.stdout) == (0, "")


@pytest.mark.parametrize("event", [PROMPT, CALL])
@pytest.mark.parametrize("options", [["--key-file", "none"], ["--permission", "never"]])
def test_a_failure_stops_prompts_and_calls(call, event, options):
    done = call(event, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "moss" not in done.stderr


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
    assert run("hook", "--sessions", tmp_path / "s", "--key-file", tmp_path / "k", input="x").exit_code == 2
