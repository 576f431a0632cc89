"""Reports of records: the first of each file, then how many more; other lines pass."""

from seqlabel.cli.unread import RecordReports


def test_of_each_file_the_first_records_are_named(capsys):
    reports = RecordReports(2)
    reports("a.txt: the table has no records")
    assert reports.count == 0
    for line in range(1, 5):
        reports(f"a.txt, line {line}: bad; withheld")
    for place in ("lines 1 to 3", "row 7", "row 8"):
        reports(f"b.txt, {place}: bad; pass encoding='cp1252'")
    reports.end()
    reports.end()
    assert reports.count == 7
    assert capsys.readouterr().err.splitlines() == [
        "a.txt: the table has no records",
        "a.txt, line 1: bad; withheld",
        "a.txt, line 2: bad; withheld",
        "a.txt: and 2 more records like these",
        "b.txt, lines 1 to 3: bad; pass --encoding cp1252",
        "b.txt, row 7: bad; pass --encoding cp1252",
        "b.txt: and 1 more record like these",
    ]


def test_few_records_are_all_named(capsys):
    reports = RecordReports()
    for line in range(5):
        reports(f"a.txt, line {line}: bad")
    reports.end()
    assert len(capsys.readouterr().err.splitlines()) == 5
