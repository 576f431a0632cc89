"""What columns hold, against counts by hand."""

import pytest

from seqlabel.errors import DataError
from seqlabel.privacy.column_verdicts import ColumnVerdict, column_verdicts, read_verdicts
from seqlabel.privacy.records.findings import Located, Searched


def cell(line, column, text, *found, file="a.csv"):
    located = []
    for label, value, score in found:
        start = text.index(value)
        located.append(Located(label, start, start + len(value), score, "model", value))
    return Searched(file, line, 1, column, text, tuple(located))


def test_a_column_is_what_most_of_its_private_cells_are():
    cells = [
        Searched("a.csv", 1, 1, "", "name,notes,sku", ()),
        cell(2, "name", "Ann Lee", ("PERSON", "Ann Lee", 0.9)),
        cell(2, "notes", "ask Ann at a@x.org", ("PERSON", "Ann", 0.8), ("EMAIL", "a@x.org", None)),
        cell(2, "sku", "AB-1"),
        cell(3, "name", "Lee, Bo", ("PERSON", "Lee", 0.5), ("PERSON", "Bo", 0.7)),
        cell(3, "notes", "nothing to say"),
        cell(3, "sku", " "),
        cell(4, "name", "Best"),
    ]
    name, notes, sku = column_verdicts(cells)
    assert name == ColumnVerdict("a.csv", "name", ("PERSON",), (0.9 + 0.7 + 0) / 3, 1.0, 3)
    assert notes == ColumnVerdict("a.csv", "notes", ("PERSON", "EMAIL"), 0.5, 0.0, 2)
    assert sku == ColumnVerdict("a.csv", "sku", (), 0.0, 0.0, 1)
    assert name.kind == "PERSON"
    assert notes.kind == "text with PERSON, EMAIL"
    assert sku.kind == "nothing"


def test_fields_of_lists_are_one_column_and_files_are_apart():
    value = ("EMAIL", "a@x.org", 1.0)
    cells = []
    for file in ("a", "b"):
        cells += [cell(1, f"to.emails[{n}]", "a@x.org", value, file=file) for n in (0, 1)]
    found = [(one.file, one.column, one.cells) for one in column_verdicts(cells)]
    assert found == [("a", "to.emails[]", 2), ("b", "to.emails[]", 2)]
    assert column_verdicts([]) == []


def test_verdicts_are_read_back(tmp_path):
    names = ColumnVerdict("a.csv", "name", ("PERSON", "LOCATION"), 0.9, 1.0, 3)
    notes = ColumnVerdict("a.csv", "notes", ("PERSON",), 0.2, 0.1, 3)
    sku = ColumnVerdict("a.csv", "sku", (), 0.0, 0.0, 3)
    path = tmp_path / "verdicts.jsonl"
    path.write_text("".join(f"{one.as_json()}\n" for one in (names, notes, sku)))
    assert read_verdicts(path) == [names, notes, sku]
    assert [one.is_private for one in (names, notes, sku)] == [True, True, False]
    assert [one.label for one in (names, notes, sku)] == ["PERSON", "", ""]
    for wrong in ("{}", "name", "[1]", '{"file": 1}'):
        path.write_text(wrong)
        with pytest.raises(DataError):
            read_verdicts(path)
    with pytest.raises(DataError):
        read_verdicts(tmp_path / "none")
