"""Findings as lines, JSON, a page and SARIF: where they are, and no text where none was asked
for.
"""

import json
import os
import re
from dataclasses import replace
from urllib.parse import quote, unquote_to_bytes

import pytest

from seqlabel.cli.finding import FindingFormat, written
from seqlabel.privacy.records.findings import Located, Searched

LINE = Searched(
    "a.txt",
    3,
    1,
    "",
    "Ann <b@x.org>",
    (
        Located("PERSON", 0, 3, 0.98765, "model", "Ann"),
        Located("EMAIL", 5, 12, None, "rule", "b@x.org"),
    ),
)
FIELD = Searched(
    "dir\\b.jsonl", 2, 4, "user.name", "Bo", (Located("PERSON", 0, 2, 0.5, "deny", "Bo"),)
)
EMPTY = Searched("a.txt", 4, 1, "", "secret but not found", ())
EVERY = [LINE, EMPTY, FIELD]


def all_of(form, *, with_text=False):
    return "".join(written(iter(EVERY), form, with_text=with_text))


def test_a_line_has_the_place_as_compilers_write_it():
    assert all_of(FindingFormat.LINES).splitlines() == [
        "a.txt:3:1: PERSON (model 0.99)",
        "a.txt:3:6: EMAIL (rule)",
        "dir\\b.jsonl:2:1: PERSON in user.name (deny 0.50)",
    ]


@pytest.mark.parametrize("with_text", [False, True])
def test_an_object_has_offsets_and_text_only_if_asked(with_text):
    lines = all_of(FindingFormat.JSONL, with_text=with_text).splitlines()
    one, two, three = map(json.loads, lines)
    texts = [row.pop("text", None) for row in (one, two, three)]
    assert texts == (["Ann", "b@x.org", "Bo"] if with_text else [None] * 3)
    place = {"file": "a.txt", "line": 3, "path": None}
    assert one == {
        **place,
        "start": 0,
        "end": 3,
        "label": "PERSON",
        "score": 0.9877,
        "source": "model",
    }
    assert two == {
        **place,
        "start": 5,
        "end": 12,
        "label": "EMAIL",
        "score": None,
        "source": "rule",
    }
    assert (three["file"], three["path"], three["score"]) == ("dir\\b.jsonl", "user.name", 0.5)


def test_a_page_escapes_texts_and_leaves_out_those_without_findings():
    page = all_of(FindingFormat.HTML)
    assert page.startswith("<!doctype html>")
    assert "&lt;" in page
    assert "<b@x" not in page
    assert "secret" not in page
    assert "<p>3 findings.</p>" in page
    shown = re.sub(r"<[^>]+>", "", page)
    assert "dir\\b.jsonl, line 2, user.name" in shown


def test_sarif_has_a_rule_for_each_label_and_columns_where_lines_are_texts():
    run = json.loads(all_of(FindingFormat.SARIF))["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["EMAIL", "PERSON"]
    assert [one["properties"]["source"] for one in run["results"]] == ["model", "rule", "deny"]
    places = [one["locations"][0] for one in run["results"]]
    assert [one["physicalLocation"]["region"] for one in places] == [
        {"startLine": 3, "startColumn": 1, "endColumn": 4},
        {"startLine": 3, "startColumn": 6, "endColumn": 13},
        {"startLine": 2, "endLine": 5},
    ]
    artifact = places[2]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": quote(FIELD.file.replace(os.sep, "/"))}
    assert places[2]["logicalLocations"] == [{"fullyQualifiedName": "user.name"}]


@pytest.mark.parametrize("form", [FindingFormat.LINES, FindingFormat.JSONL, FindingFormat.SARIF])
def test_no_text_is_written_unasked(form):
    found = all_of(form)
    assert not any(text in found for text in ("Ann", "x.org", "Bo", "secret"))


@pytest.mark.parametrize("form", list(FindingFormat))
def test_nothing_found_is_said_in_each_form(form):
    found = "".join(written(iter([EMPTY]), form, with_text=True))
    if form in (FindingFormat.LINES, FindingFormat.JSONL):
        assert found == ""
    elif form is FindingFormat.HTML:
        assert "<p>0 findings.</p>" in found
    else:
        assert json.loads(found)["runs"][0]["results"] == []


@pytest.mark.parametrize(
    "file", ["a b#1?.txt", "100%.txt", "é\udcff.txt", "x:y.txt", "a/\x1b[2J\n.txt"]
)
def test_names_of_files_are_escaped_as_each_form_needs(file):
    one = [replace(LINE, file=file)]
    (line, _) = "".join(written(one, FindingFormat.LINES, with_text=False)).splitlines()
    assert line.isprintable()
    run = json.loads("".join(written(one, FindingFormat.SARIF, with_text=False)))["runs"][0]
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"(?:[\w.~/-]|%[0-9A-F]{2})+", uri, re.ASCII)
    assert unquote_to_bytes(uri) == os.fsencode(file)
