"""JSONL of texts with spans → documents: every span kept or counted, every error with its line."""

import json
from functools import partial

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import format_of, read_documents
from seqlabel.formats.format import Beginning
from seqlabel.formats.jsonl import (
    CATEGORIES,
    DOCCANO,
    JSONL,
    PRODIGY,
    TEXT_AND_SPANS,
    all_spans,
    read_span_lines,
    write_layers,
)
from seqlabel.text import Tokenizer
from tests.formats.labeled import DOCUMENT, TEXT, written
from tests.label_files import jsonl, read_spans, read_words, write

read_categories = partial(read_documents, format="categories")


EXPORTED = [
    {
        "text": "Ann left Oslo",
        "tokens": [
            {"text": "Ann", "start": 0, "end": 3, "id": 0},
            {"text": "left", "start": 4, "end": 8, "id": 1},
            {"text": "Oslo", "start": 9, "end": 13, "id": 2},
        ],
        "spans": [
            {"token_start": 0, "token_end": 1, "label": "A"},
            {"start": 9, "end": 13, "label": "B"},
        ],
        "answer": "accept",
    },
    {"text": "no gold", "spans": [{"start": 0, "end": 2, "label": "A"}], "answer": "reject"},
    {"text": "nothing here", "answer": "accept"},
    {"text": "not seen", "spans": [], "answer": "ignore"},
]


def has_categories(text):
    return CATEGORIES.looks_like(Beginning(None, text.splitlines(), frozenset(), labeled=True))


def test_texts_with_spans(tmp_path):
    rows = [
        ("Ann, \u2028 née 数", [(0, 3, "A"), (8, 9, "B")]),
        ("", []),
        ("😀", [(0, 1, "A"), (0, 1, "B")]),
    ]
    text = jsonl(*({"id": 1, "text": text, "spans": spans} for text, spans in rows))
    expected = [(text, [CharacterSpan(*span) for span in spans]) for text, spans in rows]
    assert list(read_span_lines(write(tmp_path, text))) == expected


def with_spans(*spans, text="secret"):
    return json.dumps({"text": text, "spans": spans})


def of_tokens(start, end):
    span = {"token_start": start, "token_end": end, "label": "A"}
    return json.dumps({**EXPORTED[0], "spans": [span]})


def read_categories_x(path):
    return read_categories(path, read_words, labels=["X"])


def read_both(path, **options):
    return list(read_documents(path, Tokenizer("en"), format="spans", category="topic", **options))


REFUSED = {
    read_span_lines: [
        "secret",
        '{"text": "secret"',
        '["secret"]',
        '"secret"',
        "5",
        "null",
        '{"text": "secret"}',
        '{"spans": []}',
        '{"text": "secret", "spans": null}',
        with_spans([0, 1]),
        with_spans([0, 1, "X", 2]),
        with_spans(5),
        with_spans(["a", 1, "X"]),
        with_spans({"start": 0, "end": 1}),
        with_spans({"start": "0", "end": 1, "label": "X"}),
        "[" * 100_000,
        '{"text": "secret", "spans": [[0, Infinity, "X"]]}',
        with_spans([0.5, 1, "X"]),
        with_spans([0, 1, None]),
        with_spans(text=5),
        with_spans([0, 1, "X"], text=5),
        with_spans(text=None),
        with_spans([0, 1, "X"], [2, 3, ""]),
        with_spans([0, 1, "X"], [2, 3, " "]),
        '{"text": "secret", "spans": [], "answer": "secret"}',
        "Ann B-PER",
        of_tokens(0, 5),
        of_tokens(-1, 0),
        of_tokens(2, 1),
        of_tokens(0, "1"),
        json.dumps({**EXPORTED[0], "spans": [{"start_offset": 0, "label": "A"}]}),
        json.dumps({**EXPORTED[0], "spans": [{"label": "A"}]}),
        with_spans([0, 1, "X"], [-1, 2, "X"]),
        with_spans([0, 1, "X"], [5, 7, "X"]),
        with_spans([0, 1, "X"], [6, 7, "X"]),
    ],
    read_categories_x: [
        '{"text": "secret"}',
        '{"text": "secret", "label": 1}',
        '{"text": "secret", "label": [[0, 1, "X"]]}',
        '{"text": 1, "label": "X"}',
        '{"text": "secret", "label": []}',
        '{"text": "secret", "label": ["X", "Y"]}',
        '{"text": "secret", "label": " "}',
        '{"text": "secret", "label": "secret"}',
        '{"text": " ", "label": "X"}',
        '{"text": "secret\\u0000", "label": "X"}',
    ],
    read_both: [
        '{"text": "secret", "spans": [], "topic": 3}',
        '{"text": "secret", "spans": [], "topic": ["town"]}',
        '{"text": "secret", "spans": [], "topic": ""}',
        '{"text": "secret", "spans": [], "topic": {"town": "x"}}',
    ],
}


@pytest.mark.parametrize(
    ("read", "line"), [(read, line) for read, lines in REFUSED.items() for line in lines]
)
def test_a_line_that_does_not_fit_is_refused_with_its_number(tmp_path, read, line):
    good = '{"text": "a", "spans": [], "label": "X"}'
    if read is read_categories_x:
        good = '{"text": "a", "label": "X"}'
    with pytest.raises(DataError, match=r"labels\.txt, line 3") as caught:
        list(read(write(tmp_path, f"{good}\n\n{line}\n")))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("start", "end", "is_swapped"), [(2, 1, True), (1, 1, False)])
def test_a_span_that_ends_before_it_begins_may_be_swapped(tmp_path, start, end, is_swapped):
    path = write(tmp_path, jsonl({"text": "secret", "spans": [[start, end, "X"]]}))
    with pytest.raises(DataError, match="line 1: ") as caught:
        list(read_span_lines(path))
    assert ("swapped" in str(caught.value)) == is_swapped


def test_texts_with_spans_become_documents(tmp_path):
    spans = [[5, 8, "B"], {"start": 0, "end": 3, "label": "A", "note": 1}]
    rows = [
        {"text": "Ann  Lee, MD", "spans": spans},
        {"text": "", "spans": []},
        {"text": " \n", "spans": []},
    ]
    path = write(tmp_path, jsonl(*rows))
    repairs = Repairs()
    first, second, third = read_spans(path, read_words, layer="pii", repairs=repairs)
    assert (first.text, first.words) == ("Ann  Lee, MD", ["Ann", "Lee,", "MD"])
    assert first.spans == {"pii": Spans((Span(0, 1, "A"), Span(1, 2, "B")))}
    assert second == Document("", (), spans={"pii": Spans(())})
    assert (third.text, len(third)) == (" \n", 0)
    assert repairs == Repairs(moved=1)


@pytest.mark.parametrize(
    ("spans", "kept", "repairs"),
    [
        ([[0, 1, "X"], [1, 2, "Y"]], (Span(0, 1, "X"),), Repairs(moved=2, overlapping=1)),
        ([[0, 2, "X"], [0, 5, "Y"]], (Span(0, 2, "Y"),), Repairs(overlapping=1)),
        ([[2, 3, "X"]], (), Repairs(lost=1)),
        ([[2, 3, "X"], [3, 8, "X"]], (Span(1, 3, "X"),), Repairs(lost=1)),
    ],
)
def test_spans_that_fit_no_words_are_refused_or_counted(tmp_path, spans, kept, repairs):
    path = write(tmp_path, jsonl({"text": "a", "spans": []}, {"text": "se cr et", "spans": spans}))
    with pytest.raises(DataError, match=r"labels\.txt, line 2: .*`repairs`") as caught:
        list(read_spans(path, read_words))
    assert "cr" not in str(caught.value)
    found = Repairs()
    _, document = read_spans(path, read_words, repairs=found)
    assert (document.spans["ner"].spans, found) == (kept, repairs)


def test_what_prodigy_exports_is_read_and_what_was_rejected_is_counted(tmp_path):
    path = write(tmp_path, jsonl(*EXPORTED))
    repairs = Repairs()
    first, second = read_spans(path, read_words, repairs=repairs)
    assert first.spans["ner"].spans == (Span(0, 2, "A"), Span(2, 3, "B"))
    assert (second.text, second.spans["ner"].spans) == ("nothing here", ())
    assert repairs == Repairs(skipped=2)
    for read in (read_span_lines, lambda path: read_spans(path, read_words)):
        with pytest.warns(UserWarning, match=r"labels\.txt: .*\b2\b"):
            assert len(list(read(path))) == 2


TEXT_3 = {"id": 1, "text": "Ann left"}
OFFSETS = {"label": "A", "start_offset": 0, "end_offset": 3}


@pytest.mark.parametrize(
    "row",
    [
        {**TEXT_3, "label": [[0, 3, "A"]]},
        {**TEXT_3, "labels": [[0, 3, "A"]]},
        {**TEXT_3, "entities": [{"id": 4, **OFFSETS}]},
        {**TEXT_3, "entities": [OFFSETS], "relations": []},
        {"id": 1, "data": "Ann saw", "label": [[0, 3, "A"]]},
        {**TEXT_3, "spans": [{"start": 0, "end": 3, "label": "A"}]},
        {**TEXT_3, "spans": [{"start": 0, "end": 3, "type": "A"}]},
        {**TEXT_3, "spans": [{"start": 0, "end": 3, "entity_type": "A"}]},
    ],
)
def test_spans_are_read_as_several_tools_write_them(tmp_path, row):
    (document,) = read_spans(write(tmp_path, jsonl(row)), read_words)
    assert document.spans["ner"].spans == (Span(0, 1, "A"),)


@pytest.mark.parametrize(
    "row",
    [
        {"text": "so good", "label": "POS"},
        {"text": "so good", "label": ["POS"]},
        {"text": "so good", "labels": ["POS"]},
        {"text": "so good", "category": "POS"},
        {"text": "so good", "label": "POS", "answer": "accept"},
        {"text": "so good", "options": [{"id": "POS"}, {"id": "NEG"}], "accept": ["POS"]},
        {"id": 1, "data": "so good", "label": ["POS"]},
    ],
)
def test_texts_with_a_category_are_read(tmp_path, row):
    path = write(tmp_path, jsonl(row, {**row, "answer": "reject"}))
    repairs = Repairs()
    (document,) = read_categories(path, read_words, repairs=repairs, layer="mood")
    assert (document.text, document.categories) == ("so good", {"mood": {"POS": 1.0}})
    assert repairs.skipped == 1
    assert has_categories(path.read_text())
    with pytest.raises(DataError, match="line 1: "):
        list(read_spans(path, read_words))


def test_a_list_of_answers_is_to_be_written_line_by_line(tmp_path):
    answers = [{"text": "Ann", "entities": [{"text": "Ann", "label": "PER"}]}]
    with pytest.raises(DataError, match=r"line 1: .*jq"):
        list(read_span_lines(write(tmp_path, json.dumps(answers))))


def test_files_of_spans_have_no_categories():
    for row in (EXPORTED[0], {"text": "a", "spans": []}, {"text": "a", "label": [[0, 1, "X"]]}, 5):
        assert not has_categories(jsonl(row))


def test_the_field_of_the_text_may_be_another_and_is_asked_for(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"body": "Ann saw", "id": "7", "spans": [[0, 3, "PER"]], "topic": "A"}\n')
    for read in (read_span_lines, lambda path: read_categories(path, read_words)):
        with pytest.raises(DataError, match=r"line 1: .*'text'"):
            list(read(path))
    assert [text for text, _ in read_span_lines(path, text="body")] == ["Ann saw"]
    (document,) = read_spans(path, read_words, text="body")
    assert document.text == "Ann saw"
    (document,) = read_categories(path, read_words, text="body", label="topic")
    assert (document.text, document.categories["category"]) == ("Ann saw", {"A": 1.0})
    # Without a string there is no field to name.
    path.write_text('{"id": 7, "spans": []}\n')
    with pytest.raises(DataError, match="line 1: ") as caught:
        list(read_span_lines(path))
    assert "'text'" not in str(caught.value)


def test_all_layers_are_written_and_spans_are_read_back(tmp_path):
    (tmp_path / "x.jsonl").write_text(written(JSONL, DOCUMENT))
    (read,) = read_spans(tmp_path / "x.jsonl", Tokenizer("en"))
    assert read.spans["ner"].spans == DOCUMENT.spans["ner"].spans
    line = json.loads(written(JSONL, DOCUMENT.with_categories("tone", {"good": 0.75, "bad": 0.25})))
    assert line["categories"] == {"tone": {"good": 0.75, "bad": 0.25}}
    unsure = Document("Ann", ((0, 3),), spans={"ner": Spans((Span(0, 1, "PER"),))})
    assert json.loads(written(JSONL, unsure))["spans"][0]["score"] is None
    scripts = Document("Cats ran", ((0, 4), (5, 8)), tags={"lemma": Tags(("↓;d1", "↓;d2+un"))})
    assert json.loads(written(JSONL, scripts))["tags"] == {"lemma": ["cat", "run"]}


def test_other_fields_stay_and_those_of_the_document_are_its_own():
    fields = {"id": 7, "text": "other", "spans": [[0, 1, "OLD"]]}
    line = json.loads(written(JSONL, DOCUMENT, fields=fields))
    assert (line["id"], line["text"], line["spans"][0]["label"]) == (7, TEXT, "PER")


@pytest.mark.parametrize("form", [TEXT_AND_SPANS, DOCCANO, PRODIGY], ids=str)
def test_predictions_go_out_and_come_back_corrected(tmp_path, form):
    path = tmp_path / "x.jsonl"
    # In the tool, PER of the first text becomes ORG.
    first, second = written(form, DOCUMENT, DOCUMENT).splitlines()
    path.write_text(first.replace("PER", "ORG") + "\n" + second + "\n")
    assert format_of(path) is TEXT_AND_SPANS
    corrected, kept = read_documents(path, tokenize=Tokenizer("en"))
    assert corrected.text == kept.text == TEXT
    assert corrected.spans["ner"].spans == (Span(0, 1, "ORG"), Span(2, 4, "LOC"))
    assert kept.spans["ner"].spans == DOCUMENT.spans["ner"].spans


@pytest.mark.parametrize("form", [DOCCANO, PRODIGY], ids=str)
def test_a_predicted_category_comes_back(tmp_path, form):
    document = Document("Ann saw", ((0, 3), (4, 7)))
    document = document.with_categories("tone", {"good": 0.75, "bad": 0.25})
    path = tmp_path / "x.jsonl"
    path.write_text(written(form, document))
    assert format_of(path) is CATEGORIES
    (read,) = read_documents(path, tokenize=Tokenizer("en"))
    assert read.categories == {"category": {"good": 1.0}}


def test_prodigy_gets_tokens_and_options():
    document = DOCUMENT.with_categories("tone", {"good": 0.75, "bad": 0.25})
    task = json.loads(written(PRODIGY, document))
    assert [one["text"] for one in task["tokens"]] == DOCUMENT.words
    place = {"start": 8, "end": 16, "token_start": 2, "token_end": 3}
    assert task["spans"][1] == {**place, "label": "LOC"}
    assert ([one["id"] for one in task["options"]], task["accept"]) == (["good", "bad"], ["good"])


TREES = Document.from_words(["a", "b"], trees={"tree": Trees((1, 1), ("det", "root"))})
TAGS = Document("Ann", ((0, 3),), tags={"upos": Tags(("PROPN",))})


def test_trees_are_written_with_all_layers():
    line = json.loads(b"".join(write_layers([(TREES, {})])))
    assert line["trees"] == {"tree": {"heads": [1, 1], "relations": ["det", "root"]}}


@pytest.mark.parametrize(
    "write",
    [
        lambda: written(TEXT_AND_SPANS, TAGS),
        lambda: written(DOCCANO, TAGS),
        lambda: written(PRODIGY, TAGS),
        lambda: all_spans(TREES),
    ],
)
def test_a_layer_that_would_be_lost_is_refused(write):
    with pytest.raises(OptionError):
        write()


def test_a_category_next_to_labels_of_words_is_for_spans_in_jsonl(tmp_path):
    with pytest.raises(OptionError, match="category"):
        list(read_documents(write(tmp_path, "Ann\tB-A\n"), format="columns", category="topic"))


def test_a_text_may_have_a_category_next_to_its_spans(tmp_path):
    row = {"text": "Ann met Bo", "spans": [[0, 3, "A"]]}
    shares = {"topic": {"farm": 0.7, "town": 0.3}}
    rows = [{**row, "topic": "town"}, {**row, "categories": shares}, {**row, "topic": None}]
    path = write(tmp_path, jsonl(*rows))
    documents = read_both(path)
    categories = [document.categories for document in documents]
    assert categories == [{"topic": {"town": 1.0}}, {"topic": {"farm": 1.0}}, {}]
    assert [one.spans["ner"].spans for one in documents] == [(Span(0, 1, "A"),)] * 3
    # Without the option it is not read.
    assert not any(one.categories for one in read_documents(path, Tokenizer("en"), format="spans"))


def test_spans_and_a_category_are_written_as_they_are_read(tmp_path):
    document = Document.from_words(["Ann", "met"]).with_spans("ner", Spans((Span(0, 1, "A"),)))
    document = document.with_categories("topic", {"farm": 0.2, "town": 0.8})
    line = b"".join(TEXT_AND_SPANS.write([(document, {})])).decode()
    (found,) = read_both(write(tmp_path, line))
    assert (found.spans, found.categories) == (document.spans, {"topic": {"town": 1.0}})
