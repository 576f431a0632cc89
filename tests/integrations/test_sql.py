"""Functions for databases and data frames: every engine gives the same, and missing cells stay
missing.
"""

import hashlib
import json
import pickle
import shutil
import sqlite3
import sys

import pytest

from seqlabel import Labeler, PrivateFinder, redact
from seqlabel.errors import DataError, OptionError
from seqlabel.integrations import sql
from seqlabel.integrations.sql import REMEMBERED, TextFunctions, _spark_column, register_in_spark
from seqlabel.privacy import Encrypt
from tests.pages import ROOT, run_page

duckdb = pytest.importorskip("duckdb")
pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")

KEY = hashlib.sha256(b"a key of the tests").digest()
CELLS = [
    "Ann Moss, ann@moss.example",
    None,
    "",
    "call +44 20 7946 0958",
    "Ann Moss, ann@moss.example",
    "rain",
]


@pytest.fixture(scope="module")
def functions():
    return TextFunctions(labeler=Labeler.load("en_pos_fast"), key=KEY)


def in_duckdb(functions, query):
    connection = duckdb.connect()
    functions.register(connection)
    connection.execute("CREATE TABLE notes (id INTEGER, body VARCHAR)")
    connection.executemany("INSERT INTO notes VALUES (?, ?)", list(enumerate(CELLS)))
    return [row[0] for row in connection.execute(query).fetchall()]


def in_sqlite(functions, query):
    connection = sqlite3.connect(":memory:")
    functions.register(connection)
    connection.execute("CREATE TABLE notes (id INTEGER, body TEXT)")
    connection.executemany("INSERT INTO notes VALUES (?, ?)", list(enumerate(CELLS)))
    return [row[0] for row in connection.execute(query).fetchall()]


@pytest.mark.parametrize("name", ["redact", "find_private", "label"])
def test_every_engine_gives_the_same(functions, name):
    expected = functions.over(name, CELLS)
    query = f"SELECT {name}(body) FROM notes ORDER BY id"
    assert in_duckdb(functions, query) == expected
    assert in_sqlite(functions, query) == expected
    assert functions.over(name, polars.Series(CELLS)) == expected
    assert functions.over(name, pandas.Series(CELLS)) == expected


def test_cells_are_those_of_the_library(functions):
    finder = PrivateFinder()
    for cell, redacted in zip(CELLS, functions.over("redact", CELLS), strict=True):
        assert redacted == (None if cell is None else redact(cell, finder=finder).text)
    (found, _) = map(json.loads, functions.over("find_private", [CELLS[0], "rain"]))
    assert [(one["label"], CELLS[0][one["start"] : one["end"]]) for one in found] == [
        ("PERSON", "Ann Moss"),
        ("EMAIL", "ann@moss.example"),
    ]


def test_encrypted_cells_come_back(functions):
    encrypted = TextFunctions(Encrypt(KEY)).over("redact", CELLS)
    assert "Ann" not in "".join(filter(None, encrypted))
    assert functions.over("restore", encrypted) == CELLS


def test_equal_cells_are_read_once_and_memory_is_bounded(functions, monkeypatch):
    read = []

    def work(cells):
        read.extend(cells)
        return [cell.upper() for cell in cells]

    monkeypatch.setitem(functions._works, "redact", work)
    functions._remembered["redact"].clear()
    assert functions.over("redact", ["a", "b", "a", None]) == ["A", "B", "A", None]
    assert functions.over("redact", ["b", "c"]) == ["B", "C"]
    assert read == ["a", "b", "c"]
    many = [str(number) for number in range(REMEMBERED + 50)]
    assert functions.over("redact", many) == many
    assert len(functions._remembered["redact"]) == REMEMBERED
    functions._remembered["redact"].clear()


def test_what_cannot_be_asked_is_refused():
    functions = TextFunctions()
    with pytest.raises(OptionError, match="name"):
        functions.over("restore", ["a"])
    frame = pandas.DataFrame({"body": CELLS})
    for cells in ([3], "Ann Moss", frame, polars.DataFrame(frame)):
        with pytest.raises(DataError):
            functions.over("redact", cells)
    with pytest.raises(DataError):
        functions.register(object())
    with pytest.raises(OptionError, match="policy"):
        TextFunctions("encrypted")


@pytest.fixture(scope="module")
def spark():
    pyspark = pytest.importorskip(
        "pyspark", reason="pyspark is not installed (seqlabel-rnn[spark])"
    )
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    builder = pyspark.sql.SparkSession.builder.master("local[1]").config(
        "spark.ui.enabled", "false"
    )
    with pytest.MonkeyPatch.context() as patch:
        # Workers are `python3` of the path otherwise, which may lack the packages of the tests.
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
        yield session
        session.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_spark_gives_the_same_on_10_000_rows(spark):
    functions = TextFunctions()
    cells = [
        None if number % 97 == 0 else f"Ann Moss {number % 50}, mail{number}@moss.example"
        for number in range(10_000)
    ]
    register_in_spark(spark)
    spark.createDataFrame(list(enumerate(cells)), "id int, body string").createOrReplaceTempView(
        "notes"
    )
    rows = spark.sql(
        "SELECT redact(body) AS a, find_private(body) AS b FROM notes ORDER BY id"
    ).collect()
    assert [row.a for row in rows] == functions.over("redact", cells)
    assert [row.b for row in rows] == functions.over("find_private", cells)
    assert {row.a for row in rows[::97]} == {None}


def test_spark_gets_columns_with_types_and_functions_are_made_once():
    made = []

    def make():
        made.append(TextFunctions())
        return made[-1]

    column = _spark_column(make, "redact", pandas.Series)
    assert column.__annotations__ == {"cells": pandas.Series, "return": pandas.Series}
    for _ in range(2):
        assert list(column(pandas.Series(CELLS))) == list(made[0].over("redact", CELLS))
    assert len(made) == 1


def test_workers_of_spark_import_what_they_remember():
    # A function that they cannot import would be sent to them with its memory, which no pickle
    # takes.
    assert pickle.loads(pickle.dumps(sql._made)) is sql._made


def test_the_page_prints_what_it_says():
    run_page(ROOT / "docs" / "sql.md")
