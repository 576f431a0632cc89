"""Labelled documents in every form: what is written is read back, and a text cannot command the terminal."""

import json

import pytest

from seqlabel.cli.writing import OutputFormat, coloured, conll, conllu, json_line, output_format
from seqlabel.documents import Document, Span, Spans, Tags
from seqlabel.formats import read_columns, read_conllu, read_spans
from seqlabel.formats.columns import read_words
from seqlabel.text import Tokeniser

TEXT = "Ann saw New York."
DOCUMENT = Document(
    TEXT,
    ((0, 3), (4, 7), (8, 11), (12, 16), (16, 17)),
    tags={"upos": Tags(("PROPN", "VERB", "PROPN", None, "PUNCT"))},
    spans={"ner": Spans((Span(0, 1, "PER"), Span(2, 4, "LOC")), (0.9, 0.8))},
)


def test_conllu_is_read_back(tmp_path):
    path = tmp_path / "x.conllu"
    path.write_text(conllu(DOCUMENT) + conllu(DOCUMENT))
    for read in list(read_conllu(path)):
        assert read.text == TEXT
        assert read.tags["upos"] == DOCUMENT.tags["upos"]
    assert "ner=I-LOC|SpaceAfter=No" in conllu(DOCUMENT)


def test_features_lemmas_and_sentences_are_read_back_as_conllu(tmp_path):
    layers = {
        "feats": ("_", "Tense=Past|VerbForm=Fin", "_", "_", "_"),
        "lemma": ("=", "↓;d2+ee", "=", "=", None),
        "sentence": ("B", "I", "I", "B", "I"),
    }
    document = Document(TEXT, DOCUMENT.offsets, sentences=(0, 3))
    for name, labels in layers.items():
        document = document.with_tags(name, Tags(labels))
    path = tmp_path / "x.conllu"
    path.write_text(conllu(document))
    (read,) = read_conllu(path, layers=list(layers), whole_documents=True)
    assert {name: tags.labels for name, tags in read.tags.items()} == layers
    assert (read.lemmas, read.sentences) == (["Ann", "see", "New", "York", None], (0, 3))


def test_columns_are_read_back(tmp_path):
    path = tmp_path / "x.iob2"
    path.write_text(conll(DOCUMENT) + conll(DOCUMENT))
    documents = list(read_columns(path))
    assert [one.spans["ner"].spans for one in documents] == [DOCUMENT.spans["ner"].spans] * 2


def test_json_lines_are_read_back(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json_line(DOCUMENT))
    (read,) = read_spans(path, Tokeniser("en"))
    assert read.spans["ner"].spans == DOCUMENT.spans["ner"].spans


def test_categories_are_written():
    line = json.loads(json_line(DOCUMENT.with_categories("tone", {"good": 0.75, "bad": 0.25})))
    assert line["categories"] == {"tone": {"good": 0.75, "bad": 0.25}}


@pytest.mark.parametrize("write", [conll, conllu])
def test_columns_begin_with_the_category_that_readers_pass_over(tmp_path, write):
    document = Document("Ann saw", ((0, 3), (4, 7))).with_categories("tone", {"good": 0.75, "bad": 0.25})
    text = write(document)
    assert text.startswith("# tone = good 0.7500\n")
    path = tmp_path / "x.txt"
    path.write_text(text * 2)
    read = read_conllu(path) if write is conllu else read_words(path)
    assert [one.words for one in read] == [["Ann", "saw"]] * 2


def test_other_fields_stay_and_those_of_the_document_are_its_own():
    line = json.loads(json_line(DOCUMENT, {"id": 7, "text": "other", "spans": [[0, 1, "OLD"]]}))
    assert (line["id"], line["text"], line["spans"][0]["label"]) == (7, TEXT, "PER")


def test_spans_without_scores_are_written():
    document = Document("Ann", ((0, 3),), spans={"ner": Spans((Span(0, 1, "PER"),))})
    assert json.loads(json_line(document))["spans"][0]["score"] is None


def test_colours_show_spans_and_leave_the_text():
    shown = coloured(DOCUMENT)
    assert "Ann \x1b[1mPER\x1b[0m saw " in shown
    assert shown.endswith("LOC\x1b[0m.\n")


def test_a_text_cannot_command_the_terminal():
    shown = coloured(Document("a\x1b[2Jb", ((0, 6),), tags={"upos": Tags(("X",))}))
    assert "\x1b[2J" not in shown
    assert "a?[2Jb" in shown


def test_a_document_without_words_writes_nothing():
    assert conllu(Document("  ", ())) == conll(Document("  ", ())) == ""


@pytest.mark.parametrize(
    ("output", "terminal", "form"),
    [
        (None, True, OutputFormat.COLOUR),
        (None, False, OutputFormat.JSONL),
        ("x.conllu", True, OutputFormat.CONLLU),
        ("x.spacy", False, OutputFormat.DOCBIN),
        ("x.txt", False, OutputFormat.JSONL),
    ],
)
def test_the_form_follows_the_output(tmp_path, output, terminal, form):
    assert output_format(None if output is None else tmp_path / output, terminal=terminal) is form
