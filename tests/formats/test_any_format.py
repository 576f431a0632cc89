"""The reader that a name or a suffix picks is the reader itself."""

import gzip
import json
import lzma
import zipfile
from pathlib import Path

import pytest

from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import (
    CATEGORIES,
    COLUMNS,
    CONLLU,
    CSV,
    LABEL_STUDIO,
    TEXT_AND_SPANS,
    cells_of,
    check_input,
    columns_of,
    format_of,
    is_plain,
    is_text_file,
    read_character_spans,
    read_documents,
    records_format,
)
from seqlabel.formats.format import Layout


def tokenize(text):
    """A document of one word."""
    return Document(text, ((0, len(text)),))


CHOICE = {"type": "labels", "value": {"start": 0, "end": 1, "text": "a", "labels": ["X"]}}


def test_a_layer_of_conllu_is_read_by_its_name(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text("1\ta\t_\tX\tY\t_\t_\t_\t_\t_\n")
    (document,) = read_documents(path, layer="feats")
    assert list(document.tags) == ["feats"]
    with pytest.raises(OptionError, match="'mine'"):
        list(read_documents(path, layer="mine"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.iob2", "a B-X\n"),
        ("a.JSONL", '{"text": "a", "spans": [[0, 1, "X"]]}\n'),
        ("a.json", json.dumps([{"data": {"text": "a"}, "annotations": [{"result": [CHOICE]}]}])),
        ("a.jsonl", '["a", {"entities": [[0, 1, "X"]]}]\n'),
    ],
)
def test_every_format_of_spans_has_spans_in_characters(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    ((_, spans),) = read_character_spans(tmp_path / name, tokenize)
    assert [(span.start, span.end, span.label) for span in spans] == [(0, 1, "X")]


def test_a_format_that_cannot_be_known_is_refused(tmp_path):
    with pytest.raises(OptionError, match="format:"):
        read_documents(tmp_path, format="xml")
    (tmp_path / "a.txt").write_text("Some prose.\nIt has lines of any length.\n", encoding="utf-8")
    for read in (read_documents, format_of):
        with pytest.raises(OptionError, match=r"a\.txt:"):
            read(tmp_path / "a.txt")
    with pytest.raises(DataError, match=r"a\.conll:"):
        list(read_documents(tmp_path / "a.conll"))
    (tmp_path / "b").write_text("\n\n")
    with pytest.raises(DataError):
        format_of(tmp_path / "b")


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.conllu", "", CONLLU),
        ("a.iob2.gz", "", COLUMNS),
        ("a.ndjson", '{"text": "a", "spans": []}\n', TEXT_AND_SPANS),
        ("a.jsonl", '{"text": "a", "label": "X"}\n', CATEGORIES),
        ("a", '{"text": "a", "spans": []}\n', TEXT_AND_SPANS),
        ("a", "[\n", LABEL_STUDIO),
        ("a", "1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", CONLLU),
        ("a.tsv", "text\tlabel\na\tX\n", CSV),
        ("a", "text;label\na;X\n", CSV),
        ("a", "a O\nb O\n\nc O\n", COLUMNS),
    ],
)
def test_a_format_is_recognized(tmp_path, name, content, format):
    (tmp_path / name).write_text(content)
    assert format_of(tmp_path / name) is format


def test_a_file_without_spans_is_refused_as_lines_of_spans(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "label": "X"}\n')
    with pytest.raises(DataError, match="line 1: "):
        list(read_character_spans(path, tokenize))


def test_forms_by_suffix():
    names = ["a.txt", "a.JSON", "a.csv.gz", "a.tsv", "a.parquet", "a.ndjson.zst", "a.gz", "a"]
    expected = ["text", "json", "csv", "tsv", "parquet", "jsonl", "text", "text"]
    assert [records_format(Path(name)).name for name in names] == expected


def test_files_that_are_not_text(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0")
    (tmp_path / "a.txt").write_bytes(b"abc")
    assert not is_text_file(tmp_path / "a.png")
    assert is_text_file(tmp_path / "a.txt")


def test_documents_and_archives_are_not_read_as_text(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.odt", "w") as archive:
        archive.writestr("word/document.xml", "<w:t>Ann Moss</w:t>")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.log", "Ann Moss")
    (tmp_path / "a.ai").write_bytes(b"%PDF-1.4\n(Ann Moss) Tj\n")
    for name in ("a.odt", "a.zip", "a.ai"):
        with pytest.raises(DataError, match=f"{name}:"):
            check_input(tmp_path / name)
        assert not is_text_file(tmp_path / name)
    with pytest.raises(DataError, match=r"b\.gz:"):
        check_input(tmp_path / "b.gz")
    (tmp_path / "c.xz").write_bytes(lzma.compress(b"Ann Moss\n"))
    check_input(tmp_path / "c.xz")  # read by its own reader


def test_columns_and_cells_of_a_table(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b'id;"the ""note"""\n1;Ann\n'))
    layout = Layout(columns=None, delimiter=";")
    assert columns_of(path, layout) == ["id", 'the "note"']
    assert [(cell.text, line) for cell, line in cells_of(path, layout)] == [
        ('id;"the ""note"""', 1),
        ("1", 2),
        ("Ann", 2),
    ]
    assert not is_plain(path, layout)
    assert is_plain(tmp_path / "a.csv", layout)
