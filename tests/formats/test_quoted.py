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


TEXT = "Ada Moss met Ada Lee."


def read_answers(folder, *answers):
    """The entities of each answer as tuples of start, end and label, and the repairs."""
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(answer) + "\n" for answer in answers), encoding="utf-8")
    repairs = Repairs()
    documents = read_documents(path, format="spans", tokenize=Tokenizer("en"), repairs=repairs)
    layers = [document.character_spans("ner") for document in documents]
    return [[(span.start, span.end, span.label) for span in layer] for layer in layers], repairs


def test_answers_of_a_language_model_are_read_and_losses_counted(tmp_path):
    spans, repairs = read_answers(
        tmp_path,
        {
            "text": "Ada met Bo in Rome.",
            "entities": [{"text": "Ada", "label": "PER"}, {"text": "Rom", "label": "LOC"}],
        },
        {"text": "Rome, Rome!", "entities": [{"text": "Rome", "type": "LOC"}]},
        {"text": "Nobody.", "entities": []},
    )
    assert spans == [[(0, 3, "PER")], [(0, 4, "LOC"), (6, 10, "LOC")], []]
    assert (repairs.absent, repairs.repeated) == (1, 1)


@pytest.mark.parametrize(
    ("entities", "misplaced"),
    [
        ([{"entity": "Ada Lee", "type": "PER"}], 0),
        ([{"value": "Ada Lee", "label": "PER"}], 0),
        ([{"name": "Ada Lee", "category": "PER"}], 0),
        ([{"text": "Ada Lee", "entity": "PER"}], 0),
        ([{"text": "Ada Lee", "label": "PER", "start": None, "end": None}], 0),
        ([{"text": "Ada Lee", "label": "PER", "start": 3, "end": 9}], 1),
        ([{"text": "Ada Lee", "label": "PER", "start": -3, "end": 99}], 1),
        ([{"text": "Ada Lee", "label": "PER", "start": 13, "end": 20}], 0),
        ([{"word": "ada lee", "entity_group": "PER", "start": 13, "end": 20}], 0),
        ([["Ada Lee", "PER"]], 0),
        ({"PER": ["Ada Lee"], "LOC": []}, 0),
    ],
)
def test_an_entity_is_read_however_a_language_model_writes_it(tmp_path, entities, misplaced):
    answer = {"text": TEXT, "entities": entities}
    assert read_answers(tmp_path, answer) == ([[(13, 20, "PER")]], Repairs(misplaced=misplaced))


def test_offsets_are_trusted_in_no_entity_of_a_line_where_one_is_wrong(tmp_path):
    entities = [
        {"text": "Ada Moss", "label": "A", "start": 0, "end": 8},
        {"text": "Ada Lee", "label": "B", "start": 12, "end": 19},
    ]
    spans, repairs = read_answers(tmp_path, {"text": TEXT, "entities": entities})
    assert spans == [[(0, 8, "A"), (13, 20, "B")]]
    assert repairs == Repairs(misplaced=1)


@pytest.mark.parametrize(
    "entities",
    [
        {"Ada": "PER"},
        [["Ada", 3]],
        [{"text": "Ada", "start": 0, "end": 3}],
        None,
        [{"text": 3, "label": "A"}],
        [{"text": "Ada"}],
        [{"text": "Ada", "label": None}],
    ],
)
def test_entities_of_no_known_form_are_refused(tmp_path, entities):
    with pytest.raises(DataError):
        read_answers(tmp_path, {"text": TEXT, "entities": entities})


@pytest.mark.parametrize("name", ["labels_from_a_language_model.md", "teachers.md"])
def test_the_pages_on_labels_of_others_print_what_they_say(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / name)
