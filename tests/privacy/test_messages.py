"""Messages to language models: the texts of every form are read, and the shape stays; against a
list by hand.
"""

import copy
import warnings

import pytest
from pydantic import BaseModel

from seqlabel import Session
from seqlabel.errors import DataError
from seqlabel.privacy.messages import Messages
from tests.extras import needs_pii

OPENAI = [
    {"role": "system", "content": "T"},
    {"role": "user", "name": "T", "content": [{"type": "text", "text": "T"}]},
    {
        "role": "user",
        "content": [{"type": "image_url", "image_url": {"url": "https://x.example/T"}}],
    },
    {
        "role": "assistant",
        "content": None,
        "refusal": "T",
        "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
            for arguments in ('{"name": "T", "n": [1, "T"]}', "not JSON: T")
        ],
    },
    {"role": "tool", "tool_call_id": "c", "content": "T"},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": '["T"]'},
    {"type": "function_call_output", "call_id": "c", "output": "T"},
]
INPUT = {"name": "T", "type": "T", "deep": [{"id": "T"}]}
TEXT = [{"type": "text", "text": "T"}]
SOURCE = {"type": "text", "media_type": "text/plain", "data": "T"}
ANTHROPIC = [
    {"role": "user", "content": "T"},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "T", "signature": "s"},
            {"type": "tool_use", "id": "i", "name": "f", "input": INPUT},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "i", "is_error": False, "content": TEXT},
            {"type": "tool_result", "tool_use_id": "i", "content": "T"},
            {"type": "document", "title": "T", "source": SOURCE},
        ],
    },
]
MEDIA = [
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "T"}},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,T"}},
    {"type": "input_audio", "input_audio": {"data": "T", "format": "wav"}},
    {"type": "file", "file": {"file_data": "T"}},
]


@pytest.mark.parametrize("messages", [OPENAI, ANTHROPIC])
def test_every_text_is_read_and_the_shape_stays(messages):
    before = copy.deepcopy(messages)
    read = Messages(messages)
    assert all("T" in text for _, text in read.texts)
    assert not read.has_media
    assert read.written([text for _, text in read.texts]) == messages == before
    # Every T of the whole is in one of the texts, and no other letter was changed.
    changed = read.written([text.replace("T", "U") for _, text in read.texts])
    assert repr(changed) == repr(messages).replace("T", "U")


@needs_pii
@pytest.mark.parametrize("part", MEDIA)
def test_media_stays_and_is_told(part):
    messages = [{"role": "user", "content": [part]}]
    read = Messages(messages)
    assert (read.texts, read.has_media) == ([], True)
    assert read.written([]) == messages
    with pytest.warns(UserWarning, match="not read"):
        assert Session().redact(messages) == messages


def test_objects_of_the_clients_become_mappings():
    class Block(BaseModel):
        type: str
        text: str
        citations: list[str] | None = None

    read = Messages([{"role": "assistant", "content": [Block(type="text", text="Ann")]}])
    assert read.texts == [("content.text", "Ann")]
    assert read.written(["Bob"]) == [
        {"role": "assistant", "content": [{"type": "text", "text": "Bob"}]}
    ]


@pytest.mark.parametrize("value", [b"Ann", object(), {"Ann"}])
def test_what_json_has_not_is_refused(value):
    with pytest.raises(DataError):
        Messages([{"role": "user", "content": value}])


@needs_pii
def test_messages_go_and_answers_come_back():
    session = Session()
    call = {"type": "tool_use", "id": "i", "name": "send", "input": {"to": "ann@lee.example"}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        safe = session.redact(
            [{"role": "user", "content": "I am Ann Lee, not <EMAIL_1>"}, {"content": [call]}]
        )
    assert safe[0]["content"] == "I am <PERSON_1>, not <EMAIL_1>"
    assert safe[1]["content"] == [{**call, "input": {"to": "<EMAIL_2>"}}]
    assert session.restore_object(safe[1]["content"]).found == [call]
