"""Shared texts and formats of a workbook, as openpyxl writes them."""

import datetime

import pytest

from seqlabel.formats.office_sheets import Book, date_formats, first_day, shared_items, sheet_texts
from tests.formats.test_office import EXCEL

HEAD = f"xmlns='{EXCEL}'"


def test_shared_texts_are_numbered_and_how_they_are_pronounced_is_apart():
    raw = (
        f"<sst {HEAD}><si/><si><r><t>Zo</t></r><r><t>&#235;</t></r><rPh sb='0' "
        "eb='1'><t>zoe</t></rPh></si></sst>"
    )
    items, others = shared_items(raw, "xl/sharedStrings.xml")
    assert ([item.text if item else None for item in items], [one.cell.text for one in others]) == (
        [None, "Zo\u00eb"],
        ["zoe"],
    )


@pytest.mark.parametrize(
    ("code", "is_date"), [("yyyy-mm-dd", True), ("0.00", False), ("[Red]0", False)]
)
def test_dates_are_recognized_by_their_formats(code, is_date):
    cells = "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/></cellXfs>"
    raw = (
        f"<styleSheet {HEAD}><numFmts><numFmt numFmtId='164' "
        f"formatCode='{code}'/></numFmts>{cells}</styleSheet>"
    )
    assert date_formats(raw) == ({1, 2} if is_date else {1})


@pytest.mark.parametrize("flag", [0, 1])
def test_days_count_from_the_workbooks_first(flag):
    first = first_day(f"<workbook {HEAD}><workbookPr date1904='{flag}'/></workbook>")
    assert first == (datetime.date(1904, 1, 1) if flag else datetime.date(1899, 12, 30))
    raw = f"<worksheet {HEAD}><c r='A1' s='1'><v>100</v></c><c r='B1'><v>100</v></c></worksheet>"
    found = list(
        sheet_texts("xl/worksheets/sheet1.xml", raw, Book(dates=frozenset({1}), first=first))
    )
    assert [one.text.cell.text for one in found] == [(first + datetime.timedelta(100)).isoformat()]
