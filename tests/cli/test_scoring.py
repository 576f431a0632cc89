"""Models measured on labelled files: what is read, what is refused, and figures that JSON can
hold.
"""

import json

import pytest

from seqlabel.cli.options import Columns
from seqlabel.cli.scoring import figures, gold_for
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError
from seqlabel.reports.report import Report


def test_a_model_meets_its_gold_file(labeler, files, capsys):
    found = gold_for(str(labeler), files / "spans.jsonl", None, Columns())
    assert (found.layer, found.unknown) == ("ner", [])
    assert len(found.gold) == 40
    pairs = found.pairs()
    assert [gold for gold, _ in pairs] == found.gold
    assert [predicted.text for _, predicted in pairs] == [gold.text for gold in found.gold]
    capsys.readouterr()
    found.say_what_is_unknown()
    assert capsys.readouterr().err == ""


def test_gold_labels_that_the_model_does_not_know_are_named(labeler, files, tmp_path, capsys):
    rows = (files / "spans.jsonl").read_text().splitlines()[:3]
    rows += [json.dumps({"text": "ACME left", "spans": [[0, 4, "ORG"]]})]
    (tmp_path / "more.jsonl").write_text("\n".join(rows))
    found = gold_for(str(labeler), tmp_path / "more.jsonl", "ner", Columns())
    assert found.unknown == ["ORG"]
    capsys.readouterr()
    found.say_what_is_unknown()
    said = capsys.readouterr().err
    assert (said.startswith(f"{tmp_path}/more.jsonl: "), "ORG" in said) == (True, True)
    (tmp_path / "more.jsonl").write_text(rows[-1])
    with pytest.raises(DataError, match=r"ORG.*LOC, PER"):
        gold_for(str(labeler), tmp_path / "more.jsonl", "ner", Columns())


def test_a_layer_or_a_format_that_the_model_lacks_is_refused(labeler, files):
    with pytest.raises(OptionError, match=r"--layer: .* got 'upos'"):
        gold_for(str(labeler), files / "spans.jsonl", "upos", Columns())
    with pytest.raises(OptionError):
        gold_for(str(labeler), files / "tags.conllu", None, Columns())


GOLD = [
    Document.from_words(
        ["Ann", "ran"],
        tags={"upos": Tags(("PROPN", "VERB"))},
        spans={"ner": Spans((Span(0, 1, "PER"),))},
    ).with_categories("tone", {"good": 1.0, "bad": 0.0})
]


@pytest.mark.parametrize(
    ("layer", "name"), [("upos", "accuracy"), ("ner", "exact"), ("tone", "accuracy")]
)
def test_each_task_has_its_figures_for_json(layer, name):
    pairs = [(one, one) for one in GOLD]
    found = figures(pairs, Report.of(pairs, layer))
    assert json.loads(json.dumps(found)) == found
    assert found["layer"] == layer
    assert (found[name] if name == "accuracy" else found[name]["f"]) == 1.0
    assert "confusion" not in found
    low, high = found["interval"]
    assert (low < 1.0, high) == (True, 1.0)
