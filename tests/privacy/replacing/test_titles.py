"""The lists of titles fit together and are written as words are compared with them."""

import pytest

from seqlabel.privacy.replacing.titles import ALSO_NAMES, FEMALE, MALE, TITLES


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
