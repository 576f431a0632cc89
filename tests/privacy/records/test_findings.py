"""Private values of files and streams by their place, against the finder on each text."""

import gzip
import io
import json

import pyarrow
import pytest
from pyarrow import parquet

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import TEXT
from seqlabel.formats.format import Layout
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.records.findings import Searching, TextFiles, searched
from seqlabel.runs.workers import Workers
from tests.extras import needs_pii
from tests.privacy.rewritten_files import lines

pytestmark = needs_pii


def search(model, source, *, fields=("text",), columns=None, all_strings=False):
    said = []
    layout = Layout(fields, columns, all_strings=all_strings)
    files = TextFiles(layout, report=said.append)
    with Workers(Searching(PrivacySettings(model=model))) as workers:
        return list(searched(workers, files.file(source))), files, said


def expected_of(model, texts):
    return [
        [(one.start, one.end, one.label) for one in document.character_spans(LAYER)]
        for document in PrivateFinder.load(model)(texts)
    ]


def spans_of(searched):
    return [[(one.start, one.end, one.label) for one in text.found] for text in searched]


def test_every_form_has_what_the_finder_finds_in_each_text(model, tmp_path):
    texts = [text.replace('"', "") for text in lines(30)]
    expected = expected_of(model, texts)
    assert sum(map(len, expected)) > 10
    (tmp_path / "a.txt").write_text("\n".join(texts), encoding="utf-8")
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress("\n".join(texts).encode()))
    rows = [json.dumps({"n": 1, "text": text}, ensure_ascii=False) for text in texts]
    (tmp_path / "a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        "n,text\n" + "".join(f'7,"{text}"\n' for text in texts), encoding="utf-8"
    )
    parquet.write_table(
        pyarrow.table({"n": range(len(texts)), "text": texts}), tmp_path / "a.parquet"
    )
    for name in ("a.txt", "a.txt.gz", "a.jsonl", "a.csv", "a.parquet"):
        path = "" if "txt" in name else "text"
        first = 2 if name == "a.csv" else 1
        columns = None if name == "a.jsonl" else ("text",)
        found, searcher, said = search(model, tmp_path / name, columns=columns)
        found = [one for one in found if one.path == path and one.text in texts]
        assert [one.text for one in found] == texts, name
        assert spans_of(found) == expected, name
        assert [one.line for one in found] == list(range(first, first + len(texts))), name
        assert {one.file for one in found} == {str(tmp_path / name)}
        assert (searcher.unread, said) == (0, [])
        for one in found:
            for item in one.found:
                assert item.text == one.text[item.start : item.end]


def test_a_value_comes_with_what_found_it_and_is_hidden_in_its_repr(rules, tmp_path):
    (tmp_path / "a.txt").write_text("nothing\nmail ann@x.org now\n")
    (_, found), _, _ = search(rules, tmp_path / "a.txt")
    (located,) = found.found
    assert (located.label, located.start, located.end, located.source) == ("EMAIL", 5, 14, "email")
    assert located.text == "ann@x.org"
    assert "ann" not in repr(found)


def test_fields_of_nested_objects_have_their_path_and_lines(rules, tmp_path):
    (tmp_path / "a.json").write_text(
        json.dumps({"user": {"mail": "ann@x.org"}, "more": ["b@x.org"]}, indent=1)
    )
    found, _, _ = search(rules, tmp_path / "a.json", all_strings=True)
    assert [(one.path, one.line, one.text) for one in found] == [
        ("user.mail", 3, "ann@x.org"),
        ("more[0]", 6, "b@x.org"),
    ]


def test_without_names_all_columns_of_text_are_searched(rules, tmp_path):
    parquet.write_table(
        pyarrow.table({"n": [1], "t": ["a@x.org"], "u": ["b@x.org"]}), tmp_path / "a.parquet"
    )
    found, _, _ = search(rules, tmp_path / "a.parquet")
    assert [(one.path, one.text, len(one.found)) for one in found] == [
        ("t", "a@x.org", 1),
        ("u", "b@x.org", 1),
    ]
    with pytest.raises(OptionError):
        search(rules, tmp_path / "a.parquet", columns=("n",))


def test_what_cannot_be_read_is_searched_as_it_is_counted_and_said(rules, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"fine\nann@x.org \xff\n")
    found, searcher, said = search(rules, path)
    assert [len(one.found) for one in found] == [0, 1]
    assert searcher.unread == 1
    assert said[0].startswith(f"{path}, line 2: byte 0xff")
    with pytest.raises(DataError, match=r"none\.txt:"):
        search(rules, tmp_path / "none.txt")


def test_a_stream_gives_a_text_before_the_next_line_is_read(rules):
    read = []

    class Lines(io.BytesIO):
        def read1(self, size=-1):
            read.append(1)
            return next(given, b"")

    given = iter([b"a@x.org\n", b"b@x.org\n"])
    texts = TextFiles(Layout(), report=print).stream(Lines(), form=TEXT, name="stdin")
    found = searched(Workers(Searching(PrivacySettings(model=rules))), texts)
    assert next(found).text == "a@x.org"
    assert len(read) == 1
    assert [one.text for one in found] == ["b@x.org"]


def test_a_cell_is_read_after_the_name_of_its_column(rules, tmp_path):
    (tmp_path / "a.csv").write_text("note,password\nzebra,zebra\n")
    found, _, _ = search(rules, tmp_path / "a.csv", columns=("note", "password"))
    assert spans_of(found)[-2:] == [[], [(0, 5, "PASSWORD")]]


def test_texts_that_were_searched_are_passed_over(rules, tmp_path, monkeypatch):
    monkeypatch.setattr("seqlabel.io.records.PART_CHARACTERS", 20)
    (tmp_path / "a.txt").write_text("".join(f"mail ann{number}@x.org\n" for number in range(9)))
    with Workers(Searching(PrivacySettings(model=rules))) as workers:
        files = TextFiles(Layout(), report=pytest.fail)
        every = list(searched(workers, files.file(tmp_path / "a.txt"), begin=0))
        later = list(searched(workers, files.file(tmp_path / "a.txt"), begin=4))
    assert len(every) == 9
    assert later == every[4:]
