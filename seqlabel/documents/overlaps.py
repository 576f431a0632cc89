"""Spans that overlap: find them, keep the longest, or unite those that meet; nothing is labelled
here.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar


class Labeled(Protocol):
    """The half-open interval from `start` to `end`, in any unit, with a label."""

    @property
    def start(self) -> int:
        """The first position inside."""
        ...

    @property
    def end(self) -> int:
        """The end, exclusive."""
        ...

    @property
    def label(self) -> str:
        """The label."""
        ...


AnySpan = TypeVar("AnySpan", bound=Labeled)


def longest_spans(spans: Iterable[AnySpan]) -> tuple[AnySpan, ...]:
    """Keep, of spans that overlap, the longest.

    Args:
        spans: Spans in any order.

    Returns:
        The spans that are kept, in the order of the text. Each one that is left out overlaps one
        that is kept and at least as long; of equally long ones the one that begins first is kept,
        then the one that was passed first.

    Example:
        >>> from seqlabel import Span
        >>> longest_spans([Span(0, 2, "A"), Span(1, 4, "B")])
        (Span(start=1, end=4, label='B'),)
    """
    kept: list[AnySpan] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        position = bisect_left(kept, span.end, key=lambda other: other.start)
        if position == 0 or kept[position - 1].end <= span.start:
            kept.insert(position, span)
    return tuple(kept)


def overlapping(spans: Sequence[AnySpan], start: int, end: int) -> Sequence[AnySpan]:
    """Find the spans that overlap an interval, by binary search.

    Args:
        spans: Spans in the order of the text, none of which overlap.
        start: The start of the interval.
        end: Its end, exclusive.

    Returns:
        The spans that share at least one position with the interval.

    Example:
        >>> from seqlabel import Span
        >>> overlapping([Span(0, 2, "A"), Span(3, 4, "B"), Span(4, 6, "C")], 3, 5)
        [Span(start=3, end=4, label='B'), Span(start=4, end=6, label='C')]
    """
    first = bisect_right(spans, start, key=lambda span: span.end)
    return spans[first : bisect_left(spans, end, lo=first, key=lambda span: span.start)]


def unite(
    spans: Iterable[AnySpan], *, preferred: Callable[[AnySpan], float] = lambda span: 0.0
) -> Iterator[tuple[AnySpan, int, int]]:
    """Unite the spans that overlap, directly or through others, so that each position is in one
    span.

    Args:
        spans: Spans in any order.
        preferred: A key that ranks spans before their length does: the union takes the label of the
            highest.

    Yields:
        For each union, in document order, the span whose label it takes, its start, and its end,
        exclusive. That span is the longest; of equally long ones the one that begins first, then
        the one whose label sorts first.

    Example:
        >>> from seqlabel import Span
        >>> list(unite([Span(0, 2, "A"), Span(1, 4, "B"), Span(4, 5, "A")]))
        [(Span(start=1, end=4, label='B'), 0, 4), (Span(start=4, end=5, label='A'), 4, 5)]
    """
    best: AnySpan | None = None
    start = 0
    end = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end, span.label)):
        if best is None:
            best = span
            start = span.start
            end = span.end
        elif span.start >= end:
            yield best, start, end
            best = span
            start = span.start
            end = span.end
        else:
            # Of equal ones `max` takes the first.
            best = max(
                best,
                span,
                key=lambda candidate: (preferred(candidate), candidate.end - candidate.start),
            )
            end = max(end, span.end)
    if best is not None:
        yield best, start, end
