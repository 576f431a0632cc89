"""Columns of text in Parquet files, against plain lists of the same rows."""

import io
import random
import sys

import pyarrow
import pytest
from pyarrow import parquet

from seqlabel.errors import MissingPackageError, OptionError
from seqlabel.formats.format import Layout
from seqlabel.formats.parquet import ParquetTexts
from seqlabel.io.records import PRIVATE_NAMES


def columns_of(rng, rows):
    """Columns with missing values, of which some are text of three kinds, under names in a random
    order.
    """
    texts = {
        name: [rng.choice(["ann", "", "bo 😀", None]) for _ in range(rows)]
        for name in ("plain", "large", "coded")
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
    monkeypatch.setattr("seqlabel.formats.parquet._ROWS", rng.choice([1, 3, 100]))
    rows = rng.randrange(12)
    columns = columns_of(rng, rows)
    table = pyarrow.table(columns)
    parquet.write_table(table, tmp_path / "in.parquet")
    chosen = rng.sample(["plain", "large", "coded"], rng.randrange(1, 4))
    target = io.BytesIO()
    with ParquetTexts(tmp_path / "in.parquet", Layout(columns=tuple(chosen))) as file:
        assert (file.columns, file.total) == (chosen, rows)
        assert sorted(file.unread) == sorted({"plain", "large", "coded", "tags"} - set(chosen))
        read = list(file.records())
        upper = [
            [[cell.text.upper() for cell in one.cells] if one.line % 3 else None for one in records]
            for records in read
        ]
        file.write(target, upper)
    plain_rows = table.to_pylist()
    assert [cell.text for records in read for one in records for cell in one.cells] == [
        row[name] for row in plain_rows for name in chosen if row[name] is not None
    ]
    expected = [
        {
            name: value.upper() if name in chosen and value is not None else value
            for name, value in row.items()
        }
        for number, row in enumerate(plain_rows, 1)
        if number % 3
    ]
    written = parquet.read_table(io.BytesIO(target.getvalue()))
    assert (written.schema, written.to_pylist()) == (table.schema, expected)


def test_without_names_all_columns_of_text_are_read(tmp_path):
    parquet.write_table(
        pyarrow.table({"n": [1, 2], "t": ["a", None], "u": ["b", "c"]}), tmp_path / "in.parquet"
    )
    with ParquetTexts(tmp_path / "in.parquet", Layout(columns=None)) as file:
        assert file.columns == ["t", "u"]
        (records,) = file.records()
    assert [(one.line, [(cell.start, cell.text) for cell in one.cells]) for one in records] == [
        (1, [(0, "a"), (1, "b")]),
        (2, [(1, "c")]),
    ]


VALUE = "ann.moss@lee.example"


def hidden(path):
    """Write a file without the value, all columns read; returns what was written and what was not
    read.
    """
    target = io.BytesIO()
    with ParquetTexts(path, Layout(columns=None)) as file:
        batches = list(file.records())
        file.write(
            target,
            [
                [[c.text.replace(VALUE, "<X>") for c in one.cells] for one in batch]
                for batch in batches
            ],
        )
        return target.getvalue(), list(file.unread)


@pytest.mark.parametrize("kind", [pyarrow.binary(), pyarrow.large_binary(), pyarrow.string_view()])
def test_text_without_the_mark_of_text_is_read_and_other_bytes_stay(tmp_path, kind):
    values = (
        [VALUE, None, "x"]
        if kind == pyarrow.string_view()
        else [VALUE.encode(), None, b"\xff\xd8\0"]
    )
    parquet.write_table(pyarrow.table({"t": pyarrow.array(values, kind)}), tmp_path / "in.parquet")
    written, unread = hidden(tmp_path / "in.parquet")
    found = parquet.read_table(io.BytesIO(written))
    assert found.schema.field("t").type == kind
    new = "<X>" if kind == pyarrow.string_view() else b"<X>"
    assert found["t"].to_pylist() == [new, *values[1:]]
    assert unread == ([] if kind == pyarrow.string_view() else ["t"])


def test_metadata_of_the_file_and_its_fields_is_read(tmp_path):
    about = {"note": VALUE, "json": f'{{"by": "{VALUE}", "column": "t", "n": 1}}'}
    schema = pyarrow.schema(
        [pyarrow.field("t", pyarrow.string(), metadata={"of": VALUE})], metadata=about
    )
    parquet.write_table(pyarrow.table({"t": ["a"]}, schema=schema), tmp_path / "in.parquet")
    written, unread = hidden(tmp_path / "in.parquet")
    found = parquet.read_schema(io.BytesIO(written))
    assert found.metadata == {b"note": b"<X>", b"json": b'{"by": "<X>", "column": "t", "n": 1}'}
    assert (found.field("t").metadata[b"of"], unread, VALUE.encode() in written) == (
        b"<X>",
        [],
        False,
    )


def test_metadata_that_is_not_text_is_named(tmp_path):
    schema = pyarrow.schema([("t", pyarrow.string())], metadata={"note": b"ann \xff"})
    parquet.write_table(pyarrow.table({"t": ["a"]}, schema=schema), tmp_path / "in.parquet")
    _, unread = hidden(tmp_path / "in.parquet")
    assert unread == ["metadata"]


def test_what_is_nested_or_of_one_length_is_named(tmp_path):
    columns = {
        "l": [[VALUE]],
        "s": [{"a": [VALUE]}],
        "n": [[1]],
        "f": pyarrow.array([b"abc"], pyarrow.binary(3)),
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "in.parquet")
    written, unread = hidden(tmp_path / "in.parquet")
    assert (sorted(unread), parquet.read_table(io.BytesIO(written)).num_rows) == (
        ["f", "l", "s"],
        1,
    )


@pytest.mark.parametrize(
    ("table", "named"),
    [
        (pyarrow.table({VALUE: [1]}), PRIVATE_NAMES),
        (pyarrow.table({"s": [{VALUE: 1}]}), PRIVATE_NAMES),
        (pyarrow.table({"t": [1]}).replace_schema_metadata({VALUE: "x"}), "metadata"),
    ],
)
def test_a_name_that_looks_private_is_named(tmp_path, table, named):
    parquet.write_table(table, tmp_path / "in.parquet")
    assert hidden(tmp_path / "in.parquet")[1] == [named]


def test_a_name_that_two_columns_have_is_refused(tmp_path):
    table = pyarrow.table(
        [pyarrow.array(["a"]), pyarrow.array(["b"]), pyarrow.array(["c"])], names=["t", "t", "u"]
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(OptionError, match="'t'"):
        ParquetTexts(tmp_path / "in.parquet", Layout(columns=("t",)))
    with ParquetTexts(tmp_path / "in.parquet", Layout(columns=("u",))) as file:
        assert [one.cells[0].text for records in file.records() for one in records] == ["c"]


def test_without_pyarrow_the_error_says_what_to_install(tmp_path, monkeypatch):
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    (tmp_path / "in.parquet").write_bytes(b"PAR1")
    with pytest.raises(MissingPackageError):
        ParquetTexts(tmp_path / "in.parquet", Layout(columns=None))
