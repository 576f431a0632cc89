"""Reports: a table that fits a terminal, JSON with every figure, pictures of what there is to show."""

import dataclasses
import json
import re
import sys

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError
from seqlabel.reports.report import Report
from seqlabel.scores.metrics import score_spans, score_tags
from seqlabel.training.progress import EpochReport
from tests.extras import needs_plots

WORDS = ["private", "words", "of", "somebody"]
PREDICTED = (Span(0, 1, "NAME"), Span(2, 3, "NAME"))
PNG = b"\x89PNG\r\n\x1a\n"
EPOCHS = [
    EpochReport(epoch=n, epochs=2, train_loss=2 / n, valid_loss=None, accuracy=None, seconds=1.0, tokens=4)
    for n in (1, 2)
]


def tag_pairs(*, gold="NNVD", predicted="NVVD", scores=(0.9, 0.6, 0.8, 1.0)):
    document = Document.from_words(WORDS)
    return [(document.with_tags("pos", Tags(tuple(gold))), document.with_tags("pos", Tags(tuple(predicted), scores)))]


def span_pairs(*, predicted=PREDICTED, scores=(0.75, 0.5)):
    document = Document.from_words(WORDS)
    gold = Spans((Span(0, 1, "NAME"), Span(2, 4, "NAME"), Span(1, 2, "EMAIL")))
    return [(document.with_spans("pii", gold), document.with_spans("pii", Spans(tuple(predicted), scores)))]


def category_pairs():
    document = Document.from_words(WORDS)
    gold, right, wrong = (
        dataclasses.replace(document, categories={"tone": {"good": good, "bad": 1 - good}}) for good in (1.0, 0.8, 0.3)
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


def test_a_table_has_at_most_80_columns():
    labels = [f"{'LONG' * 20}_{number}" for number in range(4)]
    spans = tuple(Span(number, number + 1, label) for number, label in enumerate(labels))
    pairs = span_pairs(predicted=spans, scores=(0.5,) * 4)
    for report in (
        Report.of(pairs, "pii", beta=0.5),
        Report.of(tag_pairs(gold=labels, predicted=labels), "pos"),
    ):
        lines = str(report).split("\n")
        assert max(map(len, lines)) <= 80
        assert sum("…" in line for line in lines) == 4


def test_long_labels_stay_different_in_the_table():
    labels = [f"organisation, {kind}, of whatever size" for kind in ("public", "private")]
    pairs = tag_pairs(gold=labels * 2, predicted=labels * 2)
    rows = [line.split("   ")[0] for line in str(Report.of(pairs, "pos")).split("\n") if "…" in line]
    assert len(set(rows)) == 2


@needs_plots
def test_predictions_without_scores_have_no_calibration(tmp_path):
    for report in (
        Report.of(tag_pairs(scores=()), "pos"),
        Report.of(span_pairs(scores=()), "pii"),
        Report.of(span_pairs(predicted=(), scores=()), "pii"),
        Report.of(span_pairs(), "pii", ignore={"NAME"}),
    ):
        assert report.reliability is None
        assert "calibration" not in str(report)
    report.write(tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["reliability"] is None


@needs_plots
def test_the_folder_holds_every_figure_and_picture(tmp_path):
    folder = tmp_path / "new" / "folder"
    report = Report.of(tag_pairs(), "pos", epochs=EPOCHS)
    report.write(folder)
    pictures = ["confusion.png", "learning_curve.png"]
    assert sorted(file.name for file in folder.iterdir()) == [*pictures, "report.json"]
    assert all((folder / name).read_bytes().startswith(PNG) for name in pictures)
    found = json.loads((folder / "report.json").read_text())
    assert found["layer"] == "pos"
    assert found["score"]["accuracy"] == score_tags(tag_pairs(), "pos").accuracy
    assert found["score"]["labels"]["N"] == {"precision": 1.0, "recall": 0.5, "f": pytest.approx(2 / 3), "support": 2}
    assert found["score"]["confusion"] == {"labels": ["D", "N", "V"], "counts": [[1, 0, 0], [0, 1, 1], [0, 0, 1]]}
    assert found["reliability"]["error"] == pytest.approx(0.225)
    assert sum(one["count"] for one in found["reliability"]["bins"]) == 4
    assert [epoch["train_loss"] for epoch in found["epochs"]] == [2.0, 1.0]


@needs_plots
def test_options_reach_the_scores(tmp_path):
    report = Report.of(span_pairs(), "pii", beta=0.5, ignore={"EMAIL"}, epochs=EPOCHS)
    assert report.score == score_spans(span_pairs(), "pii", beta=0.5, ignore={"EMAIL"})
    assert report.epochs == tuple(EPOCHS)
    report = Report.of(category_pairs(), "tone", epochs=EPOCHS)
    report.write(tmp_path)
    assert (tmp_path / "learning_curve.png").read_bytes().startswith(PNG)


@needs_plots
def test_a_picture_of_an_older_report_does_not_stay(tmp_path):
    Report.of(tag_pairs(), "pos", epochs=EPOCHS).write(tmp_path)
    (tmp_path / "other.png").write_bytes(b"somebody else's")
    Report.of(tag_pairs(scores=()), "pos").write(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["confusion.png", "other.png", "report.json"]


def test_without_matplotlib_the_figures_are_written_and_one_error_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(OptionError, match=r"needs the package matplotlib.*pip install 'seqlabel-rnn\[plots\]'"):
        Report.of(tag_pairs(), "pos").write(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match="file: a folder cannot be made there"):
        Report.of(tag_pairs(), "pos").write(tmp_path / "file")


@needs_plots
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
