"""Rows of a real database, against each text redacted by itself."""

import sqlite3

import pytest

from seqlabel import Mask, PrivateFinder, Replace, redact
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.rows import redact_rows
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING
from tests.spacy_models import tiny_labeler

pytestmark = needs_pii


@pytest.fixture(scope="module")
def finder():
    return PrivateFinder(tiny_labeler((NOTHING,), seed=4))


@pytest.fixture
def database():
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE people (id INTEGER, mail TEXT, notes TEXT, photo BLOB)")
    rows = [(n, f"user{n}@x.org" if n % 3 else None, f"mail user{n}@x.org now", b"\x00") for n in range(1200)]
    base.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", rows)
    yield base
    base.close()


def test_all_text_of_all_rows_is_redacted_and_the_rest_stays(database, finder):
    rows = database.execute("SELECT * FROM people ORDER BY id").fetchall()
    found = list(redact_rows(database.execute("SELECT * FROM people ORDER BY id"), Mask(), finder=finder))
    assert found == [
        tuple(redact(value, Mask(), finder=finder).text if isinstance(value, str) else value for value in row)
        for row in rows
    ]
    query = database.execute("SELECT mail, notes, id FROM people ORDER BY id")
    chosen = list(redact_rows(query, Mask(), columns=["notes"], by_label={"EMAIL": Replace()}, finder=finder))
    assert chosen == [(mail, "mail <EMAIL> now", number) for number, mail, _, _ in rows]


def test_a_table_is_written_anew(database, finder):
    query = database.execute("SELECT mail, id FROM people")
    new = list(redact_rows(query, Replace(), columns=["mail"], finder=finder))
    database.executemany("UPDATE people SET mail = ? WHERE id = ?", new)
    assert {mail for (mail,) in database.execute("SELECT mail FROM people")} == {None, "<EMAIL>"}


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        (["id"], DataError, "column 'id', row 1: expected text, got int"),
        (["photo"], DataError, "got bytes"),
        (["note"], OptionError, "no 'note'.*Did you mean 'notes'"),
    ],
)
def test_what_is_no_text_is_refused(database, finder, columns, error, message):
    with pytest.raises(error, match=message):
        list(redact_rows(database.execute("SELECT * FROM people"), Mask(), columns=columns, finder=finder))
    with pytest.raises(DataError, match="Execute a SELECT"):
        list(redact_rows(database.cursor(), Mask(), finder=finder))
