"""Reports of records: the first of each file, then that there are more; files that are left out."""

from pathlib import Path

from seqlabel.cli.unread import RecordReports, say_what_is_left_out


def test_of_each_file_the_first_records_are_named(capsys):
    reports = RecordReports()
    reports("a.txt: the table has no records")
    assert reports.count == 0
    for line in range(1, 9):
        reports(f"a.txt, line {line}: bad; withheld")
    for place in ("lines 1 to 3", "row 7"):
        reports(f"b.txt, {place}: bad; pass encoding='cp1252'")
    assert reports.count == 10
    assert capsys.readouterr().err.splitlines() == [
        "a.txt: the table has no records",
        *(f"a.txt, line {line}: bad; withheld" for line in range(1, 6)),
        "a.txt: more records are like these, and are not named",
        "b.txt, lines 1 to 3: bad; pass --encoding cp1252",
        "b.txt, row 7: bad; pass --encoding cp1252",
    ]


def test_what_is_left_out_is_named_and_hidden_files_are_counted(capsys):
    say_what_is_left_out({Path("a.bin"): "not text"}, [Path(".b"), Path(".c")])
    assert capsys.readouterr().err.splitlines() == [
        "a.bin: not text, left out",
        "2 hidden files left out, such as .b. Name a file itself to have it read.",
    ]
    say_what_is_left_out({}, [])
    assert capsys.readouterr().err == ""
