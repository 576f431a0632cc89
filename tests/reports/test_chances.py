"""Intervals of a report: of each label by itself, in documents where there are enough, otherwise in blocks of words."""

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.reports.chances import BLOCK, FEWEST_DOCUMENTS, intervals_of, items_of
from seqlabel.scores.intervals import Interval


def tagged(*labels):
    return Document.from_words(["w"] * len(labels)).with_tags("pos", Tags(labels))


def test_a_label_that_is_always_right_has_no_width_and_another_one_has():
    pairs = [(tagged("A", "B"), tagged("A", "B" if n % 2 else "C")) for n in range(40)]
    every, a, b, c = intervals_of(items_of(pairs, "pos"), ["A", "B", "C"])
    assert a == Interval(1.0, 1.0)
    assert 0 < b.low < 2 / 3 < b.high < 1
    assert c == Interval(0.0, 0.0)
    assert 0.5 < every.low < 0.75 < every.high < 1


def test_words_without_a_gold_tag_are_not_counted():
    (one,) = items_of([(tagged(None, "B"), tagged("A", "B"))], "pos")
    assert (one.label, one.in_gold, one.predicted) == ("B", True, True)


def test_few_documents_are_drawn_in_blocks():
    document = Document.from_words(["w"] * 3 * BLOCK)
    spans = Spans(tuple(Span(n * BLOCK, n * BLOCK + 1, "X") for n in range(3)))
    gold = document.with_spans("ner", spans)
    assert {one.unit for one in items_of([(gold, gold)], "ner")} == {(0, 0), (0, 1), (0, 2)}
    many = [(gold, gold)] * FEWEST_DOCUMENTS
    assert {one.unit for one in items_of(many, "ner")} == {(n, 0) for n in range(FEWEST_DOCUMENTS)}
