"""A filter for the standard library's `logging` that redacts records; for structlog see
docs/ways_in.
"""

import logging
import traceback
from collections.abc import Mapping

from seqlabel.errors import answers_old_names
from seqlabel.privacy.finding.finder import PrivateFinder, finder_of
from seqlabel.privacy.records.files import WITHHELD
from seqlabel.privacy.records.objects import redacted_strings
from seqlabel.privacy.replacing.nested import field_path
from seqlabel.privacy.replacing.policies import Policy, policies_of, policy_of
from seqlabel.privacy.rules.labels import check_labels


class PrivateFilter(logging.Filter):
    """Takes private data out of log records: the message with its arguments, the traceback, and
    extra attributes.

    Add it to handlers: a filter of a logger does not see the records of loggers below it. A record
    is redacted for all handlers that come after. `text` and `value` redact what other packages
    write. Nothing raises: a log or a trace must not end its program. Threads may share a filter.

    Args:
        policy: What replaces private values: a policy, or the name of one that has no key.
        finder: What finds them; None is the model `en_pii` with rules.
        policies: Policies for some labels, or their names, used instead of `policy`.

    Raises:
        OptionError: For a label in `policies` that is not found.

    Example:
        >>> handler = logging.StreamHandler()
        >>> handler.addFilter(PrivateFilter())
    """

    @answers_old_names({"by_label": "policies"})
    def __init__(
        self,
        policy: Policy | str = "replace",
        *,
        finder: PrivateFinder | None = None,
        policies: Mapping[str, Policy | str] | None = None,
    ) -> None:
        super().__init__()
        self._policy = policy_of(policy)
        self._finder = finder_of(finder)
        self._policies = policies_of(policies)
        check_labels(self._policies, self._finder.labels, option="policies")

    def text(self, text: str, path: str = "") -> str:
        """Redact a text.

        Args:
            text: The text.
            path: The path of the field that it is in, after which a short text may be read; empty
                for none.

        Returns:
            It without private values; `<WITHHELD>` where it could not be read.
        """
        if not text:
            return text
        try:
            return next(
                redacted_strings(
                    [(path, text)], self._policy, finder=self._finder, policies=self._policies
                )
            )
        except Exception:
            # The error could hold the text.
            return WITHHELD

    def value(self, value: object, path: str = "") -> object:
        """Redact all texts of a value.

        Args:
            value: Anything that a log record or a span can hold.
            path: The path of the field that it is in; empty for none.

        Returns:
            Numbers, truth values and None as they are, a copy of mappings, lists and tuples, and
            for anything else its `str`, redacted: a handler could show its text later.
        """
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value, path)
        try:
            if isinstance(value, Mapping):
                return {
                    self.value(name): self.value(item, field_path(path, name))
                    for name, item in value.items()
                }
            if isinstance(value, list | tuple | set | frozenset):
                cleaned = [self.value(item, path) for item in value]
                return tuple(cleaned) if isinstance(value, tuple) else cleaned
            return self.text(str(value), path)
        except Exception:
            return WITHHELD

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
            # Arguments that do not fit; logging would show them with the error.
            message = f"{record.msg} (the arguments do not fit the message, and are left out)"
        record.msg = self.text(message)
        record.args = None
        if record.exc_info:
            kind, error, trace = record.exc_info
            record.exc_text = "".join(traceback.format_exception(kind, error, trace)).rstrip("\n")
            record.exc_info = None
        for name, value in list(record.__dict__.items()):
            if name not in _STANDARD or name in ("exc_text", "stack_info"):
                setattr(record, name, self.value(value, name))
        setattr(record, _MARK, _DONE)
        return True


_MARK = "seqlabel_redacted"
# An object of its own, so that no `extra` of a caller can say that a record is redacted.
_DONE = object()
_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {
    "message",
    "asctime",
    "taskName",
}
