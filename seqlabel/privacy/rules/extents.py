"""Where the findings of a model begin and end: whole values, cells kept apart. What is private is
not decided here.

A finding depends on the text at most `REACH` characters around it, so that a stream and a whole
text agree. Only one proof takes a finding away: the value is known to be public
(`proofs.is_public`). How values of a kind grow is in `kinds.toml`; labels that are not there keep
their spans, but for the separators of cells in them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from operator import itemgetter

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import Span
from seqlabel.privacy.rules.engine import REACH
from seqlabel.privacy.rules.kinds import KINDS, Kind
from seqlabel.privacy.rules.proofs import is_public

_Place = tuple[int, int]
_UNKNOWN = Kind("", "", frozenset(), "")
_TAG = re.compile(r"<(/?)([A-Za-z_][\w:.-]{0,40})\s?(/?)>")
_KEY_LINE = re.compile(r"(?:\\[nr]){0,2}-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----(?:\\[nr]){0,2}")
"""The first or last line of a key or certificate, which says what it is and holds nothing of it."""
_CELL = re.compile(r"[\t|\n\r;]+|,(?=[^\s\d]|[0-9]{1,2}:[0-9]{2})| {3,}")
_LINE = re.compile(r"[\t\n\r]+")
"""What ends a cell or a row, and what ends it where all other signs may be part of the value."""
_AROUND_CELL = re.compile(r"[\s<>,;]+")
_AROUND_VALUE = re.compile(r"[\s<>]+")


def whole_spans(document: Document, layer: str, before: str = "") -> Spans:
    """Let the spans of a document's layer begin and end where their values do.

    - A span ends at the end of a line, at the separators of cells, at tags of XML and at the first
      and last lines of keys; its parts are spans of their own.
    - A value of which a part was found is taken whole.
    - What is known to be public is dropped: the address of each machine itself, of many machines or
      of a resolver, the URL of a host of documentation or packages, a key that samples publish. So
      is a value without a letter or digit, unless values of its kind may have neither.

    Args:
        document: A document with the layer.
        layer: The name of the layer of spans.
        before: The text before the document, where that is a part of a stream.

    Returns:
        The spans in document order, each with a score. Those that overlap are united.
    """
    scored = list(_whole_spans(document, layer, before))
    # Hardly any overlap.
    if all(left.end <= right.start for (left, _), (right, _) in pairwise(scored)):
        return Spans.of(scored)
    scores: dict[Span, float] = {}
    for span, score in scored:
        scores[span] = max(score, scores.get(span, 0.0))
    return Spans.of(
        (Span(start, end, best.label), scores[best]) for best, start, end in unite(scores.keys())
    )


def _whole_spans(document: Document, layer: str, before: str) -> Iterator[tuple[Span, float]]:
    """The spans, which may overlap, with their scores."""
    text = before + document.text
    shift = len(before)
    for span, score in document.spans[layer].scored:
        first, last = document.characters(span)
        kind = KINDS.get(span.label, _UNKNOWN)
        for part in _parts(text, first + shift, last + shift, kind):
            start, end = _grown(text, part, kind)
            value = text[start:end]
            if is_public(span.label, value):
                continue
            if not kind.any_sign and not any(map(str.isalnum, value)):
                continue
            if (start, end) == (first + shift, last + shift):
                # Most places stay what they are.
                yield span, score
                continue
            begin = bisect_right(document.offsets, max(start - shift, 0), key=itemgetter(1))
            after = bisect_left(document.offsets, end - shift, key=itemgetter(0))
            if begin < after:
                yield Span(begin, after, span.label), score


def _parts(text: str, start: int, end: int, kind: Kind) -> Iterator[_Place]:
    """The parts of a place between tags and the separators of cells, without separators at their
    ends.
    """
    separators, around = (_CELL, _AROUND_CELL) if kind.splits else (_LINE, _AROUND_VALUE)
    for first, last in _between_marks(text, start, end):
        offset = first
        for separator in (*separators.finditer(text, first, last), None):
            stop = separator.start() if separator else last
            edge = around.match(text, offset, stop)
            begin = edge.end() if edge else offset
            while begin < stop and around.match(text, stop - 1, stop):
                stop -= 1
            if begin < stop and (
                text[begin:stop].isprintable() or any(map(str.isprintable, text[begin:stop]))
            ):
                yield begin, stop
            offset = separator.end() if separator else last


def _between_marks(text: str, start: int, end: int) -> Iterator[_Place]:
    """The parts of a place between the tags of XML and the first and last lines of keys."""
    for first, last in _outside(_tags(text, start, end), start, end):
        yield from _outside(_key_lines(text, first, last), first, last)


def _tags(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The tags of XML around a place.

    `<ann>` without a closing tag near it may be the name of someone who writes, and is left out.
    """
    least = max(start - REACH, 0)
    most = min(end + REACH, len(text))
    if text.find("<", least, most) < 0:
        return
    for tag in _TAG.finditer(text, least, most):
        is_tag = (
            tag[1]
            or tag[3]
            or text.find(f"</{tag[2]}>", tag.end(), min(tag.end() + REACH, most)) >= 0
        )
        if is_tag:
            yield tag


def _key_lines(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The first and last lines of keys around a place."""
    least = max(start - REACH, 0)
    most = min(end + REACH, len(text))
    if text.find("-----", least, most) >= 0:
        yield from _KEY_LINE.finditer(text, least, most)


def _outside(cuts: Iterator[re.Match[str]], start: int, end: int) -> Iterator[_Place]:
    """The parts of a place that are left without what was matched, in order."""
    for cut in cuts:
        if cut.start() >= end:
            break
        if cut.end() > start:
            if start < cut.start():
                yield start, cut.start()
            start = cut.end()
    if start < end:
        yield start, end


def _grown(text: str, extent: _Place, kind: Kind) -> _Place:
    """The whole value of which a place is a part."""
    start, end = extent
    if kind.inside:
        least = max(start - REACH, 0)
        most = min(end + REACH, len(text))
        while start > least and kind.inside.match(text, start - 1):
            start -= 1
        while end < most and kind.inside.match(text, end):
            end += 1
    if kind.whole:
        start, end = _matched(text, (start, end), kind.whole, kind.digits)
    # It may look at the first character of the value too.
    if kind.before and (match := kind.before.search(text, max(start - REACH, 0), start + 1)):
        start = match.start()
    if kind.behind and (match := kind.behind.match(text, end)):
        end = match.end()
    return start, end


def _matched(text: str, extent: _Place, whole: re.Pattern[str], digits: _Place) -> _Place:
    """A place grown over the matches of a form that meet it and have a fitting number of digits."""
    start, end = extent
    few, many = digits
    # From the begin of a line, so that a match does not depend on where the reading began.
    line = text.rfind("\n", max(start - REACH, 0), start) + 1 or max(start - REACH, 0)
    for match in whole.finditer(text, line, min(end + REACH, len(text))):
        if match.start() >= extent[1]:
            break
        if match.end() > extent[0] and few <= sum(map(str.isdigit, match.group())) <= many:
            start, end = min(start, match.start()), max(end, match.end())
    return start, end
