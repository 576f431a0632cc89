"""Days of a month in words and digits, against the numbers themselves."""

import re

import pytest

from seqlabel.privacy.replacing.ordinals import ORDINAL, ORDINALS, suffix

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
