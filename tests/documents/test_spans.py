"""Spans are half-open and never empty."""

import pytest

from seqlabel.documents.spans import Span
from seqlabel.errors import DataError


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (0, 0), (2, 1), (-2, -1)])
def test_a_span_without_words_is_refused(start, end):
    with pytest.raises(DataError):
        Span(start, end, "X")
