"""`seqlabel evaluate`: a table or JSON, of any model that has labels, and what is said where they
do not fit.
"""

import gzip
import json

import pytest

from seqlabel.models import Labeler
from seqlabel.scores import score_spans
from tests.label_files import read_spans


def test_the_figures_are_those_of_the_metrics(run, labeler, files):
    figures = json.loads(run(f"evaluate {files}/spans.jsonl --model {labeler} --json").stdout)
    model = Labeler.load(labeler / "model")
    gold = list(read_spans(files / "spans.jsonl", model.tokenize))
    score = score_spans(list(zip(gold, model(gold), strict=True)), "ner")
    assert (figures["exact"]["f"], figures["documents"]) == (score.exact.f, 40)
    table = run(f"evaluate {files}/spans.jsonl --model {labeler}").stdout
    assert table.startswith("ner: 80 spans")
    low, high = table.splitlines()[-1].split()[-3::2]
    assert float(low) <= score.exact.f <= float(high) + 0.0005
    assert figures["interval"] == pytest.approx([float(low), float(high)], abs=0.0006)


@pytest.mark.parametrize("command", ["evaluate", "report", "doubts"])
def test_a_model_as_the_first_argument_is_read_and_the_option_is_named(
    run, labeler, files, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    now, before = (
        run(f"{command} {arguments} --json")
        for arguments in (f"{files}/bio.txt --model {labeler}", f"{labeler} {files}/bio.txt")
    )
    assert (before.exit_code, before.stdout) == (0, now.stdout)
    assert before.stderr.replace(now.stderr, "").endswith(f"bio.txt --model {labeler}.\n")
    assert "--model" not in now.stderr
    assert "--model" not in run(f"{command} {labeler} {files}/bio.txt --quiet").stderr


def test_processes_give_the_same_scores_and_sensitivity_others(run, labeler, files):
    one, two, strict = (
        run(f"evaluate {files}/spans.jsonl --model {labeler} --json {options}").stdout
        for options in ("", "--processes 2", "--sensitivity -20")
    )
    assert two == one
    assert json.loads(strict)["exact"]["recall"] < json.loads(one)["exact"]["recall"]


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_a_file_that_was_trained_on_and_unknown_labels_are_said(
    run, labeler, files, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    row = '{"text": "Ann likes ACME", "spans": [[0, 3, "PER"], [10, 14, "ORG"]]}\n'
    (tmp_path / "more.jsonl").write_text(row)
    for path, status, trained in ((files / "spans.jsonl", 0, True), ("more.jsonl", 1, False)):
        done = run(f"{command} {path} --model {labeler}")
        assert done.exit_code == status
        assert ("was trained on" in done.stderr) is trained
        assert ("labels ORG" in done.stderr) is not trained


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("tags.conllu --model labeler", "the task spans"),
        ("other.jsonl --model labeler", "LOC, PER"),
        ("spans.jsonl --model encoder", "has no labels"),
        ("spans.jsonl --model labeler --layer pii", "'pii'"),
        ("spans.jsonl labeler", "--model"),
        ("spans.jsonl", "--model"),
        ("labeler --config data.toml", "argument labeler"),
        ("spans.jsonl bio.txt --model labeler", "2"),
        ("damaged.txt.gz --model labeler", "damaged.txt.gz: "),
    ],
)
def test_what_does_not_fit_is_refused(run, labeler, files, monkeypatch, arguments, named):
    (files / "damaged.txt.gz").write_bytes(gzip.compress(b"Ann B-PER\n" * 99)[:30])
    (files / "other.jsonl").write_text('{"text": "ACME", "spans": [[0, 4, "ORG"]]}\n')
    (files / "data.toml").write_text('data = "spans.jsonl"\n')
    monkeypatch.chdir(files)
    done = run(f"evaluate {arguments}")
    assert (done.exit_code, named in done.stderr) == (2, True)


def test_words_are_not_called_unknown_where_training_is_not_known(run, files, tmp_path):
    options = f"--encoder {files}/encoder --epochs 1 --quiet --output {tmp_path}/tagger"
    assert run(f"train tags {files}/tags.txt {options}").exit_code == 0
    done = run(f"evaluate {files}/tags.txt --model {tmp_path}/tagger")
    assert (done.exit_code, "unknown words" in done.stdout) == (0, False)


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

    done = run(f"evaluate {treebanks} --model {model} --json")
    figures = json.loads(done.stdout)
    assert (figures["documents"], figures["words"]) == (40, 100)
    assert figures["uas"] == figures["las"] == figures["las_universal"] == figures["clas"] == 1.0
    lines = run(f"evaluate {treebanks} --model {model}").stdout.splitlines()
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
    assert run(f"report {treebanks} --model {model} --output {page}").exit_code == 0
    assert drawn not in page.read_text()
    whole = (treebanks / "whole.conllu").read_text()
    (tmp_path / "other.conllu").write_text(whole.replace("2\tdet", "3\tdet", 1))
    assert run(f"report {tmp_path}/other.conllu --model {model} --output {page}").exit_code == 0
    assert page.read_text().count(drawn) == 2
