"""Spans that overlap: keep the longest, or group those that meet; nothing is labelled here."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar


class Interval(Protocol):
    """The half-open interval from `start` to `end`, in any unit."""

    @property
    def start(self) -> int:
        """The first place inside."""
        ...

    @property
    def end(self) -> int:
        """The first place after it."""
        ...


Placed = TypeVar("Placed", bound=Interval)


def longest_spans(spans: Iterable[Placed]) -> tuple[Placed, ...]:
    """Keep, of spans that overlap, the longest.

    Args:
        spans: Spans in any order.

    Returns:
        The spans that stay, in the order of the text. Each one that is left out overlaps one that stays and is at least
        as long; of equally long ones that which begins first stays, then that which was given first.

    Example:
        >>> from seqlabel import Span
        >>> longest_spans([Span(0, 2, "A"), Span(1, 4, "B")])
        (Span(start=1, end=4, label='B'),)
    """
    kept: list[Placed] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        place = bisect_left(kept, span.end, key=lambda other: other.start)
        if place == 0 or kept[place - 1].end <= span.start:
            kept.insert(place, span)
    return tuple(kept)


def overlapping_groups(spans: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Group spans so that no two groups overlap, to unite each group.

    Args:
        spans: Spans in the order of their starts.

    Yields:
        Runs of spans in the given order, each of which overlaps one before it in its run.
    """
    group: list[Placed] = []
    end = 0
    for span in spans:
        if group and span.start >= end:
            yield group
            group = []
        end = max(end, span.end) if group else span.end
        group.append(span)
    if group:
        yield group
