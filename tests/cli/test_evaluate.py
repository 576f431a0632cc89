"""`seqlabel evaluate`: a table or JSON, of any model that has labels, and what is said where they do not fit."""

import json

import pytest

from seqlabel.models import Labeler
from seqlabel.scores import score_spans
from tests.label_files import read_spans


def test_the_figures_are_those_of_the_metrics(run, labeler, files):
    done = run("evaluate", labeler, files / "spans.jsonl", "--json")
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    model = Labeler.load(labeler / "model")
    gold = list(read_spans(files / "spans.jsonl", model.tokenise))
    score = score_spans(list(zip(gold, model(gold), strict=True)), "ner")
    assert figures["exact"]["f"] == score.exact.f
    assert figures["documents"] == 40
    table = run("evaluate", labeler, files / "spans.jsonl").stdout
    assert table.startswith("ner: 80 spans")
    low, high = table.splitlines()[-1].split()[-3::2]
    assert float(low) <= score.exact.f <= float(high) + 0.0005


def test_processes_give_the_same_scores_and_sensitivity_others(run, labeler, files):
    one, two, strict = (
        run("evaluate", labeler, files / "spans.jsonl", "--json", *options).stdout
        for options in ([], ["--processes", 2], ["--sensitivity", -20])
    )
    assert two == one
    assert json.loads(strict)["exact"]["recall"] < json.loads(one)["exact"]["recall"]


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_a_file_that_was_trained_on_is_said(run, labeler, files, tmp_path, command):
    more = ["--output", tmp_path / "page.html"] if command == "report" else []
    said = f"{files / 'spans.jsonl'}: {labeler} was trained on this file, so the scores are too good."
    assert said in run(command, labeler, files / "spans.jsonl", *more).stderr
    assert "was trained on this file" not in run(command, labeler, files / "bio.txt", *more).stderr


def test_columns_are_read_for_the_models_own_layer(run, labeler, files):
    done = run("evaluate", labeler, files / "bio.txt", "--json")
    assert json.loads(done.stdout)["exact"]["support"] == 80


def test_labels_that_the_model_does_not_know_are_exit_status_1(run, labeler, files, tmp_path):
    (tmp_path / "more.jsonl").write_text('{"text": "Ann likes ACME", "spans": [[0, 3, "PER"], [10, 14, "ORG"]]}\n')
    done = run("evaluate", labeler, tmp_path / "more.jsonl")
    assert done.exit_code == 1
    assert "does not know the labels ORG; they count as not found" in done.stderr


def test_words_are_not_called_unknown_where_training_is_not_known(run, files, tmp_path):
    options = ["--encoder", files / "encoder", "--epochs", 1, "--quiet", "--output", tmp_path / "tagger"]
    trained = run("train", "tags", files / "tags.txt", *options)
    assert trained.exit_code == 0
    done = run("evaluate", tmp_path / "tagger", files / "tags.txt")
    assert (done.exit_code, "unknown words" in done.stdout) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["labeler", "tags.conllu"], "read as conllu, which has no labels for the task spans"),
        (["labeler", "other.jsonl"], "the model knows LOC, PER: none of them is shared. Is it a model of another"),
        (["encoder", "spans.jsonl"], "which has no labels. Train a labeler on it"),
        (["labeler", "spans.jsonl", "--layer", "pii"], "--layer: Found 'pii'"),
        (["spans.jsonl", "labeler"], "spans.jsonl: is a file, and the model is a folder or a name. Did you swap MODEL"),
    ],
)
def test_what_does_not_fit_is_said(run, labeler, files, monkeypatch, arguments, said):
    (files / "other.jsonl").write_text('{"text": "ACME", "spans": [[0, 4, "ORG"]]}\n')
    monkeypatch.chdir(files)
    done = run("evaluate", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
