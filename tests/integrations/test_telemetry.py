"""Spans and log records through the real OpenTelemetry SDK."""

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs opentelemetry-sdk")

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from seqlabel.integrations.cleaning import Cleaner
from seqlabel.integrations.telemetry import PrivateLogProcessor, PrivateSpanProcessor
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.policies import Mask
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii


@pytest.fixture(scope="module")
def cleaner():
    return Cleaner(Mask(), finder=PrivateFinder(tiny_labeler((NOTHING,))))


def test_spans_are_exported_without_private_values(cleaner):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(PrivateSpanProcessor(SimpleSpanProcessor(exporter), cleaner))
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


def test_log_records_are_exported_without_private_values(cleaner):
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider()
    provider.add_log_record_processor(PrivateLogProcessor(SimpleLogRecordProcessor(exporter), cleaner))
    record = LogRecord(
        body={"mail": "ann@x.org"}, attributes={"ip": "203.0.113.7", "n": 1}, severity_number=SeverityNumber.INFO
    )
    provider.get_logger("test").emit(record)
    (found,) = exporter.get_finished_logs()
    assert found.log_record.body == {"mail": "xxx@x.xxx"}
    assert dict(found.log_record.attributes) == {"ip": "000.0.000.0", "n": 1}
    assert provider.force_flush()
    provider.shutdown()
