"""The code on the pages of other packages, services and browsers, with the real structlog and
OpenTelemetry.
"""

import json
from importlib.util import find_spec

import pytest

from tests.extras import needs_pii
from tests.pages import ROOT, run_page

pytest.importorskip("structlog", reason="needs structlog")
pytest.importorskip("opentelemetry.sdk", reason="needs opentelemetry-sdk")

import structlog
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

pytestmark = needs_pii


@pytest.fixture(scope="module")
def page():
    return run_page(ROOT / "docs" / "ways_in.md").names


@pytest.mark.skipif(
    not all(map(find_spec, ("starlette", "httpx", "presidio_anonymizer"))),
    reason="needs seqlabel-rnn[serve] and httpx",
)
def test_the_service_answers_as_its_page_says():
    run_page(ROOT / "docs" / "serve.md")


def test_a_package_and_a_page_are_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / "browser.md")
    assert (tmp_path / "package" / "package.json").is_file()
    assert (tmp_path / "try_page" / "index.html").is_file()


def test_a_log_is_filtered(page):
    assert page["handler"].filters


def test_all_values_of_an_event_of_structlog(page):
    written = []

    class Target:
        def msg(self, line):
            written.append(json.loads(line))

        info = error = msg

    logger = structlog.wrap_logger(
        Target(), processors=[structlog.processors.add_log_level, *page["processors"]]
    )
    logger.info("mail ann@x.org", user={"ip": ["203.0.113.7"]}, number=3)
    try:
        raise KeyError("ann@x.org")
    except KeyError:
        logger.error("failed", exc_info=True)
    assert written[0] == {
        "event": "mail xxx@x.xxx",
        "user": {"ip": ["000.0.000.0"]},
        "number": 3,
        "level": "info",
    }
    assert "KeyError: 'xxx@x.xxx'" in written[1]["exception"]
    assert "exc_info" not in written[1]


def test_spans_are_exported_without_private_values(page):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(
        page["PrivateSpans"](SimpleSpanProcessor(exporter), page["cleaner"])
    )
    tracer = provider.get_tracer("test")

    def work():
        with tracer.start_as_current_span("mail ann@x.org") as span:
            span.set_attribute("to", ["ann@x.org", "b"])
            span.set_attribute("count", 3)
            span.add_event("sent to ann@x.org", {"ip": "203.0.113.7"})
            raise KeyError("ann@x.org")

    with pytest.raises(KeyError):
        work()
    (found,) = exporter.get_finished_spans()
    assert found.name == "mail xxx@x.xxx"
    assert dict(found.attributes) == {"to": ("xxx@x.xxx", "b"), "count": 3}
    assert found.events[0].name == "sent to xxx@x.xxx"
    assert dict(found.events[0].attributes) == {"ip": "000.0.000.0"}
    assert found.events[1].attributes["exception.message"] == "'xxx@x.xxx'"
    assert found.status.description == "KeyError: 'xxx@x.xxx'"
    assert found.context.is_valid
    assert found.end_time > found.start_time
    assert "ann@" not in found.to_json().replace('raise KeyError(\\"ann@', "")
    assert provider.force_flush()
    provider.shutdown()


def test_log_records_are_exported_without_private_values(page):
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider()
    provider.add_log_record_processor(
        page["PrivateLogs"](SimpleLogRecordProcessor(exporter), page["cleaner"])
    )
    record = LogRecord(
        body={"mail": "ann@x.org"},
        attributes={"ip": "203.0.113.7", "n": 1},
        severity_number=SeverityNumber.INFO,
    )
    provider.get_logger("test").emit(record)
    (found,) = exporter.get_finished_logs()
    assert found.log_record.body == {"mail": "xxx@x.xxx"}
    assert dict(found.log_record.attributes) == {"ip": "000.0.000.0", "n": 1}
    assert provider.force_flush()
    provider.shutdown()


@pytest.mark.end_to_end
def test_langchains_middleware_redacts_with_the_detector(page):
    pytest.importorskip("langchain.agents.middleware", reason="needs langchain")
    from langchain.agents.middleware import PIIMiddleware
    from langchain_core.messages import HumanMessage

    text = "mail ann@x.org from 203.0.113.7"
    middleware = PIIMiddleware("private", detector=page["private_values"], strategy="redact")
    (message,) = middleware.before_model({"messages": [HumanMessage(text)]}, None)["messages"]
    assert "ann@x.org" not in message.content
    assert "203.0.113.7" not in message.content
    assert message.content.startswith("mail [REDACTED_")
