"""Labelled documents in every form: what is written is read back, and a text cannot command the terminal."""

import json

import pytest

from seqlabel.cli.writing import OutputFormat, coloured, conll, conllu, json_line, output_format
from seqlabel.documents import Document, Span, Spans, Tags
from seqlabel.formats import read_columns, read_conllu, read_spans
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
    path.write_text(conllu(DOCUMENT) + "\n" + conllu(DOCUMENT) + "\n")
    for read in list(read_conllu(path)):
        assert read.text == TEXT
        assert read.tags["upos"] == DOCUMENT.tags["upos"]
    assert "ner=I-LOC|SpaceAfter=No" in conllu(DOCUMENT)


def test_columns_are_read_back(tmp_path):
    path = tmp_path / "x.iob2"
    path.write_text(conll(DOCUMENT) + "\n" + conll(DOCUMENT))
    documents = list(read_columns(path))
    assert [one.spans["ner"].spans for one in documents] == [DOCUMENT.spans["ner"].spans] * 2


def test_json_lines_are_read_back(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json_line(DOCUMENT) + "\n")
    (read,) = read_spans(path, Tokeniser("en"))
    assert read.spans["ner"].spans == DOCUMENT.spans["ner"].spans


def test_categories_are_written():
    line = json.loads(json_line(DOCUMENT.with_categories("tone", {"good": 0.75, "bad": 0.25})))
    assert line["categories"] == {"tone": {"good": 0.75, "bad": 0.25}}


def test_colours_show_spans_and_leave_the_text():
    shown = coloured(DOCUMENT)
    assert "Ann \x1b[1mPER\x1b[0m saw " in shown
    assert shown.endswith("LOC\x1b[0m.")


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
