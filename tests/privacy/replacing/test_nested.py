"""Strings of nested objects changed one by one, against JSON with its strings changed."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlabel.errors import DataError
from seqlabel.privacy.replacing.nested import map_strings, strings_of

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="ascii")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(("A", "B", "C")), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(VALUES)
def test_all_strings_change_in_order_and_nothing_else(found):
    seen = []
    changed = map_strings(found, lambda path, text: seen.append(text) or f"<{len(seen) - 1}>")
    pieces = re.split(
        r'(?<=: )("(?:[^"\\]|\\.)*")|(?<![^\[ ])("(?:[^"\\]|\\.)*")(?!:)', json.dumps(found)
    )
    strings = [json.loads(piece) for piece in pieces if piece and piece.startswith('"')]
    assert seen == strings
    back = iter(seen)
    assert map_strings(changed, lambda *_: next(back)) == found


def test_tuples_become_lists_and_the_object_stays():
    found = {"a": ("x", 1), "b": [{"c": "y"}]}
    assert map_strings(found, lambda path, text: text.upper()) == {"a": ["X", 1], "b": [{"c": "Y"}]}
    assert found == {"a": ("x", 1), "b": [{"c": "y"}]}


@pytest.mark.parametrize("found", [b"x", bytearray(b"x"), {"a": [b"x"]}])
def test_bytes_are_refused(found):
    with pytest.raises(DataError):
        map_strings(found, str)


@given(VALUES)
def test_strings_have_their_paths_in_the_same_order(found):
    seen = []
    map_strings(found, lambda path, text: seen.append(text) or text)
    named = list(strings_of(found))
    assert [text for _, text in named] == seen
    for path, text in named:
        value = found
        for step in re.findall(r"[A-C]|[0-9]+", path):
            value = value[int(step) if step.isdecimal() else step]
        assert value == text
