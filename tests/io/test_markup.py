"""Labelled text and tables: what is shown is what is there, escaped, and nothing is lost where
marks overlap.
"""

import re
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlabel.io.markup import (
    Mark,
    apart,
    colors,
    marked_html,
    marked_text,
    table_html,
    table_lines,
    tagged_html,
)

TEXT = "Ann <b>Moss</b> left & came."
LABELS = st.sampled_from(["A", "<i>"])


@st.composite
def texts_with_marks(draw):
    text = draw(st.text(min_size=1, max_size=30))
    starts = draw(st.lists(st.integers(0, len(text) - 1), max_size=5))
    return text, [
        Mark(start, draw(st.integers(start + 1, len(text))), draw(LABELS)) for start in starts
    ]


def plain(html):
    """The text of some HTML without what follows it."""
    return unescape(re.sub(r"<[^>]*>", "", html.split("<br>")[0]))


@given(texts_with_marks())
def test_the_text_survives_and_every_mark_is_somewhere(found):
    text, marks = found
    drawn, others = apart(marks)
    assert sorted([*drawn, *others], key=repr) == sorted(marks, key=repr)
    shown = marked_html(text, marks)
    without = re.sub(r'<span style="font-size:.75em[^>]*>.*?</span>', "", shown)
    assert plain(without) == text
    assert shown.count("overlapping:") >= len(others)
    for place, mark in enumerate(drawn[1:], 1):
        assert drawn[place - 1].end <= mark.start


def test_text_is_escaped():
    html = marked_html(TEXT, [Mark(0, 3, "<x>", '"quoted"')])
    assert "<b>" not in html
    assert "&lt;x&gt;" in html
    assert 'title="&quot;quoted&quot;"' in html
    assert "<b>" not in tagged_html([("<b>", "<b>")]) + table_html(
        ["<b>"], [["<b>"]], caption="<b>"
    )


def test_long_texts_are_cut_and_overlapping_marks_listed():
    text = "abcdef" * 10
    shown = marked_text(text, [Mark(0, 2, "X"), Mark(50, 60, "Y")], longest=20)
    assert shown == f"[ab X]{text[2:20]}… 40 more characters"
    assert "40 more characters" in marked_html(text, [], longest=20)
    shown = marked_text("ab cd", [Mark(0, 5, "X"), Mark(3, 5, "Y")])
    assert shown == "[ab cd X]\noverlapping: [cd Y]"


@pytest.mark.parametrize(("count", "degrees"), [(1, 360), (12, 30), (24, 15), (49, 14), (100, 7)])
def test_labels_of_a_set_have_different_colours_whatever_their_order(count, degrees):
    labels = [f"LABEL-{number}" for number in range(count)]
    found = colors(labels)
    assert colors(reversed(labels)) == found
    assert len(set(found.values())) == count
    for deep in (False, True):
        hues = sorted(one.hue for one in found.values() if one.deep == deep)
        assert all(0 <= one < 360 for one in hues)
        assert all(b - a >= degrees for a, b in pairwise(hues))


def test_a_label_keeps_its_colour_in_another_set_where_it_is_free():
    # Their checksums are the same modulo 12.
    own = {label: colors([label])[label] for label in ["PERSON", *map(str, range(50))]}
    first, second = next(
        [label, "PERSON"] for label in own if label != "PERSON" and own[label] == own["PERSON"]
    )
    together = colors([first, second])
    assert together[first] == own[first] != together[second]


def test_what_is_shown_together_has_different_colours():
    labels = [f"L{number}" for number in range(30)]
    marks = [Mark(number, number + 1, label) for number, label in enumerate(labels)]
    for html in (marked_html("x" * 30, marks), tagged_html([("x", label) for label in labels])):
        assert len(set(re.findall(r"background:(hsl[^;]+);", html))) == 30


def test_a_table_has_lines_of_columns():
    assert list(table_lines(["a", "bb"], [["ccc", "1"]])) == ["a    bb", "ccc   1"]
