"""A processor for structlog that redacts event dictionaries; records of `logging` are in `logs`."""

import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

from seqlabel.integrations.cleaning import Cleaner
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.policies import Policy

_KEPT = frozenset({"level", "timestamp", "logger"})
"""The keys that other processors add, whose values hold no text of the caller's."""


class PrivateProcessor:
    """Takes private data out of all values of an event, and its traceback. Put it last, before the renderer.

    Args:
        policy: What replaces private values; None is their type, as `<EMAIL>`.
        finder: What finds them; None is the model `en_pii` with rules.
        by_label: Policies for some labels, used instead of `policy`.
        kept: The keys that are not read.

    Example:
        >>> import structlog
        >>> structlog.configure(processors=[PrivateProcessor(), structlog.processors.JSONRenderer()])
        >>> structlog.reset_defaults()
    """

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        finder: PrivateFinder | None = None,
        by_label: Mapping[str, Policy] | None = None,
        kept: frozenset[str] = _KEPT,
    ) -> None:
        self._cleaner = Cleaner(policy, finder=finder, by_label=by_label)
        self._kept = kept

    def __call__(self, logger: Any, name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """Redact an event; see structlog's processors.

        Args:
            logger: The wrapped logger; not used.
            name: The name of the method that was called; not used.
            event: The event.

        Returns:
            The event without private values.
        """
        error = event.pop("exc_info", None)
        if error:
            error = error if isinstance(error, BaseException) else (error[1] if isinstance(error, tuple) else None)
            error = error or sys.exc_info()[1]
            if error is not None:
                event["exception"] = "".join(traceback.format_exception(error)).rstrip("\n")
        return {
            key: value if key in self._kept else self._cleaner.value(value, str(key)) for key, value in event.items()
        }
