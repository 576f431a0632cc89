"""Rows of CSV against Python's own `csv`; what is not exchanged stays byte for byte."""

import csv
import io
import random

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.io.csv_records import DELIMITERS, CsvRows, Header
from seqlabel.io.records import line_record
from tests.io.test_records import louder, output_of, records_of, some_text, texts_of


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_are_those_of_csv(delimiter, quoting, end):
    chance = random.Random(4)
    names = ["id", "a", 'the "b", é', "c"]
    for _ in range(30):
        rows = [
            [some_text(chance, more=["\n", "\r\n"]) for _ in names]
            for _ in range(chance.randint(0, 8))
        ]
        written = io.StringIO()
        writer = csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=end)
        writer.writerows([names, *rows])
        data = ("\ufeff" + written.getvalue()).encode()
        found = records_of(CsvRows(names[1:3], delimiter=delimiter), data)
        assert [record.problem for record in found] == [""] * (len(rows) + 1)
        assert [texts_of(record) for record in found[1:]] == [row[1:3] for row in rows]
        assert found[-1].end == len(data)
        assert output_of(found) == data
        assert found[0].header
        changed = (output_of(found[:1]) + output_of(found[1:], louder)).decode("utf-8-sig")
        expected = [names, *([row[0], louder(row[1]), louder(row[2]), row[3]] for row in rows)]
        assert list(csv.reader(io.StringIO(changed, newline=""), delimiter=delimiter)) == expected


def test_a_quote_inside_a_field_is_a_character_and_the_first_row_a_text_of_its_own():
    found = records_of(CsvRows(["a"]), b'\xef\xbb\xbfa,"b"\n5" pipe,2\n"x",y\n')
    assert [texts_of(record) for record in found] == [['a,"b"'], ['5" pipe'], ["x"]]
    assert [record.header for record in found] == [True, False, False]


@pytest.mark.parametrize(
    ("row", "problem", "lines"),
    [
        (b"1\n", "has 1 fields for 2 columns", 1),
        (b"1,2,3\n", "has 3 fields for 2 columns", 1),
        (b'"1"x,2\n', "after a closing quote", 1),
        (b'1,"2\xff\n\n"\n', "0xff is not UTF-8", 3),
        (b'1,"2\n\n3', "has a quote that is never closed", 3),
    ],
)
def test_rows_that_do_not_fit_are_reported(row, problem, lines):
    *before, record = records_of(CsvRows(["b"]), b"a,b\n\n1,2\n" + row)
    assert [one.problem for one in before] == [""] * 3
    assert problem in record.problem
    assert (record.line, record.lines) == (4, lines)
    assert output_of([*before, record]) == b"a,b\n\n1,2\n" + row


def test_a_quote_that_is_never_closed_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("seqlabel.io.csv_records.ROW_CHARACTERS", 100)
    data = b'a,b\n1,"' + b"x\n" * 60
    assert records_of(CsvRows(["b"]), data[:90])[-1].problem
    with pytest.raises(DataError, match=r"^line 2: .*100"):
        records_of(CsvRows(["b"]), data)


def test_a_table_goes_on_with_its_header():
    rows = CsvRows(["b"], header=Header((1,), 2))
    record = rows.feed(line_record(b"1,2\n", 7, 99))
    assert (record.line, record.end, texts_of(record)) == (7, 99, ["2"])


def test_a_column_that_is_missing_shows_no_data():
    with pytest.raises(OptionError, match=r"^column: .*2 columns") as caught:
        records_of(CsvRows(["text"]), b"Ada,Moss\n")
    assert "Moss" not in str(caught.value)
    for data in (b"a,\xff\n", b'a,"b\n'):
        with pytest.raises(DataError, match=r"^line 1"):
            records_of(CsvRows(["a"]), data)


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_lines_that_end_in_a_bare_carriage_return_are_not_a_header(delimiter):
    table = f"n{delimiter}text\r1{delimiter}ann@example.org"
    for data in (b"text\rann@example.org\r", table.encode()):
        with pytest.raises(DataError, match=r"^line 1.* carriage return"):
            records_of(CsvRows(["text"], delimiter=delimiter), data)


def test_a_carriage_return_outside_quotes_is_a_problem_of_its_row():
    data = b'n,text\r\n1,a\rb\r\n2,"c\rd"\r\n3,e\r\r\n4,f\r\n'
    found = records_of(CsvRows(["text"]), data)
    bad = [number for number, record in enumerate(found) if "carriage return" in record.problem]
    assert bad == [1, 3]
    assert texts_of(found[1]) == ["1,a\rb"]
    assert texts_of(found[2]) == ["c\rd"]
    assert output_of(found) == data


def test_columns_with_text_that_were_not_asked_for_are_known():
    found = records_of(CsvRows(["text"]), b"n,text,note,who\n1,x,7,\n2,x,,Ann\n3,x,y,Bo\n")
    assert [record.unread for record in found] == [(), (), ("who",), ("note",)]


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("usual", [",", "\t"])
def test_the_delimiter_is_the_one_that_the_first_row_has(delimiter, usual):
    data = '"a b",c d,e\n1,"x, y; z",2\n'.replace(",", delimiter).encode()
    for columns in (None, ["c d"]):
        rows = CsvRows(columns, delimiter=usual, sniffed=True)
        found = records_of(rows, data)
        assert texts_of(found[1])[-2 if columns is None else 0] == f"x{delimiter} y; z"
        again = CsvRows(columns, delimiter=usual, sniffed=True, header=rows.header)
        assert texts_of(
            again.feed(line_record(data.splitlines(keepends=True)[1], 2, 99))
        ) == texts_of(found[1])
    with pytest.raises(OptionError, match=r"^column: "):
        records_of(CsvRows(["x"], delimiter=usual, sniffed=True), data)


@pytest.mark.parametrize(
    ("delimiter", "options"), [("^", {"sniffed": True}), (";", {}), ("\x01", {"sniffed": True})]
)
def test_what_seems_to_have_another_delimiter_is_refused(delimiter, options):
    data = "name,note\nAnn,hello\n".replace(",", delimiter).encode()
    with pytest.raises(OptionError, match=r"^delimiter: ") as caught:
        records_of(CsvRows(None, **options), data)
    assert "Ann" not in str(caught.value)
    assert len(records_of(CsvRows(None, **options), b"note\nAnn: a; b^\n")) == 2


@pytest.mark.parametrize("first", [b"sep=;\r\n", b'\xef\xbb\xbf"sep=;"\n'])
@pytest.mark.parametrize("options", [{"sniffed": True}, {"delimiter": ";"}])
def test_a_first_line_may_name_the_delimiter(first, options):
    data = first + b"a;b\n1,2;3\n"
    found = records_of(CsvRows(["a"], **options), data)
    assert [texts_of(record) for record in found] == [[], ["a;b"], ["1,2"]]
    assert [record.header for record in found] == [False, True, False]
    assert output_of(found) == data
