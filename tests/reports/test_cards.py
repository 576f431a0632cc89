"""Scores on cards: a table with intervals, and the model-index of the metadata."""

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.reports.cards import Scored, main_figures, model_index, score_table
from seqlabel.reports.metadata import front_matter
from seqlabel.reports.report import Report


def test_main_figures():
    document = Document.from_words(["a", "b"])
    gold = document.with_spans("ner", Spans((Span(0, 1, "X"), Span(1, 2, "X"))))
    found = document.with_spans("ner", Spans((Span(0, 1, "X"),)))
    assert main_figures(Report.of([(gold, found)], "ner", beta=2)) == {
        "precision": 1.0,
        "recall": 0.5,
        "f2": pytest.approx(5 / 9),
    }
    tags = document.with_tags("pos", Tags(("A", "B")))
    assert main_figures(Report.of([(tags, tags)], "pos")) == {"accuracy": 1.0, "macro_f1": 1.0}


def test_a_metric_is_called_by_the_last_word_of_its_name_and_a_data_set_says_what_is_known_of_it():
    known = Scored("test of a.jsonl", {"macro_f1": 0.5}, sha256="00", seed=3)
    named = Scored("EWT", {"forward perplexity": 97.25}, "universal_dependencies", "en_ewt", "test")
    (model,) = model_index("m", "token-classification", [known, named])
    first, second = model["results"]
    assert first["dataset"] == {"name": "test of a.jsonl", "type": "own", "args": {"sha256": "00"}}
    assert first["metrics"] == [
        {"type": "macro_f1", "value": 0.5, "name": "macro_f1", "args": {"seed": 3}}
    ]
    dataset = {"name": "EWT", "type": "universal_dependencies", "config": "en_ewt", "split": "test"}
    assert second["dataset"] == dataset
    assert second["metrics"] == [
        {"type": "perplexity", "value": 97.25, "name": "forward perplexity"}
    ]


def test_metrics_share_no_value_which_yaml_would_write_as_a_reference():
    index = model_index(
        "m", "token-classification", [Scored("d", {"precision": 0.5, "recall": 0.5}, seed=0)]
    )
    assert "&" not in front_matter({"model-index": index})


def test_a_table_of_scores_has_intervals():
    document = Document.from_words(["a", "b"])
    gold = document.with_tags("pos", Tags(("A|B", "C")))
    found = document.with_tags("pos", Tags(("A|B", "A|B")))
    pairs = [(gold, gold), (gold, found)] * 20
    table = score_table(Report.of(pairs, "pos"), pairs)
    assert r"| A\|B | 0.6667 | 1.0000 | 0.8000 |" in table
    assert "- accuracy: 0.7500 (95 % interval 0." in table


def test_a_score_without_errors_on_few_documents_is_not_sure():
    document = Document.from_words(["a", "b"])
    gold = document.with_spans("ner", Spans((Span(0, 1, "X"), Span(1, 2, "X"))))
    pairs = [(gold, gold)] * 15
    table = score_table(Report.of(pairs, "ner"), pairs)
    assert "| **all** | 1.0000 | 1.0000 | 1.0000 | 0.886–1.000 | 30 |" in table
