"""A `detector` for LangChain's middleware for private data; what becomes of the matches is the middleware's.

PIIMiddleware("private", detector=private_detector(), strategy="redact", apply_to_output=True)
"""

from collections.abc import Callable, Collection
from typing import TypedDict

from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, shipped_finder
from seqlabel.privacy.finding.labels import check_chosen


class Match(TypedDict):
    """A match as LangChain takes it: the type, the value, and its half-open offsets."""

    type: str
    value: str
    start: int
    end: int


def private_detector(
    finder: PrivateFinder | None = None, *, labels: Collection[str] | None = None
) -> Callable[[str], list[Match]]:
    """Make a function that finds private data in a message.

    Args:
        finder: What finds it; None is the model `en_pii` with rules.
        labels: The labels to find, for one middleware per kind; None finds all.

    Returns:
        A function from a text to its matches.

    Raises:
        OptionError: For a label that is not found, and for an empty list.
    """
    used = finder or shipped_finder()
    check_chosen(labels, used.labels)

    def detect(content: str) -> list[Match]:
        (document,) = used([content])
        return [
            Match(type=span.label, value=content[span.start : span.end], start=span.start, end=span.end)
            for span in document.character_spans(LAYER)
            if labels is None or span.label in labels
        ]

    return detect
