"""Columns of text in Parquet files, against plain lists of the same rows."""

import io
import random
import sys

import pyarrow
import pytest
from pyarrow import parquet

from seqlabel.errors import DataError, MissingPackageError, OptionError
from seqlabel.privacy.records.parquet import ParquetTexts
from seqlabel.privacy.records.workers import Cleaned
from tests.extras import needs_pii
from tests.privacy.rewritten_files import lines, plain, run


@needs_pii
@pytest.mark.parametrize("kind", [pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary("int32", "string")])
def test_parquet_has_the_same_texts(rules, tmp_path, kind, monkeypatch):
    monkeypatch.setattr("seqlabel.privacy.records.parquet._ROWS", 7)
    texts = [*lines(), None, *lines(seed=2)]
    outputs, _ = plain(rules, [text or "" for text in texts])
    table = pyarrow.table({"n": range(len(texts)), "t": pyarrow.array(texts).cast(kind), "u": texts})
    parquet.write_table(table, tmp_path / "in.parquet")
    run(rules, tmp_path / "in.parquet", tmp_path / "out.parquet", columns=["t"])
    written = parquet.read_table(tmp_path / "out.parquet")
    assert written.schema == table.schema
    expected = [text and output for text, output in zip(texts, outputs, strict=True)]
    assert written.to_pydict() == table.to_pydict() | {"t": expected}


@needs_pii
def test_parquet_with_bytes_that_are_no_text(rules, tmp_path):
    bad = pyarrow.array([b"fine ann@x.org", b"b\xff ann@x.org", b"end"]).view(pyarrow.string())
    parquet.write_table(pyarrow.table({"t": bad}), tmp_path / "in.parquet")
    summary, said = run(rules, tmp_path / "in.parquet", tmp_path / "out.parquet", columns=["t"])
    assert parquet.read_table(tmp_path / "out.parquet").to_pydict() == {"t": ["fine xxx@x.xxx", "end"]}
    assert summary.withheld == 1
    assert said == [f"{tmp_path / 'in.parquet'}, row 2: byte 0xff is not UTF-8 (invalid start byte); withheld"]
    run(rules, tmp_path / "in.parquet", tmp_path / "out.parquet", columns=["t"], keep_unreadable=True)
    kept = parquet.read_table(tmp_path / "out.parquet").to_pydict()["t"]
    assert kept == ["fine xxx@x.xxx", "b\ufffd xxx@x.xxx", "end"]


@needs_pii
def test_a_parquet_column_that_is_no_text(rules, tmp_path):
    parquet.write_table(pyarrow.table({"n": [1]}), tmp_path / "in.parquet")
    for column, message in (("n", r"Found no text in 'n'\. No column is text"), ("t", "Found no text in 't'")):
        with pytest.raises(OptionError, match=message):
            run(rules, tmp_path / "in.parquet", tmp_path / "out.parquet", columns=[column])
    (tmp_path / "not.parquet").write_bytes(b"Ada Moss")
    with pytest.raises(DataError, match=r"not\.parquet: is not a Parquet file"):
        run(rules, tmp_path / "not.parquet", tmp_path / "out.parquet", columns=["n"])
    assert not (tmp_path / "out.parquet").exists()


class Loud:
    """A rewriter without a model, which says what it was asked."""

    def __init__(self):
        self.asked = []

    def survey(self, work):
        self.asked.append([cell.text for one in work() for record in one.records for cell in record.cells])
        return self

    def run(self, work):
        for one in work:
            self.asked.append((one.document, one.texts))
            yield one.records, [Cleaned(text.upper(), {}) for text in one.texts]


def columns_of(rng, rows):
    """Columns with missing values, of which some are text of three kinds, under names in a random order."""
    texts = {
        name: [rng.choice(["ann", "", "bo 😀", None]) for _ in range(rows)] for name in ("plain", "large", "coded")
    }
    kinds = {
        "plain": pyarrow.string(),
        "large": pyarrow.large_string(),
        "coded": pyarrow.dictionary("int32", "string"),
    }
    columns = {name: pyarrow.array(values).cast(kinds[name]) for name, values in texts.items()}
    columns |= {"n": pyarrow.array(range(rows)), "tags": pyarrow.array([["a"]] * rows)}
    names = list(columns)
    rng.shuffle(names)
    return {name: columns[name] for name in names}


@pytest.mark.parametrize("seed", range(8))
def test_chosen_columns_are_rewritten_and_all_else_stays(tmp_path, monkeypatch, seed):
    rng = random.Random(seed)
    monkeypatch.setattr("seqlabel.privacy.records.parquet._ROWS", rng.choice([1, 3, 100]))
    rows = rng.randrange(12)
    columns = columns_of(rng, rows)
    table = pyarrow.table(columns)
    parquet.write_table(table, tmp_path / "in.parquet")
    chosen = rng.sample(["plain", "large", "coded"], rng.randrange(1, 4))
    rewriter, target = Loud(), io.BytesIO()
    with ParquetTexts(tmp_path / "in.parquet", chosen) as file:
        assert (file.columns, file.rows) == (chosen, rows)
        assert sorted(file.unread) == sorted({"plain", "large", "coded"} - set(chosen))
        counts = list(file.rewrite(rewriter, target, document=b"r", passes=lambda record, row: record.line % 3 > 0))
    assert sum(counts) == rows
    plain_rows = table.to_pylist()
    asked = [row[name] for row in plain_rows for name in chosen if row[name] is not None]
    assert rewriter.asked[0] == asked == [text for _, texts in rewriter.asked[1:] for text in texts]
    expected = [
        {name: value.upper() if name in chosen and value is not None else value for name, value in row.items()}
        for number, row in enumerate(plain_rows, 1)
        if number % 3
    ]
    written = parquet.read_table(io.BytesIO(target.getvalue()))
    assert (written.schema, written.to_pylist()) == (table.schema, expected)


def test_without_names_all_columns_of_text_are_read(tmp_path):
    parquet.write_table(pyarrow.table({"n": [1, 2], "t": ["a", None], "u": ["b", "c"]}), tmp_path / "in.parquet")
    with ParquetTexts(tmp_path / "in.parquet", None) as file:
        assert file.columns == ["t", "u"]
        (records,) = file.records()
    assert [(one.line, [(cell.start, cell.text) for cell in one.cells]) for one in records] == [
        (1, [(0, "a"), (1, "b")]),
        (2, [(1, "c")]),
    ]


def test_a_name_that_two_columns_have_is_refused(tmp_path):
    table = pyarrow.table([pyarrow.array(["a"]), pyarrow.array(["b"]), pyarrow.array(["c"])], names=["t", "t", "u"])
    parquet.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(OptionError, match="Found several columns 't'"):
        ParquetTexts(tmp_path / "in.parquet", ["t"])
    with ParquetTexts(tmp_path / "in.parquet", ["u"]) as file:
        assert [one.cells[0].text for records in file.records() for one in records] == ["c"]


def test_without_pyarrow_the_error_says_what_to_install(tmp_path, monkeypatch):
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    (tmp_path / "in.parquet").write_bytes(b"PAR1")
    with pytest.raises(MissingPackageError, match=r"^This needs the package pyarrow, .*'seqlabel-rnn\[parquet\]'\.$"):
        ParquetTexts(tmp_path / "in.parquet", None)
