"""Spans of characters against every single character, and the count of corrected spans."""

import random
import sys

import pytest

from seqlabel.documents.alignment import Aligned, align_spans, fit_spans
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.errors import DataError


def at(places):
    return [CharacterSpan(*place) for place in places]


@pytest.mark.parametrize("seed", range(4))
def test_character_spans_widen_to_the_words_they_touch(seed):
    chance = random.Random(seed)
    document = Document.from_words(
        ["x" * chance.randint(1, 4) for _ in range(6)],
        spaces=[chance.random() < 0.7 for _ in range(6)],
    )
    owner = [None] * len(document.text)
    for number, (start, end) in enumerate(document.offsets):
        owner[start:end] = [number] * (end - start)
    wanted, given, moved, lost = [], [], 0, 0
    for _ in range(8):
        start = chance.randrange(len(owner))
        end = chance.randint(start + 1, len(owner))
        given.append(CharacterSpan(start, end, chance.choice("XY")))
        touched = {number for number in owner[start:end] if number is not None}
        lost += not touched
        if touched:
            whole = [place for place, number in enumerate(owner) if number in touched]
            moved += (min(whole), max(whole) + 1) != (start, end)
            wanted.append(Span(min(touched), max(touched) + 1, given[-1].label))
    assert align_spans(document, given) == Aligned(tuple(sorted(wanted)), moved, lost)


DOCUMENT = Document("Ann  Lee, MD", ((0, 3), (5, 8), (8, 9), (10, 12)))


@pytest.mark.parametrize(
    ("given", "found", "moved", "lost"),
    [
        ([(5, 12, "B"), (0, 3, "A")], [(0, 1, "A"), (1, 4, "B")], 0, 0),
        ([(3, 5, "A"), (9, 10, "A")], [], 0, 2),
        ([(2, 6, "A"), (0, 4, "B")], [(0, 1, "B"), (0, 2, "A")], 2, 0),
        ([], [], 0, 0),
    ],
)
def test_exact_spans_are_not_counted_and_white_space_is(given, found, moved, lost):
    assert align_spans(DOCUMENT, at(given)) == Aligned(
        tuple(Span(*span) for span in found), moved, lost
    )


def test_the_steps_for_many_spans_in_many_words_grow_as_their_number():
    def steps(count):
        """The lines of Python that run, and the calls of functions."""
        document = Document.from_words(["ab"] * count)
        spans = at((3 * n, 3 * n + 1, "X") for n in range(count))
        run = 0

        def traced(frame, event, argument):
            nonlocal run
            run += 1
            return traced

        before = sys.gettrace()
        sys.settrace(traced)
        try:
            fitted = fit_spans(document, spans, where="here", repairs=Repairs())
        finally:
            sys.settrace(before)
        assert len(fitted.spans) == count
        return run

    # Of each number the logarithm besides, for the places that are searched.
    assert steps(800) < 8 * 2 * steps(100)


def test_of_overlapping_spans_the_longer_stays_and_the_others_are_counted():
    repairs = Repairs(tags=1)
    given = [(0, 3, "A"), (2, 8, "B"), (8, 9, "A"), (8, 9, "B"), (9, 10, "A")]
    fitted = fit_spans(DOCUMENT, at(given), where="here", repairs=repairs)
    assert fitted == Spans((Span(0, 2, "B"), Span(2, 3, "A")))
    assert repairs == Repairs(tags=1, moved=1, lost=1, overlapping=2)


@pytest.mark.parametrize("given", [[(3, 5, "A")], [(0, 3, "A"), (2, 8, "B")]])
def test_without_a_count_nothing_is_left_out(given):
    with pytest.raises(DataError, match="here:"):
        fit_spans(DOCUMENT, at(given), where="here", repairs=Repairs(), strict=True)
    fitted = fit_spans(DOCUMENT, at([(1, 2, "A")]), where="here", repairs=Repairs(), strict=True)
    assert fitted == Spans((Span(0, 1, "A"),))
