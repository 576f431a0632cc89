"""`seqlabel report`: a page, masked on request, and what is said of labels."""

import json
import re

import pytest


def test_a_page(run, labeler, files, tmp_path):
    done = run(f"report {labeler} {files}/spans.jsonl -o {tmp_path}/r.html")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{tmp_path / 'r.html'}\n"
    assert "Reliability" in (tmp_path / "r.html").read_text()
    epochs = json.loads((labeler / "metrics.json").read_text())["epochs"]
    assert [epoch["epoch"] for epoch in epochs] == list(range(1, len(epochs) + 1))
    assert 1 < len(epochs) <= epochs[0]["epochs"] == 30
    assert (
        run(f"report {labeler}/model {files}/spans.jsonl -o {tmp_path}/r.html --quiet").stdout == ""
    )


def test_private_data_are_masked_on_request(run, tmp_path):
    pytest.importorskip("stdnum", reason="needs seqlabel-rnn[pii]")
    text = "Dear Ann Moss, write to ann@moss.example about ticket 4711."
    lines = [{"text": text, "spans": [[5, 13, "PERSON"], [24, 40, "EMAIL"], [47, 58, "ACCOUNT"]]}]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = run(f"report en_pii {tmp_path}/gold.jsonl --mask -o {tmp_path}/r.html")
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "r.html").read_text()
    assert not re.search("Ann|Moss|ann@|4711", page)
    assert "xxxxxx 0000" in page
    assert "private data masked" in page


def test_spans_whose_label_is_private_are_masked_where_the_finder_misses_them(
    run, labeler, tmp_path
):
    pytest.importorskip("stdnum", reason="needs seqlabel-rnn[pii]")
    lines = [
        {"text": f"grumbly wobble{n} visited the zoo again", "spans": [[0, 15, "PER"]]}
        for n in range(3)
    ]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run(f"report {labeler} {tmp_path}/gold.jsonl -o {tmp_path}/r.html").exit_code == 0
    assert "grumbly" in (tmp_path / "r.html").read_text()
    assert run(f"report {labeler} {tmp_path}/gold.jsonl --mask -o {tmp_path}/r.html").exit_code == 0
    page = (tmp_path / "r.html").read_text()
    assert not re.search("grumbly|wobble", page)
    assert "xxxxxxx" in page


def test_unknown_labels_are_exit_status_1(run, labeler, files, tmp_path):
    (tmp_path / "gold.jsonl").write_text(
        (files / "spans.jsonl").read_text() + '{"text": "ACME", "spans": [[0, 4, "ORG"]]}\n'
    )
    done = run(f"report {labeler} {tmp_path}/gold.jsonl -o {tmp_path}/r.html")
    assert done.exit_code == 1
    assert "does not know the labels ORG" in done.stderr
    assert (tmp_path / "r.html").is_file()


def test_figures_of_the_page_as_json_are_those_of_evaluate_and_more(run, labeler, files, tmp_path):
    done = run(f"report {labeler} {files}/spans.jsonl -o {tmp_path}/r.html --json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (
        told.items()
        >= json.loads(run(f"evaluate {labeler} {files}/spans.jsonl --json").stdout).items()
    )
    assert told["page"] == str(tmp_path / "r.html")
    assert (tmp_path / "r.html").is_file()
    low, high = told["interval"]
    assert 0 <= low <= told["exact"]["f"] <= high <= 1
    assert told["intervals"].keys() == told["types"].keys() == {"LOC", "PER"}
    assert sum(one["count"] for one in told["calibration"]) > 0
    assert told["confusion"]["labels"] == ["LOC", "PER", "O"]


def test_figures_of_a_page_on_categories_as_json(run, files, tmp_path):
    options = ["--encoder", files / "encoder", "--epochs", 1, "--quiet", "--output", tmp_path / "c"]
    assert run(f"train document {files}/texts.csv", *options).exit_code == 0
    done = run(f"report {tmp_path}/c {files}/texts.csv -o {tmp_path}/r.html --json --quiet")
    told = json.loads(done.stdout)
    assert (told["documents"], told["intervals"].keys()) == (60, {"animal", "trip"})
    assert sum(map(sum, told["confusion"]["counts"])) == 60


def test_sensitivity_and_processes_are_those_of_evaluate(run, labeler, files, tmp_path):
    options = ["--json", "--sensitivity", -20, "--processes", 2]
    done = run(f"report {labeler} {files}/spans.jsonl -o {tmp_path}/r.html", *options)
    strict = json.loads(run(f"evaluate {labeler} {files}/spans.jsonl", *options[:3]).stdout)
    assert json.loads(done.stdout)["exact"] == strict["exact"]
    assert strict["exact"]["recall"] < 1
