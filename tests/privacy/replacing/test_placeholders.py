"""Placeholders as language models write them, whole and in pieces."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlabel.errors import DataError
from seqlabel.privacy.replacing.placeholders import LONGEST, PLACEHOLDER, Form, StreamFiller, fill, placeholder

VALUES = {("PERSON", 1): 'Ann "Q" Lee', ("IP_ADDRESS", 12): "203.0.113.7"}


def value(label, number):
    return VALUES.get((label, number))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear <PERSON_1>,", 'Dear Ann "Q" Lee,'),
        ("<person 1>!", 'Ann "Q" Lee!'),
        ("< Person-1 >", 'Ann "Q" Lee'),
        ("<PERSON1>", 'Ann "Q" Lee'),
        ("<PERSON\\_1>", 'Ann "Q" Lee'),
        ("&lt;PERSON_1&gt;", 'Ann "Q" Lee'),
        ("\\u003cPERSON_1\\u003e", 'Ann "Q" Lee'),
        ("<Ip Address 12>", "203.0.113.7"),
        ("<IP_ADDRESS_12><PERSON_1>", '203.0.113.7Ann "Q" Lee'),
        ("a < b and <b>bold</b> &lt;br&gt; <<PERSON_1>>", 'a < b and <b>bold</b> &lt;br&gt; <Ann "Q" Lee>'),
    ],
)
def test_a_placeholder_is_read_however_a_model_writes_it(text, expected):
    assert fill(text, value).text == expected


@pytest.mark.parametrize("text", ["PERSON_1", "<PERSON_>", "<PERSON_1", "<_1>", "<PERSON_1234567890>", "<PERSON 1 2>"])
def test_what_is_not_a_placeholder_stays(text):
    answer = fill(text, value)
    assert (answer.text, answer.restored, answer.unknown) == (text, 0, ())


def test_a_placeholder_that_was_never_handed_out_stays_and_is_reported():
    answer = fill("<person 2> and <PERSON_1>", value)
    assert answer.text == '<person 2> and Ann "Q" Lee'
    assert (answer.restored, answer.unknown) == (1, ("<PERSON_2>",))
    assert "Ann" not in repr(answer)


def test_in_json_a_value_is_escaped():
    call = json.dumps({"to": "<PERSON_1>", "note": "x"})
    assert json.loads(fill(call, value, form=Form.JSON).text) == {"to": 'Ann "Q" Lee', "note": "x"}


def test_no_placeholder_is_longer_than_what_a_stream_holds():
    word = "A" * 16
    longest = f"&lt;   {'   _   '.join([word] * 4)}   _   123456789   &gt;"
    assert PLACEHOLDER.fullmatch(longest)
    assert len(longest) < LONGEST


PARTS = ["<PERSON_1>", "< ip address 12 >", "&lt;PERSON_1&gt;", "\\u003cperson-1\\u003e", "<PERSON_9>"]
PARTS += ["<", "&lt;", "&", "\\u0", "PERSON", "_1", ">", "\\", " ", "word", "<b>", "1"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join), st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_any_cutting_gives_the_same(text, sizes):
    stream, pieces, place, number = StreamFiller(value), [], 0, 0
    while place < len(text):
        size = sizes[number % len(sizes)]
        pieces.append(stream.feed(text[place : place + size]))
        place, number = place + size, number + 1
    whole = fill(text, value)
    assert "".join(pieces) + stream.close() == whole.text
    assert (stream.restored, tuple(stream.unknown)) == (whole.restored, whole.unknown)


def test_a_stream_lets_go_of_what_cannot_become_a_placeholder():
    stream = StreamFiller(value)
    assert stream.feed("if a < b, then ") == "if a < b, then "
    assert stream.feed("<" + "A" * 10_000) != ""
    assert stream.feed("Dear <PERS").endswith("Dear ")
    assert stream.feed("ON_1>!") == 'Ann "Q" Lee!'
    assert stream.close() == ""
    with pytest.raises(DataError, match="closed"):
        stream.feed("x")


def test_a_placeholder_is_written_as_it_is_read():
    assert fill(placeholder("IP_ADDRESS", 12), value).text == "203.0.113.7"
