"""Disagreements: passages hold every word once, and every difference is listed once, with
its kind.
"""

import random

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError
from seqlabel.reports.disagreements import LONGEST_PASSAGE, Kind, passages
from seqlabel.scores.metrics import score_spans

WORDS = ["Ann", "Moss", "of", "Oslo", "wrote", "."]


def pair_of(gold, predicted, *, words=WORDS, scores=(), sentences=()):
    document = Document.from_words(words, sentences=sentences)
    wanted = Spans(tuple(Span(*one) for one in gold))
    found = Spans(tuple(Span(*one) for one in predicted), scores)
    return document.with_spans("ner", wanted), document.with_spans("ner", found)


@pytest.mark.parametrize(
    ("gold", "predicted", "kinds"),
    [
        ([(0, 2, "PER")], [(0, 2, "PER")], []),
        ([(0, 2, "PER")], [(0, 2, "LOC")], [Kind.WRONG_LABEL]),
        ([(0, 2, "PER")], [(0, 1, "PER")], [Kind.WRONG_BOUNDARY]),
        ([(0, 2, "PER")], [(1, 2, "LOC")], [Kind.WRONG_BOTH]),
        ([(0, 2, "PER")], [], [Kind.MISSED]),
        ([], [(3, 4, "LOC")], [Kind.SPURIOUS]),
        ([(0, 2, "PER")], [(0, 1, "PER"), (1, 2, "PER")], [Kind.WRONG_BOUNDARY, Kind.SPURIOUS]),
        ([(0, 4, "ORG")], [(0, 2, "ORG"), (2, 4, "LOC")], [Kind.WRONG_BOUNDARY, Kind.SPURIOUS]),
    ],
)
def test_kinds(gold, predicted, kinds):
    (found,) = passages([pair_of(gold, predicted)], "ner")
    assert [one.kind for one in found.disagreements] == kinds


def test_places_are_those_of_the_passage():
    pair = pair_of(
        [(2, 4, "PER")],
        [(2, 3, "PER")],
        words=["Hello", ".", *WORDS],
        scores=(0.75,),
        sentences=(0, 2),
    )
    *_, found = passages([pair], "ner")
    (one,) = found.disagreements
    assert found.text[one.start : one.end] == "Ann"
    assert (one.gold, one.predicted, one.score) == ("PER", "PER", 0.75)
    assert [found.text[mark.start : mark.end] for mark in found.gold] == ["Ann Moss"]
    assert found.weight == 0.75


def some_spans(draw, length):
    starts = sorted(draw.sample(range(length - 3), 12))
    return [(start, start + draw.randint(1, 3), draw.choice("AB")) for start in starts]


@pytest.mark.parametrize("seed", range(4))
def test_every_word_and_every_difference_is_there_once(seed):
    draw = random.Random(seed)
    words = [draw.choice(["a", "b", "."]) for _ in range(200)]
    pair = pair_of(some_spans(draw, 200), some_spans(draw, 200), words=words)
    found = list(passages([pair], "ner"))
    assert sum(one.words for one in found) == 200
    assert " ".join(one.text for one in found) == pair[0].text
    assert max(one.words for one in found) <= LONGEST_PASSAGE + 3
    score = score_spans([pair], "ner").exact
    right = round(score.recall * score.support)
    errors = [error for one in found for error in one.disagreements]
    assert sum(error.gold is not None for error in errors) == score.support - right
    assert (
        sum(error.predicted is not None for error in errors)
        == len(set(pair[1].spans["ner"].spans)) - right
    )
    assert all((error.kind is Kind.MISSED) == (error.predicted is None) for error in errors)
    assert all((error.kind is Kind.SPURIOUS) == (error.gold is None) for error in errors)


def test_of_tags_the_wrong_words_are_marked():
    document = Document.from_words(["a", "b", "c"])
    gold = document.with_tags("pos", Tags(("X", "Y", None)))
    predicted = document.with_tags("pos", Tags(("X", "X", "X"), (0.9, 0.8, 0.7)))
    (found,) = passages([(gold, predicted)], "pos")
    (one,) = found.disagreements
    assert (one.gold, one.predicted, one.score) == ("Y", "X", 0.8)
    marks = [(mark.start, mark.label) for mark in (*found.gold, *found.predicted)]
    assert marks == [(2, "Y"), (2, "X")]


def test_of_categories_a_document_is_one_passage():
    document = Document.from_words(["one"] * 100)
    gold = document.with_categories("tone", {"good": 1.0, "bad": 0.0})
    predicted = document.with_categories("tone", {"good": 0.25, "bad": 0.75})
    (found,) = passages([(gold, predicted)], "tone")
    (one,) = found.disagreements
    assert (one.gold, one.predicted, one.score) == ("good", "bad", 0.75)


def test_a_masked_text_stands_in_for_the_document():
    pair = pair_of([(0, 2, "PER")], [])
    (found,) = passages([pair], "ner", texts=["Xxx Xxxx of Oslo wrote ."])
    assert "Ann" not in found.text
    assert found.text.startswith("Xxx Xxxx")
    with pytest.raises(OptionError):
        list(passages([pair], "ner", texts=["short"]))
