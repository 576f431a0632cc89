"""Labelled documents in colours for a terminal, which a text cannot command, and the form that
follows an output.
"""

from pathlib import Path

import pytest

from seqlabel.cli.writing import colored, output_format
from seqlabel.documents import Document, Tags, Trees
from seqlabel.errors import OptionError
from tests.formats.labeled import DOCUMENT


def test_colours_show_spans_and_leave_the_text():
    shown = colored(DOCUMENT)
    assert "Ann \x1b[1mPER\x1b[0m saw " in shown
    assert shown.endswith("LOC\x1b[0m.\n")


def test_a_text_cannot_command_the_terminal():
    shown = colored(Document("a\x1b[2Jb", ((0, 6),), tags={"upos": Tags(("X",))}))
    assert "\x1b[2J" not in shown
    assert "a?[2Jb" in shown


def test_trees_are_drawn_as_arrows_sentence_by_sentence():
    tree = Trees((1, 1, 2), ("nsubj", "root", "root"))
    document = Document.from_words(
        ["Ann", "sings", "No\x1b[2J"], sentences=(0, 2), trees={"tree": tree}
    )
    text, first, second = colored(document).split("\n\n")
    assert text == "Ann sings No?[2J"
    assert [line.split()[-2:] for line in first.splitlines()] == [
        ["Ann", "nsubj"],
        ["sings", "root"],
    ]
    assert second.split()[-2:] == ["No?[2J", "root"]
    assert max(map(len, first.splitlines())) <= 80


@pytest.mark.parametrize(
    ("name", "output", "terminal", "form"),
    [
        (None, None, True, "colour"),
        (None, None, False, "jsonl"),
        (None, "x.conllu", True, "conllu"),
        (None, "x.conll", True, "columns"),
        (None, "x.spacy", False, "docbin"),
        (None, "x.txt", False, "jsonl"),
        (None, "x.json", False, "jsonl"),
        (None, "x.iob2.gz", False, "columns"),
        ("conll", "x.jsonl", False, "columns"),
        ("colour", "x.jsonl", False, "colour"),
    ],
)
def test_the_form_follows_the_output(name, output, terminal, form):
    assert (
        output_format(name, None if output is None else Path(output), terminal=terminal).name
        == form
    )


def test_a_form_that_is_not_there_is_refused():
    with pytest.raises(OptionError, match=r"--to: .*'conllu'"):
        output_format("xml", None, terminal=False)
