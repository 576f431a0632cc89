"""Records of `logging` as handlers write them: message, arguments, traceback, extra attributes."""

import io
import logging

import pytest

from seqlabel.integrations.logs import PrivateFilter
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.policies import Mask
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii


@pytest.fixture
def logged():
    target = io.StringIO()
    handler = logging.StreamHandler(target)
    handler.addFilter(PrivateFilter(Mask(), finder=PrivateFinder(tiny_labeler((NOTHING,)))))
    handler.setFormatter(
        logging.Formatter("%(levelname)s %(message)s %(user)s", defaults={"user": "-"})
    )
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger, target


def test_message_and_arguments(logged):
    logger, target = logged
    logger.info("mail %s of %d", "ann@x.org", 3)
    logger.warning("no arguments, ann@x.org 100%")
    first, second = target.getvalue().splitlines()
    assert first == "INFO mail xxx@x.xxx of 3 -"
    assert second == "WARNING no arguments, xxx@x.xxx 100% -"


def test_extra_attributes_and_tracebacks(logged):
    logger, target = logged
    try:
        raise KeyError("ann@x.org")
    except KeyError:
        logger.exception("failed", extra={"user": {"mail": "ann@x.org"}}, stack_info=True)
    assert "KeyError: 'xxx@x.xxx'" in target.getvalue()
    assert "{'mail': 'xxx@x.xxx'}" in target.getvalue()
    assert "ann@x" not in target.getvalue().replace('raise KeyError("ann@x.org")', "")


def test_arguments_that_do_not_fit_are_not_shown(logged):
    logger, target = logged
    logger.info("%d of ann@x.org", "bob@x.org")
    assert target.getvalue().startswith("INFO %d of xxx@x.xxx (")
    assert "bob" not in target.getvalue()


def test_a_record_is_redacted_once():
    calls = []

    class Counting(PrivateFinder):
        def __call__(self, texts):
            calls.append(1)
            return super().__call__(texts)

    redacting = PrivateFilter(finder=Counting(tiny_labeler((NOTHING,))))
    record = logging.LogRecord("a", 20, "p", 1, "ann@x.org", None, None)
    assert redacting.filter(record)
    assert redacting.filter(record)
    assert (len(calls), record.getMessage()) == (1, "<EMAIL>")


def test_no_caller_can_say_that_a_record_is_redacted(logged):
    logger, target = logged
    logger.info("mail ann@x.org", extra={"seqlabel_redacted": True})
    assert target.getvalue().startswith("INFO mail xxx@x.xxx")
