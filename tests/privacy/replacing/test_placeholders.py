"""Placeholders as language models write them, whole and in pieces."""

import json
import re
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlabel.errors import DataError
from seqlabel.privacy.replacing.placeholders import (
    LONGEST,
    MOST_LEVELS,
    PLACEHOLDER,
    Form,
    StreamFiller,
    fill,
    placeholder,
)

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
        ("\\<PERSON\\_1\\>", 'Ann "Q" Lee'),
        ("\\\\<PERSON\\\\_1\\\\>", 'Ann "Q" Lee'),
        ("C:\\<PERSON_1>\\x", 'C:\\Ann "Q" Lee\\x'),
        ("<Ip Address 12>", "203.0.113.7"),
        ("<IP_ADDRESS_12><PERSON_1>", '203.0.113.7Ann "Q" Lee'),
        (
            "a < b and <b>bold</b> &lt;br&gt; <<PERSON_1>>",
            'a < b and <b>bold</b> &lt;br&gt; <Ann "Q" Lee>',
        ),
    ],
)
def test_a_placeholder_is_read_however_a_model_writes_it(text, expected):
    assert fill(text, value).text == expected


@pytest.mark.parametrize(
    "text", ["PERSON_1", "<PERSON_>", "<PERSON_1", "<_1>", "<PERSON_1234567890>", "<PERSON 1 2>"]
)
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


NASTY = st.sampled_from(['", "admin": true, "x": "', "\\", '\\"', "a\nb", "{", "é", "\t}]"])
# Texts do not begin as JSON does; those that quote the placeholder are texts all the same.
SAID = st.sampled_from(
    ["<PERSON_1>", 'He said "<PERSON_1>".', "C:\\<PERSON_1>\\", "a\n<IP_ADDRESS_12> {", "x", ""]
)
CALLS = st.recursive(
    SAID,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(["to", "note", 'a "b"']), inner, max_size=3),
        st.lists(inner, max_size=3),
        # JSON in a string, as the arguments of a call.
        st.dictionaries(st.sampled_from(["to", "note"]), inner, max_size=3).map(
            lambda one: ("dumped", one)
        ),
        st.lists(inner, max_size=2).map(lambda one: ("dumped", one)),
    ),
    max_leaves=8,
)


def dumped(call, escape):
    """A call with JSON in strings, as a model writes it."""
    if isinstance(call, dict):
        return {name: dumped(one, escape) for name, one in call.items()}
    if isinstance(call, list):
        return [dumped(one, escape) for one in call]
    return (
        escape(json.dumps(dumped(call[1], escape), ensure_ascii=False))
        if isinstance(call, tuple)
        else call
    )


def read(call, found, values):
    """Compare what was put back with a call, level by level."""
    if isinstance(call, tuple):
        read(call[1], json.loads(found), values)
    elif isinstance(call, dict):
        assert call.keys() == found.keys()
        for name, one in call.items():
            read(one, found[name], values)
    elif isinstance(call, list):
        assert len(call) == len(found)
        for one, other in zip(call, found, strict=True):
            read(one, other, values)
    else:
        assert found == call.replace("<PERSON_1>", values["PERSON", 1]).replace(
            "<IP_ADDRESS_12>", values["IP_ADDRESS", 12]
        )


def fed_in_pieces(stream, text, sizes):
    """What comes out of a stream that is fed pieces of these sizes, over and over."""
    out, begin = "", 0
    for size in cycle(sizes):
        if begin >= len(text):
            return out + stream.close()
        out += stream.feed(text[begin : begin + size])
        begin += size


def with_other_quotes(text):
    """JSON whose strings have the quotes inside of them as numbers."""
    return re.sub(r"\\(.)", lambda found: "\\u0022" if found[1] == '"' else found[0], text)


@settings(max_examples=80, deadline=None)
@given(
    CALLS,
    NASTY,
    NASTY,
    st.sampled_from([str, with_other_quotes]),
    st.lists(st.integers(1, 9), min_size=1, max_size=40),
)
def test_nested_tool_calls_cut_anywhere_stay_what_they_were(call, first, second, escape, sizes):
    values = {("PERSON", 1): first, ("IP_ADDRESS", 12): second}
    text = escape(json.dumps(dumped(call, escape), ensure_ascii=False))
    whole = fill(text, lambda *name: values.get(name), form=Form.JSON)
    read(call, json.loads(whole.text), values)
    stream = StreamFiller(lambda *name: values.get(name), form=Form.JSON)
    assert fed_in_pieces(stream, text, sizes) == whole.text


def test_no_field_is_injected_into_json_in_json():
    values = {("X", 1): 'a", "admin": true, "b": "'}
    text = r'{"arguments": "{\"to\": \"<X_1>\"}"}'
    done = json.loads(fill(text, lambda *name: values.get(name), form=Form.JSON).text)
    assert json.loads(done["arguments"]) == {"to": values["X", 1]}


@pytest.mark.parametrize("text", ['{"a": "\\<PERSON_1>"}', '{"a": "\\u00<PERSON_1>"}'])
def test_a_placeholder_inside_of_an_escape_stays(text):
    answer = fill(text, value, form=Form.JSON)
    assert (answer.text, answer.unknown) == (text, ("<PERSON_1>",))


def test_values_are_put_back_at_a_bounded_number_of_levels():
    call = "<PERSON_1>"
    for level in range(1, MOST_LEVELS + 2):
        call = json.dumps([call])
        answer = fill(call, value, form=Form.JSON)
        if level > MOST_LEVELS:
            assert (answer.text, answer.unknown) == (call, ("<PERSON_1>",))
        else:
            found = answer.text
            for _ in range(level):
                (found,) = json.loads(found)
            assert found == VALUES["PERSON", 1]


def test_no_placeholder_is_longer_than_what_a_stream_holds():
    word = "A" * 16
    longest = f"&lt;   {'   _   '.join([word] * 4)}   _   123456789   &gt;"
    assert PLACEHOLDER.fullmatch(longest)
    assert len(longest) < LONGEST


PARTS = ["<PERSON_1>", "\\<PERSON\\_1\\>", "< ip address 12 >", "&lt;PERSON_1&gt;"]
PARTS += ["\\u003cperson-1\\u003e", "<PERSON_9>"]
PARTS += ["<", "&lt;", "&", "\\u0", "PERSON", "_1", ">", "\\", " ", "word", "<b>", "1"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(PARTS), max_size=12).map("".join),
    st.lists(st.integers(1, 9), min_size=1, max_size=40),
)
def test_any_cutting_gives_the_same(text, sizes):
    stream, whole = StreamFiller(value), fill(text, value)
    assert fed_in_pieces(stream, text, sizes) == whole.text
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
