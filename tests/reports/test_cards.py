"""Metadata of cards: YAML that reads back as it was, without what is empty."""

import pytest
import srsly

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.reports.cards import front_matter, license_metadata, license_of, results, score_table
from seqlabel.reports.report import Report


def test_it_reads_back():
    values = {
        "license": "cc-by-sa-4.0",
        "language": ["en"],
        "tags": ["a: b", "#c", "no"],
        "model-index": [{"name": "-"}],
    }
    written = front_matter({**values, "base_model": None, "datasets": []})
    assert written.startswith("---\n")
    assert written.endswith("\n---")
    assert srsly.yaml_loads(written.removeprefix("---\n").removesuffix("---")) == values


@pytest.mark.parametrize(("license", "found"), [("CC-BY-SA-4.0", "cc-by-sa-4.0"), ("For us alone", "For us alone")])
def test_a_licence_is_read_back(license, found):
    assert license_of(front_matter({"library_name": "seqlabel", **license_metadata(license)}) + "\n\n# Card\n") == found


@pytest.mark.parametrize("card", ["", "# A card\n\nlicense: mit\n", "---\nlanguage: en\n---\n", "---\n---\n"])
def test_a_card_may_have_no_licence(card):
    assert license_of(card) == ""


def test_main_figures():
    document = Document.from_words(["a", "b"])
    gold = document.with_spans("ner", Spans((Span(0, 1, "X"), Span(1, 2, "X"))))
    found = document.with_spans("ner", Spans((Span(0, 1, "X"),)))
    (model,) = results("m", "token-classification", "test", Report.from_spans([(gold, found)], "ner", beta=2))
    metrics = {one["type"]: one["value"] for one in model["results"][0]["metrics"]}
    assert metrics == {"precision": 1.0, "recall": 0.5, "f2": 0.5556}
    tags = document.with_tags("pos", Tags(("A", "B")))
    (model,) = results("m", "token-classification", "test", Report.from_tags([(tags, tags)], "pos"))
    assert [one["type"] for one in model["results"][0]["metrics"]] == ["accuracy", "macro_f1"]


def test_a_table_of_scores_has_intervals():
    document = Document.from_words(["a", "b"])
    gold = document.with_tags("pos", Tags(("A|B", "C")))
    found = document.with_tags("pos", Tags(("A|B", "A|B")))
    pairs = [(gold, gold), (gold, found)] * 20
    table = score_table(Report.from_tags(pairs, "pos"), pairs)
    assert r"| A\|B | 0.6667 | 1.0000 | 0.8000 |" in table
    assert "- accuracy: 0.7500 (95 % interval 0." in table
