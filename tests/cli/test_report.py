"""`seqlabel report`: a page, masked on request, and its figures as JSON."""

import json
import re

import pytest

from tests.extras import needs_pii


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "report.html"


def test_the_name_of_the_page_is_printed(run, labeler, files, page):
    done = run(f"report {files}/spans.jsonl --model {labeler}")
    assert (done.exit_code, done.stdout) == (0, "report.html\n")
    assert "Reliability" in page.read_text()
    assert run(f"report {files}/spans.jsonl --model {labeler} --quiet").stdout == ""


@needs_pii
def test_private_data_are_masked_on_request(run, page, tmp_path):
    text = "Dear Ann Moss, write to ann@moss.example about ticket 4711."
    row = {"text": text, "spans": [[5, 13, "PERSON"], [24, 40, "EMAIL"], [47, 58, "ACCOUNT"]]}
    (tmp_path / "gold.jsonl").write_text(json.dumps(row) + "\n")
    done = run("report gold.jsonl --model en_pii --mask")
    assert done.exit_code == 0, done.stderr
    assert not re.search("Ann|Moss|ann@|4711", page.read_text())
    assert "xxxxxx 0000" in page.read_text()


@needs_pii
def test_spans_whose_label_is_private_are_masked_where_the_finder_misses_them(
    run, labeler, page, tmp_path
):
    row = {"text": "grumbly wobble visited the zoo again", "spans": [[0, 14, "PER"]]}
    (tmp_path / "gold.jsonl").write_text(json.dumps(row) + "\n")
    assert run(f"report gold.jsonl --model {labeler}").exit_code == 0
    assert "grumbly" in page.read_text()
    assert run(f"report gold.jsonl --model {labeler} --mask").exit_code == 0
    assert not re.search("grumbly|wobble", page.read_text())
    assert "xxxxxxx" in page.read_text()


def test_figures_of_the_page_as_json_are_those_of_evaluate_and_more(run, labeler, files, page):
    options = f"{files}/spans.jsonl --model {labeler} --json"
    for more in ("--sensitivity -20", ""):
        told = json.loads(run(f"report {options} --processes 2 {more}").stdout)
        measured = json.loads(run(f"evaluate {options} {more}").stdout)
        assert told.items() >= measured.items()
        assert (measured["exact"]["recall"] < 1) == bool(more)
    assert told["page"] == "report.html"
    assert told["intervals"].keys() == told["types"].keys() == {"LOC", "PER"}
    assert sum(one["count"] for one in told["calibration"]) > 0
    assert told["confusion"]["labels"] == ["LOC", "PER", "O"]


def test_figures_of_a_page_on_categories_as_json(run, files, page):
    options = f"--encoder {files}/encoder --epochs 1 --quiet --output model"
    assert run(f"train document {files}/texts.csv {options}").exit_code == 0
    told = json.loads(run(f"report {files}/texts.csv --model model --json --quiet").stdout)
    assert (told["documents"], told["intervals"].keys()) == (60, {"animal", "trip"})
    assert sum(map(sum, told["confusion"]["counts"])) == 60
