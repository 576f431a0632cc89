"""The lists of titles fit together, and days of a month in words and digits agree with the numbers
themselves.
"""

import re

import pytest

from seqlabel.privacy.replacing.words import (
    ALSO_NAMES,
    FEMALE,
    MALE,
    ORDINAL,
    ORDINALS,
    TITLES,
    WORDS,
    suffix,
)

UNITS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]


def test_there_is_one_word_for_each_day():
    assert len(set(ORDINALS)) == 31
    for tens, name in ((0, ""), (20, "twenty-"), (30, "thirty-")):
        for unit, word in enumerate(UNITS, 1):
            if tens + unit <= 31:
                assert ORDINALS[tens + unit - 1] == name + word
    assert (ORDINALS[9], ORDINALS[19], ORDINALS[29]) == ("tenth", "twentieth", "thirtieth")


@pytest.mark.parametrize("day", range(1, 32))
def test_the_suffix_is_the_end_of_the_word(day):
    assert ORDINALS[day - 1].endswith(suffix(day))
    assert suffix(day) in ("st", "nd", "rd", "th")


def test_the_expression_finds_each_word_whole_also_without_its_hyphen():
    for day in ORDINALS:
        for word in {day, day.replace("-", " ")}:
            assert re.match(ORDINAL, f"{word} of May")[0] == word
    assert not re.fullmatch(ORDINAL, "thirty-second")
    assert not re.fullmatch(ORDINAL, "twenty")


def test_a_title_tells_one_gender_at_most():
    assert not MALE & FEMALE


def test_a_title_that_tells_a_gender_is_known_as_a_title():
    assert TITLES | ALSO_NAMES >= MALE | FEMALE


def test_a_title_is_a_name_or_is_none():
    assert not TITLES & ALSO_NAMES


@pytest.mark.parametrize("title", sorted(TITLES | ALSO_NAMES))
def test_titles_are_folded_and_one_word(title):
    assert title == title.casefold()
    assert title.isalpha()


@pytest.mark.parametrize("row", sorted(WORDS))
def test_every_row_has_words_in_small_letters_each_once(row):
    assert WORDS[row]
    assert len(set(WORDS[row])) == len(WORDS[row])
    assert all(word == word.casefold() for word in WORDS[row])
