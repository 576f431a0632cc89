"""The table of two commits or two models: what became worse stands first, and every part of the
texts by hand and every cell of a column has its rows.
"""

import sys

import pytest

from seqlabel import Labeler, OptionError, PrivateFinder
from seqlabel.documents import CharacterSpan
from tests.extras import needs_pii
from tests.recipes.test_recipes import ROOT, namespace_of


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "recipes" / "benchmarks"), *sys.path])
    return namespace_of("recipes/benchmarks/before_after.py")


def test_what_lost_most_stands_first(recipe, capsys):
    figure = recipe["Figure"]
    old = [
        ("recall", 90.0, True, 0.0),
        ("alarms", 10.0, False, 0.0),
        ("f2", 80.0, True, 0.0),
        ("CPU", 10.0, False, 0.1),
    ]
    new = [
        ("recall", 95.0, True, 0.0),
        ("alarms", 12.0, False, 0.0),
        ("f2", 79.9, True, 0.0),
        ("CPU", 10.9, False, 0.1),
    ]
    sides = [{row[0]: figure(*row) for row in side} for side in (old, new)]
    rows = recipe["compared"](*sides)
    assert [row.name for row in rows] == ["alarms", "f2", "CPU", "recall"]
    assert [row.loss > 0.01 for row in rows] == [True, False, False, False]
    recipe["show"](rows, 0.01)
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].startswith("alarms")
    assert shown[1].endswith("worse")
    assert shown[-1].endswith("better")


def test_a_commit_and_a_model_are_refused(recipe, tmp_path):
    settings = recipe["Settings"](old="HEAD", new="en_pii", data=tmp_path)
    with pytest.raises(OptionError, match="OLD and NEW"):
        recipe["main"](settings)


def test_a_labeler_is_measured_in_all_layers_with_its_calibration(recipe, tmp_path):
    rows = [
        "1\tShe\tshe\tPRON\tPRP\t_\t2\tnsubj\t_\t_",
        "2\tslept\tsleep\tVERB\tVBD\t_\t0\troot\t_\t_",
    ]
    folder = tmp_path / "ud_english_ewt"
    folder.mkdir()
    (folder / "en_ewt-ud-test.conllu").write_text("\n".join(["# newdoc", *rows]) + "\n\n")
    figures = {
        one.name: one for one in recipe["treebank_figures"](Labeler.load("en_trees"), tmp_path)
    }
    assert figures["EWT test, sentences: tree, UAS"].value == 100.0
    assert figures["EWT test, whole documents: upos, accuracy"].higher
    assert not figures["EWT test, sentences: lemma, expected calibration error"].higher
    assert "EWT test, whole documents: sentences, F1" in figures


@pytest.fixture
def measurement(recipe, tmp_path):
    return recipe["Measurement"](tmp_path, "en_pii", words=1000, values=1, blind=False)


@needs_pii
def test_the_texts_by_hand_have_rows_by_part(measurement):
    names = [figure.name for figure in measurement._marked()]
    for part in ("everyday", "everyday_more", "unseen"):
        assert f"written {part}: recall" in names
        assert f"written {part}: alarms per 1,000 words of clean texts" in names


@needs_pii
def test_cells_of_named_columns_and_alone_are_counted_apart(measurement, monkeypatch):
    known = {"surname": {"Moss", "Reed", "Lee", "Ode"}, "contact": {"Moss", "Reed", "Lee"}}

    def find(values, *, finder, name):
        return [[{"start": 0}] if value in known.get(name, {"Moss"}) else [] for value in values]

    module = sys.modules[type(measurement).__module__]
    monkeypatch.setattr(module, "find_in_column", find)
    values = ["Moss", "Reed", "Lee", "Ode"]
    figures = list(measurement._cells("surnames", values, ["surname", "contact", "title"]))
    # Of 4 surnames none and one are missed in the two named columns, three alone.
    assert [figure.value for figure in figures] == [12.5, 75.0]
    assert not any(figure.higher for figure in figures)
    assert "named column" in figures[0].name
    assert "alone" in figures[1].name


@needs_pii
def test_scores_are_those_of_the_model_that_the_texts_decide(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "recipes" / "benchmarks"), *sys.path])
    recipe = namespace_of("recipes/benchmarks/finding_scores.py")
    text = "Ann Moss met Bo Li and Cy Ray, ann@moss.example"
    private, maybe = CharacterSpan(0, 8, "PERSON"), CharacterSpan(13, 18, "?")
    marked = recipe["Marked"](text, [private], [maybe])
    finder = PrivateFinder()
    scores, right = recipe["scored_findings"](finder, [marked], left_out=frozenset())
    assert right == [True, False]
    assert all(0 < score < 1 for score in scores)
    unknown = frozenset({"PERSON"})
    assert recipe["scored_findings"](finder, [marked], left_out=unknown)[1] == [True]
