"""Reports: a table for the terminal and the notebook, and JSON with every figure."""

import json
import re

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError
from seqlabel.reports.report import Report
from seqlabel.scores.metrics import score_spans, score_tags

WORDS = ["private", "words", "of", "somebody"]
PREDICTED = (Span(0, 1, "NAME"), Span(2, 3, "NAME"))


def tag_pairs(*, gold="NNVD", predicted="NVVD", scores=(0.9, 0.6, 0.8, 1.0)):
    document = Document.from_words(WORDS)
    tags = Tags(tuple(predicted), scores)
    return [(document.with_tags("pos", Tags(tuple(gold))), document.with_tags("pos", tags))]


def span_pairs(*, predicted=PREDICTED, scores=(0.75, 0.5)):
    document = Document.from_words(WORDS)
    gold = Spans((Span(0, 1, "NAME"), Span(2, 4, "NAME"), Span(1, 2, "EMAIL")))
    spans = Spans(tuple(predicted), scores)
    return [(document.with_spans("pii", gold), document.with_spans("pii", spans))]


def category_pairs():
    gold, right, wrong = (
        Document.from_words(WORDS).with_categories("tone", {"good": good, "bad": 1 - good})
        for good in (1.0, 0.8, 0.3)
    )
    return [(gold, right), (gold, wrong)]


def test_the_table_of_tags():
    assert str(Report.of(tag_pairs(), "pos", known=WORDS[1:])).split("\n") == [
        "pos: 4 words",
        "",
        "label  precision     recall         F1    support",
        "N         1.0000     0.5000     0.6667          2",
        "D         1.0000     1.0000     1.0000          1",
        "V         0.5000     1.0000     0.6667          1",
        "",
        "accuracy                                    0.7500",
        "accuracy on 1 unknown words                 1.0000",
        "macro F1                                    0.7778",
        # Three right ones with 0.1, 0.2 and 0 missing, a wrong one with 0.6.
        "expected calibration error                  0.2250",
    ]


def test_the_table_of_spans():
    assert str(Report.of(span_pairs(), "pii", beta=2)).split("\n") == [
        "pii: 3 spans",
        "",
        "type               precision     recall         F2    partial    support",
        "NAME                  0.5000     0.5000     0.5000     0.7500          2",
        "EMAIL                 0.0000     0.0000     0.0000     0.0000          1",
        "",
        "all                   0.5000     0.3333     0.3571     0.5357          3",
        "mean of the types     0.2500     0.2500     0.2500          -          3",
        "spans, any type       0.5000     0.3333     0.3571          -          3",
        "words, any type       1.0000     0.5000     0.5556          -          4",
        "",
        "expected calibration error                  0.3750",
    ]


def test_the_table_of_categories():
    assert str(Report.of(category_pairs(), "tone")).split("\n") == [
        "tone: 2 documents",
        "",
        "label  precision     recall         F1    support",
        "good      1.0000     0.5000     0.6667          2",
        "bad       0.0000     0.0000     0.0000          0",
        "",
        "accuracy                                    0.5000",
        "macro F1                                    0.3333",
        "expected calibration error                  0.4500",
    ]


def test_predictions_without_scores_have_no_calibration(tmp_path):
    ignoring = Report.of(span_pairs(), "pii", ignore={"NAME"})
    assert ignoring.score == score_spans(span_pairs(), "pii", ignore={"NAME"})
    for report in (
        Report.of(tag_pairs(scores=()), "pos"),
        Report.of(span_pairs(scores=()), "pii"),
        Report.of(span_pairs(predicted=(), scores=()), "pii"),
        ignoring,
    ):
        assert report.reliability is None
        assert "calibration" not in str(report)
    report.write(tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["reliability"] is None


def test_the_folder_holds_every_figure(tmp_path):
    folder = tmp_path / "new" / "folder"
    Report.of(tag_pairs(), "pos").write(folder)
    assert [file.name for file in folder.iterdir()] == ["report.json"]
    found = json.loads((folder / "report.json").read_text())
    assert found["layer"] == "pos"
    assert found["score"]["accuracy"] == score_tags(tag_pairs(), "pos").accuracy
    figures = {"precision": 1.0, "recall": 0.5, "f": pytest.approx(2 / 3), "support": 2}
    assert found["score"]["labels"]["N"] == figures
    counts = {"labels": ["D", "N", "V"], "counts": [[1, 0, 0], [0, 1, 1], [0, 0, 1]]}
    assert found["score"]["confusion"] == counts
    assert found["reliability"]["error"] == pytest.approx(0.225)
    assert sum(one["count"] for one in found["reliability"]["bins"]) == 4


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match="file:"):
        Report.of(tag_pairs(), "pos").write(tmp_path / "file")


def test_nothing_of_the_text_is_shown_or_written(tmp_path):
    for report in (Report.of(tag_pairs(), "pos"), Report.of(span_pairs(), "pii")):
        report.write(tmp_path)
        shown = f"{report} {report!r} {(tmp_path / 'report.json').read_text()}"
        assert "private" not in shown
        assert "somebody" not in shown


@pytest.mark.parametrize(
    "report",
    [
        Report.of(tag_pairs(), "pos", known=WORDS[1:]),
        Report.of(span_pairs(), "pii"),
        Report.of(category_pairs(), "tone"),
    ],
    ids=["tags", "spans", "categories"],
)
def test_a_notebook_gets_the_figures_of_the_terminal(report):
    html = report._repr_html_()
    words = re.sub(r"<[^>]*>", " ", html).replace(":", " ").split()
    printed = str(report).replace(":", " ").split()
    assert sorted(words) == sorted(printed)
