"""Figures of spans as mappings and lines, and false alarms."""

import json

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.scores.figures import bare, false_alarms, span_figures, span_table
from seqlabel.scores.metrics import score_spans


def document(*spans):
    layer = Spans(tuple(Span(*span) for span in spans))
    return Document.from_words(["a", "b", "c", "d", "e"]).with_spans("pii", layer)


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_figures_are_those_of_the_score(beta):
    gold = [document((0, 2, "A"), (3, 4, "B")), document((1, 2, "A"))]
    found = [document((0, 2, "A"), (3, 5, "A")), document()]
    score = score_spans(zip(gold, found, strict=True), "pii", beta=beta)
    figures = span_figures(score)
    assert json.loads(json.dumps(figures)) == figures
    exact = figures["exact"]
    # One of two is right, one of three is found.
    assert (exact["precision"], exact["recall"], exact["support"]) == (0.5, pytest.approx(1 / 3), 3)
    assert exact["f1"] == pytest.approx(0.4)
    assert exact["f"] == score.exact.f
    assert figures["private_words"]["recall"] == 3 / 4
    assert figures["types"].keys() == {"A", "B"}
    assert figures["types"]["B"]["f1"] == 0.0
    head, *rows = span_table("mine", figures).split("\n")
    assert f"F{beta:g}" in head
    assert {len(row) for row in (head, *rows)} == {len(head)}
    expected = f"all types, exact 50.0 33.3 40.0 {100 * score.exact.f:.1f} 3"
    assert rows[2].split() == expected.split()


def test_false_alarms_are_counted_in_words():
    assert false_alarms([document((0, 1, "A")), document()], "pii") == 100
    assert false_alarms([document()], "pii") == 0
    with pytest.raises(DataError):
        false_alarms([], "pii")
    with pytest.raises(DataError, match="Document 1"):
        false_alarms([document(), Document.from_words(["a"])], "pii")


def test_bare_documents_have_their_words_and_no_layer():
    whole = document((0, 1, "A")).with_tags("t", Tags(("X",) * 5))
    (one,) = bare([whole])
    assert (one.text, one.offsets, one.spans, one.tags) == (whole.text, whole.offsets, {}, {})
