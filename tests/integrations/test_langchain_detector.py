"""The detector alone, and in LangChain's own middleware where it is installed."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.integrations.langchain_detector import private_detector
from seqlabel.privacy.finding.finder import PrivateFinder
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii

TEXT = "mail ann@x.org from 203.0.113.7"


@pytest.fixture(scope="module")
def finder():
    return PrivateFinder(tiny_labeler((NOTHING,)))


def test_matches_are_as_langchain_takes_them(finder):
    email = {"type": "EMAIL", "value": "ann@x.org", "start": 5, "end": 14}
    assert private_detector(finder)(TEXT) == [
        email,
        {"type": "IP", "value": "203.0.113.7", "start": 20, "end": 31},
    ]
    assert private_detector(finder, labels=["EMAIL"])(TEXT) == [email]
    with pytest.raises(OptionError, match="'EMIAL' is not a label"):
        private_detector(finder, labels=["EMIAL"])


def test_langchains_middleware_redacts_with_it(finder):
    pytest.importorskip("langchain.agents.middleware", reason="needs langchain")
    from langchain.agents.middleware import PIIMiddleware
    from langchain_core.messages import HumanMessage

    middleware = PIIMiddleware("private", detector=private_detector(finder), strategy="redact")
    changed = middleware.before_model({"messages": [HumanMessage(TEXT)]}, None)
    (message,) = changed["messages"]
    assert "ann@x.org" not in message.content
    assert "203.0.113.7" not in message.content
    assert message.content.startswith("mail [REDACTED_")
