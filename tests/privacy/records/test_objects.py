"""Nested objects, data frames, columns and rows of a real database against `redact` on each
text.
"""

import math
import sqlite3

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.finding.finder import PrivateFinder, redact
from seqlabel.privacy.records.objects import (
    find_in_column,
    redact_column,
    redact_frame,
    redact_object,
    redact_rows,
)
from seqlabel.privacy.replacing.policies import Mask, Remove, Replace
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii

TEXTS = ["mail ann@x.org", "203.0.113.7 now", "nothing"]


@pytest.fixture(scope="module")
def finder():
    return PrivateFinder(tiny_labeler((NOTHING,)))


def test_all_strings_of_an_object(finder):
    given = {"a": TEXTS[0], "b": [1, None, True, {"c": (TEXTS[1],)}], "ann@x.org": ""}
    hidden = [1, None, True, {"c": ["000.0.000.0 now"]}]
    expected = {"a": "mail xxx@x.xxx", "b": hidden, "ann@x.org": ""}
    assert redact_object(given, Mask(), finder=finder) == expected
    assert given["a"] == TEXTS[0]
    with pytest.raises(OptionError, match="policies: 'EMIAL'"):
        redact_object({}, Mask(), finder=finder, policies={"EMIAL": Mask()})


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_columns_of_a_frame(finder, kind):
    package = pytest.importorskip(kind)
    columns = {"n": [1, 2, 3, 4], "text": [*TEXTS, None], "more": ["a", None, "b", "c"]}
    frame = package.DataFrame(columns)
    options = {"finder": finder, "policies": {"IP": Remove()}}
    with pytest.warns(UserWarning, match=": more"):
        new = redact_frame(frame, ["text"], Mask(), **options)
    assert list(new["text"])[:3] == [redact(text, Mask(), **options).text for text in TEXTS]
    missing = new["text"].isna() if kind == "pandas" else new["text"].is_null()
    assert list(missing) == [False, False, False, True]
    assert list(new["n"]) == [1, 2, 3, 4]
    assert (new["text"].dtype, list(new.columns)) == (frame["text"].dtype, list(frame.columns))
    assert list(frame["text"])[:3] == TEXTS
    with pytest.raises(OptionError, match=r"columns: .*'txt'"):
        redact_frame(frame, ["txt"], Mask(), finder=finder)
    with pytest.raises(DataError, match="column 'n', row 0:"):
        redact_frame(frame, ["n"], Mask(), finder=finder)
    with pytest.raises(OptionError):
        redact_frame(frame, "text", Mask(), finder=finder)
    with pytest.raises(DataError):
        redact_frame({"text": []}, ["text"], Mask(), finder=finder)


def test_an_index_categories_missing_values_and_cells_of_lists(finder):
    pandas = pytest.importorskip("pandas")
    columns = {
        "kind": pandas.Categorical(["ann@x.org", "none", "ann@x.org"]),
        "text": pandas.array(["ann@x.org", pandas.NA, "a"], dtype="string"),
        "mixed": pandas.array(["ann@x.org", pandas.NA, float("nan")], dtype=object),
        "lists": [["ann@x.org"], [], [1]],
    }
    frame = pandas.DataFrame(columns, index=[7, 5, 6])
    with pytest.warns(UserWarning, match=": lists"):
        new = redact_frame(frame, ["kind", "text", "mixed"], Mask(), finder=finder)
    assert list(new["kind"]) == ["xxx@x.xxx", "none", "xxx@x.xxx"]
    assert list(new["text"].isna()) == [False, True, False]
    assert list(new["mixed"].isna()) == [False, True, True]
    assert new["text"][7] == new["mixed"][7] == "xxx@x.xxx"
    assert list(new.index) == [7, 5, 6]


def test_names_of_columns_may_be_numbers_but_not_the_same(finder):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([["ann@x.org", 1]], columns=[0, ("a", "b")])
    assert list(redact_frame(frame, [0], Mask(), finder=finder)[0]) == ["xxx@x.xxx"]
    assert list(frame[0]) == ["ann@x.org"]
    with pytest.raises(OptionError, match="'0'"):
        redact_frame(frame, ["0"], Mask(), finder=finder)
    frame.columns = ["text", "text"]
    with pytest.raises(DataError, match="'text'"):
        redact_frame(frame, ["text"], Mask(), finder=finder)


def test_strings_are_read_after_the_names_of_fields_and_columns_that_say_whose_they_are(finder):
    given = {"users": [{"password": "zebra", "note": "zebra"}], "password": ["zebra", "n/a"]}
    hidden = {"users": [{"password": "xxxxx", "note": "zebra"}], "password": ["xxxxx", "n/a"]}
    assert redact_object(given, Mask(), finder=finder) == hidden
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"password": ["zebra"], "note": ["zebra"]})
    new = redact_frame(frame, ["password", "note"], Mask(), finder=finder)
    assert new.values.tolist() == [["xxxxx", "zebra"]]


COLUMN = ["mail ann@x.org", None, "", "203.0.113.7 now", math.nan, "nothing"]


def test_a_column_is_found_and_redacted_as_its_texts_are(finder):
    found = find_in_column(COLUMN, finder=finder)
    email = {"start": 5, "end": 14, "label": "EMAIL", "score": 1.0, "source": "email"}
    address = {"start": 0, "end": 11, "label": "IP", "score": 1.0, "source": "ipv4"}
    assert found == [[email], None, [], [address], None, []]
    expected = ["mail xxx@x.xxx", None, "", "000.0.000.0 now", None, "nothing"]
    assert redact_column(COLUMN, found, Mask()) == expected


def test_a_column_that_does_not_fit_is_refused(finder):
    with pytest.raises(DataError, match="row 1:"):
        find_in_column(["a", 1], finder=finder)
    with pytest.raises(DataError):
        redact_column(["a"], [None], Mask())
    with pytest.raises(ValueError, match="shorter"):
        redact_column(["a", "b"], [[]], Mask())


def test_a_column_whose_name_says_whose_the_values_are(finder):
    assert find_in_column(["zebra"], finder=finder) == [[]]
    ((found,),) = find_in_column(["zebra"], finder=finder, name="password")
    assert (found["start"], found["end"], found["label"]) == (0, 5, "PASSWORD")


@pytest.fixture
def database():
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE people (id INTEGER, mail TEXT, notes TEXT, photo BLOB)")
    rows = [
        (n, f"user{n}@x.org" if n % 3 else None, f"mail user{n}@x.org now", b"\x00")
        for n in range(120)
    ]
    base.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", rows)
    yield base
    base.close()


def test_all_text_of_all_rows_is_redacted_and_the_rest_stays(database, finder, monkeypatch):
    monkeypatch.setattr("seqlabel.privacy.records.objects._BATCH", 50)
    rows = database.execute("SELECT * FROM people ORDER BY id").fetchall()
    query = database.execute("SELECT * FROM people ORDER BY id")
    new = list(redact_rows(query, Mask(), finder=finder))

    def hidden(text):
        return None if text is None else redact(text, Mask(), finder=finder).text

    assert new == [
        (number, hidden(mail), hidden(notes), photo) for number, mail, notes, photo in rows
    ]
    query = database.execute("SELECT mail, notes, id FROM people ORDER BY id")
    chosen = list(
        redact_rows(query, Mask(), columns=["notes"], policies={"EMAIL": Replace()}, finder=finder)
    )
    assert chosen == [(mail, "mail <EMAIL> now", number) for number, mail, _, _ in rows]


@pytest.mark.parametrize(
    ("columns", "error", "named"),
    [
        (["id"], DataError, "column 'id', row 1:"),
        (["photo"], DataError, "column 'photo', row 1:"),
        (["note"], OptionError, "columns: .*'note'"),
        ("notes", OptionError, "columns: "),
    ],
)
def test_what_is_no_text_is_refused(database, finder, columns, error, named):
    query = database.execute("SELECT * FROM people")
    with pytest.raises(error, match=named):
        list(redact_rows(query, Mask(), columns=columns, finder=finder))
    with pytest.raises(DataError):
        list(redact_rows(database.cursor(), Mask(), finder=finder))
