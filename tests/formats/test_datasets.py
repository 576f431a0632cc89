"""Rows of `datasets` → documents: every row is a document or an error that says which."""

import datasets
import pytest

from seqlabel.documents.document import Spans, Tags
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.formats.datasets import read_text_rows, read_token_rows
from tests.label_files import read_words

TAGS = ["O", "B-X", "I-X"]
TOKENS = [["a", "b", "c"], ["d"], [], ["e", "f"]]
NER = [[1, 2, 0], [2], [], [-1, -1]]
POS = [["N", "V", "N"], ["N"], [], ["V", "V"]]


@pytest.fixture(params=["map", "stream", "numpy", "older"])
def token_rows(request):
    features = datasets.Features(
        tokens=datasets.List(datasets.Value("string")),
        ner_tags=datasets.List(datasets.ClassLabel(names=TAGS)),
        pos=datasets.List(datasets.Value("string")),
    )
    columns = {"tokens": TOKENS, "ner_tags": NER, "pos": POS}
    rows = datasets.Dataset.from_dict(columns, features=features)
    match request.param:
        case "numpy":
            return rows.with_format("numpy")
        case "stream":
            return rows.to_iterable_dataset()
        case "older":
            return Rows(list(rows), {"ner_tags": [Named()]})
    return rows


def test_token_rows_of_datasets(token_rows):
    repairs = Repairs()
    columns = {"spans": {"ner": "ner_tags"}, "tags": {"upos": "pos"}}
    documents = list(read_token_rows(token_rows, **columns, repairs=repairs))
    assert [document.words for document in documents] == TOKENS
    assert [list(document.tags["upos"].labels) for document in documents] == POS
    spans = [Spans((Span(0, 2, "X"),)), Spans((Span(0, 1, "X"),)), Spans(()), None]
    assert [document.spans.get("ner") for document in documents] == spans
    assert [document.sentences for document in documents] == [(0,), (0,), (), (0,)]
    assert repairs == Repairs(tags=1)
    with pytest.warns(UserWarning, match=r"rows: .*\b1\b.*`repairs") as caught:
        list(read_token_rows(token_rows, **columns))
    assert [warning.filename for warning in caught] == [__file__]
    *_, last = read_token_rows(token_rows, tags={"ner": "ner_tags"})
    assert (last.tags, last.spans) == ({"ner": Tags((None, None))}, {})


@pytest.mark.parametrize(("layer", "allowed"), [("ner", ["Y"]), ("upos", ["N"])])
def test_labels_of_rows_that_are_not_known_are_refused_with_their_row(layer, allowed):
    rows = [
        {"tokens": ["a"], "ner": ["B-Y"], "pos": ["N"]},
        {"tokens": ["b", "c"], "ner": ["O", "B-secret"], "pos": [None, "secret"]},
    ]
    columns = {"spans": {"ner": "ner"}, "tags": {"upos": "pos"}}
    with pytest.raises(DataError) as caught:
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
def test_text_rows_of_datasets_and_mappings(streamed):
    label = datasets.ClassLabel(names=["bad", "good"])
    features = datasets.Features(text=datasets.Value("string"), label=label)
    columns = {"text": ["One two", "", "three"], "label": [1, 0, -1]}
    rows = datasets.Dataset.from_dict(columns, features=features)
    if streamed:
        rows = rows.to_iterable_dataset()
    first, second, third = read_text_rows(rows, read_words)
    assert (first.words, first.categories) == (["One", "two"], {"category": {"good": 1.0}})
    assert (second.text, second.categories) == ("", {"category": {"bad": 1.0}})
    assert (third.text, third.categories) == ("three", {})
    rows = [{"body": "One", "topic": "art"}, {"body": "two", "topic": None}]
    first, second = read_text_rows(rows, read_words, text="body", label="topic", layer="topics")
    assert (first.categories, second.categories) == ({"topics": {"art": 1.0}}, {})


class Rows(list):
    """Rows with features as older versions of `datasets` write them."""

    def __init__(self, rows, features):
        super().__init__(rows)
        self.features = features


class Named:
    """What is read of a ClassLabel."""

    names = TAGS


@pytest.mark.parametrize("value", [3, -2, -100])
def test_a_number_that_a_class_label_has_not_is_refused(value):
    rows = Rows([{"text": "a", "label": 0}, {"text": "secret", "label": value}], {"label": Named()})
    with pytest.raises(DataError, match=f"row 1: .*'label'.*{value}.* 0 to 2"):
        list(read_text_rows(rows, read_words))


@pytest.mark.parametrize(
    "row",
    [
        {"text": "secret"},
        {"label": "X"},
        {"text": None, "label": "X"},
        {"text": "secret", "label": 0},
        {"text": "secret", "label": -1},
        {"text": "secret", "label": True},
        {"text": "secret", "label": 0.0},
        {"text": "secret", "label": ""},
    ],
)
def test_a_text_row_that_cannot_be_read_is_refused_with_its_number(row):
    with pytest.raises(DataError, match="row 1: ") as caught:
        list(read_text_rows([{"text": "a", "label": "X"}, row], read_words))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        (["secret", "b"], ["O"]),
        (None, None),
        ("secret", ["O"] * 6),
        ({"secret": 1}, ["O"]),
        (["secret", "b"], "OO"),
        (["secret", "b"], 0),
        (["secret", ""], ["O", "O"]),
        (["secret", None], ["O", "O"]),
        (["secret", "b"], ["O", None]),
        (["a"], ["secret"]),
        (["secret"], [1]),
    ],
)
def test_a_token_row_that_cannot_be_read_is_refused_with_its_number(words, tags):
    rows = [{"tokens": ["a"], "ner_tags": ["O"]}, {"tokens": words, "ner_tags": tags}]
    found = read_token_rows(rows, spans={"ner": "ner_tags"})
    assert next(found).words == ["a"]
    with pytest.raises(DataError, match="row 1: ") as caught:
        next(found)
    assert "secret" not in str(caught.value)
