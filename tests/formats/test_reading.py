"""What the readers share: the same lines, errors and warnings, whatever the format."""

import time

import pytest

from seqlabel.errors import DataError
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.jsonl import read_span_lines
from seqlabel.io.text_files import read_blocks, read_lines
from tests.label_files import (
    CONLLU,
    LINE_ENDS,
    LONG,
    jsonl,
    read_columns,
    read_spans,
    read_tag_columns,
    read_words,
    row,
    write,
)


def read_spans_of_words(path):
    return read_spans(path, read_words)


@pytest.mark.parametrize(
    "read", [read_conllu, read_columns, read_tag_columns, read_span_lines, read_spans_of_words]
)
def test_a_file_that_is_missing_or_has_other_bytes_is_refused_by_name(tmp_path, read):
    path = tmp_path / "labels.txt"
    with pytest.raises(DataError, match=r"labels\.txt:"):
        list(read(path))
    path.write_bytes(b"\n\xff O\n")
    with pytest.raises(DataError, match=r"labels\.txt, line 2: "):
        list(read(path))


@LINE_ENDS
@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_where_a_block_of_bytes_ends_does_not_matter(tmp_path, monkeypatch, end, block):
    text = CONLLU.replace("\n", end).replace("Hello", "Hé数😀")
    path = write(tmp_path, text)
    expected = list(read_conllu(path))
    monkeypatch.setattr(
        "seqlabel.io.text_files.read_blocks",
        lambda path, **options: read_blocks(path, **options, block_bytes=block),
    )
    assert list(read_conllu(path)) == expected


def test_readers_are_lazy_where_a_line_stands_alone(tmp_path):
    first = jsonl({"text": "a", "spans": []})
    assert next(read_span_lines(write(tmp_path, f"{first}secret\n"))) == ("a", [])
    assert next(read_conllu(write(tmp_path, f"{row(1, 'a')}\n\nsecret\n"))).words == ["a"]


def test_without_repairs_one_warning_at_the_end_says_what_was_mended(tmp_path):
    path = write(tmp_path, "a B-X\nb I-Y\n\nc B-X\n\nd I-X\ne B-X\nf B-Y\n")
    found = read_columns(path)
    assert len([next(found), next(found), next(found)]) == 3
    with pytest.warns(UserWarning, match=r"labels\.txt: .*\b2\b.*`repairs") as caught:
        assert list(found) == []
    # It points to who reads, not into the library.
    assert [warning.filename for warning in caught] == [__file__]
    path = write(
        tmp_path,
        jsonl({"text": "abc d", "spans": [[0, 1, "X"], [4, 5, "X"]]}, {"text": "b", "spans": []}),
    )
    with pytest.warns(UserWarning, match=r"labels\.txt: .*\b1\b.*`repairs") as caught:
        assert len(list(read_spans(path, read_words))) == 2
    assert [warning.filename for warning in caught] == [__file__]


def test_a_tag_that_is_not_known_is_refused_with_its_line(tmp_path):
    path = write(tmp_path, "a _\nb X\n\nc secret\n")
    with pytest.raises(DataError, match=r"labels\.txt, line 4:") as caught:
        list(read_tag_columns(path, labels={"Y", "X"}))
    assert "secret" not in str(caught.value)
    assert len(list(read_tag_columns(path, labels={"X", "secret"}))) == 2
    path = write(
        tmp_path, jsonl({"text": "a", "spans": []}, {"text": "a", "spans": [[0, 1, "secret"]]})
    )
    with pytest.raises(DataError, match=r"labels\.txt, line 2:") as caught:
        list(read_spans(path, read_words, labels=["X"]))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_conllu, f"{row(1, LONG)}\n"),
        (read_columns, f"{LONG} O\n"),
        (read_tag_columns, f"{LONG} O\n"),
        (read_spans_of_words, jsonl({"text": LONG, "spans": [[0, 1_000_000, "X"]]})),
    ],
)
def test_a_very_long_word_is_a_word_and_takes_no_time(tmp_path, monkeypatch, read, text):
    # Read a little at a time: what copies all that it has at every block takes minutes.
    monkeypatch.setattr(
        "seqlabel.io.text_files.read_blocks",
        lambda path, **options: read_blocks(path, **options, block_bytes=50),
    )
    begun = time.process_time()
    (document,) = read(write(tmp_path, text))
    assert document.words == [LONG]
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("block", [1, 2, 3, 100])
@pytest.mark.parametrize(
    "text", ["a", "a\n", "\n\n", "a\r", "\r\r", "\r\n\r", "a\r\nb\rc\n\rd\n\n\re", "\r\r\n\n"]
)
def test_lines_are_those_of_universal_newlines(tmp_path, monkeypatch, text, block):
    monkeypatch.setattr(
        "seqlabel.io.text_files.read_blocks",
        lambda path, **options: read_blocks(path, **options, block_bytes=block),
    )
    path = write(tmp_path, text)
    with path.open(encoding="utf-8") as file:
        expected = [(number, line.rstrip("\n")) for number, line in enumerate(file, 1)]
    assert list(read_lines(path)) == expected
