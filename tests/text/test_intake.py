"""Pieces of text cut anywhere become the words of the whole text; `tests/models/test_stream.py`
tests the rest.
"""

import random

import pytest

from seqlabel.documents.document import Document, concatenate
from seqlabel.errors import DataError, OptionError
from seqlabel.text.intake import WITHHELD, Intake, Withheld
from seqlabel.text.tokenizers import Tokenizer

TEXT = "The naïve cat, 数 sat;\n\n on  the mat\t😀 and went. "


@pytest.fixture(scope="module")
def tokenize():
    return Tokenizer("en")


def taken(tokenize, pieces, longest_run=100):
    intake = Intake(tokenize, longest_run=longest_run)
    documents = [intake.text(piece) for piece in pieces] + [intake.rest()]
    return concatenate(documents, separator=""), intake.withheld


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("whole", [TEXT, TEXT.encode()])
def test_any_cutting_gives_the_words_of_the_whole(tokenize, whole, seed):
    places = sorted(random.Random(seed).choices(range(len(whole) + 1), k=12))
    pieces = [whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)]
    document, withheld = taken(tokenize, pieces)
    assert (document.text, document.words) == (TEXT, tokenize(TEXT).words)
    assert withheld == Withheld()


def test_long_runs_and_broken_bytes_are_withheld_and_counted(tokenize):
    pieces = ["a " + "b" * 6, "c" * 5 + " " * 12, "d" * 10]
    document, withheld = taken(tokenize, pieces, longest_run=10)
    assert document.text == f"a {WITHHELD}" + " " * 10 + "d" * 10
    assert withheld == Withheld(runs=1, characters=11 + 2)
    document, withheld = taken(tokenize, [b"a \xff\xc3", b" b"])
    assert document.text == f"a {WITHHELD}{WITHHELD} b"
    assert withheld == Withheld(undecodable=2)


def test_words_stay_as_they_are(tokenize):
    intake = Intake(tokenize, longest_run=5)
    document = intake.words(["New York", "a,b", "longer"])
    assert document == Document(f"{WITHHELD} a,b {WITHHELD} ", ((0, 1), (2, 5), (6, 7)))
    assert intake.withheld == Withheld(runs=2, characters=len("New York") + len("longer"))
    assert len(intake.words([])) == 0


def test_bad_input_gets_one_clear_error(tokenize):
    with pytest.raises(OptionError):
        Intake(tokenize, longest_run=0)
    intake = Intake(tokenize, longest_run=5)
    intake.text("é".encode()[:1])
    with pytest.raises(DataError):
        intake.text("secret")
