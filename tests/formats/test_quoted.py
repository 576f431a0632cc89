"""Quoted entities: each is found where a person would find it, and what is not found is counted."""

import json
import random

import pytest

from seqlabel.documents.repairs import Repairs
from seqlabel.errors import DataError
from seqlabel.formats import read_documents
from seqlabel.formats.quoted import Quote, place_quotes
from seqlabel.text import Tokenizer
from tests.pages import ROOT, run_page


def placed(text, *quotes):
    found = place_quotes(text, [Quote(*quote) for quote in quotes])
    return (
        [(text[span.start : span.end], span.label) for span in found.spans],
        found.absent,
        found.repeated,
    )


@pytest.mark.parametrize(
    ("text", "quotes", "expected"),
    [
        ("Ada met Bo.", [("Bo", "PER"), ("Ada", "PER")], ([("Ada", "PER"), ("Bo", "PER")], 0, 0)),
        ("Ada met Bo.", [("Cy", "PER")], ([], 1, 0)),
        ("Ada and Ada.", [("Ada", "PER")], ([("Ada", "PER"), ("Ada", "PER")], 0, 1)),
        (
            "May saw May.",
            [("May", "PER"), ("May", "DATE")],
            ([("May", "PER"), ("May", "DATE")], 0, 0),
        ),
        ("Anna and Ann.", [("Ann", "PER")], ([("Ann", "PER")], 0, 0)),
        (
            "York, New York",
            [("York", "A"), ("New York", "B")],
            ([("York", "A"), ("New York", "B")], 0, 0),
        ),
        ("ada\n  moss", [("Ada Moss", "PER")], ([("ada\n  moss", "PER")], 0, 0)),
        ("costs $5", [("$5", "MONEY")], ([("$5", "MONEY")], 0, 0)),
        ("x", [("", "A")], ([], 1, 0)),
    ],
)
def test_entities_are_found_by_their_text(text, quotes, expected):
    assert placed(text, *quotes) == expected


def test_quotes_of_given_spans_give_these_spans_back():
    words = ["ann", "bo", "cy", "dee", "ed", "flo"]
    for seed in range(50):
        draw = random.Random(seed)
        names = draw.sample(words, 4)
        text = " ".join(draw.sample(words, 6))
        quotes = [(name, draw.choice("AB")) for name in names]
        found, absent, repeated = placed(text, *quotes)
        assert sorted(found) == sorted(quotes)
        assert (absent, repeated) == (0, 0)


def test_answers_of_a_language_model_are_read_and_losses_counted(tmp_path):
    path = tmp_path / "answers.jsonl"
    answers = [
        {
            "text": "Ada met Bo in Rome.",
            "entities": [{"text": "Ada", "label": "PER"}, {"text": "Rom", "label": "LOC"}],
        },
        {"text": "Rome, Rome!", "entities": [{"text": "Rome", "type": "LOC"}]},
        {"text": "Nobody.", "entities": []},
    ]
    path.write_text("".join(json.dumps(answer) + "\n" for answer in answers), encoding="utf-8")
    repairs = Repairs()
    documents = list(read_documents(path, tokenize=Tokenizer("en"), repairs=repairs))
    found = [
        [(one.start, one.end, one.label) for one in document.character_spans("ner")]
        for document in documents
    ]
    assert found == [[(0, 3, "PER")], [(0, 4, "LOC"), (6, 10, "LOC")], []]
    assert (repairs.absent, repairs.repeated) == (1, 1)


TEXT = "Ada Moss met Ada Lee."


@pytest.mark.parametrize(
    "entities",
    [
        [{"entity": "Ada Lee", "type": "PER"}],
        [{"value": "Ada Lee", "label": "PER"}],
        [{"name": "Ada Lee", "category": "PER"}],
        [{"text": "Ada Lee", "entity": "PER"}],
        [{"text": "Ada Lee", "label": "PER", "start": None, "end": None}],
        [{"text": "Ada Lee", "label": "PER", "start": 3, "end": 9}],
        [{"text": "Ada Lee", "label": "PER", "start": -3, "end": 99}],
        [{"text": "Ada Lee", "label": "PER", "start": 13, "end": 20}],
        [{"word": "ada lee", "entity_group": "PER", "start": 13, "end": 20}],
        [["Ada Lee", "PER"]],
        {"PER": ["Ada Lee"], "LOC": []},
    ],
)
def test_an_entity_is_read_however_a_language_model_writes_it(tmp_path, entities):
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"text": TEXT, "entities": entities}) + "\n", encoding="utf-8")
    repairs = Repairs()
    (document,) = read_documents(path, format="spans", tokenize=Tokenizer("en"), repairs=repairs)
    assert [(one.start, one.end, one.label) for one in document.character_spans("ner")] == [
        (13, 20, "PER")
    ]
    has_wrong_place = (
        isinstance(entities, list)
        and isinstance(entities[0], dict)
        and entities[0].get("start") in (3, -3)
    )
    assert repairs == Repairs(misplaced=int(has_wrong_place))


def test_offsets_are_trusted_in_no_entity_of_a_line_where_one_is_wrong(tmp_path):
    path = tmp_path / "answers.jsonl"
    entities = [
        {"text": "Ada Moss", "label": "A", "start": 0, "end": 8},
        {"text": "Ada Lee", "label": "B", "start": 12, "end": 19},
    ]
    path.write_text(json.dumps({"text": TEXT, "entities": entities}) + "\n", encoding="utf-8")
    repairs = Repairs()
    (document,) = read_documents(path, format="spans", tokenize=Tokenizer("en"), repairs=repairs)
    found = [(one.start, one.end, one.label) for one in document.character_spans("ner")]
    assert found == [(0, 8, "A"), (13, 20, "B")]
    assert repairs == Repairs(misplaced=1)


@pytest.mark.parametrize(
    "entities", [{"Ada": "PER"}, [["Ada", 3]], [{"text": "Ada", "start": 0, "end": 3}], None]
)
def test_entities_of_no_known_form_are_refused(tmp_path, entities):
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"text": TEXT, "entities": entities}) + "\n", encoding="utf-8")
    with pytest.raises(DataError):
        list(read_documents(path, format="spans", tokenize=Tokenizer("en")))


@pytest.mark.parametrize(
    "entity", [{"text": 3, "label": "A"}, {"text": "a"}, {"text": "a", "label": None}]
)
def test_an_entity_without_a_text_or_a_label_is_refused(tmp_path, entity):
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"text": "a", "entities": [entity]}) + "\n", encoding="utf-8")
    with pytest.raises(DataError):
        list(read_documents(path, format="spans", tokenize=Tokenizer("en")))


@pytest.mark.parametrize("name", ["labels_from_a_language_model.md", "teachers.md"])
def test_the_pages_on_labels_of_others_print_what_they_say(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / name)
