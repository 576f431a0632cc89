"""CSV files and folders → documents: every row is a document or an error that says which."""

import csv
import random
from functools import partial

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import read_documents
from tests.label_files import read_words

read_csv = partial(read_documents, format="csv")
read_folders = partial(read_documents, format="folders")


def write(folder, text, name="texts.csv"):
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def read(path, **options):
    """Texts and labels of a CSV file."""
    return [
        (document.text, *document.categories["category"])
        for document in read_csv(path, read_words, **options)
    ]


def test_documents_of_a_csv_file(tmp_path):
    path = write(tmp_path, 'id,label,text\n1,good,"One, two"\n\n2,bad,three\n')
    first, second = read_csv(path, read_words, layer="verdict")
    assert (first.text, first.words) == ("One, two", ["One,", "two"])
    assert first.categories == {"verdict": {"good": 1.0}}
    assert (second.words, second.categories) == (["three"], {"verdict": {"bad": 1.0}})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("seed", range(5))
def test_any_text_that_is_written_is_read(tmp_path, end, seed):
    chance = random.Random(seed)
    texts = ["".join(chance.choices('ab",\t\n 数😀', k=chance.randint(1, 9))) for _ in range(30)]
    rows = [(text, chance.choice("XY")) for text in texts if text.strip()]
    for name, separator in (("texts.csv", ","), ("texts.TSV", "\t"), ("texts.txt", ";")):
        path = tmp_path / name
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            # Before 3.13 the writer does not quote a line feed where lines end in something else.
            quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL
            writer = csv.writer(file, delimiter=separator, lineterminator=end, quoting=quoting)
            writer.writerows([("text", "label"), *rows])
        assert read(path, separator=separator) == rows
        if name != "texts.txt":
            assert read(path) == rows


@pytest.mark.parametrize(
    "bad",
    ["secret", "secret,X,X", "secret,", ",X", '" \n",X', "a,secret", '"secret,X', '"secret" b,X'],
)
def test_a_bad_row_is_refused_with_its_first_line(tmp_path, bad):
    path = write(tmp_path, f'text,label\r\n"a\r\nb",X\r\n\r\n{bad}\r\nc,X\r\n')
    found = read_csv(path, read_words, labels=["Y", "X"])
    assert next(found).text == "a\nb"
    with pytest.raises(DataError, match=r"texts\.csv, line 5:") as caught:
        list(found)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "header", ["a secret,X", "secret!,X", "text,text,label"], ids=["none", "one word", "twice"]
)
def test_columns_need_names(tmp_path, header):
    with pytest.raises(DataError, match=r"texts\.csv, line 1:") as caught:
        read(write(tmp_path, f"{header}\na,X\n"))
    assert "secret" not in str(caught.value)
    with pytest.raises(DataError, match="'topic'"):
        read(write(tmp_path, "text,label\na,X\n"), label="topic")


@pytest.mark.parametrize("header", ["text,Lable", "text,the topic", "sentence,topic"])
def test_columns_that_are_names_are_listed(tmp_path, header):
    with pytest.raises(DataError) as caught:
        read(write(tmp_path, f"{header}\na,X\n"))
    assert all(f"'{name}'" in str(caught.value) for name in header.split(","))


@pytest.mark.parametrize(
    ("name", "separator"), [("texts.txt", None), ("texts.csv", ""), ("texts.csv", ", ")]
)
def test_a_separator_is_one_character(tmp_path, name, separator):
    with pytest.raises(OptionError, match="separator:"):
        read(write(tmp_path, "text:label\n", name), separator=separator)


@pytest.mark.parametrize("name", ["texts.csv", "texts.tsv", "texts.txt"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_separator_is_recognized_in_the_first_row(tmp_path, name, separator):
    path = write(tmp_path, f'"text"{separator}label\na{separator}X\n', name)
    assert read(path) == [("a", "X")]


def test_a_long_value_is_read_and_the_limit_of_others_stays(tmp_path):
    before = csv.field_size_limit()
    long = "x" * 1_000_000
    assert read(write(tmp_path, f'text,label\n{long},X\n"{long}",Y\n')) == [
        (long, "X"),
        (long, "Y"),
    ]
    assert csv.field_size_limit() == before


def folders(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode("utf-8"))
    return root


def test_documents_of_folders_are_sorted_and_exact(tmp_path):
    files = {
        "good/b.txt": "One\r\ntwo",
        "good/a": " three\n",
        "bad/c.txt": "four",
        "bad/.hidden": "",
        ".git/x/y": "",
    }
    found = list(read_folders(folders(tmp_path, files), read_words, labels=["good", "bad"]))
    assert [(document.text, document.categories) for document in found] == [
        ("four", {"category": {"bad": 1.0}}),
        (" three\n", {"category": {"good": 1.0}}),
        ("One\r\ntwo", {"category": {"good": 1.0}}),
    ]
    assert found[2].words == ["One", "two"]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"a/x": "a", "b": "b"}, "b:"),
        ({"a/x/y": "a"}, "x:"),
        ({"a/x": "a", "b/y": ""}, "y:"),
        ({"a/x": "a\n\0"}, "x, line 2: "),
        ({"a/x": "a", "b/y": " \n"}, "y:"),
        ({"a/.x": "a"}, "a:"),
        ({".x": "a"}, "texts:"),
        ({"a/x": "a", "other/x": "a"}, "other: .*'a', 'b'"),
        ({}, "texts:"),
    ],
)
def test_what_is_not_a_folder_of_labels_is_refused_by_name(tmp_path, files, named):
    with pytest.raises(DataError, match=named):
        list(read_folders(folders(tmp_path / "texts", files), read_words, labels=["a", "b"]))


def test_a_first_line_may_name_the_delimiter(tmp_path):
    assert read(write(tmp_path, "sep=;\ntext;label\nAnn, and Bo;x\n")) == [("Ann, and Bo", "x")]
