"""Labels one by one, with their probabilities, and intervals: drawn in documents, or of few in
blocks of words.
"""

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.scores.intervals import wilson_interval
from seqlabel.scores.items import BLOCK, FEWEST_DOCUMENTS, intervals_of, items_of


def tagged(*labels):
    return Document.from_words(["w"] * len(labels)).with_tags("pos", Tags(labels))


def test_a_label_that_is_always_right_or_wrong_has_the_interval_of_a_rate():
    pairs = [(tagged("A", "B"), tagged("A", "B" if n % 2 else "C")) for n in range(40)]
    every, a, b, c = intervals_of(items_of(pairs, "pos"), ["A", "B", "C"])
    assert a == wilson_interval(40, 40)
    assert 0 < b.low < 2 / 3 < b.high < 1
    assert c == wilson_interval(0, 10)
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


def sure_of(pairs, layer):
    return [(one.score, one.in_gold) for one in items_of(pairs, layer) if one.predicted]


def test_tags_have_the_probability_of_each_word_with_a_gold_tag():
    predicted = Document.from_words(["w"] * 3).with_tags("pos", Tags(("A",) * 3, (0.9, 0.8, 0.7)))
    assert sure_of([(tagged("A", None, "B"), predicted)], "pos") == [(0.9, True), (0.7, False)]
    assert sure_of([(tagged("A"), tagged("A"))], "pos") == [(None, True)]


def test_spans_are_right_with_the_same_words_and_label():
    document = Document.from_words(["w"] * 4)
    gold = document.with_spans("ner", Spans((Span(0, 1, "A"), Span(1, 2, "A"))))
    found = document.with_spans(
        "ner", Spans((Span(0, 1, "A"), Span(1, 3, "A"), Span(3, 4, "B")), (0.6, 0.8, 0.7))
    )
    assert sure_of([(gold, found)], "ner") == [(0.6, True), (0.8, False), (0.7, False)]


def test_of_equal_categories_the_first_is_taken():
    gold, found = (
        Document("text", ()).with_categories("topic", scores)
        for scores in ({"b": 1.0}, {"b": 0.5, "a": 0.5})
    )
    assert sure_of([(gold, found)], "topic") == [(0.5, False)]
