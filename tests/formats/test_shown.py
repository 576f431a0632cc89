"""The texts to label of mail, pages, subtitles, Office and PDF files and Parquet: what a reader of
the file sees.
"""

import json

import pytest

from seqlabel.errors import DataError
from seqlabel.formats.any_format import TEXTS, by_suffix
from seqlabel.formats.reading import ReadOptions
from seqlabel.formats.text import TEXT
from tests.formats.shown_files import FILES, HIDDEN, SEEN, write
from tests.formats.test_pdf import write_pdf

EMPTY = {
    "a.eml": write(f"From: {HIDDEN}\n\n"),
    "a.html": write("<img>"),
    "a.pdf": lambda path: write_pdf(path, ""),
}


def texts_of(path, *, fields=False):
    form = by_suffix(path, TEXTS, TEXT)
    assert form.texts is not None
    return list(form.texts(path, ReadOptions(fields=fields)))


@pytest.mark.parametrize("name", FILES)
def test_what_a_reader_sees_is_labelled_and_nothing_else_with_its_place(tmp_path, name):
    FILES[name](tmp_path / name)
    (text,) = texts_of(tmp_path / name, fields=True)
    assert text.content.strip() == SEEN
    assert set(text.fields) == ({"text", "note"} if name == "a.parquet" else {"part", "line"})
    assert json.dumps(text.fields)


@pytest.mark.parametrize("name", EMPTY)
def test_a_file_that_shows_no_text_is_refused(tmp_path, name):
    if name == "a.pdf":
        pytest.importorskip("pypdf", reason="needs seqlabel-rnn[pdf]")
    EMPTY[name](tmp_path / name)
    with pytest.raises(DataError) as refused:
        texts_of(tmp_path / name)
    assert name in str(refused.value)


def test_values_of_parquet_that_json_lacks_become_text(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="needs seqlabel-rnn[parquet]")
    files = pytest.importorskip("pyarrow.parquet", reason="needs seqlabel-rnn[parquet]")
    columns = {
        "text": [SEEN],
        "day": pyarrow.array([0], pyarrow.date32()),
        "raw": [b"a\xff"],
        "list": [[1, 2]],
    }
    files.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    (text,) = texts_of(tmp_path / "a.parquet", fields=True)
    assert text.fields == {"text": SEEN, "day": "1970-01-01", "raw": "a\\xff", "list": [1, 2]}
    files.write_table(pyarrow.table({"body": [SEEN]}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="body"):
        texts_of(tmp_path / "a.parquet")
