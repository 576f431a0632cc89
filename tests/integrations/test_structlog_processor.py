"""Events through the real structlog."""

import json

import pytest

from seqlabel.integrations.structlog_processor import PrivateProcessor
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.policies import Mask
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii


def test_all_values_of_an_event():
    structlog = pytest.importorskip("structlog", reason="needs structlog")
    written = []

    class Target:
        def msg(self, line):
            written.append(json.loads(line))

        info = error = msg

    private = PrivateProcessor(Mask(), finder=PrivateFinder(tiny_labeler((NOTHING,))))
    processors = [structlog.processors.add_log_level, private, structlog.processors.JSONRenderer()]
    logger = structlog.wrap_logger(Target(), processors=processors)
    logger.info("mail ann@x.org", user={"ip": ["203.0.113.7"]}, number=3)
    try:
        raise KeyError("ann@x.org")
    except KeyError:
        logger.error("failed", exc_info=True)
    assert written[0] == {"event": "mail xxx@x.xxx", "user": {"ip": ["000.0.000.0"]}, "number": 3, "level": "info"}
    assert "KeyError: 'xxx@x.xxx'" in written[1]["exception"]
    assert "exc_info" not in written[1]


def test_a_key_says_whose_its_value_is_and_need_not_be_text():
    private = PrivateProcessor(Mask(), finder=PrivateFinder(tiny_labeler((NOTHING,))))
    event = {"password": "zebra", "animal": "zebra", 5: "ann@x.org"}
    assert private(None, "info", event) == {"password": "xxxxx", "animal": "zebra", 5: "xxx@x.xxx"}
