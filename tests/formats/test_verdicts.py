"""Findings with a person's verdict are the spans of the texts that they were found in, in files of
every form.
"""

import json

import pytest

from seqlabel.errors import DataError
from seqlabel.formats.any_format import VERDICTS, format_of, read_documents
from seqlabel.text import Tokenizer

TOKENIZE = Tokenizer("en")


def finding(file, line, start, end, label, **more):
    place = {"file": file, "line": line, "path": None, "start": start, "end": end}
    return {**place, "label": label, "score": 0.9, "source": "model", **more}


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(*findings):
        (tmp_path / "found.jsonl").write_text("".join(json.dumps(one) + "\n" for one in findings))
        return tmp_path / "found.jsonl"

    return make


def found_in(path):
    return [
        (one.text, [(*one.characters(span), span.label) for span in one.spans["ner"].spans])
        for one in read_documents(path, tokenize=TOKENIZE)
    ]


def test_right_findings_are_spans_and_wrong_ones_are_not(write, tmp_path):
    (tmp_path / "a.txt").write_text("nothing here\nMay met Ann\nMay I?\n")
    path = write(
        finding("a.txt", 2, 0, 3, "PERSON", right=True),
        finding("a.txt", 2, 8, 11, "PERSON"),
        finding("a.txt", 3, 0, 3, "PERSON", right=False),
    )
    assert format_of(path) is VERDICTS
    assert found_in(path) == [
        ("May met Ann", [(0, 3, "PERSON"), (8, 11, "PERSON")]),
        ("May I?", []),
    ]


def test_cells_of_tables_and_fields_of_json_are_found_by_their_paths(write, tmp_path):
    (tmp_path / "a.csv").write_text('name,note\n"Ann\nMoss",Bo\nCy,Di\n')
    (tmp_path / "b.jsonl").write_text('{"user": {"name": "Ann"}, "note": "Bo"}\n')
    path = write(
        finding("a.csv", 2, 0, 8, "PERSON", path="name"),
        finding("a.csv", 4, 0, 2, "PERSON", path="note", right=False),
        finding("b.jsonl", 1, 0, 3, "FIRST_NAME", path="user.name"),
    )
    assert found_in(path) == [
        ("Ann\nMoss", [(0, 8, "PERSON")]),
        ("Di", []),
        ("Ann", [(0, 3, "FIRST_NAME")]),
    ]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"line": 9}, r"found\.jsonl, line 1: .*a\.txt"),
        ({"file": "b.txt"}, r"b\.txt"),
        ({"end": 90}, "line 1: "),
        ({"right": "no"}, "line 1: .*right"),
    ],
)
def test_what_no_longer_fits_is_refused_with_its_line(write, tmp_path, change, named):
    (tmp_path / "a.txt").write_text("secret\n")
    with pytest.raises(DataError, match=named) as refused:
        found_in(write({**finding("a.txt", 1, 0, 3, "PERSON"), **change}))
    assert "secret" not in str(refused.value)


def test_files_are_looked_for_next_to_the_findings_too(write, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("Ann\n")
    path = write(finding("a.txt", 1, 0, 3, "PERSON"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert found_in(path) == [("Ann", [(0, 3, "PERSON")])]
