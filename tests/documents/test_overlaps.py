"""Overlapping spans against the naive way: one by one, and character by character."""

import random
from itertools import pairwise

import pytest

from seqlabel.documents.overlaps import longest_spans, overlapping, unite
from seqlabel.documents.spans import CharacterSpan, Span


@pytest.mark.parametrize("seed", range(4))
def test_of_spans_that_overlap_the_longest_stay(seed):
    chance = random.Random(seed)
    spans = []
    for _ in range(chance.randint(0, 8)):
        start = chance.randrange(10)
        spans.append(Span(start, chance.randint(start + 1, 12), chance.choice("XY")))
    wanted = []
    left = list(spans)
    while left:
        best = min(left, key=lambda span: (span.start - span.end, span.start))
        wanted.append(best)
        left = [span for span in left if span.end <= best.start or best.end <= span.start]
    assert longest_spans(spans) == tuple(sorted(wanted))


def test_one_of_a_chain_that_overlaps_none_that_stays_stays_too():
    chain = [CharacterSpan(0, 5, "A"), CharacterSpan(3, 9, "B"), CharacterSpan(8, 20, "C")]
    assert longest_spans(chain) == (chain[0], chain[2])


@pytest.mark.parametrize("seed", range(4))
def test_unions_are_the_runs_of_places_that_are_inside_a_span(seed):
    chance = random.Random(seed)
    spans = []
    for _ in range(chance.randint(0, 8)):
        start = chance.randrange(20)
        spans.append(CharacterSpan(start, chance.randint(start + 1, 22), chance.choice("XY")))
    # Two neighbouring places belong together where a span has both.
    joined = {place for span in spans for place in range(span.start, span.end - 1)}
    inside = sorted({place for span in spans for place in range(span.start, span.end)})
    starts = [place for place in inside if place - 1 not in joined]
    ends = [place + 1 for place in inside if place not in joined]
    unions = list(unite(spans))
    assert [(start, end) for _, start, end in unions] == list(zip(starts, ends, strict=True))
    for best, start, end in unions:
        group = [span for span in spans if start <= span.start < end]
        assert best == min(group, key=lambda span: (span.start - span.end, span.start, span.label))
    for best, start, end in unite(spans, preferred=lambda span: span.label == "Y"):
        assert best.label == "Y" or all(
            span.label == "X" for span in spans if start <= span.start < end
        )


@pytest.mark.parametrize("seed", range(4))
def test_spans_that_overlap_an_interval_are_those_with_a_place_in_it(seed):
    chance = random.Random(seed)
    borders = sorted(chance.sample(range(20), 8))
    spans = [Span(start, end, "X") for start, end in pairwise(borders) if chance.random() < 0.7]
    for start in range(20):
        for end in range(start + 1, 21):
            wanted = [
                span
                for span in spans
                if any(start <= place < end for place in range(span.start, span.end))
            ]
            assert overlapping(spans, start, end) == wanted
