"""Formulas give their strings and names, and no functions or places; layout is passed over."""

import pytest

from seqlabel.formats.office_parts import Kind, formula_texts, local, read_part
from seqlabel.io.records import Encoded, Record, as_it_is
from tests.formats.test_office import WORD


@pytest.mark.parametrize(
    ("formula", "texts"),
    [
        ('IF(A1="Ann ""M""",$B$2,TRUE)', [('Ann "M"', Kind.TEXT)]),
        ("'Ann''s'!A1+Lee!B2", [("Ann's", Kind.SHEET), ("Lee", Kind.SHEET)]),
        ("SUM(Table1[Ann Moss])*tax_rate", [("Table1", Kind.NAME), ("Ann Moss", Kind.TEXT), ("tax_rate", Kind.NAME)]),
        ("SUM(A:A)+Table1[#All]", [("Table1", Kind.NAME)]),
    ],
)
def test_a_formula_has_strings_and_names(formula, texts):
    found = list(formula_texts(Encoded(0, len(formula), formula, as_it_is), "f"))
    assert [(one.cell.text, one.kind) for one in found] == texts
    record = Record(formula, tuple(one.cell for one in found), 1, 1, 0)
    assert record.written([one.cell.text for one in found]) == formula


def test_layout_is_passed_over_and_unknown_names_are_read():
    raw = f'<w:p xmlns:w="{WORD}" w:rsidR="00A77B3E"><w:jc w:val="left"/><w:own w:val="left"/></w:p>'
    assert [one.cell.text for one in read_part("word/document.xml", raw)] == ["left"]
    assert [one.cell.text for one in read_part("customXml/item1.xml", "<jc val='left' n='7'>12</jc>")] == [
        "left",
        "7",
        "12",
    ]
    assert local("w:p") == "p"
