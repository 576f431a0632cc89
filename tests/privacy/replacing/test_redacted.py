"""Offsets against single characters, unions against pairs of spans, one at a time."""

import random
import time
from itertools import combinations

import pytest

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.privacy.finding.finder import redact
from seqlabel.privacy.replacing.policies import Hash, Mask, Pseudonym, Remove, Replace
from seqlabel.privacy.replacing.redacted import Finding, Redacted
from tests.keys import KEY
from tests.privacy.replacing.test_policies import random_case, redact_characters, replacement


class Lengths:
    """A policy of its own kind: stand-ins of lengths drawn by chance, many of them empty, in
    characters of no text.
    """

    def __init__(self, chance):
        self.chance = chance

    def replacements(self):
        return lambda value, label: "¤" * self.chance.choice([0, 0, 1, 2, 7])


def covered_by(spans, length):
    """Which characters are private, and the borders of what overlap joins, one pair of spans at a
    time.
    """
    groups = [set(range(start, end)) for start, end, _ in spans]
    while True:
        pair = next(((a, b) for a, b in combinations(groups, 2) if a & b), None)
        if pair is None:
            return sorted((min(group), max(group) + 1) for group in groups)
        groups = [group for group in groups if group not in pair] + [pair[0] | pair[1]]


@pytest.mark.parametrize("seed", range(20))
def test_the_union_is_replaced_and_all_else_stays(seed):
    chance = random.Random(seed)
    text, spans = random_case(chance)
    redacted = redact_characters(text, spans, Lengths(chance))
    assert [(finding.start, finding.end) for finding in redacted.findings] == covered_by(
        spans, len(text)
    )
    place = new_place = 0
    for finding in redacted.findings:
        assert redacted.text[new_place : finding.new_start] == text[place : finding.start]
        assert set(redacted.text[finding.new_start : finding.new_end]) <= {"¤"}
        place, new_place = finding.end, finding.new_end
    assert redacted.text[new_place:] == text[place:]
    assert redacted.old_length == len(text)


@pytest.mark.parametrize("seed", range(20))
def test_offsets_map_as_their_characters_do(seed):
    chance = random.Random(seed)
    text, spans = random_case(chance)
    redacted = redact_characters(text, spans, Lengths(chance))
    # Each unchanged character has one place in either text, each replaced one the whole of what
    # replaces it.
    to_new, to_old = {}, {}
    place = new_place = 0
    for finding in (
        *redacted.findings,
        Finding("", len(text), len(text), len(redacted.text), len(redacted.text)),
    ):
        while place < finding.start:
            to_new[place], to_old[new_place] = (new_place, new_place + 1), (place, place + 1)
            place, new_place = place + 1, new_place + 1
        old, new = (finding.start, finding.end), (finding.new_start, finding.new_end)
        to_new |= dict.fromkeys(range(place, finding.end), new)
        to_old |= dict.fromkeys(range(new_place, finding.new_end), old)
        place, new_place = finding.end, finding.new_end
    for convert, images, length in (
        (redacted.to_new, to_new, len(text)),
        (redacted.to_old, to_old, len(redacted.text)),
    ):
        for start in range(length):
            for end in range(start + 1, length + 1):
                assert convert(start, end) == (images[start][0], images[end - 1][1])
        carets = [convert(place, place) for place in range(length + 1)]
        assert carets == sorted(carets)
        assert sorted(carets, key=lambda caret: caret[1]) == carets
    for start in range(len(redacted.text)):
        old = redacted.to_old(start, start + 1)
        new = redacted.to_new(*old)
        assert new[0] <= start < new[1]


def test_an_empty_interval_is_widened_only_inside_a_span_and_finds_what_was_removed():
    redacted = redact_characters("ab[cd]ef", [(2, 4, "X"), (4, 6, "X")], Remove())
    assert redacted.text == "abef"
    assert redacted.to_new(3, 5) == redacted.to_new(2, 2) == (2, 2)
    assert redacted.to_old(2, 2) == (2, 6)
    assert redacted.to_old(1, 2) == (1, 2)
    assert redacted.to_old(2, 3) == (6, 7)
    assert redacted.to_old(1, 3) == (1, 7)
    replaced = redact_characters("ab[cd]ef", [(2, 6, "X")], Replace())
    assert replaced.text == "ab<X>ef"
    assert replaced.to_old(3, 3) == (2, 6)
    assert replaced.to_new(2, 2) == (2, 2)


@pytest.mark.parametrize("offsets", [(-1, 1), (2, 1), (0, 6)])
def test_offsets_outside_the_text_are_refused(offsets):
    redacted = redact_characters("Ann x", [(0, 3, "PER")], Mask())
    with pytest.raises(DataError):
        redacted.to_new(*offsets)
    with pytest.raises(DataError):
        redacted.to_old(*offsets)


def test_a_documents_spans_become_findings():
    document = Document.from_words(
        ["Call", "Ann", "Lee", ",", "41", "."],
        spaces=[True, True, False, True, False, False],
        spans={"private": Spans((Span(1, 3, "PERSON"), Span(4, 5, "AGE")), (0.75, 0.5))},
    )
    redacted = redact(document, Mask(), layer="private", policies={"AGE": Hash(KEY)})
    digest = replacement(Hash(KEY), "41")
    assert redacted == Redacted(
        f"Call Xxx Xxx, {digest}.",
        (Finding("PERSON", 5, 12, 5, 12, 0.75), Finding("AGE", 14, 16, 14, 30, 0.5)),
        17,
    )
    assert repr(redacted) == "Redacted(31 characters for 17; PERSON 1, AGE 1)"
    assert str(redacted) == redacted.text
    html = redacted._repr_html_()
    assert html.count("<mark") == 2
    assert "PERSON 1" in html
    with pytest.raises(DataError, match="'pii'"):
        redact(document, Mask(), layer="pii")


@pytest.mark.parametrize(
    ("spans", "scores", "label", "score"),
    [
        ([(0, 3, "A"), (2, 7, "B"), (6, 8, "C")], [0.9, 0.1, 0.9], "B", 0.1),
        ([(0, 4, "A"), (3, 7, "B")], [0.5, 0.6], "A", 0.5),
        ([(3, 7, "B"), (0, 4, "A")], [0.5, 0.5], "A", 0.5),
        ([(0, 7, "B"), (0, 7, "A")], [], "A", None),
        ([(0, 9, "A"), (1, 2, "B"), (3, 5, "C")], [0.1, 0.9, 0.9], "A", 0.1),
    ],
)
def test_of_overlapping_spans_the_longest_gives_label_and_score(spans, scores, label, score):
    (finding,) = redact_characters("abcdefghi", spans, Mask(), scores=scores).findings
    assert (finding.label, finding.score) == (label, score)
    assert finding.start == min(span[0] for span in spans)
    assert finding.end == max(span[1] for span in spans)


def test_spans_that_touch_stay_apart():
    redacted = redact_characters("AnnLee", [(3, 6, "A"), (0, 3, "A")], Mask())
    assert [(finding.start, finding.end) for finding in redacted.findings] == [(0, 3), (3, 6)]


@pytest.mark.parametrize("span", [(1, 1, "A"), (-1, 2, "A"), (4, 2, "A"), (0, 7, "A")])
def test_spans_that_do_not_fit_are_refused(span):
    with pytest.raises(DataError, match="span 1"):
        redact_characters("secret", [(0, 1, "A"), span], Mask())


def test_a_long_text_with_many_spans_takes_no_time():
    text = "Ann Lee, 41. " * 20_000
    spans = [(place, place + 7, "PERSON") for place in range(0, len(text), 13)]
    begun = time.process_time()
    redacted = redact_characters(text, spans, Mask())
    for place in range(0, len(text), 13):
        ends = (place, place + 13)
        assert redacted.to_new(*ends) == redacted.to_old(*ends) == ends
    assert len(redacted.findings) == 20_000
    replacement(Pseudonym(KEY), "." * 20_000 + "a@" * 20_000, "EMAIL")
    assert time.process_time() - begun < 10
