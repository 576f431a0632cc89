"""Options that say how files are read are checked where they are given."""

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.format import Layout
from seqlabel.formats.parquet import PARQUET
from seqlabel.formats.reading import no_words
from seqlabel.formats.text import TEXT


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": ";;"}, "delimiter:"),
        ({"delimiter": '"'}, "delimiter:"),
        ({"encoding": "klingon"}, "encoding:"),
        ({"fields": ("a..b",)}, "Write a path as"),
    ],
)
def test_wrong_layouts(options, message):
    with pytest.raises(OptionError, match=message):
        Layout(**options)


def test_plain_text_without_words_is_refused():
    with pytest.raises(OptionError, match="tokenise:"):
        no_words("Ann")


def test_an_error_in_a_file_names_it(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Ann".encode("utf-16"))
    with pytest.raises(DataError, match=r"a\.txt: Expected UTF-8"):
        list(TEXT.batches(path, Layout()))


def test_what_a_whole_file_leaves_unread_comes_after_its_records(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="needs seqlabel-rnn[parquet]")
    files = pytest.importorskip("pyarrow.parquet", reason="needs seqlabel-rnn[parquet]")
    files.write_table(pyarrow.table({"a": ["Ann"], "b": [["x"]]}), tmp_path / "a.parquet")
    read, last = PARQUET.batches(tmp_path / "a.parquet", Layout(columns=None))
    assert [cell.text for cell in read.records[0].cells] == ["Ann"]
    assert last == ([], False, ("b",))
    # What is not among the columns that were named is left out on purpose.
    (read,) = PARQUET.batches(tmp_path / "a.parquet", Layout(columns=("a",)))
    assert read.unread == ()
