"""Labelled files of a task: which format a file is read in, what is said of it, and how one file is
cut into three.
"""

import json
from functools import partial

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from seqlabel.cli.data import Reading, read, read_task, task_format
from seqlabel.cli.options import Columns, Task
from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import CATEGORIES, CONLLU, CSV, TEXT_AND_SPANS
from seqlabel.formats.any_format import COLUMNS as FORMAT_OF_COLUMNS
from tests.label_files import read_words

COLUMNS = partial(Columns, from_=None, word=0, tag=-1, text="text", label="label", encoding="utf-8")


def reading(task, *, layer=None, tokenize=read_words, **columns):
    return Reading(task, tokenize, layer, COLUMNS(**columns))


@pytest.fixture
def write(tmp_path):
    def make(name, *rows):
        path = tmp_path / name
        path.write_text(
            "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows),
            "utf-8",
        )
        return path

    return make


CATEGORY = {"text": "Good film", "label": "good"}


@pytest.mark.parametrize(
    ("task", "name", "expected"),
    [
        (Task.TAGS, "tags.conllu", CONLLU),
        (Task.TAGS, "tags.txt", FORMAT_OF_COLUMNS),
        (Task.SPANS, "bio.txt", FORMAT_OF_COLUMNS),
        (Task.SPANS, "spans.jsonl", TEXT_AND_SPANS),
        (Task.DOCUMENT, "texts.csv", CSV),
    ],
)
def test_a_format_is_told_by_the_file(files, task, name, expected):
    assert task_format(files / name, reading(task)) is expected
    assert task_format(files / name, reading(task, from_=expected.name)) is expected


def test_json_lines_of_a_task_of_documents_hold_categories(write):
    assert task_format(write("a.jsonl", CATEGORY), reading(Task.DOCUMENT)) is CATEGORIES


@pytest.mark.parametrize(
    ("task", "name", "format_name", "error", "named"),
    [
        (Task.SPANS, "tags.conllu", None, OptionError, "tags or trees"),
        (Task.TAGS, "texts.csv", "csv", OptionError, "document"),
        (Task.TAGS, "tags.txt", "pdf", OptionError, "--from: "),
        (Task.TAGS, "tags.connlu", None, DataError, "'tags.conllu'"),
    ],
)
def test_a_format_without_labels_of_the_task_is_refused(
    files, task, name, format_name, error, named
):
    with pytest.raises(error, match=named):
        task_format(files / name, reading(task, from_=format_name))


@pytest.mark.parametrize(
    ("task", "name", "options", "layer", "labels"),
    [
        (Task.TAGS, "tags.conllu", {}, "upos", {"DET", "NOUN", "VERB"}),
        (Task.TAGS, "tags.conllu", {"layer": "xpos"}, "xpos", {"DT", "NN", "VB"}),
        (Task.TAGS, "tags.txt", {}, "tags", {"DET", "NOUN", "VERB"}),
        (Task.TAGS, "tags.txt", {"layer": "other", "tag": 1}, "other", {"DET", "NOUN", "VERB"}),
    ],
)
def test_tags_are_read_under_the_name_of_the_format_or_of_the_user(
    files, capsys, task, name, options, layer, labels
):
    documents, found = read(files / name, reading(task, **options))
    assert found == layer
    assert {label for one in documents for label in one.tags[layer].labels} == labels
    assert f"{name}: 40 documents with labels, read as co" in capsys.readouterr().err


def docs(path, *tags):
    """Docs of one word each, with these tags."""
    vocab = spacy.blank("en").vocab
    DocBin(
        docs=[Doc(vocab, ["cat"], tags=tag and [tag]) for tag in tags], attrs=["TAG", "ORTH"]
    ).to_disk(path)
    return path


def test_documents_without_labels_are_left_out(tmp_path, capsys):
    path = docs(tmp_path / "a.spacy", "NN", None)
    (document,), layer = read(path, reading(Task.TAGS, layer="xpos"))
    assert document.tags[layer].labels == ("NN",)
    assert "1 documents with labels, 1 others" in capsys.readouterr().err


def test_a_layer_that_no_document_has_is_refused_with_those_found(tmp_path):
    with pytest.raises(DataError, match=r"--layer.*xpos"):
        read(docs(tmp_path / "a.spacy", "NN", None), reading(Task.TAGS))


def test_repairs_are_said(write, capsys):
    row = {"text": "Ann met Bo", "spans": [[0, 2, "PER"], [0, 3, "PER"]]}
    (document,), layer = read(write("a.jsonl", row), reading(Task.SPANS))
    assert [(span.start, span.end) for span in document.spans[layer].spans] == [(0, 1)]
    assert "borders: 1, overlapping spans left out: 1" in capsys.readouterr().err


def test_tags_of_spans_are_refused_for_the_task_of_tags(files):
    with pytest.raises(DataError, match=r"bio\.txt: .*'B-LOC'"):
        read(files / "bio.txt", reading(Task.TAGS))


TABLE = ["text,label", *(f"text {n},{'good' if n % 2 else 'bad'}" for n in range(40))]


@pytest.mark.parametrize(
    ("task", "rows", "swapped", "straight"),
    [
        (Task.TAGS, ["DET the", "NOUN cat", "NOUN dog\n"], {}, {"word": 1, "tag": 0}),
        (Task.DOCUMENT, TABLE, {"text": "label", "label": "text"}, {}),
    ],
)
def test_columns_that_may_be_swapped_are_said(write, capsys, task, rows, swapped, straight):
    path = write("a.csv" if task is Task.DOCUMENT else "a.txt", *rows)
    for columns, said in ((swapped, True), (straight, False)):
        read(path, reading(task, **columns))
        assert ("are the two swapped?" in capsys.readouterr().err) is said


def single_characters(text):
    return Document(text, tuple((place, place + 1) for place in range(len(text))))


JAPANESE = "今日はとても天気がいいので散歩に行きます"


@pytest.mark.parametrize(
    ("task", "rows", "tokenize", "said"),
    [
        (Task.DOCUMENT, ["text,label", f"{JAPANESE},good"], read_words, True),
        (Task.DOCUMENT, ["text,label", f"{JAPANESE},good"], single_characters, False),
        (Task.SPANS, [f"{JAPANESE} B-X", "猫 O"], read_words, False),
    ],
)
def test_texts_without_spaces_between_words_are_said(write, capsys, task, rows, tokenize, said):
    path = write("a.csv" if task is Task.DOCUMENT else "a.txt", *rows)
    read(path, reading(task, tokenize=tokenize))
    assert ("no spaces" in capsys.readouterr().err) is said


def lines(count, label="good"):
    return [{"text": f"Text {number}", "label": label} for number in range(count)]


def texts_of(documents):
    return {document.text for document in documents}


def test_a_file_that_is_alone_is_cut_into_three(write, capsys):
    path = write("a.jsonl", *lines(40))
    parts, again, other = (
        read_task(path, None, None, reading(Task.DOCUMENT), seed=seed) for seed in (0, 0, 1)
    )
    assert [len(part) for part in (parts.train, parts.dev, parts.test)] == [32, 4, 4]
    assert "4 to measure on" in capsys.readouterr().err
    assert len(texts_of([*parts.train, *parts.dev, *parts.test])) == 40
    assert texts_of(again.dev) == texts_of(parts.dev) != texts_of(other.dev)


@pytest.mark.parametrize(
    ("dev", "test", "sizes"),
    [("dev", "test", (12, 5, 3)), ("dev", None, (12, 5, 0)), (None, "test", (11, 1, 3))],
)
def test_files_that_are_given_stay_whole(write, capsys, dev, test, sizes):
    paths = {None: None}
    for name, count in (("train", 12), ("dev", 5), ("test", 3)):
        paths[name] = write(f"{name}.jsonl", *lines(count))
    parts = read_task(paths["train"], paths[dev], paths[test], reading(Task.DOCUMENT), seed=0)
    assert (len(parts.train), len(parts.dev), len(parts.test)) == sizes
    said = capsys.readouterr().err
    assert "swapped" not in said
    assert "to measure on\n" not in said


def test_files_that_may_be_swapped_are_said(write, capsys):
    dev = write("b.jsonl", *lines(5))
    for count, said in ((3, True), (4, False)):
        train = write("a.jsonl", *lines(count))
        read_task(train, dev, None, reading(Task.DOCUMENT), seed=0)
        assert ("two files swapped" in capsys.readouterr().err) is said


def test_files_with_different_numbers_of_columns_are_said(write, capsys):
    train = write("a.bio", "Ann B-PER", "left O\n")
    wider = write("b.bio", "Ann B-PER O", "left O O\n")
    for dev, columns, said in ((wider, {}, True), (wider, {"tag": 1}, False), (train, {}, False)):
        read_task(train, dev, None, reading(Task.SPANS, **columns), seed=0)
        assert ("different columns" in capsys.readouterr().err) is said


def test_too_few_documents_are_not_cut(write):
    with pytest.raises(DataError, match=r"a\.jsonl: .*10.* got 9"):
        read_task(write("a.jsonl", *lines(9)), None, None, reading(Task.DOCUMENT), seed=0)


def test_a_label_of_dev_that_training_lacks_counts_as_not_found(write, capsys):
    train, dev = write("a.jsonl", *lines(5)), write("b.jsonl", *lines(1), *lines(1, "bad"))
    parts = read_task(train, dev, None, reading(Task.DOCUMENT), seed=0)
    assert len(parts.dev) == 2
    assert "'bad', which 1 of 2 documents have" in capsys.readouterr().err
    with pytest.raises(DataError, match=r"b\.jsonl: .*'bad'"):
        read_task(train, write("b.jsonl", *lines(1, "bad")), None, reading(Task.DOCUMENT), seed=0)


def test_a_text_that_comes_again_stays_in_one_part(write, capsys):
    path = write("a.jsonl", *lines(20), *lines(20))
    for test in (None, write("b.jsonl", *lines(3))):
        parts = read_task(path, None, test, reading(Task.DOCUMENT), seed=0)
        assert len(parts.dev) == 4
        assert not texts_of(parts.train) & texts_of([*parts.dev, *([] if test else parts.test)])
    assert "4 documents to measure on, 20 different texts" in capsys.readouterr().err
    read_task(write("a.jsonl", *lines(4) * 10), None, None, reading(Task.DOCUMENT), seed=0)
    assert "4 documents to measure on, 4 different texts" in capsys.readouterr().err


def test_labels_that_are_never_there_twice_are_refused(write):
    path = write("a.csv", "text,label", *(f"good {number},text {number}" for number in range(40)))
    with pytest.raises(DataError, match=r"a\.csv: "):
        read_task(path, None, None, reading(Task.DOCUMENT), seed=0)


def test_texts_that_parts_share_are_said(write, capsys):
    def part(name, numbers):
        return write(name, *(f"word{number} O\nin O\nOslo B-LOC\n" for number in numbers))

    train, dev, test = (
        part(f"{name}.iob2", numbers)
        for name, numbers in (
            ("train", range(60)),
            ("dev", range(58, 78)),
            ("test", range(78, 99)),
        )
    )
    for parts, said in (
        ((train, dev, test), [f"{dev}: 2 of 20 texts (10%)"]),
        ((train, train, train), [f"{train}: 60 of 60 texts (100%)"] * 2),
        ((train, test, test), [f"{test}: 21 of 21 texts (100%)"]),
        ((train, None, dev), [f"{dev}: 2 of 20 texts (10%)"]),
    ):
        read_task(*parts, reading(Task.SPANS), seed=0)
        lines = [line for line in capsys.readouterr().err.splitlines() if "are among" in line]
        assert [line.partition(" are among")[0] for line in lines] == said
