"""`seqlabel evaluate`: a table or JSON, of any model that has labels, and what is said where they
do not fit.
"""

import json

import pytest

from seqlabel.models import Labeler
from seqlabel.scores import score_spans
from tests.label_files import read_spans


def test_the_figures_are_those_of_the_metrics(run, labeler, files):
    done = run(f"evaluate {labeler} {files}/spans.jsonl --json")
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    model = Labeler.load(labeler / "model")
    gold = list(read_spans(files / "spans.jsonl", model.tokenize))
    score = score_spans(list(zip(gold, model(gold), strict=True)), "ner")
    assert figures["exact"]["f"] == score.exact.f
    assert figures["documents"] == 40
    table = run(f"evaluate {labeler} {files}/spans.jsonl").stdout
    assert table.startswith("ner: 80 spans")
    low, high = table.splitlines()[-1].split()[-3::2]
    assert float(low) <= score.exact.f <= float(high) + 0.0005
    assert figures["interval"] == pytest.approx([float(low), float(high)], abs=0.0006)


def test_processes_give_the_same_scores_and_sensitivity_others(run, labeler, files):
    one, two, strict = (
        run(f"evaluate {labeler} {files}/spans.jsonl --json", *options).stdout
        for options in ([], ["--processes", 2], ["--sensitivity", -20])
    )
    assert two == one
    assert json.loads(strict)["exact"]["recall"] < json.loads(one)["exact"]["recall"]


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_a_file_that_was_trained_on_is_said(run, labeler, files, tmp_path, command):
    more = ["--output", tmp_path / "page.html"] if command == "report" else []
    said = (
        f"{files / 'spans.jsonl'}: {labeler} was trained on this file, so the scores are too good."
    )
    assert said in run(command, labeler, files / "spans.jsonl", *more).stderr
    assert "was trained on this file" not in run(command, labeler, files / "bio.txt", *more).stderr


def test_columns_are_read_for_the_models_own_layer(run, labeler, files):
    done = run(f"evaluate {labeler} {files}/bio.txt --json")
    assert json.loads(done.stdout)["exact"]["support"] == 80


def test_labels_that_the_model_does_not_know_are_exit_status_1(run, labeler, files, tmp_path):
    (tmp_path / "more.jsonl").write_text(
        '{"text": "Ann likes ACME", "spans": [[0, 3, "PER"], [10, 14, "ORG"]]}\n'
    )
    done = run(f"evaluate {labeler} {tmp_path}/more.jsonl")
    assert done.exit_code == 1
    assert "does not know the labels ORG; they count as not found" in done.stderr


def test_words_are_not_called_unknown_where_training_is_not_known(run, files, tmp_path):
    options = f"--encoder {files}/encoder --epochs 1 --quiet --output {tmp_path}/tagger".split()
    trained = run(f"train tags {files}/tags.txt", *options)
    assert trained.exit_code == 0
    done = run(f"evaluate {tmp_path}/tagger {files}/tags.txt")
    assert (done.exit_code, "unknown words" in done.stdout) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["labeler", "tags.conllu"], "read as conllu, which has no labels for the task spans"),
        (
            ["labeler", "other.jsonl"],
            "the model knows LOC, PER: none of them is shared. Is it a model of another",
        ),
        (["encoder", "spans.jsonl"], "which has no labels. Train a labeler on it"),
        (["labeler", "spans.jsonl", "--layer", "pii"], "got 'pii'"),
        (
            ["spans.jsonl", "labeler"],
            "spans.jsonl: is a file, and the model is a folder or a name. Did you swap MODEL",
        ),
    ],
)
def test_what_does_not_fit_is_said(run, labeler, files, monkeypatch, arguments, said):
    (files / "other.jsonl").write_text('{"text": "ACME", "spans": [[0, 4, "ORG"]]}\n')
    monkeypatch.chdir(files)
    done = run("evaluate", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.fixture(scope="module")
def treebanks(tmp_path_factory):
    """A folder of two treebanks; in the second one a word of each sentence has no head."""
    folder = tmp_path_factory.mktemp("treebanks")
    heads = {"the": "2\tdet", "cat": "3\tnsubj", "sat": "0\troot"}
    for name, cat in (("whole", heads["cat"]), ("partial", "_\t_")):
        arcs = {**heads, "cat": cat}
        rows = [
            f"{number}\t{word}\t_\t_\t_\t_\t{arc}\t_\t_"
            for number, (word, arc) in enumerate(arcs.items(), 1)
        ]
        (folder / f"{name}.conllu").write_text(("\n".join(rows) + "\n\n") * 20)
    return folder


def test_trees_are_trained_labelled_drawn_and_measured_on_words_with_heads(
    run, treebanks, files, tmp_path
):
    model = tmp_path / "parser"
    options = f"--on {files}/encoder --epochs 30 --lr 0.02 --quiet --output {model}".split()
    assert run(f"train trees {treebanks}", *options).exit_code == 0

    done = run(f"evaluate {model} {treebanks} --json")
    figures = json.loads(done.stdout)
    assert (figures["documents"], figures["words"]) == (40, 100)
    assert figures["uas"] == figures["las"] == figures["las_universal"] == figures["clas"] == 1.0
    lines = run(f"evaluate {model} {treebanks}").stdout.splitlines()
    assert [line.split()[0] for line in lines[-4:]] == ["UAS", "LAS", "LAS", "CLAS"]
    for line in lines[-4:]:
        low, _, high = line.split()[-3:]
        assert 0.8 < float(low) < float(high) == 1.0

    (tmp_path / "texts.txt").write_text("the cat sat\n")
    rows = run(
        f"label {tmp_path}/texts.txt --model {model} --to conllu --quiet"
    ).stdout.splitlines()
    arcs = [row.split("\t")[6:8] for row in rows if row[:1].isdigit()]
    assert arcs == [["2", "det"], ["3", "nsubj"], ["0", "root"]]
    # A page draws the sentences with wrong arcs: none of these, and one with another head.
    page = tmp_path / "page.html"
    drawn = '<svg xmlns="http://www.w3.org/2000/svg"'
    assert run(f"report {model} {treebanks} --output {page}").exit_code == 0
    assert drawn not in page.read_text()
    whole = (treebanks / "whole.conllu").read_text()
    (tmp_path / "other.conllu").write_text(whole.replace("2\tdet", "3\tdet", 1))
    assert run(f"report {model} {tmp_path}/other.conllu --output {page}").exit_code == 0
    assert page.read_text().count(drawn) == 2
