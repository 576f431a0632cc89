"""Hook events of an agent: no planted value reaches the model, and every tool gets the true
value.
"""

import json
import random
import re
import threading

import pytest

from seqlabel import PrivateFinder, Session
from seqlabel.errors import DataError
from seqlabel.integrations.agent_hook import (
    WITHHELD,
    EventKind,
    HeldSessions,
    HookEvent,
    Permission,
    answer,
    kept_session,
    read_event,
    withheld,
)
from tests.extras import needs_pii
from tests.keys import KEY

pytestmark = needs_pii

FIRST_NAMES = """
Alice Bruno Carla David Elena Frank Greta Henry Irene James Karen Louis Maria Nadia Oscar Paula Quentin Robert
Sarah Thomas Ursula Victor Wendy Xavier Yvonne
"""  # noqa: E501
LAST_NAMES = """
Abbott Becker Carlson Dawson Ellison Fischer Gibson Hansen Ibrahim Jensen Keller Lambert Meyer Novak Olsen
Petersen Quinn Rossi Schmidt Turner Ulrich Vargas Walker Young Zimmermann Anderson Bennett Collins Duncan
Edwards Foster Graham Hughes Irving Jacobs Kowalski Larsen Morris Nielsen Osborne
"""  # noqa: E501
PROMPTS = (
    "Please write to {name} ({email}) and call {phone} if there is no answer.",
    "My colleague {name} can be reached at {email} or on {phone}.",
    "Book a table for {name}. Send the confirmation to {email}; the phone number is {phone}.",
    "{name} has moved. Update the contact: email {email}, phone {phone}.",
)
RESULTS = (
    "Sent to {name} <{email}>, phone {phone}.",
    "Contact saved\nName: {name}\nEmail: {email}\nPhone: {phone}",
    '{{"customer": "{name}", "email": "{email}", "phone": "{phone}"}}',
)
PLACEHOLDER = re.compile(r"<[A-Z]+_\d+>")


def event(kind, content, session="s", tool="Bash"):
    return HookEvent(kind, session, "" if kind is EventKind.PROMPT else tool, content)


def through_files(folder, finder, held=None):
    """Answers an event as the command does: with the session of the file."""

    def answered(one):
        with kept_session(folder, one, key=KEY, finder=finder, held=held) as session:
            return answer(one, session)

    return answered


def play(turns, answered):
    """Play turns of a conversation; what the model read, and for each call what the tool got and
    should have got.
    """
    draw = random.Random(0)
    people = [(first, last) for first in FIRST_NAMES.split() for last in LAST_NAMES.split()]
    draw.shuffle(people)
    read, calls, planted = [], [], []
    for first, last in people[:turns]:
        values = {
            "name": f"{first} {last}",
            "email": f"{first}.{last}@mail{draw.randrange(10)}.example".casefold(),
            "phone": f"+44 20 7946 {draw.randrange(10_000):04}",
        }
        planted.append(values)
        stopped = answered(event(EventKind.PROMPT, draw.choice(PROMPTS).format(**values)))
        assert stopped["decision"] == "block"
        _, _, prompt = stopped["reason"].partition("\n")
        # The user sends what the answer shows, which is not stopped again.
        assert answered(event(EventKind.PROMPT, prompt)) == {}
        read.append(prompt)

        placeholders = {one.strip("<>").split("_")[0]: one for one in PLACEHOLDER.findall(prompt)}
        call = {
            "command": "send",
            "to": [placeholders["EMAIL"]],
            "note": f"{placeholders['PERSON']}!",
        }
        given = answered(event(EventKind.TOOL_INPUT, call))["hookSpecificOutput"]["updatedInput"]
        calls.append(
            (given, {"command": "send", "to": [values["email"]], "note": f"{values['name']}!"})
        )

        result = {"stdout": draw.choice(RESULTS).format(**values), "interrupted": False}
        changed = answered(event(EventKind.TOOL_RESULT, result))["hookSpecificOutput"][
            "updatedToolOutput"
        ]
        read.append(json.dumps(changed))
    return read, calls, planted


def check(read, calls, planted):
    text = "\n".join(read).casefold()
    leaked = [value for values in planted for value in values.values() if value.casefold() in text]
    assert leaked == []
    assert [(given, expected) for given, expected in calls if given != expected] == []


def test_no_planted_value_reaches_the_model_in_50_turns(tmp_path):
    read, calls, planted = play(50, through_files(tmp_path / "sessions", PrivateFinder()))
    assert len(calls) == 50
    check(read, calls, planted)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "sessions").iterdir())
    assert b"mail" not in kept


@pytest.mark.slow
def test_no_planted_value_reaches_the_model_in_1000_turns(tmp_path):
    read, calls, planted = play(
        1_000, through_files(tmp_path / "sessions", PrivateFinder(), HeldSessions())
    )
    assert len(calls) == 1_000
    check(read, calls, planted)


def test_what_holds_nothing_private_goes_on_as_it_is():
    session = Session()
    for kind, content in (
        (EventKind.PROMPT, "List the files, please."),
        (EventKind.TOOL_INPUT, {"command": "echo '<PERSON_1>'"}),
        (EventKind.TOOL_RESULT, {"stdout": "a.txt", "code": 0}),
    ):
        assert answer(event(kind, content), session) == {}


def test_the_user_is_asked_unless_calls_are_allowed():
    session = Session()
    session.redact("Mail ann@moss.example.")
    call = event(EventKind.TOOL_INPUT, {"to": "<EMAIL_1>"})
    for options, said in (({}, "ask"), ({"permission": Permission.ALLOW}, "allow")):
        assert answer(call, session, **options)["hookSpecificOutput"] == {
            "hookEventName": "PreToolUse",
            "permissionDecision": said,
            "updatedInput": {"to": "ann@moss.example"},
        }


def test_results_of_tools_of_the_protocol_have_both_fields():
    result = event(
        EventKind.TOOL_RESULT,
        [{"type": "text", "text": "ann@moss.example"}],
        tool="mcp__mail__read",
    )
    found = answer(result, Session())["hookSpecificOutput"]
    assert (
        found["updatedToolOutput"]
        == found["updatedMCPToolOutput"]
        == [{"type": "text", "text": "<EMAIL_1>"}]
    )


def test_a_result_that_is_withheld_keeps_its_shape():
    found = withheld(event(EventKind.TOOL_RESULT, {"stdout": "Ann Moss", "lines": ["x", 3]}), "why")
    assert (found["continue"], found["stopReason"]) == (False, "why")
    assert found["hookSpecificOutput"]["updatedToolOutput"] == {
        "stdout": WITHHELD,
        "lines": [WITHHELD, 3],
    }


@pytest.mark.parametrize(
    ("found", "named"),
    [
        (b"", "JSON"),
        (b"\xff", "JSON"),
        (b"[]", "object"),
        (b"{}", "hook_event_name"),
        (b'{"hook_event_name": "Stop", "session_id": "s"}', "hook_event_name"),
        (b'{"hook_event_name": "PreToolUse", "session_id": "s"}', "tool_input"),
        (b'{"hook_event_name": "UserPromptSubmit", "prompt": "x"}', "session_id"),
    ],
)
def test_what_is_not_an_event_is_refused(found, named):
    with pytest.raises(DataError, match=named):
        read_event(found)


def test_calls_at_the_same_time_use_one_session_one_after_another(tmp_path):
    finder = PrivateFinder()

    def read(number):
        one = event(EventKind.TOOL_RESULT, f"Mail a{number}@moss.example.")
        with kept_session(tmp_path, one, key=KEY, finder=finder) as session:
            answer(one, session)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with kept_session(tmp_path, event(EventKind.TOOL_INPUT, {}), key=KEY, finder=finder) as session:
        assert len(session) == 8
    with kept_session(
        tmp_path, event(EventKind.TOOL_INPUT, {}, session="../t"), key=KEY, finder=finder
    ) as session:
        assert len(session) == 0


def test_held_sessions_are_read_again_when_their_file_changed(tmp_path):
    finder, held = PrivateFinder(), HeldSessions()
    one = event(EventKind.TOOL_RESULT, "Mail ann@moss.example.")
    for sessions in (held, None, held, held):
        with kept_session(tmp_path, one, key=KEY, finder=finder, held=sessions) as session:
            session.redact(f"b{len(session)}@moss.example")
    assert len(session) == 4


def test_a_session_that_was_changed_halfway_is_not_held(tmp_path):
    finder, held = PrivateFinder(), HeldSessions()
    one = event(EventKind.TOOL_RESULT, "x")

    def fail():
        with kept_session(tmp_path, one, key=KEY, finder=finder, held=held) as session:
            session.redact("ann@moss.example")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with kept_session(tmp_path, one, key=KEY, finder=finder, held=held) as session:
        assert len(session) == 0
