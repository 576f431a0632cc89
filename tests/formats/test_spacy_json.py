"""spaCy's pairs of a text and its annotations, in a list and one per line."""

import json
from functools import partial

import pytest

from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.formats.any_format import SPACY_JSON, format_of, read_documents
from tests.label_files import jsonl, read_words

read_spacy_json = partial(read_documents, format="spacy-json")
PAIRS = [
    ["Ann met Bo", {"entities": [[0, 3, "PER"], [8, 10, "PER"]]}],
    ["so it is", {"entities": [], "cats": {"good": 0.0, "bad": 1.0}}],
]


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("indent", [None, 1])
def test_pairs_are_read(tmp_path, lines, indent):
    path = tmp_path / ("a.jsonl" if lines else "a.json")
    path.write_text(jsonl(*PAIRS) if lines else json.dumps(PAIRS, indent=indent))
    assert format_of(path) is SPACY_JSON
    first, second = read_documents(path, tokenize=read_words)
    assert first.spans["ner"].spans == (Span(0, 1, "PER"), Span(2, 3, "PER"))
    assert first.categories == {}
    assert second.spans["ner"].spans == ()
    assert second.categories == {"category": {"good": 0.0, "bad": 1.0}}


@pytest.mark.parametrize(
    "pair",
    [
        ["secret", {"entities": [[0, 60, "X"]]}],
        ["secret", {"entities": [["0", "3", "X"]]}],
        ["secret", ["entities"]],
        ["secret"],
        {"secret": 1},
    ],
)
def test_what_is_not_a_pair_is_refused(tmp_path, pair):
    (tmp_path / "a.jsonl").write_text(json.dumps(pair) + "\n")
    named = r"a\.jsonl" if isinstance(pair, dict) else "line 1: "
    with pytest.raises(DataError, match=named) as refused:
        list(read_spacy_json(tmp_path / "a.jsonl", read_words))
    assert "secret" not in str(refused.value)


def test_categories_that_are_not_allowed_are_refused(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(PAIRS))
    with pytest.raises(DataError, match="'PER'"):
        list(read_spacy_json(tmp_path / "a.json", read_words, labels=["PER", "good"]))


def test_repairs_are_counted_or_warned_of(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps(["Ann", {"entities": [[0, 2, "X"]]}]) + "\n")
    repairs = Repairs()
    list(read_spacy_json(tmp_path / "a.jsonl", read_words, repairs=repairs))
    assert repairs.moved == 1
    with pytest.warns(UserWarning, match=r"\b1\b"):
        list(read_spacy_json(tmp_path / "a.jsonl", read_words))
