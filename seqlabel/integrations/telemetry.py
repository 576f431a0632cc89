"""Processors for OpenTelemetry that redact spans and log records before others export them.

provider.add_span_processor(PrivateSpanProcessor(BatchSpanProcessor(exporter)))
logger_provider.add_log_record_processor(PrivateLogProcessor(BatchLogRecordProcessor(log_exporter)))
"""

from typing import Any

from opentelemetry.sdk._logs import LogRecordProcessor
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.trace import Link, Status

from seqlabel.integrations.cleaning import Cleaner


class PrivateSpanProcessor(SpanProcessor):
    """Hands a copy of each ended span to another processor, without private data in its name, attributes and events.

    Args:
        following: What exports the copy. The span itself is not changed.
        cleaner: What redacts; None is the model `en_pii` with rules, and types for values.
    """

    def __init__(self, following: SpanProcessor, cleaner: Cleaner | None = None) -> None:
        self._next = following
        self._cleaner = cleaner or Cleaner()

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        """Pass on that a span starts; see `SpanProcessor`."""
        self._next.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        """Pass on a redacted copy of a span; see `SpanProcessor`."""
        clean, text = self._cleaner.value, self._cleaner.text
        events = [Event(text(one.name), clean(dict(one.attributes or {})), one.timestamp) for one in span.events]
        links = [Link(one.context, clean(dict(one.attributes or {}))) for one in span.links]
        described = span.status.description
        copy = ReadableSpan(
            name=text(span.name),
            context=span.get_span_context(),
            parent=span.parent,
            resource=span.resource,
            attributes=clean(dict(span.attributes or {})),
            events=events,
            links=links,
            kind=span.kind,
            status=Status(span.status.status_code, None if described is None else text(described)),
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )
        self._next.on_end(copy)

    def shutdown(self) -> None:
        """Shut the other processor down; see `SpanProcessor`."""
        self._next.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the other processor; see `SpanProcessor`."""
        return bool(self._next.force_flush(timeout_millis))


class PrivateLogProcessor(LogRecordProcessor):
    """Takes private data out of the body and the attributes of log records, and hands them to another processor.

    Args:
        following: What exports the records. They are changed in place, for processors that come later too.
        cleaner: What redacts; None is the model `en_pii` with rules, and types for values.
    """

    def __init__(self, following: LogRecordProcessor, cleaner: Cleaner | None = None) -> None:
        self._next = following
        self._cleaner = cleaner or Cleaner()

    def on_emit(self, log_record: Any) -> None:
        """Redact a record and pass it on; see `LogRecordProcessor`."""
        record = log_record.log_record
        record.body = self._cleaner.value(record.body)
        record.attributes = self._cleaner.value(dict(record.attributes or {}))
        self._next.on_emit(log_record)

    def shutdown(self) -> None:
        """Shut the other processor down; see `LogRecordProcessor`."""
        self._next.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the other processor; see `LogRecordProcessor`."""
        return bool(self._next.force_flush(timeout_millis))
