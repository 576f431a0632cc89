"""The guardrail in the real LiteLLM: what the model would get, and what comes back."""

import asyncio
import json
import os

import pytest

# Otherwise its import fetches a list of prices from the network.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
pytest.importorskip("litellm", reason="needs litellm")

from seqlabel.errors import DataError
from seqlabel.integrations.litellm_guardrail import PrivateGuardrail
from seqlabel.privacy.finding.finder import PrivateFinder
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = [
    needs_pii,
    pytest.mark.filterwarnings("ignore"),
]


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
    answer = {"texts": ["Dear <email 1>"], "tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}
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
    with pytest.raises(DataError, match="without litellm_call_id"):
        asyncio.run(guardrail.apply_guardrail({"texts": ["a"]}, {}, "request"))
