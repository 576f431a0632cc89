"""Plain text is lines to label, and records to exchange that keep a private key whole."""

from seqlabel.formats.format import Beginning, Layout
from seqlabel.formats.text import TEXT
from seqlabel.io.records import TextRecords


def test_everything_is_text():
    assert TEXT.looks_like(Beginning(None, ["Ann"], frozenset(), labeled=False))
    assert isinstance(TEXT.records(Layout(), None), TextRecords)
