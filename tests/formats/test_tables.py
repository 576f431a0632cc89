"""CSV files, folders and `datasets` rows → documents: every row is a document or an error that says which."""

import csv
import os
import random
import re
from pathlib import Path

import datasets
import pytest

from seqlabel.documents.alignment import Repairs
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme, Span
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.tables import dataset_rows, read_csv, read_folders, read_text_rows, read_token_rows


def tokenise(text):
    """A document of what white space separates."""
    return Document(text, tuple(word.span() for word in re.finditer(r"\S+", text)))


def write(folder, text, name="texts.csv"):
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def read(path, **options):
    """Texts and labels of a CSV file."""
    return [(document.text, *document.categories["category"]) for document in read_csv(path, tokenise, **options)]


def test_documents_of_a_csv_file(tmp_path):
    path = write(tmp_path, 'id,label,text\n1,good,"One, two"\n\n2,bad,three\n')
    first, second = read_csv(path, tokenise, layer="verdict")
    assert (first.text, first.words, first.categories) == ("One, two", ["One,", "two"], {"verdict": {"good": 1.0}})
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


def test_without_quotes_a_quote_is_a_character(tmp_path):
    path = write(tmp_path, 'text\tlabel\n"One\tX\ntwo"\tY\n', "texts.tsv")
    assert read(path, quoted=False) == [('"One', "X"), ('two"', "Y")]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("secret", "found 1 values, expected 2"),
        ("secret,X,X", "found 3 values, expected 2"),
        ("secret,", "the label is empty"),
        (",X", "the text has no words, so there is nothing to label; take the row out"),
        ('" \n",X', "the text has no words"),
        ("a,secret", "the label is none of 'X', 'Y'"),
        ('"secret,X', "the row that begins there is not CSV .* pass `quoted=False`"),
        ('"secret" b,X', "the row that begins there is not CSV"),
    ],
)
def test_a_bad_row_is_refused_with_its_first_line(tmp_path, bad, message):
    path = write(tmp_path, f'text,label\r\n"a\r\nb",X\r\n\r\n{bad}\r\nc,X\r\n')
    found = read_csv(path, tokenise, labels=["Y", "X"])
    assert next(found).text == "a\nb"
    with pytest.raises(DataError, match=rf"texts\.csv, line 5: {message}") as caught:
        list(found)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "found"),
    [("secret,label", "2 columns, 0 of them named 'text'"), ("text,text,label", "3 columns, 2 of them named 'text'")],
    ids=["none", "twice"],
)
def test_columns_need_names(tmp_path, header, found):
    with pytest.raises(DataError, match=rf"texts\.csv, line 1: found {found}") as caught:
        read(write(tmp_path, f"{header}\na,X\n"))
    assert "secret" not in str(caught.value)
    with pytest.raises(DataError, match="of them named 'topic'"):
        read(write(tmp_path, "text,label\na,X\n"), label="topic")


@pytest.mark.parametrize(("name", "separator"), [("texts.txt", None), ("texts.csv", ""), ("texts.csv", ", ")])
def test_a_separator_is_one_character(tmp_path, name, separator):
    with pytest.raises(OptionError, match=r"separator: found .* it is one character, and known for \.csv, \.tsv"):
        read(write(tmp_path, "text,label\n", name), separator=separator)


def test_a_long_value_is_read_and_the_limit_of_others_stays(tmp_path):
    before = csv.field_size_limit()
    long = "x" * 1_000_000
    assert read(write(tmp_path, f'text,label\n{long},X\n"{long}",Y\n')) == [(long, "X"), (long, "Y")]
    assert csv.field_size_limit() == before


def test_csv_files_that_are_no_text_are_refused_by_name(tmp_path):
    for content, where in (("", ": the file is empty"), ("text,label\n\0,X", ", line 2: found a NUL")):
        with pytest.raises(DataError, match=rf"texts\.csv{where}"):
            read(write(tmp_path, content))
    with pytest.raises(DataError, match=r"missing\.csv: cannot be read"):
        read(tmp_path / "missing.csv")


def folders(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode("utf-8"))
    return root


def test_documents_of_folders_are_sorted_and_exact(tmp_path):
    files = {"good/b.txt": "One\r\ntwo", "good/a": " three\n", "bad/c.txt": "four", "bad/.hidden": "", ".git/x/y": ""}
    found = list(read_folders(folders(tmp_path, files), tokenise, labels=["good", "bad"]))
    assert [(document.text, document.categories) for document in found] == [
        ("four", {"category": {"bad": 1.0}}),
        (" three\n", {"category": {"good": 1.0}}),
        ("One\r\ntwo", {"category": {"good": 1.0}}),
    ]
    assert found[2].words == ["One", "two"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a/x": "a", "b": "b"}, "b: found a file beside the labels' folders"),
        ({"a/x/y": "a"}, "x: found a folder inside a label's folder"),
        ({"a/x": "a", "b/y": ""}, "y: the file is empty"),
        ({"a/x": "a\n\0"}, "x, line 2: found a NUL"),
        ({"a/x": "a", "b/y": " \n"}, "y: the text has no words, so there is nothing to label; take the file out"),
        ({"a/.x": "a"}, "a: the folder is empty"),
        ({".x": "a"}, "texts: the folder is empty"),
        ({"a/x": "a", "other/x": "a"}, "other: the label is none of 'a', 'b'"),
    ],
)
def test_what_is_no_folder_of_labels_is_refused_by_name(tmp_path, files, message):
    with pytest.raises(DataError, match=message):
        list(read_folders(folders(tmp_path / "texts", files), tokenise, labels=["a", "b"]))


def test_a_folder_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(DataError, match="missing: cannot be read"):
        list(read_folders(tmp_path / "missing", tokenise))


TAGS = ["O", "B-X", "I-X"]
TOKENS = [["a", "b", "c"], ["d"], [], ["e", "f"]]
NER = [[1, 2, 0], [2], [], [-1, -1]]
POS = [["N", "V", "N"], ["N"], [], ["V", "V"]]


@pytest.fixture(params=["map", "stream", "numpy"])
def token_rows(request):
    features = datasets.Features(
        tokens=datasets.List(datasets.Value("string")),
        ner_tags=datasets.List(datasets.ClassLabel(names=TAGS)),
        pos=datasets.List(datasets.Value("string")),
    )
    rows = datasets.Dataset.from_dict({"tokens": TOKENS, "ner_tags": NER, "pos": POS}, features=features)
    if request.param == "numpy":
        return rows.with_format("numpy")
    return rows.to_iterable_dataset() if request.param == "stream" else rows


def test_token_rows_of_datasets(token_rows):
    repairs = Repairs()
    found = list(read_token_rows(token_rows, spans={"ner": "ner_tags"}, tags={"upos": "pos"}, repairs=repairs))
    assert [document.words for document in found] == TOKENS
    assert [document.tags["upos"].labels for document in found] == [tuple(tags) for tags in POS]
    assert [document.spans.get("ner") for document in found] == [
        Spans((Span(0, 2, "X"),)),
        Spans((Span(0, 1, "X"),)),
        Spans(()),
        None,
    ]
    assert [document.sentences for document in found] == [(0,), (0,), (), (0,)]
    assert repairs == Repairs(tags=1)


def test_tags_that_are_missing_are_none(token_rows):
    *_, last = read_token_rows(token_rows, tags={"ner": "ner_tags"})
    assert last.tags == {"ner": Tags((None, None))}
    assert last.spans == {}


def test_without_repairs_one_warning_says_what_was_mended_in_rows(token_rows):
    with pytest.warns(UserWarning, match="rows: tags read against their scheme: 1; pass `repairs`") as caught:
        list(read_token_rows(token_rows, spans={"ner": "ner_tags"}))
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize(("layer", "allowed"), [("ner", ["Y"]), ("upos", ["N"])])
def test_labels_of_rows_that_are_not_known_are_refused_with_their_row(layer, allowed):
    rows = [
        {"tokens": ["a"], "ner": ["B-Y"], "pos": ["N"]},
        {"tokens": ["b", "c"], "ner": ["O", "B-secret"], "pos": [None, "secret"]},
    ]
    columns = {"spans": {"ner": "ner"}, "tags": {"upos": "pos"}}
    with pytest.raises(
        DataError, match=f"row 1, layer '{layer}': the label is none of {allowed[0]!r}; mend it"
    ) as caught:
        list(read_token_rows(rows, **columns, labels={layer: allowed}))
    assert "secret" not in str(caught.value)
    assert len(list(read_token_rows(rows, **columns, labels={layer: [*allowed, "secret"]}))) == 2


@pytest.mark.parametrize("scheme", [Scheme.BIO, Scheme.BIOES])
def test_spans_of_rows_do_not_depend_on_the_scheme(scheme):
    rows = [{"tokens": ["a", "b", "c", "d"], "ner_tags": ["B-X", "E-X", "S-X", "B-Y"]}]
    repairs = Repairs()
    (document,) = read_token_rows(rows, spans={"ner": "ner_tags"}, scheme=scheme, repairs=repairs)
    assert document.spans["ner"].spans == (Span(0, 2, "X"), Span(2, 3, "X"), Span(3, 4, "Y"))
    assert repairs.tags == (scheme is Scheme.BIOES)


@pytest.mark.parametrize("streamed", [False, True])
def test_text_rows_of_datasets(streamed):
    features = datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=["bad", "good"]))
    rows = datasets.Dataset.from_dict({"text": ["One two", "", "three"], "label": [1, 0, -1]}, features=features)
    first, second, third = read_text_rows(rows.to_iterable_dataset() if streamed else rows, tokenise)
    assert (first.words, first.categories) == (["One", "two"], {"category": {"good": 1.0}})
    assert (second.text, second.categories) == ("", {"category": {"bad": 1.0}})
    assert (third.text, third.categories) == ("three", {})


def test_text_rows_of_mappings():
    rows = [{"body": "One", "topic": "art"}, {"body": "two", "topic": None}]
    first, second = read_text_rows(rows, tokenise, text="body", label="topic", layer="topics")
    assert (first.categories, second.categories) == ({"topics": {"art": 1.0}}, {})


class Rows(list):
    """Rows with features as older versions of `datasets` write them."""

    def __init__(self, rows, features):
        super().__init__(rows)
        self.features = features


class Named:
    """What is read of a ClassLabel."""

    names = TAGS


def test_a_list_of_one_class_label_is_an_older_sequence():
    rows = Rows([{"tokens": ["a"], "ner_tags": [1]}], {"ner_tags": [Named()]})
    (document,) = read_token_rows(rows, spans={"ner": "ner_tags"})
    assert document.spans["ner"].spans == (Span(0, 1, "X"),)


@pytest.mark.parametrize("value", [3, -2, -100])
def test_a_number_that_a_class_label_has_not_is_refused(value):
    rows = Rows([{"text": "a", "label": 0}, {"text": "secret", "label": value}], {"label": Named()})
    message = f"row 1: column 'label' holds the number {value}; the ClassLabel has 0 to 2, -1 is missing"
    with pytest.raises(DataError, match=message):
        list(read_text_rows(rows, tokenise))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "secret"}, "has no column 'label'; the columns are 'text'"),
        ({"label": "X"}, "has no column 'text'"),
        ({"text": None, "label": "X"}, "column 'text' holds NoneType, not text"),
        ({"text": "secret", "label": 0}, "column 'label' holds the number 0, but its feature is no ClassLabel"),
        ({"text": "secret", "label": -1}, "column 'label' holds the number -1, but its feature is no ClassLabel"),
        ({"text": "secret", "label": True}, "column 'label' holds bool"),
        ({"text": "secret", "label": 0.0}, "column 'label' holds float"),
        ({"text": "secret", "label": ""}, "column 'label' holds an empty label"),
    ],
)
def test_a_text_row_that_cannot_be_read_is_refused_with_its_number(row, message):
    with pytest.raises(DataError, match=f"row 1: {message}") as caught:
        list(read_text_rows([{"text": "a", "label": "X"}, row], tokenise))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "tags", "message"),
    [
        (["secret", "b"], ["O"], "column 'ner_tags' has 1 tags for 2 words"),
        (None, None, "column 'tokens' holds NoneType; give a list with an item a word"),
        ("secret", ["O"] * 6, "column 'tokens' holds str; give a list with an item a word"),
        ({"secret": 1}, ["O"], "column 'tokens' holds dict; give a list with an item a word"),
        (["secret", "b"], "OO", "column 'ner_tags' holds str; give a list with an item a word"),
        (["secret", "b"], 0, "column 'ner_tags' holds int; give a list with an item a word"),
        (["secret", ""], ["O", "O"], "word 1 of column 'tokens' is empty or not text"),
        (["secret", None], ["O", "O"], "word 1 of column 'tokens' is empty or not text"),
        (["secret", "b"], ["O", None], "column 'ner_tags' misses 1 of 2 tags; spans need all or none"),
        (["a"], ["secret"], "column 'ner_tags' holds a tag that is neither O nor one of B I E S L U"),
        (["secret"], [1], "column 'ner_tags' holds the number 1, but its feature is no ClassLabel"),
    ],
)
def test_a_token_row_that_cannot_be_read_is_refused_with_its_number(words, tags, message):
    rows = [{"tokens": ["a"], "ner_tags": ["O"]}, {"tokens": words, "ner_tags": tags}]
    found = read_token_rows(rows, spans={"ner": "ner_tags"})
    assert next(found).words == ["a"]
    with pytest.raises(DataError, match=f"row 1: {message}") as caught:
        next(found)
    assert "secret" not in str(caught.value)


def write_rows(folder, *lines):
    """A `datasets` dataset of one file."""
    folder.mkdir()
    (folder / "train.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return folder


def test_a_row_of_a_dataset_that_cannot_be_read_is_refused_with_the_datasets_name(tmp_path):
    folder = write_rows(tmp_path / "set", '{"tokens": ["a"], "text": 1}', '{"tokens": null, "text": 2}')
    name = f"dataset {str(folder)!r}, split 'train', row"
    with pytest.raises(DataError, match=re.escape(f"{name} 1: column 'tokens' holds NoneType")):
        list(read_token_rows(dataset_rows(str(folder), "train")))
    with pytest.raises(DataError, match=re.escape(f"{name} 0: column 'text' holds int")):
        list(read_text_rows(dataset_rows(str(folder), "train"), tokenise, label="tokens"))


def test_a_dataset_whose_file_is_damaged_is_refused_by_name(tmp_path):
    folder = write_rows(tmp_path / "set", '{"text": "a"}', "{oops")
    message = f"dataset {str(folder)!r}, split 'train': cannot be read from row 0 on ("
    with pytest.raises(DataError, match=re.escape(message)):
        list(dataset_rows(str(folder), "train"))


def test_a_dataset_of_a_script_is_refused_by_name(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "set.py").write_text("import datasets\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"set', split 'train': cannot be loaded \(Dataset scripts are no longer"):
        dataset_rows(str(tmp_path / "set"), "train")


def test_a_warning_about_a_dataset_has_its_name(tmp_path):
    folder = write_rows(tmp_path / "set", '{"tokens": ["a"], "ner_tags": ["I-X"]}')
    with pytest.warns(UserWarning, match=re.escape(f"dataset {str(folder)!r}, split 'train': tags read against")):
        list(read_token_rows(dataset_rows(str(folder), "train"), spans={"ner": "ner_tags"}))


DATA = Path(os.environ.get("SEQLABEL_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.skipif(not (DATA / "movie_reviews").is_dir(), reason=f"{DATA} is not there; set SEQLABEL_DATA")
def test_movie_reviews_with_a_file_beside_the_labels_are_refused():
    with pytest.raises(DataError, match="LICENSE: found a file beside the labels' folders"):
        list(read_folders(DATA / "movie_reviews", tokenise))
