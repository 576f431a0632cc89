"""Known values are found letter by letter, as by a search for each of them, and those that are too
short are not.
"""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlabel.privacy.replacing.spellings import Spellings


def found(text, *values, label="PERSON"):
    spellings = Spellings()
    for number, value in enumerate(values, 1):
        spellings.add(value, (label, number))
    return [(text[one.start : one.end], one.key[1]) for one in spellings.find(text)]


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("Ann Lee", "ann lee and Ann Leeds", ["ann lee"]),
        ("Will", "Will will", ["Will"]),
        ("Lee", "Lee's Leeds, O-Lee", ["Lee", "Lee"]),
        ("a1@lee.example", "<A1@LEE.example>", ["A1@LEE.example"]),
        ("+44 20 7946", "x+44 20 7946, 44 20 7946, +44 20 79461", ["+44 20 7946"]),
        ("(555) 010-1234", "call(555) 010-1234!", ["(555) 010-1234"]),
    ],
)
def test_a_value_is_found_as_a_whole_word(value, text, expected):
    assert [one for one, _ in found(text, value)] == expected


@pytest.mark.parametrize(
    ("label", "value", "searched"),
    [
        ("PERSON", "Li", False),
        ("PERSON", "Lee", True),
        ("PERSON", "...", False),
        ("ID", "A1", False),
        ("ID", "AB1", True),
        ("PASSWORD", "2020", False),
        ("PASSWORD", "20201", True),
        ("DATE", "May", False),
        ("DATE", "May 3", True),
        ("AGE", "thirty", False),
    ],
)
def test_what_would_be_found_everywhere_is_not_searched(label, value, searched):
    assert bool(found(f"is {value} it", value, label=label)) is searched


def test_the_longer_of_two_values_is_found():
    assert found("Ann Lee Moss, Ann Lee", "Ann Lee", "Ann Lee Moss") == [
        ("Ann Lee Moss", 2),
        ("Ann Lee", 1),
    ]


def test_values_are_removed_with_their_placeholders():
    spellings = Spellings()
    for _ in range(2):
        spellings.add("Ann Lee", ("PERSON", 1))
    spellings.add("Ann Moss", ("PERSON", 2))
    spellings.remove({("PERSON", 1)})
    assert [one.key for one in spellings.find("Ann Lee, Ann Moss")] == [("PERSON", 2)]
    assert list(spellings) == [("Ann Moss", ("PERSON", 2))]


WORDS = st.lists(st.sampled_from(["abc", "abd", "x1z", "+4", "a"]), min_size=1, max_size=3).map(
    " ".join
)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=4, unique=True), st.lists(WORDS, max_size=5).map(", ".join))
def test_it_finds_what_a_search_for_each_value_finds(values, text):
    searched = [value for value in values if sum(map(str.isalnum, value)) >= 3]
    expected = set()
    for value in searched:
        end = r"(?!\w)"
        begin = r"(?<!\w)" if value[0].isalnum() else ""
        for match in re.finditer(f"(?={begin}({re.escape(value)}){end})", text):
            expected.update(range(*match.span(1)))
    spellings = Spellings()
    for number, value in enumerate(values):
        spellings.add(value, ("ID", number))
    covered = {place for one in spellings.find(text) for place in range(one.start, one.end)}
    # Of values that overlap, one is found.
    assert covered <= expected
    assert bool(covered) == bool(expected)
