"""The guardrail in the real LiteLLM: what the model would get, and what comes back."""

import asyncio
import json
import os
from copy import deepcopy

import pytest

# Otherwise its import fetches a list of prices from the network.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
pytest.importorskip("litellm", reason="needs litellm")

from litellm.types.utils import Delta, ModelResponseStream, StreamingChoices

from seqlabel.errors import DataError
from seqlabel.integrations.litellm_guardrail import PrivateGuardrail
from seqlabel.privacy.finding.finder import PrivateFinder
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = [needs_pii, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def guardrail():
    finder = PrivateFinder(tiny_labeler((NOTHING,)))
    return PrivateGuardrail(finder, most_calls=2, guardrail_name="private", default_on=True)


def apply(guardrail, inputs, kind, call="1"):
    return asyncio.run(guardrail.apply_guardrail(inputs, {"litellm_call_id": call}, kind))


def test_there_and_back(guardrail):
    sent = apply(guardrail, {"texts": ["I am ann@x.org", "write to ann@x.org"]}, "request")
    assert sent["texts"] == ["I am <EMAIL_1>", "write to <EMAIL_1>"]
    arguments = json.dumps({"to": "<EMAIL_1>"})
    answer = {
        "texts": ["Dear <email 1>"],
        "tool_calls": [{"function": {"name": "f", "arguments": arguments}}],
    }
    back = apply(guardrail, answer, "response")
    assert back["texts"] == ["Dear ann@x.org"]
    assert json.loads(back["tool_calls"][0]["function"]["arguments"]) == {"to": "ann@x.org"}


def test_one_call_does_not_restore_anothers(guardrail):
    apply(guardrail, {"texts": ["ann@x.org"]}, "request", "1")
    apply(guardrail, {"texts": ["bob@x.org"]}, "request", "2")
    assert apply(guardrail, {"texts": ["<EMAIL_1>"]}, "response", "2")["texts"] == ["bob@x.org"]
    assert apply(guardrail, {"texts": ["<EMAIL_1>"]}, "response", "2")["texts"] == ["<EMAIL_1>"]
    for call in ("3", "4"):
        apply(guardrail, {"texts": [""]}, "request", call)
    assert apply(guardrail, {"texts": ["<EMAIL_1>"]}, "response", "1")["texts"] == ["<EMAIL_1>"]


def test_a_call_has_an_id(guardrail):
    with pytest.raises(DataError, match="litellm_call_id"):
        asyncio.run(guardrail.apply_guardrail({"texts": ["a"]}, {}, "request"))


def test_a_request_that_cannot_be_redacted_is_refused_without_its_text(guardrail, monkeypatch):
    def failing(session, text):
        raise ValueError(text)

    monkeypatch.setattr("seqlabel.privacy.session.Session.redact", failing)
    with pytest.raises(DataError, match="ValueError") as caught:
        apply(guardrail, {"texts": ["I am ann@x.org"]}, "request")
    assert caught.value.__cause__ is caught.value.__context__ is None


def streamed(guardrail, pieces, call="1"):
    async def response():
        for piece in pieces:
            yield ModelResponseStream(choices=[StreamingChoices(**deepcopy(piece))])

    async def all_of_it():
        hook = guardrail.async_post_call_streaming_iterator_hook(
            None, response(), {"litellm_call_id": call}
        )
        return [choice async for piece in hook for choice in piece.choices]

    return asyncio.run(all_of_it())


def delta(text, **others):
    return {"index": 0, "delta": Delta(content=text), **others}


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize("ends", [True, False])
def test_a_stream_is_restored_in_pieces_of_any_size(guardrail, size, ends):
    apply(guardrail, {"texts": ["I am ann@x.org"]}, "request")
    text = "Dear <email 1>, not <EMAIL_2> <EMA"
    pieces = [delta(text[place : place + size]) for place in range(0, len(text), size)]
    if ends:
        pieces.append(delta(None, finish_reason="stop"))
    found = streamed(guardrail, pieces)
    assert "".join(one.delta.content or "" for one in found) == "Dear ann@x.org, not <EMAIL_2> <EMA"
    # Its values are forgotten now.
    assert "".join(one.delta.content or "" for one in streamed(guardrail, pieces)) == text


def test_arguments_of_tools_are_restored_in_a_stream(guardrail):
    apply(guardrail, {"texts": ["I am ann@x.org"]}, "request")
    pieces = []
    for part in ('{"to": "<EM', 'AIL_1>"}'):
        for number in (0, 1):
            call = {"index": number, "function": {"arguments": part}, "type": "function"}
            pieces.append({"index": 0, "delta": Delta(tool_calls=[call])})
    found = streamed(guardrail, [*pieces, delta(None, finish_reason="tool_calls")])
    for number in (0, 1):
        calls = [
            call for one in found for call in one.delta.tool_calls or () if call.index == number
        ]
        assert json.loads("".join(call.function.arguments for call in calls)) == {"to": "ann@x.org"}
