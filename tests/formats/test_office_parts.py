"""Formulas give their strings and names, and no functions or places; layout is passed over."""

import pytest

from seqlabel.formats.office_parts import _FORMULA_TOKEN, Kind, formula_texts, local, read_part
from seqlabel.io.records import Encoded, Record, as_it_is
from tests.formats.test_office import RELATIONS, WORD


@pytest.mark.parametrize(
    ("formula", "texts"),
    [
        ('IF(A1="Ann ""M""",$B$2,TRUE)', [('Ann "M"', Kind.TEXT)]),
        ("'Ann''s'!A1+Lee!B2", [("Ann's", Kind.SHEET), ("Lee", Kind.SHEET)]),
        (
            "SUM(Table1[Ann Moss])*tax_rate",
            [("Table1", Kind.NAME), ("Ann Moss", Kind.TEXT), ("tax_rate", Kind.NAME)],
        ),
        ("SUM(A:A)+Table1[#All]", [("Table1", Kind.NAME)]),
    ],
)
def test_a_formula_has_strings_and_names(formula, texts):
    found = list(formula_texts(Encoded(0, len(formula), formula, as_it_is), "f"))
    assert [(one.cell.text, one.kind) for one in found] == texts
    record = Record(formula, tuple(one.cell for one in found), 1, 1, 0)
    assert record.written([one.cell.text for one in found]) == formula


def test_each_character_of_the_name_of_a_function_is_matched_once():
    # What a match leaves out is tried again from each of its characters.
    formula = "a" * 100_000 + "("
    assert [match.span() for match in _FORMULA_TOKEN.finditer(formula)] == [(0, len(formula))]


@pytest.mark.parametrize(
    ("link", "is_read"),
    [
        ('Target="slides/slide1.xml"', False),
        ('Target="slides/slide1.xml" TargetMode="Internal"', False),
        ('Target="mailto:ann@moss.example"', True),
        ('Target="ann/moss" TargetMode="Exte nal"', True),
        ('Tar="ann/moss"', True),
    ],
)
def test_only_parts_of_the_file_are_not_links(link, is_read):
    relation = f'<Relationship Id="rId1" Type="{RELATIONS}/x" {link}/>'
    raw = f'<Relationships xmlns="{RELATIONS}">{relation}</Relationships>'
    texts = texts_of("ppt/_rels/a.xml.rels", raw)
    assert (texts != []) is is_read
    assert all("moss" in text or "Exte" in text for text in texts)


def test_a_damaged_formula_is_one_text():
    formula = 'CONCATENFrom ann@moss.example")&A1'
    found = list(formula_texts(Encoded(0, len(formula), formula, str), "f"))
    assert [one.cell.text for one in found] == [formula]


def texts_of(name, raw):
    return [found.cell.text for found in read_part(name, raw)]


def test_layout_is_passed_over_and_unknown_names_are_read():
    raw = (
        f'<w:p xmlns:w="{WORD}" w:rsidR="00A77B3E"><w:jc w:val="left"/><w:own w:val="left"/></w:p>'
    )
    assert texts_of("word/document.xml", raw) == ["left"]
    own = "<jc val='left' n='7'>12</jc>"
    assert texts_of("customXml/item1.xml", own) == ["left", "7", "12"]
    # An address is not layout.
    raw = f'<w:p xmlns:w="{WORD}"><w:jc w:x="12" w:y="ann@moss.example" w:path="m@0,9"/></w:p>'
    assert texts_of("word/document.xml", raw) == ["ann@moss.example"]
    assert local("w:p") == "p"
