"""A filter for the standard library's `logging` that redacts records; for structlog see docs/ways_in."""

import logging
import traceback
from collections.abc import Mapping

from seqlabel.integrations.cleaning import Cleaner
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.policies import Policy


class PrivateFilter(logging.Filter):
    """Takes private data out of log records: the message with its arguments, the traceback, and extra attributes.

    Add it to handlers: a filter of a logger does not see the records of loggers below it. A record is redacted for all
    handlers that come after.

    Args:
        policy: What replaces private values; None is their type, as `<EMAIL>`.
        finder: What finds them; None is the model `en_pii` with rules.
        by_label: Policies for some labels, used instead of `policy`.

    Example:
        >>> handler = logging.StreamHandler()
        >>> handler.addFilter(PrivateFilter())
    """

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        finder: PrivateFinder | None = None,
        by_label: Mapping[str, Policy] | None = None,
    ) -> None:
        super().__init__()
        self._cleaner = Cleaner(policy, finder=finder, by_label=by_label)

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record in place.

        Args:
            record: The record.

        Returns:
            True: every record is kept.
        """
        if getattr(record, _MARK, None) is _DONE:
            return True
        try:
            message = record.getMessage()
        except Exception:
            # Arguments that do not fit; logging would show them beside the error.
            message = f"{record.msg} (the arguments do not fit the message, and are left out)"
        record.msg, record.args = self._cleaner.text(message), None
        if record.exc_info:
            kind, error, trace = record.exc_info
            record.exc_text = "".join(traceback.format_exception(kind, error, trace)).rstrip("\n")
            record.exc_info = None
        for name, value in list(record.__dict__.items()):
            if name not in _STANDARD or name in ("exc_text", "stack_info"):
                setattr(record, name, self._cleaner.value(value, name))
        setattr(record, _MARK, _DONE)
        return True


_MARK = "seqlabel_redacted"
# An object of its own, so that no `extra` of a caller can say that a record is redacted.
_DONE = object()
_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "asctime", "taskName"}
