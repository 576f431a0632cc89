"""Spans that overlap: find them, keep the longest, or unite those that meet; nothing is labelled here."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar


class Labelled(Protocol):
    """The half-open interval from `start` to `end`, in any unit, with a label."""

    @property
    def start(self) -> int:
        """The first place inside."""
        ...

    @property
    def end(self) -> int:
        """The first place after it."""
        ...

    @property
    def label(self) -> str:
        """The label."""
        ...


Placed = TypeVar("Placed", bound=Labelled)


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


def overlapping(spans: Sequence[Placed], start: int, end: int) -> Sequence[Placed]:
    """Find the spans that overlap an interval, in a time that hardly grows with their number.

    Args:
        spans: Spans in the order of the text, none of which overlap.
        start: The first place of the interval.
        end: The place after its last.

    Returns:
        Those with a place in the interval.

    Example:
        >>> from seqlabel import Span
        >>> overlapping([Span(0, 2, "A"), Span(3, 4, "B"), Span(4, 6, "C")], 3, 5)
        [Span(start=3, end=4, label='B'), Span(start=4, end=6, label='C')]
    """
    first = bisect_right(spans, start, key=lambda span: span.end)
    return spans[first : bisect_left(spans, end, lo=first, key=lambda span: span.start)]


def unite(
    spans: Iterable[Placed], *, preferred: Callable[[Placed], float] = lambda span: 0.0
) -> Iterator[tuple[Placed, int, int]]:
    """Unite the spans that overlap, directly or through others, so that each place is in one span.

    Args:
        spans: Spans in any order.
        preferred: What counts before the length when a span gives its label to a union; the highest wins.

    Yields:
        For each union, in document order, the span whose label it takes, its first place and the place after its last.
        That span is the longest; of equally long ones that which begins first, then that whose label sorts first.

    Example:
        >>> from seqlabel import Span
        >>> list(unite([Span(0, 2, "A"), Span(1, 4, "B"), Span(4, 5, "A")]))
        [(Span(start=1, end=4, label='B'), 0, 4), (Span(start=4, end=5, label='A'), 4, 5)]
    """
    best: tuple[Placed, int, int] | None = None
    for span in sorted(spans, key=lambda span: (span.start, span.end, span.label)):
        if best is None or span.start >= best[2]:
            if best is not None:
                yield best
            best = span, span.start, span.end
        else:
            # Of equal ones `max` takes the first.
            longest = max(best[0], span, key=lambda one: (preferred(one), one.end - one.start))
            best = longest, best[1], max(best[2], span.end)
    if best is not None:
        yield best
