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
    kinds = {
        "plain": pyarrow.string(),
        "large": pyarrow.large_string(),
        "coded": pyarrow.dictionary("int32", "string"),
    }
    columns = {"n": pyarrow.array(range(rows)), "tags": pyarrow.array([["a"]] * rows)}
    for name, kind in kinds.items():
        values = [rng.choice(["ann", "", "bo 😀", None]) for _ in range(rows)]
        columns[name] = pyarrow.array(values).cast(kind)
    names = rng.sample(list(columns), len(columns))
    return {name: columns[name] for name in names}


@pytest.mark.parametrize("seed", range(8))
def test_chosen_columns_are_rewritten_and_all_else_stays(tmp_path, monkeypatch, seed):
    rng = random.Random(seed)
    monkeypatch.setattr("seqlabel.formats.parquet._ROWS", rng.choice([1, 3, 100]))
    rows = rng.randrange(12)
    table = pyarrow.table(columns_of(rng, rows))
    path = tmp_path / "in.parquet"
    parquet.write_table(table, path)
    chosen = rng.sample(["plain", "large", "coded"], rng.randrange(1, 4))
    target = io.BytesIO()
    with ParquetTexts(path, Layout(columns=tuple(chosen))) as file:
        assert (file.columns, file.total) == (chosen, rows)
        assert set(file.unread) == {"plain", "large", "coded", "tags"} - set(chosen)
        batches = list(file.records())
        texts = []
        for records in batches:
            upper = [[cell.text.upper() for cell in one.cells] for one in records]
            # Every third row is left out.
            texts.append(
                [cells if one.line % 3 else None for one, cells in zip(records, upper, strict=True)]
            )
        file.write(target, texts)
    cells = [cell.text for records in batches for one in records for cell in one.cells]
    expected = []
    for number, row in enumerate(table.to_pylist(), 1):
        given = [row[name] for name in chosen if row[name] is not None]
        assert [cells.pop(0) for _ in given] == given
        changed = {name: row[name].upper() for name in chosen if row[name] is not None}
        if number % 3:
            expected.append({**row, **changed})
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


def hidden(table, path):
    """Write a table, and without the value, all columns read; returns what was written and what was
    not read.
    """
    parquet.write_table(table, path)
    target = io.BytesIO()
    with ParquetTexts(path, Layout(columns=None)) as file:
        batches = list(file.records())
        file.write(
            target,
            [
                [[cell.text.replace(VALUE, "<X>") for cell in one.cells] for one in batch]
                for batch in batches
            ],
        )
        return target.getvalue(), sorted(file.unread)


@pytest.mark.parametrize("kind", [pyarrow.binary(), pyarrow.large_binary(), pyarrow.string_view()])
def test_text_without_the_mark_of_text_is_read_and_other_bytes_stay(tmp_path, kind):
    is_text = kind == pyarrow.string_view()
    values = [VALUE, None, "x"] if is_text else [VALUE.encode(), None, b"\xff\xd8\0"]
    table = pyarrow.table({"t": pyarrow.array(values, kind)})
    try:
        written, unread = hidden(table, tmp_path / "in.parquet")
    except pyarrow.ArrowNotImplementedError:
        pytest.skip(f"pyarrow {pyarrow.__version__} writes no {kind}")
    found = parquet.read_table(io.BytesIO(written))
    assert found.schema.field("t").type == kind
    assert found["t"].to_pylist() == ["<X>" if is_text else b"<X>", *values[1:]]
    assert unread == ([] if is_text else ["t"])


def test_metadata_of_the_file_and_its_fields_is_read(tmp_path):
    about = {"note": VALUE, "json": f'{{"by": "{VALUE}", "column": "t", "n": 1}}'}
    field = pyarrow.field("t", pyarrow.string(), metadata={"of": VALUE})
    table = pyarrow.table({"t": ["a"]}, schema=pyarrow.schema([field], metadata=about))
    written, unread = hidden(table, tmp_path / "in.parquet")
    found = parquet.read_schema(io.BytesIO(written))
    assert found.metadata == {b"note": b"<X>", b"json": b'{"by": "<X>", "column": "t", "n": 1}'}
    assert found.field("t").metadata[b"of"] == b"<X>"
    assert unread == []
    assert VALUE.encode() not in written


NESTED = {"l": [[VALUE]], "s": [{"a": [VALUE]}], "n": [[1]]}
FIXED = pyarrow.array([b"abc"], pyarrow.binary(3))


@pytest.mark.parametrize(
    ("table", "named"),
    [
        (pyarrow.table({VALUE: [1]}), [PRIVATE_NAMES]),
        (pyarrow.table({"s": [{VALUE: 1}]}), [PRIVATE_NAMES]),
        (pyarrow.table({"t": [1]}).replace_schema_metadata({VALUE: "x"}), ["metadata"]),
        (pyarrow.table({"t": ["a"]}).replace_schema_metadata({"n": b"ann \xff"}), ["metadata"]),
        (pyarrow.table({**NESTED, "f": FIXED}), ["f", "l", "s"]),
    ],
)
def test_what_is_not_read_and_a_name_that_looks_private_are_named(tmp_path, table, named):
    written, unread = hidden(table, tmp_path / "in.parquet")
    assert unread == named
    assert parquet.read_table(io.BytesIO(written)).num_rows == 1


def test_a_name_that_two_columns_have_is_refused(tmp_path):
    columns = [pyarrow.array([value]) for value in "abc"]
    parquet.write_table(pyarrow.table(columns, names=["t", "t", "u"]), tmp_path / "in.parquet")
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
