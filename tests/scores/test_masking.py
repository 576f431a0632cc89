"""Masking is counted in characters, whatever the type, and its intervals hold what repeated draws
give.
"""

import pytest

from seqlabel.documents.spans import CharacterSpan
from seqlabel.scores.masking import (
    Masked,
    compare_masked,
    masked_figures,
    masked_intervals,
    masked_types,
)

TEXT = "Ann Moss met Bo in Oslo."
GOLD = [
    CharacterSpan(0, 8, "PERSON"),
    CharacterSpan(13, 15, "PERSON"),
    CharacterSpan(19, 23, "LOCATION"),
]


@pytest.mark.parametrize(
    ("found", "counts", "whole"),
    [
        ([], (0, 0, 13), (False, False, False)),
        ([(0, 8)], (7, 0, 6), (True, False, False)),
        # White space between does not matter, nor in how many pieces a value is found, or twice.
        ([(0, 3), (4, 8), (2, 6)], (7, 0, 6), (True, False, False)),
        ([(13, 18)], (2, 2, 11), (False, True, False)),
        ([(0, 24)], (13, 5, 0), (True, True, True)),
    ],
)
def test_characters_are_compared_without_white_space_and_full_stops(found, counts, whole):
    one = compare_masked(TEXT, GOLD, found)
    assert (one.right, one.wrong, one.missed) == counts
    assert one.values == tuple(zip(("PERSON", "PERSON", "LOCATION"), whole, strict=True))
    assert one.touched == bool(found)


def test_an_address_found_in_parts_is_wholly_masked():
    one = compare_masked(
        "at 8 Quay St., Hull", [CharacterSpan(3, 19, "ADDRESS")], [(3, 12), (15, 19)]
    )
    assert (one.right, one.wrong, one.missed, one.values) == (11, 0, 0, (("ADDRESS", True),))


def test_figures_of_several_texts_are_those_of_their_sums():
    texts = [
        Masked(6, 0, 2, (("A", True), ("B", False)), True),
        Masked(0, 2, 2, (("A", False),), True),
        Masked(0, 0, 0, (), False),
        Masked(0, 4, 0, (), True),
    ]
    figures = masked_figures(texts)
    assert figures["precision"] == 6 / 12
    assert figures["recall"] == 6 / 10
    assert figures["f1"] == pytest.approx(2 * 0.5 * 0.6 / 1.1)
    assert figures["f2"] == pytest.approx(5 * 0.5 * 0.6 / (4 * 0.5 + 0.6))
    assert figures["wholly_masked"] == 1 / 3
    assert figures["clean_touched"] == 1 / 2
    assert masked_types(texts) == {"A": (2, 0.5), "B": (1, 0.0)}


def test_nothing_private_and_nothing_found_is_no_division_by_zero():
    assert set(masked_figures([compare_masked("Nothing.", [], [])]).values()) == {0.0}
    assert masked_types([]) == {}


def test_intervals_are_around_the_figures_and_come_again_with_the_seed():
    kinds = [compare_masked(TEXT, GOLD, spans) for spans in ([(9, 14)], [(0, 8)])]
    texts = [kinds[number % 4 > 0] for number in range(100)]
    figures, intervals = masked_figures(texts), masked_intervals(texts, draws=200)
    assert intervals.keys() == figures.keys()
    for key in ("precision", "recall", "f1", "f2", "wholly_masked"):
        assert intervals[key].low < figures[key] < intervals[key].high
        assert intervals[key].high - intervals[key].low < 0.2
    assert (intervals["clean_touched"].low, intervals["clean_touched"].high) == (0, 0)
    assert masked_intervals(texts, draws=200) == intervals
    assert masked_intervals(texts, draws=20, seed=1) != masked_intervals(texts, draws=20)
    alone = masked_intervals(texts[:1], draws=9)["precision"]
    assert alone.low == alone.high == masked_figures(texts[:1])["precision"]


def test_what_is_optional_counts_neither_way():
    gold, optional = [CharacterSpan(0, 3, "PERSON")], [CharacterSpan(2, 9, "TITLE")]
    found = compare_masked("abcdefghijk", gold, [(0, 11)], optional=optional)
    assert (found.right, found.wrong, found.missed) == (3, 2, 0)
    assert not compare_masked("abcdefghijk", [], [(2, 5)], optional=optional).touched
