"""A new text is divided into the pieces of the old one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlabel.io.exchanged import exchanged


@given(
    st.lists(st.text("ab ,<", max_size=6), min_size=1, max_size=6), st.text("ab ,<X", max_size=20)
)
def test_the_new_pieces_are_the_new_text(pieces, new):
    found = exchanged(pieces, new)
    assert "".join(found) == new
    assert len(found) == len(pieces)


@given(st.lists(st.text("ab ,", max_size=6), min_size=1, max_size=6))
def test_the_same_text_keeps_its_pieces(pieces):
    assert exchanged(pieces, "".join(pieces)) == pieces


def test_a_long_text_takes_linear_time():
    text = "Ann and so on, " * 1_500
    assert exchanged([text[:15], text[15:]], text.replace("Ann", "<X>"))[0] == "<X> and so on, "
    assert exchanged(["Ann " * 3_000], "b" * 10) == ["b" * 10]


@pytest.mark.parametrize(
    ("pieces", "new", "expected"),
    [
        (["Call ", "Ann", " Lee", " now"], "Call <X> now", ["Call ", "<X>", "", " now"]),
        (["Ann Lee, ", "Bob"], "<X>, <Y>", ["<X>, ", "<Y>"]),
        (["", "Ann", "", ", b"], "<X>, b", ["", "<X>", "", ", b"]),
        (
            ["M", "ü", "ller and ", "Ann", "\n", "Lee", "\n"],
            "Müller and <X>\n",
            ["M", "ü", "ller and ", "<X>", "", "", "\n"],
        ),
        (["Ann", " and", " so on"], " and so on", ["", " and", " so on"]),
        (["a"], "a b", ["a b"]),
    ],
)
def test_the_first_piece_takes_what_replaces_several(pieces, new, expected):
    assert exchanged(pieces, new) == expected
